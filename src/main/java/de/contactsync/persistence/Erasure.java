package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.JtlId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Removes one person from all tables, page by page, and remembers only that nothing is to be stored of it. */
public final class Erasure implements ForgottenContacts {

    private static final int PAGE = 5_000;

    /**
     * Who is meant.
     *
     * @param contactId  null where all contacts of a customer are meant
     * @param customerId null where one contact is meant
     */
    public record Person(UUID tenantId, UUID contactId, UUID customerId) {

        private String kind() {
            return contactId != null ? "contact" : "customer";
        }

        private UUID id() {
            return contactId != null ? contactId : customerId;
        }

        private boolean is(ContactKey key) {
            return key.tenantId().equals(tenantId)
                    && (contactId != null
                            ? key.contactId().equals(contactId)
                            : key.customerId().equals(customerId));
        }
    }

    /** @param hash of the person, by which the database knows it from now on */
    public record Removed(String hash, long contacts, long deadLetters, long deliveries) {}

    private record Letter(long id, boolean ofPerson) {}

    private final Database database;
    private final Clock clock;

    public Erasure(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Set<ContactKey> among(Collection<ContactKey> keys) {
        return database.inTransaction(connection -> ErasureList.among(connection, keys));
    }

    /** From now on nothing is stored of the person; chunks that are being stored have been when this returns. */
    public String remember(Person person) {
        return database.inTransaction(connection -> {
            database.dialect().lockForgotten(connection, true);
            List<String> hashes = hashes(connection, person);
            try (PreparedStatement statement = connection.prepareStatement(
                    "INSERT INTO forgotten (hash, forgotten_at) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
                for (String hash : hashes) {
                    statement.setString(1, hash);
                    statement.setObject(2, database.dialect().instant(clock.instant()));
                    statement.executeUpdate();
                }
            }
            return hashes.get(0);
        });
    }

    /** @return false when the person was not forgotten */
    public boolean undo(Person person) {
        return database.inTransaction(connection -> {
            int deleted = 0;
            try (PreparedStatement statement = connection.prepareStatement("DELETE FROM forgotten WHERE hash = ?")) {
                for (String hash : hashes(connection, person)) {
                    statement.setString(1, hash);
                    deleted += statement.executeUpdate();
                }
            }
            return deleted > 0;
        });
    }

    /** By which keys of the person are known, and by which lines that are not keys where its id is a uuid. */
    private static List<String> hashes(Connection connection, Person person) throws SQLException {
        String hash = ErasureList.hash(connection, person.kind(), person.tenantId(), person.id());
        return JtlId.isNumber(person.id())
                ? List.of(hash)
                : List.of(hash, ErasureList.hash(connection, ErasureList.ANYWHERE, null, person.id()));
    }

    /** The person's contacts, with or without a row of their own in {@code delivery}. */
    public Set<ContactKey> contacts(Person person) {
        Set<ContactKey> keys = new TreeSet<>(ChunkStore.ORDER);
        ContactKey last = new ContactKey(
                person.tenantId(), person.customerId() == null ? new UUID(0, 0) : person.customerId(), new UUID(0, 0));
        while (last != null) {
            ContactKey behind = last;
            List<ContactKey> page = database.inTransaction(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT tenant_id, customer_id, contact_id FROM contact"
                                + " WHERE (tenant_id, customer_id, contact_id) > (?, ?, ?)"
                                + " ORDER BY tenant_id, customer_id, contact_id LIMIT ?")) {
                    statement.setInt(database.dialect().setKey(statement, 1, behind), PAGE);
                    return keys(statement);
                }
            });
            page.stream().filter(person::is).forEach(keys::add);
            ContactKey end = page.isEmpty() ? null : page.get(page.size() - 1);
            boolean more = end != null
                    && end.tenantId().equals(person.tenantId())
                    && (person.customerId() == null || end.customerId().equals(person.customerId()));
            last = more ? end : null;
        }
        return keys;
    }

    private List<ContactKey> keys(PreparedStatement statement) throws SQLException {
        Dialect dialect = database.dialect();
        List<ContactKey> keys = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                keys.add(dialect.key(row, 1));
            }
        }
        return keys;
    }

    /**
     * @param records that the sinks have, or may have
     * @param before  as {@link #withoutRecord} before these are removed
     */
    public record EnqueuedRemovals(long records, long before) {}

    /** What the sinks have of these contacts is to be removed from them, and what they never had is not to be sent. */
    public EnqueuedRemovals enqueueRemovals(Collection<ContactKey> keys) {
        perKey(
                keys,
                "UPDATE delivery SET wanted_hash = NULL, missing_in = NULL, state = 'gone'"
                        + " WHERE contact_id = ? AND tenant_id = ? AND customer_id = ? AND content_hash IS NULL AND"
                        + " attempts = 0");
        long before = withoutRecord(keys);
        long records = perKey(
                keys,
                "UPDATE delivery SET wanted_hash = NULL, missing_in = NULL, state = 'pending'"
                        + " WHERE contact_id = ? AND tenant_id = ? AND customer_id = ? AND state <> 'gone'"
                        + " AND (content_hash IS NOT NULL OR attempts > 0)");
        return new EnqueuedRemovals(records, before);
    }

    /** How many of them a sink had no record of when they were to be removed from it; of these no time is written down. */
    public long withoutRecord(Collection<ContactKey> keys) {
        return count(keys, "state = 'gone' AND delivered_at IS NULL");
    }

    /** How many of these contacts a sink still has, or may have. */
    public long withSinks(Collection<ContactKey> keys) {
        return count(keys, "wanted_hash IS NULL AND state <> 'gone'");
    }

    private long count(Collection<ContactKey> keys, String condition) {
        long count = 0;
        for (ContactKey key : keys) {
            count += database.inTransaction(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT count(*) FROM delivery WHERE contact_id = ?"
                                + " AND tenant_id = ? AND customer_id = ? AND " + condition)) {
                    bind(statement, key);
                    try (ResultSet row = statement.executeQuery()) {
                        row.next();
                        return row.getLong(1);
                    }
                }
            });
        }
        return count;
    }

    /**
     * Of the contacts and of everything that names the person; what was removed once is not there to be removed again.
     */
    public Removed remove(Person person, String hash, Collection<ContactKey> keys) {
        perKey(keys, "DELETE FROM create_attempt WHERE contact_id = ? AND tenant_id = ? AND customer_id = ?");
        long deliveries =
                perKey(keys, "DELETE FROM delivery WHERE contact_id = ? AND tenant_id = ? AND customer_id = ?");
        long contacts = perKey(keys, "DELETE FROM contact WHERE contact_id = ? AND tenant_id = ? AND customer_id = ?");
        return new Removed(hash, contacts, removeLetters(person), deliveries);
    }

    /**
     * Takes what was removed out of the bytes of an SQLite file, which is written anew for it.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when there is no room, or the file stays in use
     */
    public void overwriteRemoved() {
        database.overwriteDeleted();
    }

    private long perKey(Collection<ContactKey> keys, String sql) {
        long changed = 0;
        for (ContactKey key : keys) {
            changed += database.inTransaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    bind(statement, key);
                    return statement.executeUpdate();
                }
            });
        }
        return changed;
    }

    private void bind(PreparedStatement statement, ContactKey key) throws SQLException {
        Dialect dialect = database.dialect();
        dialect.setUuid(statement, 1, key.contactId());
        dialect.setUuid(statement, 2, key.tenantId());
        dialect.setUuid(statement, 3, key.customerId());
    }

    private long removeLetters(Person person) {
        long removed = 0;
        Optional<Long> last = Optional.of(0L);
        while (last.isPresent()) {
            long behind = last.get();
            List<Letter> page = letters(person, behind);
            List<Long> ids =
                    page.stream().filter(Letter::ofPerson).map(Letter::id).toList();
            removed += database.inTransaction(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("DELETE FROM dead_letter WHERE id = ?")) {
                    for (long id : ids) {
                        statement.setLong(1, id);
                        statement.addBatch();
                    }
                    statement.executeBatch();
                    return ids.size();
                }
            });
            last = page.isEmpty()
                    ? Optional.empty()
                    : Optional.of(page.get(page.size() - 1).id());
        }
        return removed;
    }

    private List<Letter> letters(Person person, long behind) {
        Dialect dialect = database.dialect();
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT id, tenant_id, customer_id, contact_id,"
                            + " raw_key FROM dead_letter WHERE id > ? ORDER BY id LIMIT ?")) {
                statement.setLong(1, behind);
                statement.setInt(2, PAGE);
                List<Letter> letters = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        UUID contactId = dialect.uuid(row, 4);
                        String raw = row.getString(5);
                        letters.add(new Letter(
                                row.getLong(1),
                                contactId != null
                                        ? person.is(
                                                new ContactKey(dialect.uuid(row, 2), dialect.uuid(row, 3), contactId))
                                        : raw != null
                                                && ErasureList.uuidsIn(raw).contains(person.id())));
                    }
                }
                return letters;
            }
        });
    }
}
