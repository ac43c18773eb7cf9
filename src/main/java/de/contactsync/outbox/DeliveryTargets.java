package de.contactsync.outbox;

import de.contactsync.model.DeliveryTarget;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.SinkStage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What each sink delivers into: the table {@code delivery_target}. Thread-safe. */
public final class DeliveryTargets {

    /** Rows of a transaction: a connection that is silent for a minute ends. */
    private static final int PAGE = 5_000;

    private static final String FORGET = """
            DELETE FROM %1$s WHERE sink = ? AND (tenant_id, customer_id, contact_id) IN (
                SELECT tenant_id, customer_id, contact_id FROM %1$s WHERE sink = ?
                ORDER BY tenant_id, customer_id, contact_id LIMIT ?)
            """;

    private static final String END_OF_PAGE = "SELECT coalesce(max(id), 0) FROM (SELECT id FROM dead_letter"
            + " WHERE state = 'open' AND id > ? ORDER BY id LIMIT ?) page";

    private static final String DISCARD = "UPDATE dead_letter SET state = 'discarded'"
            + " WHERE state = 'open' AND id > ? AND id <= ? AND " + SinkStage.condition("stage");

    private final Database database;
    private final Dialect dialect;
    private final Clock clock;

    public DeliveryTargets(Database database, Clock clock) {
        this.database = database;
        this.dialect = database.dialect();
        this.clock = clock;
    }

    /** Null when the sink has delivered into none, or it was not written down yet. */
    public DeliveryTarget of(String sink) {
        return database.inTransaction(connection -> read(connection, sink));
    }

    /**
     * Writes down a target where none is, or what it did not tell before.
     *
     * @return what is written down then, also by another process
     */
    public DeliveryTarget adopt(String sink, DeliveryTarget target) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "INSERT INTO delivery_target (sink, kind, base_url, account, object, calls, adopted_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (sink) DO NOTHING")) {
                statement.setString(1, sink);
                statement.setString(2, target.kind());
                statement.setString(3, target.baseUrl());
                statement.setString(4, target.account());
                statement.setString(5, target.object());
                statement.setString(6, text(target.calls()));
                statement.setObject(7, dialect.instant(clock.instant()));
                statement.executeUpdate();
            }
            DeliveryTarget known = read(connection, sink);
            if (!target.isOtherThan(known) && !target.equals(known)) {
                try (PreparedStatement statement = connection.prepareStatement(
                        "UPDATE delivery_target SET base_url = ?, account = coalesce(?, account), calls = ?"
                                + " WHERE sink = ?")) {
                    statement.setString(1, target.baseUrl());
                    statement.setString(2, target.account());
                    // A call that the settings lack for a while is not forgotten.
                    Map<String, String> calls = new TreeMap<>(known.calls());
                    calls.putAll(target.calls());
                    statement.setString(3, text(calls));
                    statement.setString(4, sink);
                    statement.executeUpdate();
                }
            }
            return known;
        });
    }

    private static DeliveryTarget read(Connection connection, String sink) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT kind, base_url, account, object, calls FROM delivery_target WHERE sink = ?")) {
            statement.setString(1, sink);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new DeliveryTarget(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                calls(row.getString(5)))
                        : null;
            }
        }
    }

    /** A line for each; null for none. */
    private static String text(Map<String, String> calls) {
        return calls.isEmpty()
                ? null
                : new TreeMap<>(calls)
                        .entrySet().stream()
                                .map(call -> call.getKey() + '=' + call.getValue())
                                .collect(Collectors.joining("\n"));
    }

    private static Map<String, String> calls(String text) {
        return text == null
                ? Map.of()
                : text.lines()
                        .map(line -> line.split("=", 2))
                        .collect(Collectors.toMap(call -> call[0], call -> call[1]));
    }

    /**
     * Forgets what the sink delivers into, so that the next start takes whatever there is then.
     *
     * @param keepDeliveries whether it is the same target under another address, whose records remain as they are known
     * @return how many contacts count as never delivered now; -1 when there is no such sink
     */
    public long forget(String sink, boolean keepDeliveries) {
        long forgotten = keepDeliveries ? 0 : deletePages("delivery", sink);
        if (!keepDeliveries) {
            deletePages("create_attempt", sink);
            discardLetters(sink);
        }
        int known = database.inTransaction(
                connection -> update(connection, "DELETE FROM delivery_target WHERE sink = ?", sink));
        return known == 0 && forgotten == 0 ? -1 : forgotten;
    }

    /** Page by page through the open ones, of whatever stage they are. */
    private void discardLetters(String sink) {
        long behind = 0;
        while (behind >= 0) {
            long first = behind;
            behind = database.inTransaction(connection -> discardPage(connection, sink, first));
        }
    }

    /** @return the last id of the page, -1 when there is none */
    private static long discardPage(Connection connection, String sink, long behind) throws SQLException {
        long last;
        try (PreparedStatement statement = connection.prepareStatement(END_OF_PAGE)) {
            statement.setLong(1, behind);
            statement.setInt(2, PAGE);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                last = row.getLong(1);
            }
        }
        if (last == 0) {
            return -1;
        }
        try (PreparedStatement statement = connection.prepareStatement(DISCARD)) {
            statement.setLong(1, behind);
            statement.setLong(2, last);
            SinkStage.bind(statement, 3, sink);
            statement.executeUpdate();
        }
        return last;
    }

    private long deletePages(String table, String sink) {
        long deleted = 0;
        for (int page = PAGE; page == PAGE; deleted += page) {
            page = database.inTransaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(FORGET.formatted(table))) {
                    statement.setString(1, sink);
                    statement.setString(2, sink);
                    statement.setInt(3, PAGE);
                    return statement.executeUpdate();
                }
            });
        }
        return deleted;
    }

    /** By which mapping all contacts of a sink were sent; the given one where that is not known. */
    public String mapping(String sink, String current) {
        return database.inTransaction(connection -> {
            update(
                    connection,
                    "UPDATE delivery_target SET mapping_hash = ? WHERE sink = ? AND mapping_hash IS NULL",
                    current,
                    sink);
            return text(connection, "SELECT mapping_hash FROM delivery_target WHERE sink = ?", sink);
        });
    }

    /** As {@link #mapping(String, String)}, and writes nothing; null where it is not known. */
    public String mapping(String sink) {
        return database.inTransaction(
                connection -> text(connection, "SELECT mapping_hash FROM delivery_target WHERE sink = ?", sink));
    }

    /** From now on all contacts of the sink are sent by this mapping. */
    public void setMapping(String sink, String hash) {
        database.inTransaction(connection ->
                update(connection, "UPDATE delivery_target SET mapping_hash = ? WHERE sink = ?", hash, sink));
    }

    /** Whether what {@code contacts.crm.full=true} asks for has not been done yet. */
    public boolean isFullDue(String sink) {
        return database.inTransaction(
                        connection -> text(connection, "SELECT full_at FROM delivery_target WHERE sink = ?", sink))
                == null;
    }

    /** @param done whether it was; false: it is not asked for any longer, so that it can be fetched again */
    public void setFull(String sink, boolean done) {
        database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    done
                            ? "UPDATE delivery_target SET full_at = ? WHERE sink = ?"
                            : "UPDATE delivery_target SET full_at = NULL WHERE sink = ? AND full_at IS NOT NULL")) {
                int parameter = 1;
                if (done) {
                    statement.setObject(parameter++, dialect.instant(clock.instant()));
                }
                statement.setString(parameter, sink);
                return statement.executeUpdate();
            }
        });
    }

    private static String text(Connection connection, String sql, String sink) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, sink);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    private static int update(Connection connection, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }
}
