package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.OutboxPoller;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.OutageException;
import de.contactsync.tracing.Step;
import de.contactsync.tracing.Traces;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Sends what waits in the outbox of one sink, of whatever kind, and says how far it is. */
final class DeliveryWorker implements AutoCloseable {

    private static final Duration ONLY_FULL = Duration.ofDays(36_500);
    private static final Duration START = Duration.ofSeconds(10);

    private final String name;
    private final Outbox outbox;
    private final OutboxPoller<DeliveryBatch> poller;
    private final RemovalRecheck removals;
    private final DeliveryProgressLog log;

    private DeliveryWorker(
            String name,
            Outbox outbox,
            OutboxPoller<DeliveryBatch> poller,
            RemovalRecheck removals,
            DeliveryProgressLog log) {
        this.name = name;
        this.outbox = outbox;
        this.poller = poller;
        this.removals = removals;
        this.log = log;
    }

    /**
     * @param name     of the sink, for people
     * @param linger   how long a batch that is not full waits for more; null where only full ones go out until a flush
     * @param prepare  looks whether the sink can be used, once before the first batch
     * @param removals confirms what is to be removed, right before; closed with this
     * @param send     sends and records a batch
     * @throws ConfigurationException when a person has to mend something before the sink can be used
     */
    static DeliveryWorker start(
            String name,
            Outbox outbox,
            int batchSize,
            Duration linger,
            Breaker breaker,
            Runnable prepare,
            RemovalRecheck removals,
            Consumer<DeliveryBatch> send,
            boolean logged)
            throws InterruptedException {
        Consumer<DeliveryBatch> traced = claimed -> {
            DeliveryBatch batch = removals.confirm(claimed);
            if (outbox.isEmpty(batch)) {
                outbox.release();
                return;
            }
            try (Step delivery = Traces.delivery(
                    name, batch.deliveries().stream().map(Delivery::key).toList())) {
                send.accept(batch);
            }
        };
        OutboxPoller<DeliveryBatch> poller =
                new OutboxPoller<>(outbox, batchSize, linger == null ? ONLY_FULL : linger, breaker, prepare, traced);
        try {
            poller.start(START);
        } catch (OutageException e) {
            poller.close();
            removals.close();
            throw new ConfigurationException(List.of(e.getMessage()));
        }
        return new DeliveryWorker(
                name, outbox, poller, removals, logged ? DeliveryProgressLog.start(name, outbox) : null);
    }

    /**
     * Sends all that waits.
     *
     * @param label                  for people, as a summary has it
     * @param since                  what had been recorded when the counting began
     */
    DeliverySummary flush(String label, String sink, DeliveryCounts since, Duration maxWait, BooleanSupplier stopping) {
        String waitsFor;
        long pending = 0;
        // Says every minute how far it is.
        try (DeliveryProgressLog telling = DeliveryProgressLog.start(name, outbox)) {
            waitsFor = poller.flush(maxWait, stopping).orElse(null);
            pending = waitsFor == null ? 0 : outbox.pending();
        } catch (ProcessingHaltedException e) {
            waitsFor = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            waitsFor = "interrupted";
        }
        return new DeliverySummary(label, sink, outbox.counts().minus(since), waitsFor, pending, 0);
    }

    @Override
    public void close() throws InterruptedException {
        if (log != null) {
            log.close();
        }
        poller.close();
        removals.close();
    }
}
