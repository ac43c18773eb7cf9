package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which process works on a run. A run belongs to one process at a time: its owner moves the run's heartbeat every few
 * seconds, and whoever sees it stand still for {@link RunStore#SILENCE} of his own time, or knows the owner to be gone,
 * may take over. No clocks are compared.
 */
final class RunOwnership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunOwnership.class);
    private static final Duration BEAT = Duration.ofSeconds(3);

    /** The heartbeat of another process's run as this process first saw it. */
    private record Sighting(long heartbeat, long nanoTime) {}

    private final Database database;
    private final LongSupplier nanoTime;
    private final String owner;
    private final Map<Long, Sighting> sightings = new ConcurrentHashMap<>();
    private final ScheduledExecutorService heart;

    RunOwnership(Database database, LongSupplier nanoTime, String owner) {
        this.database = database;
        this.nanoTime = nanoTime;
        this.owner = owner;
        this.heart = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "run-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        heart.scheduleWithFixedDelay(this::heartbeat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** This process. */
    String owner() {
        return owner;
    }

    @Override
    public void close() {
        heart.shutdownNow();
    }

    private void heartbeat() {
        try {
            database.inTransaction(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("UPDATE import_run SET heartbeat = heartbeat + 1"
                                + " WHERE owner = ? AND closed_at IS NULL AND state <> 'halted'")) {
                    statement.setString(1, owner);
                    return statement.executeUpdate();
                }
            });
        } catch (RuntimeException e) {
            // The run's own writes meet the same failure and halt it; a missed beat harms nobody.
            LOG.debug("heartbeat failed", e);
        }
    }

    boolean isOursOrAbandoned(RunTable.OwnedRun open) {
        return open.owner().equals(owner) || mayTakeOver(open);
    }

    private boolean mayTakeOver(RunTable.OwnedRun open) {
        if (open.run().state() == Run.State.HALTED
                || ProcessId.parse(open.owner()).isGone()) {
            return true;
        }
        long now = nanoTime.getAsLong();
        Sighting seen = sightings.compute(
                open.run().id(),
                (id, old) ->
                        old != null && old.heartbeat == open.heartbeat() ? old : new Sighting(open.heartbeat(), now));
        return now - seen.nanoTime >= RunStore.SILENCE.toNanos();
    }

    /** False when another process was faster, or its owner has come back. */
    boolean takeOver(Connection connection, RunTable.OwnedRun open) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE import_run SET owner = ?, heartbeat = heartbeat + 1,"
                        + " state = CASE WHEN state = 'halted' AND total IS NULL THEN 'running' ELSE state END"
                        + " WHERE id = ? AND owner = ? AND heartbeat = ?")) {
            statement.setString(1, owner);
            statement.setLong(2, open.run().id());
            statement.setString(3, open.owner());
            statement.setLong(4, open.heartbeat());
            return statement.executeUpdate() == 1;
        }
    }

    @FunctionalInterface
    interface Binder {
        /** Sets the leading parameters and returns how many they are. */
        int bind(PreparedStatement statement) throws SQLException;
    }

    /**
     * Changes a run that belongs to this process.
     *
     * @param sql ends with the parameters for the run and its owner
     * @throws RunLostException when it belongs to another process by now
     */
    void update(Connection connection, long runId, String sql, Binder leading) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int bound = leading.bind(statement);
            statement.setLong(bound + 1, runId);
            statement.setString(bound + 2, owner);
            if (statement.executeUpdate() == 0) {
                throw new RunLostException(runId);
            }
        }
    }
}
