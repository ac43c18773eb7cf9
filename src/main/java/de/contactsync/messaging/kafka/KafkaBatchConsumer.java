package de.contactsync.messaging.kafka;

import de.contactsync.messaging.AdaptiveBatchSize;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * The time of one membership in the group. One batch is in flight at most, and the polls continue meanwhile, for
 * partitions that are paused: they keep up the membership and hear of partitions that come and go. A partition also rests
 * while the tenant of its next record is away. An offset is committed only for a partition that has been ours since the
 * records were taken. Whoever gets an exception closes the session: the next one begins behind what is committed, so
 * that nothing is skipped. Belongs to the thread that polls.
 */
final class KafkaBatchConsumer implements ConsumerRebalanceListener, AutoCloseable {

    private static final Duration IDLE = Duration.ofMillis(200);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    /** Others wait for partitions that go, so what is in flight for them may only end if that is soon. */
    private static final Duration REVOCATION_GRACE = Duration.ofSeconds(2);
    /** Without a heartbeat; while the members of a group are counted anew there is none for a moment. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private enum End {
        UNDER_WAY,
        DONE,
        /** The tenant of one of the records is away. */
        WAITS
    }

    private final class InFlight {
        final RecordBatch batch;
        final Map<TopicPartition, OffsetAndMetadata> offsets;
        final Future<Exception> end;
        final long began = System.nanoTime();

        InFlight(RecordBatch batch) {
            this.batch = batch;
            this.offsets = batch.offsets();
            this.end = work.apply(batch);
        }

        End await(Duration patience) {
            try {
                Exception failure = end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (failure instanceof OutageException outage && outage.concernsTenant()) {
                    return End.WAITS;
                }
                if (failure != null) {
                    throw new IllegalStateException(batch + " failed: " + failure, failure);
                }
                return End.DONE;
            } catch (TimeoutException e) {
                return End.UNDER_WAY;
            } catch (ExecutionException e) {
                throw new IllegalStateException(batch + " failed: " + e.getCause(), e);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    private final KeyTopicComponent component;
    private final Function<RecordBatch, Future<Exception>> work;
    private final AdaptiveBatchSize size;
    private final KafkaClients clients;
    private final Consumer<byte[], byte[]> consumer;
    private final WaitingRecords waiting;
    private final KafkaClients.Attempt attempt;
    private final long began = System.nanoTime();
    private boolean joined;
    private InFlight inFlight;

    /**
     * @param attempt passes as soon as it has joined the group
     * @throws OutageException when the brokers are away
     */
    KafkaBatchConsumer(
            KeyTopicEndpoint endpoint, KafkaClients.Attempt attempt, Function<RecordBatch, Future<Exception>> work) {
        this.component = endpoint.component();
        this.work = work;
        this.size = new AdaptiveBatchSize(endpoint.getMaxKeys());
        this.clients = component.clients();
        this.waiting = component.waitingRecords();
        this.attempt = attempt;
        this.consumer = clients.consumer(attempt, endpoint.name(), endpoint.getMaxKeys());
        consumer.subscribe(List.of(endpoint.name()), this);
    }

    /** Does what there is to do and waits a moment for more. */
    void turn() {
        End end = inFlight == null ? End.UNDER_WAY : inFlight.await(POLL_INTERVAL);
        if (end == End.DONE && commit()) {
            size.record(inFlight.batch.keys(), Duration.ofNanos(System.nanoTime() - inFlight.began));
            inFlight = null;
        } else if (end == End.WAITS) {
            waiting.putBack(inFlight.batch.records().stream()
                    .filter(each -> inFlight.offsets.containsKey(each.partition()))
                    .toList());
            inFlight = null;
        }
        boolean accepting = component.lifecycle().isAccepting();
        if (inFlight == null && accepting) {
            List<RecordBatch.Received> next = waiting.take(size.keys());
            inFlight = next.isEmpty() ? null : new InFlight(new RecordBatch(next));
        }
        boolean fetching = accepting && !waiting.isAnyReady();
        consumer.pause(fetching ? waiting.partitions() : consumer.assignment());
        if (fetching) {
            consumer.resume(consumer.paused().stream()
                    .filter(partition -> !waiting.partitions().contains(partition))
                    .toList());
        }
        boolean wait = inFlight == null || end == End.DONE;
        consumer.poll(wait ? IDLE : Duration.ZERO).forEach(each -> waiting.add(component.read(each)));
        if (!joined && consumer.groupMetadata().generationId() >= 0) {
            joined = true;
            attempt.passed();
        }
        if (inFlight == null && fetching) {
            checkConnected();
        }
    }

    /** Waits for what is in flight, for as long as this thread is not interrupted. */
    void finish() {
        while (inFlight != null) {
            End end = inFlight.await(POLL_INTERVAL);
            if (end == End.DONE) {
                commit();
            }
            inFlight = end == End.UNDER_WAY ? inFlight : null;
        }
    }

    /** False when it has to be tried again. */
    private boolean commit() {
        try (KafkaClients.Attempt commit = clients.attempt()) {
            return commit(commit);
        } catch (OutageException e) {
            return false;
        }
    }

    private boolean commit(KafkaClients.Attempt commit) {
        try {
            consumer.commitSync(inFlight.offsets);
            commit.passed();
            return true;
        } catch (RebalanceInProgressException e) {
            return false;
        } catch (RetriableException e) {
            // Opens the breaker, which reports it. The work is done: only its commit is tried again.
            commit.away(e);
            return false;
        }
    }

    /** The client waits for brokers forever, and says nothing of it. */
    private void checkConnected() {
        if (metrics("connection-count").noneMatch(count -> count > 0)) {
            throw clients.away(clients.breaker().now(), new DisconnectException("no broker is connected"));
        }
        // Before the first heartbeat it is -1.
        if (System.nanoTime() - began > SILENCE.toNanos()
                && metrics("last-heartbeat-seconds-ago").noneMatch(ago -> ago >= 0 && ago < SILENCE.toSeconds())) {
            throw clients.away(
                    clients.breaker().now(),
                    new CoordinatorNotAvailableException("the group has had no coordinator for " + SILENCE.toSeconds()
                            + " s, perhaps because __consumer_offsets lacks brokers"));
        }
    }

    private DoubleStream metrics(String name) {
        return consumer.metrics().values().stream()
                .filter(each -> each.metricName().name().equals(name))
                .mapToDouble(each -> ((Number) each.metricValue()).doubleValue());
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        // Read from where they are committed.
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (inFlight != null && partitions.stream().anyMatch(inFlight.offsets::containsKey)) {
            try {
                if (inFlight.await(REVOCATION_GRACE) == End.DONE) {
                    consumer.commitSync(inFlight.offsets);
                }
            } catch (KafkaException e) {
                // Then whoever gets them does it again, to the same rows.
            }
        }
        drop(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        drop(partitions);
    }

    private void drop(Collection<TopicPartition> partitions) {
        waiting.drop(partitions);
        if (inFlight != null) {
            inFlight.offsets.keySet().removeAll(partitions);
        }
    }

    @Override
    public void close() {
        KafkaClients.close(consumer);
    }
}
