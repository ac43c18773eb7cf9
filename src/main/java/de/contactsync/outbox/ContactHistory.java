package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.persistence.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the tables say of one contact, without its data. Each statement finds its rows by an index. */
public final class ContactHistory {

    /** The newest; a key that fails each night has one for each run. */
    private static final int MOST_DEAD_LETTERS = 20;

    private static final String WHERE = " WHERE contact_id = ? AND tenant_id = ? AND customer_id = ?";

    private static final String STORED =
            "SELECT content_hash, first_seen_at, changed_at, enriched_at, asked_at FROM contact" + WHERE;

    private static final String DELIVERIES = """
            SELECT sink, state, wanted_hash, content_hash, refused_hash, remote_id, pending_since, delivered_at,
                attempts, missing_in, claimed_by, field_hashes, unconfirmed, left_out FROM delivery
            """ + WHERE + " ORDER BY sink";

    private static final String DEAD_LETTERS = """
            SELECT l.source, l.position, r.file_name, l.run_id, l.stage, l.reason, l.http_status, l.error_message,
                l.last_failed_at, l.state, l.asked_at
            FROM dead_letter l LEFT JOIN import_run r ON r.id = l.run_id
            WHERE l.contact_id = ? AND l.tenant_id = ? AND l.customer_id = ?
            ORDER BY l.last_failed_at DESC, l.id DESC LIMIT
            """ + MOST_DEAD_LETTERS;

    /**
     * The contact as JTL gave it last.
     *
     * @param confirmedAt when what JTL gave last was stored, changed or not
     * @param askedAt     when the latest call began that JTL answered for it; null when that was not recorded
     */
    public record Stored(String hash, Instant firstSeenAt, Instant changedAt, Instant confirmedAt, Instant askedAt) {}

    /**
     * What one sink has of it; the hashes are those of {@link Stored}.
     *
     * @param wantedHash   null when the sink is to have it no longer
     * @param acceptedHash what the sink accepted last; null when nothing
     * @param refusedHash  what it refused since; null when nothing
     * @param deliveredAt  when it accepted that; null when never
     * @param attempts     times it was sent since the sink last gave an answer
     * @param missing      whether a run that has not ended did not find it at JTL
     * @param claimedBy    the process that is sending it; null when none
     * @param fieldHashes  as of {@link de.contactsync.model.Delivery#fieldHashes}
     * @param unconfirmed  of one that is to be removed: what JTL said instead of that it has it no longer; or null
     * @param leftOut      as of {@link de.contactsync.model.DeliveryResult.LeftOut#text}; null when it is not left out
     */
    public record Delivery(
            String sink,
            String state,
            String wantedHash,
            String acceptedHash,
            String refusedHash,
            String remoteId,
            Instant pendingSince,
            Instant deliveredAt,
            int attempts,
            boolean missing,
            String claimedBy,
            String fieldHashes,
            String unconfirmed,
            String leftOut) {}

    /**
     * @param runId   null where it came as a message, as is fileName
     * @param askedAt when the call began that ended so; null when there was none, or nobody noted it
     */
    public record Letter(
            String source,
            String position,
            String fileName,
            Long runId,
            String stage,
            String reason,
            Integer httpStatus,
            String message,
            Instant lastFailedAt,
            String state,
            Instant askedAt) {

        /** Of all that befell the contact, where this belongs. */
        public Instant at() {
            return askedAt == null ? lastFailedAt : askedAt;
        }
    }

    private final Database database;

    public ContactHistory(Database database) {
        this.database = database;
    }

    /** Empty when JTL has never given it, or nothing of it is kept. */
    public Optional<Stored> stored(ContactKey key) {
        return read(
                        key,
                        STORED,
                        row -> new Stored(row.getString(1), at(row, 2), at(row, 3), at(row, 4), micros(row, 5)))
                .stream()
                .findFirst();
    }

    public List<Delivery> deliveries(ContactKey key) {
        return read(
                key,
                DELIVERIES,
                row -> new Delivery(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        at(row, 7),
                        at(row, 8),
                        row.getInt(9),
                        row.getObject(10) != null,
                        row.getString(11),
                        row.getString(12),
                        row.getString(13),
                        row.getString(14)));
    }

    /** In the order in which JTL was asked, the newest first, and not more than the 20 that were written last. */
    public List<Letter> deadLetters(ContactKey key) {
        List<Letter> letters = read(
                key,
                DEAD_LETTERS,
                row -> new Letter(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getObject(4) == null ? null : row.getLong(4),
                        row.getString(5),
                        row.getString(6),
                        row.getObject(7) == null ? null : row.getInt(7),
                        row.getString(8),
                        at(row, 9),
                        row.getString(10),
                        micros(row, 11)));
        letters.sort(Comparator.comparing(Letter::at).reversed());
        return letters;
    }

    private Instant at(ResultSet row, int column) throws SQLException {
        return database.dialect().instant(row, column);
    }

    /** A reading of the {@link de.contactsync.model.CallClock}. */
    private static Instant micros(ResultSet row, int column) throws SQLException {
        long micros = row.getLong(column);
        return micros == 0 ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> read(ContactKey key, String sql, Reader<T> reader) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                database.dialect().setUuid(statement, 1, key.contactId());
                database.dialect().setUuid(statement, 2, key.tenantId());
                database.dialect().setUuid(statement, 3, key.customerId());
                List<T> rows = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        rows.add(reader.read(row));
                    }
                }
                return rows;
            }
        });
    }
}
