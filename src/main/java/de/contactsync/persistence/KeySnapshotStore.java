package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The keys of scheduled runs, as they were listed when each began; {@link RunStore#close} takes them away. All that
 * writes throws {@link RunLostException} when the run belongs to another process by now.
 */
public final class KeySnapshotStore {

    private static final int PAGE = 10_000;
    private static final int KNOWN_AT_ONCE = 5_000;

    /**
     * The page is cut out by ORDER BY and LIMIT before anything else is asked of it, because PostgreSQL takes a
     * comparison of rows for one of their first columns, and would read the whole table. The limit is above the number
     * of contacts between the two keys, which others may have added to.
     */
    private static final String ADD_KNOWN = """
            WITH page AS MATERIALIZED (SELECT tenant_id, customer_id, contact_id, enriched_at FROM contact
                WHERE (tenant_id, customer_id, contact_id) > (?, ?, ?)
                    AND (tenant_id, customer_id, contact_id) <= (?, ?, ?)
                ORDER BY tenant_id, customer_id, contact_id LIMIT ?)
            INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id)
            SELECT ?, ? + row_number() OVER (ORDER BY tenant_id, customer_id, contact_id),
                tenant_id, customer_id, contact_id
            FROM page WHERE enriched_at < ? ON CONFLICT DO NOTHING
            """;

    private final Database database;
    private final String owner;

    public KeySnapshotStore(Database database, RunStore runs) {
        this.database = database;
        this.owner = runs.owner();
    }

    private static final String END_OF_PAGE =
            "SELECT position FROM run_key WHERE run_id = ? AND position > ? ORDER BY position LIMIT 1 OFFSET ?";

    /** Takes the list away, page by page: that of a million in one statement may outlast the connection. */
    static void empty(Database database, long runId) {
        long behind = Long.MIN_VALUE;
        while (behind < Long.MAX_VALUE) {
            long first = behind;
            behind = database.inTransaction(connection -> emptyPage(connection, runId, first));
        }
    }

    /** Both ends of the range are given, because PostgreSQL may read the whole table for a list of positions. */
    private static long emptyPage(Connection connection, long runId, long behind) throws SQLException {
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

    /**
     * Adds of the next contacts by their keys those that were looked up longer than {@code maxAge} before the run
     * began.
     *
     * @param lastPosition as of {@link #growth}: the same page again is added no second time
     * @param behind       the key up to which contacts were considered
     * @return the key up to which they are now; empty when there are no more, with which the list is whole
     */
    public Optional<ContactKey> addKnown(long runId, long lastPosition, ContactKey behind, Duration maxAge) {
        return database.inTransaction(connection -> {
            ContactKey last = ContactTable.endOfPage(connection, database.dialect(), behind, KNOWN_AT_ONCE);
            if (last == null) {
                setNextPage(connection, runId, null);
                complete(connection, runId, lastPosition);
                own(connection, runId);
                return Optional.empty();
            }
            Dialect dialect = database.dialect();
            try (PreparedStatement statement = connection.prepareStatement(ADD_KNOWN)) {
                int parameter = dialect.setKey(statement, dialect.setKey(statement, 1, behind), last);
                statement.setInt(parameter, 2 * KNOWN_AT_ONCE);
                statement.setLong(parameter + 1, runId);
                statement.setLong(parameter + 2, lastPosition);
                statement.setObject(
                        parameter + 3, dialect.instant(begin(connection, runId).minus(maxAge)));
                statement.executeUpdate();
            }
            // Last, because the chunks that are committed meanwhile wait for this row.
            own(connection, runId);
            return Optional.of(last);
        });
    }

    private Instant begin(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT started_at FROM import_run WHERE id = ?")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return database.dialect().instant(row, 1);
            }
        }
    }

    /** The last key of the list, which must be of keys alone; one before all where the list is empty. */
    public ContactKey lastKey(long runId) {
        return database.inTransaction(connection -> lastKey(connection, runId));
    }

    private ContactKey lastKey(Connection connection, long runId) throws SQLException {
        Dialect dialect = database.dialect();
        try (PreparedStatement statement = connection.prepareStatement("SELECT tenant_id, customer_id, contact_id"
                + " FROM run_key WHERE run_id = ? ORDER BY position DESC LIMIT 1")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new ContactKey(dialect.uuid(row, 1), dialect.uuid(row, 2), dialect.uuid(row, 3))
                        : ContactTable.BEFORE_ALL;
            }
        }
    }

    private static long lastPosition(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT max(position) FROM run_key WHERE run_id = ?")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Begins the list anew, whatever stood in it. */
    public void begin(long runId) {
        clear(runId);
    }

    /** @param entries with positions that are not in the list yet */
    public void add(long runId, List<KeyEntry> entries) {
        database.inTransaction(connection -> {
            own(connection, runId);
            insert(connection, runId, entries);
            return null;
        });
    }

    /**
     * From now on the list stays as it is.
     *
     * @param listed how many entries were added
     */
    public void complete(long runId, long listed) {
        database.inTransaction(connection -> {
            own(connection, runId);
            complete(connection, runId, listed);
            return null;
        });
    }

    /**
     * How far a list is that grows page by page.
     *
     * @param nextPage     from 1
     * @param lastPosition 0 while there is none
     * @param customers    on the pages so far
     * @param changedSince only customers that have changed since then; null: all
     */
    public record Growth(int nextPage, long lastPosition, long customers, Instant changedSince) {

        public Growth(int nextPage, long lastPosition, long customers) {
            this(nextPage, lastPosition, customers, null);
        }
    }

    /**
     * What became of the customers that a run went through.
     *
     * @param listed    that JTL named
     * @param failed    of these, whose contacts could not be listed
     * @param total     by JTL's own count, -1 when it did not say
     * @param brokenOff whether the list ended in a way that does not show whether it was whole
     */
    public record Customers(long listed, long failed, long total, boolean brokenOff) {

        public boolean differs() {
            return total >= 0 && total != listed;
        }

        @Override
        public String toString() {
            return listed + " customers listed, the contacts of " + (listed - failed) + " read, " + failed + " failed"
                    + (brokenOff ? ", the list broke off" : "");
        }
    }

    /** Begins a list anew that grows page by page. */
    public void beginPages(long runId) {
        beginPages(runId, null);
    }

    /** @param changedSince only customers that have changed since then are listed; null: all */
    public void beginPages(long runId, Instant changedSince) {
        clear(runId);
        database.inTransaction(connection -> {
            own(connection, runId);
            firstPage(connection, runId, changedSince);
            return null;
        });
    }

    /** From now on all customers are listed, from the first page on; keys that are in the list already stay there. */
    public void goThroughAll(long runId) {
        database.inTransaction(connection -> {
            own(connection, runId);
            firstPage(connection, runId, null);
            return null;
        });
    }

    private void firstPage(Connection connection, long runId, Instant changedSince) throws SQLException {
        setNextPage(connection, runId, 1);
        try (PreparedStatement statement = connection.prepareStatement("UPDATE timer_run SET customers_listed = 0,"
                + " customers_failed = 0, customers_total = NULL, server_began = NULL,"
                + " changed_since = ?, customers_broken_off = 0 WHERE run_id = ?")) {
            setInstant(statement, 1, changedSince);
            statement.setLong(2, runId);
            statement.executeUpdate();
        }
    }

    /** Empty when the list does not grow, or no more. */
    public Optional<Growth> growth(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT next_page, (SELECT max(position) FROM run_key WHERE run_id = ?), customers_listed,"
                            + " changed_since FROM timer_run WHERE run_id = ? AND next_page IS NOT NULL")) {
                statement.setLong(1, runId);
                statement.setLong(2, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Growth(
                                    row.getInt(1),
                                    row.getLong(2),
                                    row.getLong(3),
                                    row.getObject(4) == null
                                            ? null
                                            : database.dialect().instant(row, 4)))
                            : Optional.empty();
                }
            }
        });
    }

    /** @param nextPage null behind the last, with which the list is whole */
    public void addPage(long runId, KeyPage page, Integer nextPage) {
        database.inTransaction(connection -> {
            own(connection, runId);
            insert(connection, runId, page.entries());
            count(connection, runId, page);
            setNextPage(connection, runId, nextPage);
            if (nextPage == null) {
                complete(connection, runId, lastPosition(connection, runId));
            }
            return null;
        });
    }

    private void setInstant(PreparedStatement statement, int index, Instant instant) throws SQLException {
        if (instant == null) {
            statement.setNull(index, Types.TIMESTAMP_WITH_TIMEZONE);
        } else {
            statement.setObject(index, database.dialect().instant(instant));
        }
    }

    private void count(Connection connection, long runId, KeyPage page) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE timer_run SET"
                + " customers_listed = customers_listed + ?, customers_failed = customers_failed + ?,"
                + " customers_total = coalesce(?, customers_total), customers_broken_off = ?,"
                + " server_began = coalesce(server_began, ?) WHERE run_id = ?")) {
            statement.setInt(1, page.customers());
            statement.setInt(2, page.failedCustomers());
            statement.setObject(3, page.totalCustomers() < 0 ? null : page.totalCustomers(), Types.BIGINT);
            statement.setInt(4, page.brokenOff() ? 1 : 0);
            setInstant(statement, 5, page.serverTime());
            statement.setLong(6, runId);
            statement.executeUpdate();
        }
    }

    /** Empty for a run that does not go through customers. */
    public Optional<Customers> customers(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT customers_listed, customers_failed,"
                    + " coalesce(customers_total, -1), customers_broken_off FROM timer_run WHERE run_id = ?")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && row.getLong(1) > 0
                            ? Optional.of(
                                    new Customers(row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4) != 0))
                            : Optional.empty();
                }
            }
        });
    }

    /** The next entries behind a position, in order; none behind the last. */
    public List<KeyEntry> read(long runId, long behind, int most) {
        return database.inTransaction(connection -> {
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
        });
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
                    row.getObject(8) == null ? null : row.getInt(8));
        }
        Dialect dialect = database.dialect();
        return new KeyEntry.Valid(
                position, new ContactKey(dialect.uuid(row, 2), dialect.uuid(row, 3), dialect.uuid(row, 4)));
    }

    private void insert(Connection connection, long runId, List<KeyEntry> entries) throws SQLException {
        Dialect dialect = database.dialect();
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id, raw_key, problem, reason,"
                        + " http_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (KeyEntry entry : entries) {
                ContactKey key = entry instanceof KeyEntry.Valid valid ? valid.key() : null;
                statement.setLong(1, runId);
                statement.setLong(2, entry.position());
                dialect.setUuid(statement, 3, key == null ? null : key.tenantId());
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

    private void clear(long runId) {
        database.inTransaction(connection -> {
            own(connection, runId);
            return null;
        });
        empty(database, runId);
    }

    private static void setNextPage(Connection connection, long runId, Integer page) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE timer_run SET next_page = ? WHERE run_id = ?")) {
            statement.setObject(1, page, Types.BIGINT);
            statement.setLong(2, runId);
            statement.executeUpdate();
        }
    }

    private static void complete(Connection connection, long runId, long listed) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE timer_run SET listed = ? WHERE run_id = ?")) {
            statement.setLong(1, listed);
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
                throw new RunLostException(runId);
            }
        }
    }
}
