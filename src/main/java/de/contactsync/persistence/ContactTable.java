package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows of the table {@code contact}. */
public final class ContactTable {

    public static final ContactKey BEFORE_ALL = new ContactKey(new UUID(0, 0), new UUID(0, 0), new UUID(0, 0));

    private static final String END_OF_PAGE = """
            SELECT * FROM (SELECT tenant_id, customer_id, contact_id FROM contact
                WHERE (tenant_id, customer_id, contact_id) > (?, ?, ?)
                ORDER BY tenant_id, customer_id, contact_id LIMIT ?) AS page
            ORDER BY tenant_id DESC, customer_id DESC, contact_id DESC LIMIT 1
            """;

    /** Those among some keys whose latest answer is a dead letter that says so; a subquery for each, see below. */
    private static final String LATEST_IS_NOT_FOUND = """
            SELECT k.column1 FROM (VALUES %2$s) AS k
            WHERE (SELECT asked_at FROM contact WHERE tenant_id = k.column2 AND customer_id = k.column3
                    AND contact_id = k.column4)
                IN (SELECT asked_at FROM dead_letter WHERE tenant_id = k.column2 AND customer_id = k.column3
                    AND contact_id = k.column4 AND %1$s AND reason = 'not-found')
            """;

    private ContactTable() {}

    /**
     * Notes answers of JTL that do not change the stored contacts, so that no answer to an earlier call does either.
     *
     * @param answered by key, when the call began
     * @return those that are stored and have no answer to a later call
     */
    static Set<ContactKey> noteAnswered(Connection connection, Dialect dialect, SortedMap<ContactKey, Long> answered)
            throws SQLException {
        Set<ContactKey> noted = new LinkedHashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("UPDATE contact SET asked_at = ?"
                + " WHERE tenant_id = ? AND customer_id = ? AND contact_id = ? AND asked_at <= ?")) {
            for (Map.Entry<ContactKey, Long> row : answered.entrySet()) {
                statement.setLong(1, row.getValue());
                statement.setLong(dialect.setKey(statement, 2, row.getKey()), row.getValue());
                statement.addBatch();
            }
            int[] counts = statement.executeBatch();
            int i = 0;
            for (ContactKey key : answered.keySet()) {
                if (counts[i++] != 0) {
                    noted.add(key);
                }
            }
        }
        return noted;
    }

    /**
     * Within the transaction that has written the dead letters of contacts that JTL does not know.
     *
     * @param noted those of them that {@link #noteAnswered} found stored
     * @return those that are stored and of which JTL says so still, in this answer or in a later one
     */
    static Set<ContactKey> missing(
            Connection connection, Dialect dialect, Set<ContactKey> notFound, Set<ContactKey> noted)
            throws SQLException {
        List<ContactKey> others =
                notFound.stream().filter(key -> !noted.contains(key)).toList();
        if (others.isEmpty()) {
            return noted;
        }
        Set<ContactKey> missing = new HashSet<>(noted);
        try (PreparedStatement statement =
                connection.prepareStatement(LATEST_IS_NOT_FOUND.formatted(LatestAnswers.OF_ANSWER, values(others)))) {
            int parameter = 1;
            for (ContactKey key : others) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    missing.add(others.get(row.getInt(1)));
                }
            }
        }
        return missing;
    }

    /** The rows of VALUES that a statement has for keys, each with its number in front. */
    static String values(List<ContactKey> keys) {
        return IntStream.range(0, keys.size())
                .mapToObj(i -> "(" + i + ", ?, ?, ?)")
                .collect(Collectors.joining(", "));
    }

    static Set<ContactKey> stored(Connection connection, Dialect dialect, Collection<ContactKey> wanted)
            throws SQLException {
        return askedAt(connection, dialect, wanted).keySet();
    }

    /** Of those that are there: when the call began that found so of them last. */
    static Map<ContactKey, Long> askedAt(Connection connection, Dialect dialect, Collection<ContactKey> wanted)
            throws SQLException {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        List<ContactKey> keys = List.copyOf(wanted);
        Map<ContactKey, Long> stored = new HashMap<>();
        // A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table.
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT k.column1, (SELECT c.asked_at FROM contact c"
                        + " WHERE c.tenant_id = k.column2 AND c.customer_id = k.column3 AND c.contact_id = k.column4)"
                        + " FROM (VALUES " + values(keys) + ") AS k")) {
            int parameter = 1;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long askedAt = row.getLong(2);
                    if (!row.wasNull()) {
                        stored.put(keys.get(row.getInt(1)), askedAt);
                    }
                }
            }
        }
        return stored;
    }

    /** The last of the next {@code size} keys behind {@code behind}; null when none are left. */
    public static ContactKey endOfPage(Connection connection, Dialect dialect, ContactKey behind, int size)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(END_OF_PAGE)) {
            dialect.setKey(statement, 1, behind);
            statement.setInt(4, size);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? dialect.key(row, 1) : null;
            }
        }
    }

    /** Those of the keys that are there. */
    static Map<ContactKey, Outcome.Found> read(Connection connection, Dialect dialect, List<ContactKey> keys)
            throws SQLException {
        Map<ContactKey, Outcome.Found> contacts = new HashMap<>();
        // Not a join with a list of values, for which PostgreSQL may read the whole table.
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT tenant_id, customer_id, contact_id, department, honorific, first_name, last_name, phone_number,"
                        + " mobile_phone_number, email_address, fax, asked_at FROM contact WHERE "
                        + String.join(
                                " OR ",
                                Collections.nCopies(
                                        keys.size(), "tenant_id = ? AND customer_id = ? AND contact_id = ?")))) {
            int parameter = 1;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    contacts.put(dialect.key(row, 1), new Outcome.Found(contact(row, 4), row.getLong(12)));
                }
            }
        }
        return contacts;
    }

    /** @param first column of department, honorific, first and last name, phone, mobile phone, e-mail address and fax */
    public static CustomerContact contact(ResultSet row, int first) throws SQLException {
        return new CustomerContact(
                row.getString(first),
                row.getString(first + 1),
                row.getString(first + 2),
                row.getString(first + 3),
                row.getString(first + 4),
                row.getString(first + 5),
                row.getString(first + 6),
                row.getString(first + 7));
    }
}
