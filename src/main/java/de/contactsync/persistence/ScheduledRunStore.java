package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The runs that a schedule begins, one for each due time: of each tenant whose customers are gone through, or one alone.
 * At most one of a tenant is open at a time, however many processes share the database: unique columns see to both. Who
 * works on it, and who takes over, is decided as for any other run.
 */
public final class ScheduledRunStore {

    public static final String SOURCE = "timer";

    /** In place of a tenant's name, for runs that are not of one in particular. */
    public static final String NO_TENANT = "";

    /** From here on, one for each run, is the due_at of those of tenants, which must have some and no two the same. */
    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    /** What stands in the place of a file's content: the index of open runs takes all runs of a name for one. */
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
     * @param tenant whose run it is, by its name, or {@link #NO_TENANT}
     * @param due when the next run is due, given when the latest was begun, or halted at its end, which is null when
     *        none
     *     was; may give null for never
     * @return empty when none is open and none is due
     */
    public Optional<RunLease> claim(String tenant, UnaryOperator<Instant> due, int chunkSize) {
        Optional<RunLease> claim = database.inTransaction(connection -> {
            Optional<RunLease> open = runs.claims().claimOpen(connection, name(tenant), NO_FILE, due);
            if (open.isPresent()) {
                return open;
            }
            Instant next = due.apply(latestBegin(connection, tenant));
            return next == null || next.isAfter(clock.instant())
                    ? Optional.empty()
                    : begin(connection, tenant, next, chunkSize);
        });
        return claim.map(runs.claims()::begun);
    }

    /** For people, as a file's name. */
    private static String name(String tenant) {
        return tenant.equals(NO_TENANT) ? SOURCE : SOURCE + " of " + tenant;
    }

    /** Tenants with an open run, {@link #NO_TENANT} among them. */
    public Set<String> open() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                            "SELECT t.tenant FROM import_run r JOIN timer_run t ON t.run_id = r.id"
                                    + " WHERE r.closed_at IS NULL AND r.source = '" + SOURCE + "'");
                    ResultSet row = statement.executeQuery()) {
                Set<String> tenants = new HashSet<>();
                while (row.next()) {
                    tenants.add(row.getString(1));
                }
                return tenants;
            }
        });
    }

    /** When the latest run of all began; null when none has. */
    public Instant latestBegin() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                            "SELECT started_at FROM import_run WHERE id = (SELECT max(run_id) FROM timer_run)");
                    ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                Instant began = database.dialect().instant(row, 1);
                Instant now = clock.instant();
                // A clock was ahead then.
                return began.isAfter(now) ? now : began;
            }
        });
    }

    /** Where a run's due time stands. Workers of earlier versions know due_at, and no tenants. */
    private static String dueColumn(String tenant) {
        return tenant.equals(NO_TENANT) ? "due_at" : "tenant_due_at";
    }

    /**
     * Of a run that begins in the future, because a clock was ahead then, when it was due; none where that lies there
     * too.
     */
    private Instant latestBegin(Connection connection, String tenant) throws SQLException {
        Instant now = clock.instant();
        try (PreparedStatement statement = connection.prepareStatement(
                ("SELECT r.started_at, t.%1$s FROM timer_run t JOIN import_run r ON r.id = t.run_id"
                                + " WHERE t.tenant = ? AND t.%1$s <= ? ORDER BY t.%1$s DESC LIMIT 1")
                        .formatted(dueColumn(tenant)))) {
            statement.setString(1, tenant);
            statement.setObject(2, database.dialect().instant(now));
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
    private Optional<RunLease> begin(Connection connection, String tenant, Instant due, int chunkSize)
            throws SQLException {
        if (!runs.claims().begin(connection, SOURCE, name(tenant), NO_FILE, chunkSize, new SourceFile(null, null))) {
            return Optional.empty();
        }
        RunLease lease = runs.claims()
                .claimOpen(connection, name(tenant), NO_FILE, halted -> null)
                .orElseThrow();
        if (!(lease instanceof RunLease.Granted granted)
                || insert(connection, tenant, granted.run().id(), due)) {
            return Optional.of(lease);
        }
        // The run of this due time has been begun and ended by another process since its latest was looked up.
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM import_run WHERE id = ?")) {
            statement.setLong(1, granted.run().id());
            statement.executeUpdate();
        }
        return Optional.empty();
    }

    private boolean insert(Connection connection, String tenant, long runId, Instant due) throws SQLException {
        boolean ofTenant = !tenant.equals(NO_TENANT);
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO timer_run (run_id, tenant, due_at, tenant_due_at)"
                        + " VALUES (?, ?, ?, ?) ON CONFLICT ("
                        + (ofTenant ? "tenant, tenant_due_at" : "due_at") + ") DO NOTHING")) {
            statement.setLong(1, runId);
            statement.setString(2, tenant);
            statement.setObject(3, database.dialect().instant(ofTenant ? NEVER.plusMillis(runId) : due));
            if (ofTenant) {
                statement.setObject(4, database.dialect().instant(due));
            } else {
                statement.setNull(4, Types.TIMESTAMP_WITH_TIMEZONE);
            }
            return statement.executeUpdate() == 1;
        }
    }
}
