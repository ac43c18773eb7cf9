package de.contactsync.observability;

import de.contactsync.persistence.BacklogQueries;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits in the inbox and in the tables. Looked up when somebody asks, at most once in 5 s, and nobody waits longer
 * for it than half a second: then the figures of before stand. After a look that failed they are unknown. Thread-safe.
 */
final class BacklogMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BacklogMonitor.class);
    private static final Duration FRESH = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /** @param since null when nothing waits */
    private record Figures(double openDeadLetters, Map<String, Long> pendingDeliveries, Instant since) {}

    @FunctionalInterface
    interface OldestFile {
        /** Since when it has been waiting; null when none is. */
        Instant since() throws Exception;
    }

    private final Callable<BacklogQueries> backlog;
    private final OldestFile oldestFile;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final ExecutorService looker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "status");
        thread.setDaemon(true);
        return thread;
    });
    private Future<Figures> refresh;
    private long lookedAt;
    /** Null while they are unknown. */
    private Figures figures;

    BacklogMonitor(Callable<BacklogQueries> backlog, OldestFile oldestFile, Clock clock, LongSupplier nanoTime) {
        this.backlog = backlog;
        this.oldestFile = oldestFile;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** NaN while unknown. */
    double openDeadLetters() {
        Figures known = figures();
        return known == null ? Double.NaN : known.openDeadLetters;
    }

    /** NaN while unknown. */
    double pendingDeliveries(String sink) {
        Figures known = figures();
        return known == null ? Double.NaN : known.pendingDeliveries.getOrDefault(sink, 0L);
    }

    /**
     * The age of what has been waiting for longest, a file or an unfinished run; 0 when nothing is, NaN while unknown.
     */
    double oldestSeconds() {
        Figures known = figures();
        return known == null
                ? Double.NaN
                : known.since == null
                        ? 0
                        : Math.max(
                                0,
                                Duration.between(known.since, clock.instant()).toMillis() / 1e3);
    }

    private synchronized Figures figures() {
        long now = nanoTime.getAsLong();
        if (refresh == null || refresh.isDone() && now - lookedAt >= FRESH.toNanos()) {
            lookedAt = now;
            refresh = looker.submit(this::refresh);
            await();
        } else if (refresh.isDone()) {
            await();
        }
        return figures;
    }

    private void await() {
        try {
            figures = refresh.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("the tables take their time");
        } catch (ExecutionException e) {
            LOG.debug("what waits is unknown", e.getCause());
            figures = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Figures refresh() throws Exception {
        Instant file = oldestFile.since();
        BacklogQueries tables = backlog.call();
        Instant run = tables.oldestRun();
        return new Figures(
                tables.openDeadLetters(),
                tables.pendingDeliveries(),
                file == null || run != null && run.isBefore(file) ? run : file);
    }

    @Override
    public void close() {
        looker.shutdownNow();
    }
}
