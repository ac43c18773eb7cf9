package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The runs that have not come to their end, for the person who looks after them. */
public final class OpenRuns {

    /** A row of another process: no event says that it has changed. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    /**
     * @param run     as it stands in the database
     * @param owner   the process that works on it, or did last
     * @param gone    whether that process is known to be gone
     * @param inInbox whether its file was taken from an inbox
     */
    public record OpenRun(Run run, Instant startedAt, ProcessId owner, boolean gone, boolean inInbox) {}

    /** What became of a run that was to be discarded. */
    public enum Discarded {
        /** It is closed; its open dead letters are discarded with it. */
        CLOSED,
        /** It is closed; its keys have dead letters, which are open for the next replay. */
        CLOSED_REPLAY,
        /** Its records were all done: it is closed, and its dead letters stay. */
        CLOSED_FINISHED,
        /** There is no open run of this number. */
        UNKNOWN,
        /** A process works on it. */
        BUSY;

        public boolean isClosed() {
            return this == CLOSED || this == CLOSED_REPLAY || this == CLOSED_FINISHED;
        }
    }

    private final Database database;
    private final Clock clock;

    public OpenRuns(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The oldest first, 10,000 at most; the lease of a replay is none. */
    public List<OpenRun> list() {
        return database.inTransaction(connection -> {
            List<OpenRun> runs = new ArrayList<>();
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT id, started_at, owner, source_file FROM import_run"
                            + " WHERE closed_at IS NULL AND NOT (source = 'replay' AND file_hash = '')"
                            + " ORDER BY id LIMIT 10000")) {
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        ProcessId owner = ProcessId.parse(row.getString(3));
                        String file = row.getString(4);
                        runs.add(new OpenRun(
                                RunTable.select(connection, row.getLong(1)),
                                database.dialect().instant(row, 2),
                                owner,
                                owner.isGone(),
                                file != null && file.startsWith(SourceFile.TAKEN)));
                    }
                }
            }
            return runs;
        });
    }

    /**
     * Closes a run that nobody works on. Of one whose process cannot be asked, its heartbeat is watched for as long as
     * a process would before it took over.
     */
    public Discarded discard(long runId) {
        Optional<Beat> first = beat(runId);
        long end = System.nanoTime() + RunStore.SILENCE.toNanos();
        Optional<Beat> last = first;
        while (last.isPresent() && !last.get().isIdle() && System.nanoTime() - end < 0) {
            if (last.get().heartbeat() != first.orElseThrow().heartbeat()) {
                return Discarded.BUSY;
            }
            LockSupport.parkNanos(POLL_INTERVAL.toNanos());
            last = beat(runId);
        }
        if (last.isEmpty()) {
            // Of one that was closed right before its process was killed.
            clear(runId);
            return Discarded.UNKNOWN;
        }
        Beat seen = last.get();
        Discarded discarded = database.inTransaction(connection -> close(connection, runId, seen));
        if (discarded.isClosed()) {
            clear(runId);
        }
        return discarded;
    }

    private void clear(long runId) {
        KeySnapshotStore.empty(database, runId);
        RunRemains.ofSuperseded(database, runId);
    }

    private record Beat(String owner, long heartbeat, String state) {
        /** Nobody works on it, as far as can be known without waiting. */
        boolean isIdle() {
            return state.equals("halted") || ProcessId.parse(owner).isGone();
        }
    }

    private Optional<Beat> beat(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT owner, heartbeat, state FROM import_run WHERE id = ? AND closed_at IS NULL")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Beat(row.getString(1), row.getLong(2), row.getString(3)))
                            : Optional.empty();
                }
            }
        });
    }

    /** Only as it was seen: whoever took it over meanwhile has moved its heartbeat. */
    private Discarded close(Connection connection, long runId, Beat seen) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE import_run SET heartbeat = heartbeat + 1,"
                        + " owner = ? WHERE id = ? AND owner = ? AND heartbeat = ? AND closed_at IS NULL")) {
            // A process that wakes up late finds that the run is not its own any more.
            statement.setString(1, ProcessId.self().toString());
            statement.setLong(2, runId);
            statement.setString(3, seen.owner());
            statement.setLong(4, seen.heartbeat());
            if (statement.executeUpdate() == 0) {
                return Discarded.BUSY;
            }
        }
        Object now = database.dialect().instant(clock.instant());
        if (RunTable.supersede(connection, runId, "discarded by hand", now)) {
            return RunTable.select(connection, runId).source().equals(RunStore.REPLAY)
                    ? Discarded.CLOSED_REPLAY
                    : Discarded.CLOSED;
        }
        RunTable.close(connection, runId, now);
        return Discarded.CLOSED_FINISHED;
    }
}
