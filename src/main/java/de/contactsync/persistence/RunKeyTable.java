package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Statements on run_key, the lists of keys of scheduled runs. */
final class RunKeyTable {

    private static final int PAGE = 10_000;

    /**
     * The page is cut out by ORDER BY and LIMIT before anything else is asked of it, because PostgreSQL takes a
     * comparison of rows for one of their first columns, and would read the whole table. The limit is above the number
     * of contacts between the two keys, which others may have added to.
     */
    private static final String INSERT_KNOWN = """
            WITH page AS MATERIALIZED (SELECT tenant_id, customer_id, contact_id, enriched_at FROM contact
                WHERE (tenant_id, customer_id, contact_id) > (?, ?, ?)
                    AND (tenant_id, customer_id, contact_id) <= (?, ?, ?)
                ORDER BY tenant_id, customer_id, contact_id LIMIT ?)
            INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id)
            SELECT ?, ? + row_number() OVER (ORDER BY tenant_id, customer_id, contact_id),
                tenant_id, customer_id, contact_id
            FROM page WHERE enriched_at < ? ON CONFLICT DO NOTHING
            """;

    private static final String END_OF_PAGE =
            "SELECT position FROM run_key WHERE run_id = ? AND position > ? ORDER BY position LIMIT 1 OFFSET ?";

    private final Dialect dialect;

    RunKeyTable(Dialect dialect) {
        this.dialect = dialect;
    }

    /** The next entries behind a position, in order; none behind the last. */
    List<KeyEntry> read(Connection connection, long runId, long behind, int most) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT position, tenant_id, customer_id, contact_id, raw_key, problem, reason, http_status FROM"
                        + " run_key WHERE run_id = ? AND position > ? ORDER BY position LIMIT ?")) {
            statement.setLong(1, runId);
            statement.setLong(2, behind);
            statement.setInt(3, most);
            try (ResultSet row = statement.executeQuery()) {
                List<KeyEntry> entries = new ArrayList<>();
                while (row.next()) {
                    entries.add(entry(row));
                }
                return entries;
            }
        }
    }

    private KeyEntry entry(ResultSet row) throws SQLException {
        long position = row.getLong(1);
        String problem = row.getString(6);
        if (problem != null) {
            String reason = row.getString(7);
            return new KeyEntry.Invalid(
                    position,
                    row.getString(5),
                    problem,
                    reason == null ? Reason.INVALID_KEY : Reason.of(reason),
                    row.getObject(8) == null ? null : row.getInt(8),
                    dialect.uuid(row, 2));
        }
        return new KeyEntry.Valid(position, dialect.key(row, 2));
    }

    void insert(Connection connection, long runId, List<KeyEntry> entries) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id, raw_key, problem, reason,"
                        + " http_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (KeyEntry entry : entries) {
                ContactKey key = entry instanceof KeyEntry.Valid valid ? valid.key() : null;
                statement.setLong(1, runId);
                statement.setLong(2, entry.position());
                dialect.setUuid(statement, 3, entry.tenantId());
                dialect.setUuid(statement, 4, key == null ? null : key.customerId());
                dialect.setUuid(statement, 5, key == null ? null : key.contactId());
                statement.setString(6, entry instanceof KeyEntry.Invalid invalid ? invalid.raw() : null);
                statement.setString(7, entry instanceof KeyEntry.Invalid invalid ? invalid.problem() : null);
                statement.setString(
                        8,
                        entry instanceof KeyEntry.Invalid invalid
                                ? invalid.reason().code()
                                : null);
                statement.setObject(
                        9, entry instanceof KeyEntry.Invalid invalid ? invalid.httpStatus() : null, Types.INTEGER);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * Adds of the contacts between two keys those that were looked up before {@code before}.
     *
     * @param most contacts between them, and those that others may have added meanwhile
     */
    void insertKnown(
            Connection connection,
            long runId,
            long lastPosition,
            ContactKey behind,
            ContactKey last,
            int most,
            Instant before)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_KNOWN)) {
            int parameter = dialect.setKey(statement, dialect.setKey(statement, 1, behind), last);
            statement.setInt(parameter, most);
            statement.setLong(parameter + 1, runId);
            statement.setLong(parameter + 2, lastPosition);
            statement.setObject(parameter + 3, dialect.instant(before));
            statement.executeUpdate();
        }
    }

    ContactKey lastKey(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT tenant_id, customer_id, contact_id"
                + " FROM run_key WHERE run_id = ? ORDER BY position DESC LIMIT 1")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? dialect.key(row, 1) : ContactTable.BEFORE_ALL;
            }
        }
    }

    static long lastPosition(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT max(position) FROM run_key WHERE run_id = ?")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /**
     * Takes away the next page of a list.
     *
     * <p>Both ends of the range are given, because PostgreSQL may read the whole table for a list of positions.
     *
     * @return the position behind which the next page begins; Long.MAX_VALUE behind the last
     */
    static long deletePage(Connection connection, long runId, long behind) throws SQLException {
        long last;
        try (PreparedStatement statement = connection.prepareStatement(END_OF_PAGE)) {
            statement.setLong(1, runId);
            statement.setLong(2, behind);
            statement.setInt(3, PAGE - 1);
            try (ResultSet row = statement.executeQuery()) {
                last = row.next() ? row.getLong(1) : Long.MAX_VALUE;
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM run_key WHERE run_id = ? AND position > ? AND position <= ?")) {
            statement.setLong(1, runId);
            statement.setLong(2, behind);
            statement.setLong(3, last);
            statement.executeUpdate();
        }
        return last;
    }
}
