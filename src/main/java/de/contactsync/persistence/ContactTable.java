package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
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

    private static final String UPSERT = """
            INSERT INTO contact (tenant_id, customer_id, contact_id, department, honorific, first_name, last_name,
                phone_number, mobile_phone_number, email_address, fax, content_hash,
                first_seen_at, changed_at, enriched_at, asked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, customer_id, contact_id) DO UPDATE SET
                department = excluded.department, honorific = excluded.honorific,
                first_name = excluded.first_name, last_name = excluded.last_name,
                phone_number = excluded.phone_number, mobile_phone_number = excluded.mobile_phone_number,
                email_address = excluded.email_address, fax = excluded.fax,
                changed_at = CASE WHEN contact.content_hash = excluded.content_hash
                    THEN contact.changed_at ELSE excluded.changed_at END,
                content_hash = excluded.content_hash, enriched_at = excluded.enriched_at,
                asked_at = excluded.asked_at
            WHERE contact.asked_at <= excluded.asked_at
            """;

    /** The database refuses at least one of the rows for what is in it; the transaction cannot continue. */
    static final class RowRefusedException extends RuntimeException {

        RowRefusedException(SQLException cause) {
            super(cause);
        }
    }

    /**
     * @param refused    rows that the database refuses for what is in them, with the reason
     * @param superseded rows that stay as they are, since an answer to a later call wrote them
     * @param swallowed  rows that it took without a word and did not write, as a trigger may have it
     */
    record Written(Map<ContactKey, Outcome.Failed> refused, Set<ContactKey> superseded, int swallowed) {}

    @FunctionalInterface
    interface Writer {
        Written write(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
                throws SQLException;
    }

    private final Dialect dialect;

    ContactTable(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @throws RowRefusedException when the rows have to be written one by one in a new transaction */
    Written writeAtOnce(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
            throws SQLException {
        if (contacts.isEmpty()) {
            return new Written(Map.of(), Set.of(), 0);
        }
        try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
            for (Map.Entry<ContactKey, Outcome.Found> row : contacts.entrySet()) {
                bind(statement, row.getKey(), row.getValue(), now);
                statement.addBatch();
            }
            int[] counts = statement.executeBatch();
            return written(connection, contacts, counts);
        } catch (SQLException e) {
            if (dialect.refusal(e).isPresent()) {
                throw new RowRefusedException(e);
            }
            throw e;
        }
    }

    /** PostgreSQL does not report each row when it was sent several in one statement, so it is asked. */
    private Written written(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, int[] counts)
            throws SQLException {
        List<ContactKey> doubtful = new ArrayList<>();
        Set<ContactKey> untouched = new HashSet<>();
        int i = 0;
        for (ContactKey key : contacts.keySet()) {
            int count = counts[i++];
            if (count == 0) {
                untouched.add(key);
            }
            if (count == 0 || count == Statement.SUCCESS_NO_INFO) {
                doubtful.add(key);
            }
        }
        Map<ContactKey, Long> askedAt = askedAt(connection, dialect, doubtful);
        Set<ContactKey> superseded = new HashSet<>();
        int swallowed = 0;
        for (ContactKey key : doubtful) {
            Long stored = askedAt.get(key);
            if (stored != null && stored > contacts.get(key).askedAt()) {
                superseded.add(key);
            } else if (stored == null || untouched.contains(key)) {
                swallowed++;
            }
        }
        return new Written(Map.of(), superseded, swallowed);
    }

    /**
     * Notes that JTL does not know these contacts, so that no answer to an earlier call brings one back.
     *
     * @param missing by key, when the call began that found so
     * @return those of which no later call has reported anything
     */
    static Set<ContactKey> noteMissing(Connection connection, Dialect dialect, SortedMap<ContactKey, Long> missing)
            throws SQLException {
        Set<ContactKey> noted = new LinkedHashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("UPDATE contact SET asked_at = ?"
                + " WHERE tenant_id = ? AND customer_id = ? AND contact_id = ? AND asked_at <= ?")) {
            for (Map.Entry<ContactKey, Long> row : missing.entrySet()) {
                statement.setLong(1, row.getValue());
                statement.setLong(dialect.setKey(statement, 2, row.getKey()), row.getValue());
                statement.addBatch();
            }
            int[] counts = statement.executeBatch();
            int i = 0;
            for (ContactKey key : missing.keySet()) {
                if (counts[i++] != 0) {
                    noted.add(key);
                }
            }
        }
        return noted;
    }

    static Set<ContactKey> stored(Connection connection, Dialect dialect, Collection<ContactKey> wanted)
            throws SQLException {
        return askedAt(connection, dialect, wanted).keySet();
    }

    /** Of those that are there: when the call began that found so of them last. */
    private static Map<ContactKey, Long> askedAt(Connection connection, Dialect dialect, Collection<ContactKey> wanted)
            throws SQLException {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        List<ContactKey> keys = List.copyOf(wanted);
        String values = IntStream.range(0, keys.size())
                .mapToObj(i -> "(" + i + ", ?, ?, ?)")
                .collect(Collectors.joining(", "));
        Map<ContactKey, Long> stored = new HashMap<>();
        // A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table.
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT k.column1, (SELECT c.asked_at FROM contact c"
                        + " WHERE c.tenant_id = k.column2 AND c.customer_id = k.column3 AND c.contact_id = k.column4)"
                        + " FROM (VALUES " + values + ") AS k")) {
            int parameter = 1;
            for (ContactKey key : keys) {
                dialect.setUuid(statement, parameter++, key.tenantId());
                dialect.setUuid(statement, parameter++, key.customerId());
                dialect.setUuid(statement, parameter++, key.contactId());
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
                return row.next()
                        ? new ContactKey(dialect.uuid(row, 1), dialect.uuid(row, 2), dialect.uuid(row, 3))
                        : null;
            }
        }
    }

    /** Those of the keys that are there. */
    static Map<ContactKey, CustomerContact> read(Connection connection, Dialect dialect, List<ContactKey> keys)
            throws SQLException {
        Map<ContactKey, CustomerContact> contacts = new HashMap<>();
        // Not a join with a list of values, for which PostgreSQL may read the whole table.
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT tenant_id, customer_id, contact_id, department, honorific, first_name, last_name, phone_number,"
                        + " mobile_phone_number, email_address, fax FROM contact WHERE "
                        + String.join(
                                " OR ",
                                Collections.nCopies(
                                        keys.size(), "tenant_id = ? AND customer_id = ? AND contact_id = ?")))) {
            int parameter = 1;
            for (ContactKey key : keys) {
                dialect.setUuid(statement, parameter++, key.tenantId());
                dialect.setUuid(statement, parameter++, key.customerId());
                dialect.setUuid(statement, parameter++, key.contactId());
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    contacts.put(
                            new ContactKey(dialect.uuid(row, 1), dialect.uuid(row, 2), dialect.uuid(row, 3)),
                            new CustomerContact(
                                    row.getString(4),
                                    row.getString(5),
                                    row.getString(6),
                                    row.getString(7),
                                    row.getString(8),
                                    row.getString(9),
                                    row.getString(10),
                                    row.getString(11)));
                }
            }
        }
        return contacts;
    }

    /** Many times slower: each row can be undone by itself. */
    Written writeOneByOne(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
            throws SQLException {
        Map<ContactKey, Outcome.Failed> refused = new HashMap<>();
        Set<ContactKey> superseded = new HashSet<>();
        int swallowed = 0;
        try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
            for (Map.Entry<ContactKey, Outcome.Found> row : contacts.entrySet()) {
                Savepoint savepoint = connection.setSavepoint();
                try {
                    bind(statement, row.getKey(), row.getValue(), now);
                    if (statement.executeUpdate() == 0) {
                        Long stored = askedAt(connection, dialect, List.of(row.getKey()))
                                .get(row.getKey());
                        if (stored != null && stored > row.getValue().askedAt()) {
                            superseded.add(row.getKey());
                        } else {
                            swallowed++;
                        }
                    }
                } catch (SQLException e) {
                    String why = dialect.refusal(e).orElseThrow(() -> e);
                    connection.rollback(savepoint);
                    refused.put(row.getKey(), refusal(why));
                }
                connection.releaseSavepoint(savepoint);
            }
        }
        return new Written(refused, superseded, swallowed);
    }

    /** One try of the sink: how often JTL was asked does not matter to it. */
    private static Outcome.Failed refusal(String why) {
        return new Outcome.Failed(
                Reason.SINK_REJECTED,
                null,
                null,
                "the table contact refuses what JTL sent (" + why + "): mend the contact in JTL-Wawi, or change what"
                        + " was added to the table, and import the key again",
                null,
                1);
    }

    private void bind(PreparedStatement statement, ContactKey key, Outcome.Found found, Object now)
            throws SQLException {
        CustomerContact contact = found.contact();
        dialect.setUuid(statement, 1, key.tenantId());
        dialect.setUuid(statement, 2, key.customerId());
        dialect.setUuid(statement, 3, key.contactId());
        statement.setString(4, contact.department());
        statement.setString(5, contact.honorific());
        statement.setString(6, contact.firstName());
        statement.setString(7, contact.lastName());
        statement.setString(8, contact.phoneNumber());
        statement.setString(9, contact.mobilePhoneNumber());
        statement.setString(10, contact.emailAddress());
        statement.setString(11, contact.fax());
        statement.setString(12, contact.contentHash());
        statement.setObject(13, now);
        statement.setObject(14, now);
        statement.setObject(15, now);
        statement.setLong(16, found.askedAt());
    }
}
