package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The keys of scheduled runs, as they were listed when each began; {@link RunStore#close} takes them away. All that
 * writes throws {@link RunLostException} when the run belongs to another process by now.
 */
public final class KeySnapshotStore {

    private static final int KNOWN_AT_ONCE = 5_000;

    private final Database database;
    private final String owner;
    private final RunKeyTable keys;

    public KeySnapshotStore(Database database, RunStore runs) {
        this.database = database;
        this.owner = runs.owner();
        this.keys = new RunKeyTable(database.dialect());
    }

    /** Takes the list away, page by page: that of a million in one statement may outlast the connection. */
    static void empty(Database database, long runId) {
        long behind = Long.MIN_VALUE;
        while (behind < Long.MAX_VALUE) {
            long first = behind;
            behind = database.inTransaction(connection -> RunKeyTable.deletePage(connection, runId, first));
        }
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
            Instant before = begin(connection, runId).minus(maxAge);
            keys.insertKnown(connection, runId, lastPosition, behind, last, 2 * KNOWN_AT_ONCE, before);
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
        return database.inTransaction(connection -> keys.lastKey(connection, runId));
    }

    /** Begins the list anew, whatever stood in it. */
    public void begin(long runId) {
        clear(runId);
    }

    /** @param entries with positions that are not in the list yet */
    public void add(long runId, List<KeyEntry> entries) {
        database.inTransaction(connection -> {
            own(connection, runId);
            keys.insert(connection, runId, entries);
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
            keys.insert(connection, runId, page.entries());
            count(connection, runId, page);
            setNextPage(connection, runId, nextPage);
            if (nextPage == null) {
                complete(connection, runId, RunKeyTable.lastPosition(connection, runId));
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
    public Optional<ListedCustomers> customers(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT customers_listed, customers_failed,"
                    + " coalesce(customers_total, -1), customers_broken_off FROM timer_run WHERE run_id = ?")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && row.getLong(1) > 0
                            ? Optional.of(new ListedCustomers(
                                    row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4) != 0))
                            : Optional.empty();
                }
            }
        });
    }

    /** The next entries behind a position, in order; none behind the last. */
    public List<KeyEntry> read(long runId, long behind, int most) {
        return database.inTransaction(connection -> keys.read(connection, runId, behind, most));
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
