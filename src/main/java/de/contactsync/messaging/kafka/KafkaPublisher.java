package de.contactsync.messaging.kafka;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.KeyRequests;
import de.contactsync.messaging.KeyResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes what came of the keys of a topic: contacts to one other topic, errors to another. Thread-safe. */
public final class KafkaPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaPublisher.class);

    /** As Kafka Connect names the headers of its dead letters. */
    private static final String ERRORS = "__connect.errors.";

    private record Sent(RecordBatch.Received received, KeyResult result, Future<RecordMetadata> end) {}

    private final KafkaClients clients;
    private final String output;
    private final String deadLetter;
    private final Producer<String, byte[]> producer;

    public KafkaPublisher(KafkaClients clients, KafkaSettings settings) {
        this.clients = clients;
        this.output = settings.output();
        this.deadLetter = settings.deadLetter();
        this.producer = clients.producer();
    }

    /**
     * Returns when the brokers have all of it. What is published again has the same message ids.
     *
     * @throws de.contactsync.resilience.OutageException when the brokers are away
     */
    public void publish(RecordBatch batch, EnrichedChunk enriched) {
        try (KafkaClients.Attempt attempt = clients.attempt()) {
            publish(attempt, batch, enriched);
        }
    }

    private void publish(KafkaClients.Attempt attempt, RecordBatch batch, EnrichedChunk enriched) {
        try {
            List<Sent> all = new ArrayList<>();
            List<KeyRequests.Answer> answers = batch.requests().answers(enriched);
            for (int i = 0; i < answers.size(); i++) {
                for (KeyResult result : answers.get(i).results()) {
                    Sent sent = send(batch.received(i), result);
                    if (sent.end.isDone()) {
                        // Perhaps failed, after a wait for the brokers that each of the others would wait again.
                        isTaken(sent);
                    }
                    all.add(sent);
                }
            }
            for (Sent sent : all) {
                if (!isTaken(sent) && !isTaken(send(sent.received, shortened(sent.result)))) {
                    LOG.error(
                            "The result of record {} is too large for the topic {}, even as a short error, and is not"
                                    + " published; raise its max.message.bytes. What is stored stays",
                            sent.result.messageId(),
                            deadLetter);
                }
            }
            if (!all.isEmpty()) {
                attempt.passed();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failure
                    ? attempt.away(failure)
                    : new IllegalStateException(e.getCause());
        } catch (KafkaException e) {
            throw attempt.away(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private Sent send(RecordBatch.Received received, KeyResult result) {
        return new Sent(received, result, producer.send(message(received, result)));
    }

    /** False when it is too large, which trying again does not change. */
    private static boolean isTaken(Sent sent) throws ExecutionException, InterruptedException {
        try {
            sent.end.get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                return false;
            }
            throw e;
        }
    }

    /** An error in place of what is too large: as it was but for what JTL sent with it. */
    private KeyResult shortened(KeyResult result) {
        Outcome.Failed failed = result.outcome() instanceof Outcome.Failed was
                ? new Outcome.Failed(
                        was.reason(),
                        was.httpStatus(),
                        was.errorCode(),
                        "the error is too large for the topic " + deadLetter,
                        null,
                        was.attempts())
                : new Outcome.Failed(
                        Reason.SINK_REJECTED,
                        null,
                        null,
                        "the contact is too large for the topic " + output + ": raise its max.message.bytes",
                        null,
                        1);
        return new KeyResult(
                result.messageId(),
                result.entry(),
                failed.withAskedAt(result.outcome().askedAt()));
    }

    private ProducerRecord<String, byte[]> message(RecordBatch.Received received, KeyResult result) {
        KeyRequest request = received.request();
        ProducerRecord<String, byte[]> message = new ProducerRecord<>(
                result.found() ? output : deadLetter,
                result.keyText(),
                result.json().getBytes(StandardCharsets.UTF_8));
        header(message, "messageId", result.messageId());
        header(message, "outcome", result.outcomeName());
        header(message, RecordReader.CORRELATION_ID, request.correlationId());
        header(message, RecordReader.TRACEPARENT, request.traceparent());
        if (result.outcome() instanceof Outcome.Failed failed) {
            header(message, ERRORS + "topic", received.partition().topic());
            header(
                    message,
                    ERRORS + "partition",
                    Integer.toString(received.partition().partition()));
            header(message, ERRORS + "offset", Long.toString(received.offset()));
            header(message, ERRORS + "connector.name", "jtl-contact-sync");
            header(message, ERRORS + "stage", failed.reason().stage());
            // There is no exception; whoever sorts dead letters by its class sorts them by the reason.
            header(message, ERRORS + "exception.class.name", failed.reason().code());
            header(message, ERRORS + "exception.message", failed.errorMessage());
        }
        return message;
    }

    private static void header(ProducerRecord<?, ?> message, String name, String value) {
        if (value != null) {
            message.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
