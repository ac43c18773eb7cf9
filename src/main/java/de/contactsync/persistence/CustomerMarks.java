package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Up to when the changes of a tenant's customers are known. */
public final class CustomerMarks {

    /**
     * @param seenUntil by JTL's clock
     * @param fullAt    when the last run through all customers began, by ours
     */
    public record Mark(Instant seenUntil, Instant fullAt) {}

    /**
     * Changed contacts that a run through all customers has found.
     *
     * @param missed of these, those whose customers JTL does not name as changed
     */
    public record Changes(long contacts, long missed) {}

    private final Database database;

    public CustomerMarks(Database database) {
        this.database = database;
    }

    public Optional<Mark> of(UUID tenantId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT seen_until, full_at FROM customer_mark WHERE tenant_id = ?")) {
                database.dialect().setUuid(statement, 1, tenantId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Mark(
                                    database.dialect().instant(row, 1),
                                    database.dialect().instant(row, 2)))
                            : Optional.empty();
                }
            }
        });
    }

    /** Whether the run goes through all customers. */
    public boolean isFull(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT changed_since FROM timer_run WHERE run_id = ?")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && row.getObject(1) == null;
                }
            }
        });
    }

    /**
     * A run that is finished has seen what there was when it began. Not one that could not read some customers: they
     * are looked for again since the time before, and after a run through all by another one. Where that one fails,
     * too, what cannot be read may stay so, and must not keep all runs from looking for changes only.
     *
     * @return whether the mark was set
     */
    public boolean advance(long runId, UUID tenantId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    INSERT INTO customer_mark (tenant_id, seen_until, full_at)
                    SELECT ?, t.server_began, r.started_at FROM timer_run t JOIN import_run r ON r.id = t.run_id
                    WHERE t.run_id = ? AND t.server_began IS NOT NULL AND t.listed IS NOT NULL
                        AND t.customers_broken_off = 0 AND (t.customers_failed = 0
                            OR t.changed_since IS NULL AND EXISTS (SELECT 1 FROM timer_run b
                                WHERE b.run_id = (SELECT max(run_id) FROM timer_run
                                        WHERE tenant = t.tenant AND run_id < t.run_id)
                                    AND b.changed_since IS NULL AND b.customers_failed > 0))
                    ON CONFLICT (tenant_id) DO UPDATE SET seen_until = excluded.seen_until,
                        full_at = CASE WHEN (SELECT changed_since FROM timer_run WHERE run_id = ?) IS NULL
                            THEN excluded.full_at ELSE customer_mark.full_at END
                    """)) {
                database.dialect().setUuid(statement, 1, tenantId);
                statement.setLong(2, runId);
                statement.setLong(3, runId);
                return statement.executeUpdate() == 1;
            }
        });
    }

    /** @param named customers that JTL names as changed */
    public Changes found(long runId, UUID tenantId, Set<UUID> named) {
        return database.inTransaction(connection -> {
            Changes changes = count(connection, runId, tenantId, named);
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE timer_run SET changes_missed = ? WHERE run_id = ?")) {
                statement.setLong(1, changes.missed);
                statement.setLong(2, runId);
                statement.executeUpdate();
            }
            return changes;
        });
    }

    /** Reads through the tenant's contacts once, as the run has done. */
    private Changes count(Connection connection, long runId, UUID tenantId, Set<UUID> named) throws SQLException {
        long contacts = 0;
        long missed = 0;
        try (PreparedStatement statement = connection.prepareStatement("SELECT customer_id, count(*) FROM contact"
                + " WHERE tenant_id = ? AND changed_at >= (SELECT started_at FROM import_run WHERE id = ?)"
                + " GROUP BY customer_id")) {
            database.dialect().setUuid(statement, 1, tenantId);
            statement.setLong(2, runId);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    contacts += row.getLong(2);
                    missed += named.contains(database.dialect().uuid(row, 1)) ? 0 : row.getLong(2);
                }
            }
        }
        return new Changes(contacts, missed);
    }
}
