package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.KeyRequests;
import de.contactsync.messaging.KeyResult;
import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.RunChunk;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.util.List;

/** Publishes what came of keys: to the queues of the configuration, and to whoever wants a reply. Thread-safe. */
public final class QueuePublisher {

    private final QueueSessions sessions;
    private final ReplySender replies;
    private final String output;
    private final String deadLetter;

    public QueuePublisher(QueueSessions sessions, ReplySender replies, QueueSettings settings) {
        this.sessions = sessions;
        this.replies = replies;
        this.output = settings.output();
        this.deadLetter = settings.deadLetter();
    }

    /** Sends within the transaction of the messages themselves, so that whoever gets one has to get the other. */
    public void publish(QueueBatch batch, EnrichedChunk enriched) {
        for (KeyRequests.Answer answer : batch.requests().answers(enriched)) {
            for (KeyResult result : answer.results()) {
                send(batch.session(), result, answer.request());
            }
        }
    }

    /**
     * Replies to those who asked for it. Not in the transaction: whoever asked may be gone by now, and the broker would
     * roll back everything for his sake.
     */
    public void reply(QueueBatch batch, EnrichedChunk enriched) {
        if (!batch.wantsReplies()) {
            return;
        }
        List<KeyRequests.Answer> answers = batch.requests().answers(enriched);
        for (int i = 0; i < answers.size(); i++) {
            Destination replyTo = batch.replyTo(i);
            if (replyTo != null) {
                replies.send(answers.get(i), replyTo);
            }
        }
    }

    /** Sends what came of a part of a run, or of keys over HTTP, in a transaction of its own. */
    public void publishRun(EnrichedChunk enriched) {
        Chunk chunk = enriched.chunk();
        if (chunk instanceof MessageChunk message && message.source().equals(QueueBatch.SOURCE)) {
            // No part of a file after all: it becomes a dead letter, and no other program has asked for it.
            return;
        }
        sessions.send(session -> {
            for (int i = 0; i < enriched.outcomes().size(); i++) {
                KeyEntry entry = chunk.entries().get(i);
                String position = chunk.position(i);
                boolean ofRun = chunk instanceof RunChunk;
                String messageId = ofRun ? "run-" + ((RunChunk) chunk).runId() + "-" + position : position;
                send(
                        session,
                        new KeyResult(messageId, entry, enriched.outcomes().get(i)),
                        ofRun
                                ? null
                                : new KeyRequest(position, position.replaceFirst("#.*", ""), null, List.of(entry)));
            }
        });
    }

    private void send(JMSContext context, KeyResult result, KeyRequest request) {
        producer(context, result.messageId(), result.outcomeName(), request)
                .send(context.createQueue(result.found() ? output : deadLetter), result.json());
    }

    static JMSProducer producer(JMSContext context, String messageId, String outcome, KeyRequest request) {
        JMSProducer producer =
                context.createProducer().setProperty("messageId", messageId).setProperty("outcome", outcome);
        if (request != null) {
            producer.setJMSCorrelationID(request.correlationId());
            if (request.traceparent() != null) {
                producer.setProperty(MessageReader.TRACEPARENT, request.traceparent());
            }
        }
        return producer;
    }
}
