package de.contactsync.app;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what went to the CRM: as soon as nothing waits, and every minute while there is more. */
final class DeliveryProgressLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryProgressLog.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final String name;
    private final Outbox outbox;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "deliveries");
        thread.setDaemon(true);
        return thread;
    });
    private DeliveryCounts logged;
    private long loggedAt;

    /** @param name of the CRM, for people */
    DeliveryProgressLog(String name, Outbox outbox, LongSupplier nanoTime) {
        this.name = name;
        this.outbox = outbox;
        this.nanoTime = nanoTime;
        this.logged = outbox.counts();
        this.loggedAt = nanoTime.getAsLong();
    }

    static DeliveryProgressLog start(String name, Outbox outbox) {
        DeliveryProgressLog log = new DeliveryProgressLog(name, outbox, System::nanoTime);
        log.ticker.scheduleWithFixedDelay(log::poll, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return log;
    }

    void poll() {
        DeliveryCounts counts = outbox.counts();
        if (counts.equals(logged)) {
            return;
        }
        try {
            long pending = outbox.pending();
            long now = nanoTime.getAsLong();
            if (pending == 0 || now - loggedAt >= INTERVAL.toNanos()) {
                DeliveryCounts since = counts.minus(logged);
                LOG.info(
                        "{}: {}",
                        name,
                        String.format(
                                Locale.ROOT,
                                "%,d delivered, %,d refused, %,d pending",
                                since.delivered(),
                                since.refused(),
                                pending));
                if (since.removed() > 0) {
                    LOG.info(
                            "{}: {}",
                            name,
                            String.format(
                                    Locale.ROOT,
                                    "%,d deleted or flagged there, because JTL-Wawi no longer has them",
                                    since.removed()));
                }
                if (since.notThere() > 0) {
                    LOG.info(
                            "{}: {}",
                            name,
                            String.format(
                                    Locale.ROOT,
                                    "%,d to be deleted or flagged had no record of their own there",
                                    since.notThere()));
                }
                if (since.leftOut() > 0) {
                    LOG.info(
                            "{}: {}",
                            name,
                            String.format(
                                    Locale.ROOT,
                                    "%,d left out by settings or mapping; the command explain shows the reason for"
                                            + " each",
                                    since.leftOut()));
                }
                if (since.withoutEmail() > 0) {
                    LOG.info(
                            "{}: {}",
                            name,
                            String.format(
                                    Locale.ROOT,
                                    "%,d delivered without their e-mail address, which another record has: see the"
                                            + " dead letters",
                                    since.withoutEmail()));
                }
                logged = counts;
                loggedAt = now;
            }
        } catch (ProcessingHaltedException e) {
            LOG.debug("whoever sends meets the same failure and reports it", e);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
