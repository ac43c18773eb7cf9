package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The runs that a schedule begins. At most one is open at a time, and there is one for each due time, however many
 * processes share the database: a unique column sees to that. Who works on it, and who takes over, is decided as for
 * any other run.
 */
public final class ScheduledRunStore {

    public static final String SOURCE = "timer";

    /** What stands in the place of a file's content: the index of open runs takes all runs of the schedule for one. */
    private static final String NO_FILE = "";

    private final Database database;
    private final RunStore runs;
    private final Clock clock;

    public ScheduledRunStore(Database database, RunStore runs, Clock clock) {
        this.database = database;
        this.runs = runs;
        this.clock = clock;
    }

    /**
     * Asks for the open run, or begins one if it is due.
     *
     * @param due when the next run is due, given when the latest was begun, or halted at its end, which is null when
     *        none
     *     was; may give null for never
     * @return empty when none is open and none is due
     */
    public Optional<RunLease> claim(UnaryOperator<Instant> due, int chunkSize) {
        Optional<RunLease> claim = database.inTransaction(connection -> {
            Optional<RunLease> open = runs.claimOpen(connection, SOURCE, NO_FILE, due);
            if (open.isPresent()) {
                return open;
            }
            Instant next = due.apply(latestBegin(connection));
            return next == null || next.isAfter(clock.instant())
                    ? Optional.empty()
                    : begin(connection, next, chunkSize);
        });
        return claim.map(runs::begun);
    }

    /** When the latest run began; null when none has. */
    public Instant latestBegin() {
        return database.inTransaction(this::latestBegin);
    }

    /**
     * Of a run that begins in the future, because a clock was ahead then, when it was due; none where that lies there
     * too.
     */
    private Instant latestBegin(Connection connection) throws SQLException {
        Instant now = clock.instant();
        try (PreparedStatement statement = connection.prepareStatement("SELECT r.started_at, t.due_at FROM timer_run t"
                + " JOIN import_run r ON r.id = t.run_id WHERE t.due_at <= ? ORDER BY t.due_at DESC LIMIT 1")) {
            statement.setObject(1, database.dialect().instant(now));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                Instant started = database.dialect().instant(row, 1);
                return started.isAfter(now) ? database.dialect().instant(row, 2) : started;
            }
        }
    }

    /** Empty when another process was faster. */
    private Optional<RunLease> begin(Connection connection, Instant due, int chunkSize) throws SQLException {
        if (!runs.begin(connection, SOURCE, SOURCE, NO_FILE, chunkSize, new SourceFile(null, null))) {
            return Optional.empty();
        }
        RunLease lease =
                runs.claimOpen(connection, SOURCE, NO_FILE, halted -> null).orElseThrow();
        if (!(lease instanceof RunLease.Granted granted)
                || insert(connection, granted.run().id(), due)) {
            return Optional.of(lease);
        }
        // The run of this due time has been begun and ended by another process since its latest was looked up.
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM import_run WHERE id = ?")) {
            statement.setLong(1, granted.run().id());
            statement.executeUpdate();
        }
        return Optional.empty();
    }

    private boolean insert(Connection connection, long runId, Instant due) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO timer_run (run_id, due_at) VALUES (?, ?) ON CONFLICT (due_at) DO NOTHING")) {
            statement.setLong(1, runId);
            statement.setObject(2, database.dialect().instant(due));
            return statement.executeUpdate() == 1;
        }
    }
}
