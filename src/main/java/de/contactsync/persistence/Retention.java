package de.contactsync.persistence;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is older than it is to be kept: dead letters, whatever became of them, by when they failed last; closed
 * runs that have no dead letters left. In pages, each a transaction, so that no other work waits.
 */
public final class Retention implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final int PAGE = 1_000;

    private static final String LETTERS = """
        DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE last_failed_at < ?
            ORDER BY last_failed_at LIMIT ?)
        """;

    /** The schedule goes by the latest of its runs, of each tenant that has its own. */
    private static final String OLD_RUNS = """
        SELECT id FROM import_run WHERE closed_at < ?
            AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE run_id = import_run.id)
            AND NOT EXISTS (SELECT 1 FROM timer_run t WHERE t.run_id = import_run.id AND NOT EXISTS
                (SELECT 1 FROM timer_run l WHERE l.tenant = t.tenant AND l.run_id > t.run_id))
            ORDER BY closed_at LIMIT ?
        """;

    private final Database database;
    private final Clock clock;
    private final Duration ofLetters;
    private final Duration ofRuns;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "retention");
        made.setDaemon(true);
        return made;
    });

    /** @param ofLetters for how long dead letters are kept, {@code ofRuns} runs; null is forever */
    public Retention(Database database, Clock clock, Duration ofLetters, Duration ofRuns) {
        this.database = database;
        this.clock = clock;
        this.ofLetters = ofLetters;
        this.ofRuns = ofRuns;
    }

    /** Applies it now and every hour. */
    public Retention start() {
        if (ofLetters != null || ofRuns != null) {
            thread.scheduleWithFixedDelay(this::tryToApply, 0, 1, TimeUnit.HOURS);
        }
        return this;
    }

    private void tryToApply() {
        try {
            apply();
        } catch (RuntimeException e) {
            LOG.warn(
                    "Expired dead letters and runs (contacts.retention.*) were not removed; next try in an hour: {}",
                    e.getMessage());
        }
    }

    /** Until nothing is left that is too old. */
    public void apply() {
        Instant now = clock.instant();
        long letters = ofLetters == null ? 0 : deleteLetters(now.minus(ofLetters));
        long runs = ofRuns == null ? 0 : deleteRuns(now.minus(ofRuns));
        if (letters + runs > 0) {
            LOG.info(
                    "Removed {} dead letters and {} runs that are older than contacts.retention.* allows",
                    letters,
                    runs);
        }
    }

    private long deleteLetters(Instant before) {
        long deleted = 0;
        int page;
        do {
            page = database.inTransaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(LETTERS)) {
                    statement.setObject(1, database.dialect().instant(before));
                    statement.setInt(2, PAGE);
                    return statement.executeUpdate();
                }
            });
            deleted += page;
        } while (page > 0 && !Thread.currentThread().isInterrupted());
        return deleted;
    }

    private long deleteRuns(Instant before) {
        long deleted = 0;
        List<Long> page;
        do {
            page = oldRuns(before);
            // Whoever closed the run took its list away, unless he was killed right between the two.
            page.forEach(run -> KeySnapshotStore.empty(database, run));
            deleted += delete(page);
        } while (!page.isEmpty() && !Thread.currentThread().isInterrupted());
        return deleted;
    }

    private List<Long> oldRuns(Instant before) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(OLD_RUNS)) {
                statement.setObject(1, database.dialect().instant(before));
                statement.setInt(2, PAGE);
                List<Long> runs = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        runs.add(row.getLong(1));
                    }
                }
                return runs;
            }
        });
    }

    private int delete(List<Long> runs) {
        return database.inTransaction(connection -> {
            int deleted = 0;
            for (String sql : List.of(
                    "DELETE FROM run_chunk WHERE run_id = ?",
                    "DELETE FROM timer_run WHERE run_id = ?",
                    "DELETE FROM import_run WHERE id = ?")) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    for (long run : runs) {
                        statement.setLong(1, run);
                        statement.addBatch();
                    }
                    deleted = IntStream.of(statement.executeBatch()).sum();
                }
            }
            return deleted;
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
