package de.contactsync.ledger;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The keys of scheduled runs, as they were listed when each began; {@link RunLedger#close} takes them away. All that
 * writes throws {@link LostRunException} when the run belongs to another process by now.
 */
public final class KeyLists {

    private static final int PAGE = 10_000;

    private final Database database;
    private final String owner;

    public KeyLists(Database database, RunLedger runs) {
        this.database = database;
        this.owner = runs.owner();
    }

    /** Takes the list away, page by page: that of a million in one statement may outlast the connection. */
    static void empty(Database database, long runId) {
        int deleted;
        do {
            deleted = database.inTransaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_key WHERE run_id = ?"
                        + " AND position IN (SELECT position FROM run_key WHERE run_id = ? ORDER BY position LIMIT ?)")) {
                    statement.setLong(1, runId);
                    statement.setLong(2, runId);
                    statement.setInt(3, PAGE);
                    return statement.executeUpdate();
                }
            });
        } while (deleted == PAGE);
    }

    /** How many records the run's list has; empty until all of them are there. */
    public OptionalLong listed(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT listed FROM timer_run WHERE run_id = ?")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    long listed = row.getLong(1);
                    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(listed);
                }
            }
        });
    }

    /** Lists all contacts of the table {@code contact} that were looked up before {@code before}, the oldest first. */
    public void listKnown(long runId, Instant before) {
        database.inTransaction(connection -> {
            clear(connection, runId);
            try (PreparedStatement statement = connection.prepareStatement(
                    """
                    INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id)
                    SELECT ?, row_number() OVER (ORDER BY enriched_at, tenant_id, customer_id, contact_id),
                        tenant_id, customer_id, contact_id
                    FROM contact WHERE enriched_at < ?
                    """)) {
                statement.setLong(1, runId);
                statement.setObject(2, database.dialect().instant(before));
                statement.executeUpdate();
            }
            complete(connection, runId);
            return null;
        });
    }

    /** Begins the list anew, whatever stood in it. */
    public void begin(long runId) {
        database.inTransaction(connection -> {
            clear(connection, runId);
            return null;
        });
    }

    /** @param entries with positions that are not in the list yet */
    public void add(long runId, List<KeyEntry> entries) {
        database.inTransaction(connection -> {
            own(connection, runId);
            insert(connection, runId, entries);
            return null;
        });
    }

    /** From now on the list stays as it is. */
    public void complete(long runId) {
        database.inTransaction(connection -> {
            own(connection, runId);
            complete(connection, runId);
            return null;
        });
    }

    /**
     * How far a list is that grows page by page.
     *
     * @param nextPage     from 1
     * @param lastPosition 0 while there is none
     */
    public record Growth(int nextPage, long lastPosition) {}

    /** Begins a list anew that grows page by page. */
    public void beginPages(long runId) {
        database.inTransaction(connection -> {
            clear(connection, runId);
            setNextPage(connection, runId, 1);
            return null;
        });
    }

    /** Empty when the list does not grow, or no more. */
    public Optional<Growth> growth(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT next_page, (SELECT max(position) FROM run_key WHERE run_id = ?) FROM timer_run"
                            + " WHERE run_id = ? AND next_page IS NOT NULL")) {
                statement.setLong(1, runId);
                statement.setLong(2, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(new Growth(row.getInt(1), row.getLong(2))) : Optional.empty();
                }
            }
        });
    }

    /** @param nextPage null behind the last, with which the list is whole */
    public void addPage(long runId, List<KeyEntry> entries, Integer nextPage) {
        database.inTransaction(connection -> {
            own(connection, runId);
            insert(connection, runId, entries);
            setNextPage(connection, runId, nextPage);
            if (nextPage == null) {
                complete(connection, runId);
            }
            return null;
        });
    }

    /** The next entries behind a position, in order; none behind the last. */
    public List<KeyEntry> read(long runId, long behind, int most) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT position, tenant_id, customer_id, contact_id, raw_key, problem, reason FROM run_key"
                            + " WHERE run_id = ? AND position > ? ORDER BY position LIMIT ?")) {
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
        });
    }

    private KeyEntry entry(ResultSet row) throws SQLException {
        long position = row.getLong(1);
        String problem = row.getString(6);
        if (problem != null) {
            String reason = row.getString(7);
            return new KeyEntry.Invalid(position, row.getString(5), problem,
                    reason == null ? Reason.INVALID_KEY : Reason.of(reason));
        }
        Dialect dialect = database.dialect();
        return new KeyEntry.Valid(
                position, new ContactKey(dialect.uuid(row, 2), dialect.uuid(row, 3), dialect.uuid(row, 4)));
    }

    private void insert(Connection connection, long runId, List<KeyEntry> entries) throws SQLException {
        Dialect dialect = database.dialect();
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id, raw_key, problem, reason)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (KeyEntry entry : entries) {
                ContactKey key = entry instanceof KeyEntry.Valid valid ? valid.key() : null;
                statement.setLong(1, runId);
                statement.setLong(2, entry.position());
                dialect.setUuid(statement, 3, key == null ? null : key.tenantId());
                dialect.setUuid(statement, 4, key == null ? null : key.customerId());
                dialect.setUuid(statement, 5, key == null ? null : key.contactId());
                statement.setString(6, entry instanceof KeyEntry.Invalid invalid ? invalid.raw() : null);
                statement.setString(7, entry instanceof KeyEntry.Invalid invalid ? invalid.problem() : null);
                statement.setString(8, entry instanceof KeyEntry.Invalid invalid ? invalid.reason().code() : null);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void clear(Connection connection, long runId) throws SQLException {
        own(connection, runId);
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_key WHERE run_id = ?")) {
            statement.setLong(1, runId);
            statement.executeUpdate();
        }
    }

    private static void setNextPage(Connection connection, long runId, Integer page) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE timer_run SET next_page = ? WHERE run_id = ?")) {
            statement.setObject(1, page, Types.BIGINT);
            statement.setLong(2, runId);
            statement.executeUpdate();
        }
    }

    private static void complete(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE timer_run SET listed = (SELECT count(*) FROM run_key WHERE run_id = ?) WHERE run_id = ?")) {
            statement.setLong(1, runId);
            statement.setLong(2, runId);
            statement.executeUpdate();
        }
    }

    /** Also keeps others from taking the run over until the transaction ends. */
    private void own(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE import_run SET heartbeat = heartbeat + 1 WHERE id = ? AND owner = ?")) {
            statement.setLong(1, runId);
            statement.setString(2, owner);
            if (statement.executeUpdate() == 0) {
                throw new LostRunException(runId);
            }
        }
    }
}
