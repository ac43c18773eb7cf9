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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;

/** Writes rows of the table {@code contact}, where none is there yet that an answer to a later call wrote. */
final class ContactUpsert {

    private static final String INSERT = """
        INSERT INTO contact (tenant_id, customer_id, contact_id, department, honorific, first_name, last_name,
            phone_number, mobile_phone_number, email_address, fax, content_hash,
            first_seen_at, changed_at, enriched_at, asked_at)
        """;

    private static final String OR_UPDATE = """
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

    private static final String UPSERT = INSERT + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" + OR_UPDATE;

    /** Of PostgreSQL: one text for any number of rows, which says of each whether it was written. */
    private static final String UPSERT_ALL = INSERT + """
        SELECT t.tenant, t.customer, t.contact, t.department, t.honorific, t.first, t.last, t.phone, t.mobile,
            t.email, t.fax, t.hash, n.now, n.now, n.now, t.asked
        FROM (SELECT ?::timestamptz AS now) AS n, unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[],
            ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
            AS t (tenant, customer, contact, department, honorific, first, last, phone, mobile, email, fax, hash,
                asked)
        """ + OR_UPDATE + " RETURNING tenant_id, customer_id, contact_id";

    /** The database refuses at least one of the rows for what is in it; the transaction cannot continue. */
    static final class RowRefusedException extends RuntimeException {

        RowRefusedException(SQLException cause) {
            super(cause);
        }
    }

    /**
     * @param refused    rows that the database refuses for what is in them, or skips without an error, as by a
     *                   trigger; with the reason
     * @param superseded rows that stay as they are, since an answer to a later call wrote them
     */
    record Written(Map<ContactKey, Outcome.Failed> refused, Set<ContactKey> superseded) {}

    @FunctionalInterface
    interface Writer {
        Written write(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
                throws SQLException;
    }

    private final Dialect dialect;

    ContactUpsert(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @throws RowRefusedException when the rows have to be written one by one in a new transaction */
    Written writeAtOnce(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
            throws SQLException {
        if (contacts.isEmpty()) {
            return new Written(Map.of(), Set.of());
        }
        try {
            dialect.checkConstraintsAtOnce(connection);
            Set<ContactKey> untouched = dialect == Dialect.POSTGRESQL
                    ? writeArrays(connection, contacts, now)
                    : writeBatch(connection, contacts, now);
            return written(connection, contacts, untouched);
        } catch (SQLException e) {
            if (dialect.errors().refusal(e).isPresent()) {
                throw new RowRefusedException(e);
            }
            throw e;
        }
    }

    /** @return those that were not written */
    private Set<ContactKey> writeBatch(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
            for (Map.Entry<ContactKey, Outcome.Found> row : contacts.entrySet()) {
                bind(statement, row.getKey(), row.getValue(), now);
                statement.addBatch();
            }
            int[] counts = statement.executeBatch();
            Set<ContactKey> untouched = new HashSet<>();
            int i = 0;
            for (ContactKey key : contacts.keySet()) {
                if (counts[i++] == 0) {
                    untouched.add(key);
                }
            }
            return untouched;
        }
    }

    /**
     * As {@link #writeBatch}. The driver of PostgreSQL either sends rows of a batch one by one or does not report each.
     */
    private Set<ContactKey> writeArrays(
            Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now) throws SQLException {
        UUID[][] ids = new UUID[3][contacts.size()];
        String[][] texts = new String[9][contacts.size()];
        Long[] askedAt = new Long[contacts.size()];
        int row = 0;
        for (Map.Entry<ContactKey, Outcome.Found> contact : contacts.entrySet()) {
            ids[0][row] = contact.getKey().tenantId();
            ids[1][row] = contact.getKey().customerId();
            ids[2][row] = contact.getKey().contactId();
            String[] fields = texts(contact.getValue().contact());
            for (int i = 0; i < fields.length; i++) {
                texts[i][row] = fields[i];
            }
            askedAt[row++] = contact.getValue().askedAt();
        }
        try (PreparedStatement statement = connection.prepareStatement(UPSERT_ALL)) {
            int parameter = 1;
            statement.setObject(parameter++, now);
            for (UUID[] column : ids) {
                statement.setArray(parameter++, connection.createArrayOf("uuid", column));
            }
            for (String[] column : texts) {
                statement.setArray(parameter++, connection.createArrayOf("text", column));
            }
            statement.setArray(parameter, connection.createArrayOf("int8", askedAt));
            Set<ContactKey> untouched = new HashSet<>(contacts.keySet());
            try (ResultSet written = statement.executeQuery()) {
                while (written.next()) {
                    untouched.remove(new ContactKey(
                            dialect.uuid(written, 1), dialect.uuid(written, 2), dialect.uuid(written, 3)));
                }
            }
            return untouched;
        }
    }

    private Written written(
            Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Set<ContactKey> untouched)
            throws SQLException {
        Map<ContactKey, Long> askedAt = ContactTable.askedAt(connection, dialect, untouched);
        Map<ContactKey, Outcome.Failed> refused = new HashMap<>();
        Set<ContactKey> superseded = new HashSet<>();
        for (ContactKey key : untouched) {
            Long stored = askedAt.get(key);
            long asked = contacts.get(key).askedAt();
            if (stored == null || stored < asked) {
                refused.put(
                        key,
                        refusal(
                                "it reported no error for the row, yet did not write it, as with a trigger that"
                                        + " returns NULL",
                                asked));
            } else if (stored > asked) {
                superseded.add(key);
            }
        }
        return new Written(refused, superseded);
    }

    /** Many times slower: each row can be undone by itself. */
    Written writeOneByOne(Connection connection, SortedMap<ContactKey, Outcome.Found> contacts, Object now)
            throws SQLException {
        dialect.checkConstraintsAtOnce(connection);
        Map<ContactKey, Outcome.Failed> refused = new HashMap<>();
        Set<ContactKey> untouched = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
            for (Map.Entry<ContactKey, Outcome.Found> row : contacts.entrySet()) {
                Savepoint savepoint = connection.setSavepoint();
                try {
                    bind(statement, row.getKey(), row.getValue(), now);
                    if (statement.executeUpdate() == 0) {
                        untouched.add(row.getKey());
                    }
                } catch (SQLException e) {
                    String why = dialect.errors().refusal(e).orElseThrow(() -> e);
                    connection.rollback(savepoint);
                    refused.put(row.getKey(), refusal(why, row.getValue().askedAt()));
                }
                connection.releaseSavepoint(savepoint);
            }
        }
        Written others = written(connection, contacts, untouched);
        Set<ContactKey> superseded = new HashSet<>(others.superseded());
        // A constraint looks at a row before it is known whether it would be written.
        ContactTable.askedAt(connection, dialect, refused.keySet()).forEach((key, stored) -> {
            if (stored > contacts.get(key).askedAt()) {
                refused.remove(key);
                superseded.add(key);
            }
        });
        refused.putAll(others.refused());
        return new Written(refused, superseded);
    }

    /** One try of the sink: how often JTL was asked does not matter to it. */
    private static Outcome.Failed refusal(String why, long askedAt) {
        return new Outcome.Failed(
                Reason.SINK_REJECTED,
                null,
                null,
                "the table contact refuses what JTL sent (" + why
                        + "): correct the contact in JTL-Wawi, or change the constraint that was added to the table,"
                        + " and import the key again",
                null,
                1,
                askedAt);
    }

    private void bind(PreparedStatement statement, ContactKey key, Outcome.Found found, Object now)
            throws SQLException {
        dialect.setKey(statement, 1, key);
        String[] texts = texts(found.contact());
        for (int i = 0; i < texts.length; i++) {
            statement.setString(4 + i, texts[i]);
        }
        statement.setObject(13, now);
        statement.setObject(14, now);
        statement.setObject(15, now);
        statement.setLong(16, found.askedAt());
    }

    /** In the order of the columns. */
    private static String[] texts(CustomerContact contact) {
        return new String[] {
            contact.department(),
            contact.honorific(),
            contact.firstName(),
            contact.lastName(),
            contact.phoneNumber(),
            contact.mobilePhoneNumber(),
            contact.emailAddress(),
            contact.fax(),
            contact.contentHash()
        };
    }
}
