package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.WithoutEmail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The rows of the table {@code delivery} that belong to one sink, as one process sees them; {@link DeliveryEnqueuer}
 * brings them in.
 */
final class DeliveryTable implements ClaimTakeover.Claims {

    /**
     * The least tried, and of them the oldest, are chosen before anything is joined, because PostgreSQL may read both
     * tables whole otherwise.
     */
    private static final String PENDING = """
            WITH d AS MATERIALIZED (SELECT * FROM delivery WHERE sink = ? AND state = 'pending' AND claimed_by IS NULL
                ORDER BY attempts, pending_since LIMIT ?%s)
            SELECT d.tenant_id, d.customer_id, d.contact_id, d.pending_since, d.remote_id, d.refused_hash,
                c.department, c.honorific, c.first_name, c.last_name, c.phone_number, c.mobile_phone_number,
                c.email_address, c.fax, CASE WHEN d.wanted_hash IS NOT NULL THEN c.content_hash END,
                d.content_hash, d.attempts, d.field_hashes
            FROM d JOIN contact c ON c.tenant_id = d.tenant_id AND c.customer_id = d.customer_id
                AND c.contact_id = d.contact_id
            ORDER BY d.attempts, d.pending_since, c.asked_at
            """;

    private static final String KEY = " WHERE sink = ? AND tenant_id = ? AND customer_id = ? AND contact_id = ?";

    /** A process without this sink may have stored the contact anew: wanted is from here on what is sent. */
    private static final String CLAIM =
            "UPDATE delivery SET wanted_hash = ?, claimed_by = ?, claimed_at = ?, attempts = attempts + 1,"
                    + " left_out = NULL" + KEY;

    private static final String CLAIM_AGAIN = "UPDATE delivery SET claimed_by = ?, claimed_at = ?" + KEY
            + " AND state = 'pending' AND wanted_hash IS NULL AND claimed_by IS NULL"
            + " AND remote_id IS NOT DISTINCT FROM ?";

    private static final String ACCEPTED =
            "UPDATE delivery SET content_hash = ?, refused_hash = NULL, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = ?, attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /** What the sink has of it is not touched. A try that had no answer is still to be reckoned with, this was none. */
    private static final String LEFT_OUT =
            "UPDATE delivery SET left_out = ?, refused_hash = NULL, attempts = attempts - 1,"
                    + " claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /**
     * Which record it was is forgotten: back at JTL, the contact is looked for by its key, and what was deleted is not
     * written to. Where JTL has it again already, it is sent next.
     */
    private static final String REMOVED =
            "UPDATE delivery SET content_hash = NULL, refused_hash = NULL, remote_id = NULL, field_hashes = NULL,"
                    + " delivered_at = ?,"
                    + " attempts = 0,"
                    + " claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NULL THEN 'gone' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /** A refused hash that no contact has stands for the taking back. */
    private static final String REFUSED =
            "UPDATE delivery SET refused_hash = coalesce(?, ''), attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NOT DISTINCT FROM ? THEN 'failed' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /** Accepted, and refused as well. */
    private static final String UNLINKED =
            "UPDATE delivery SET content_hash = ?, refused_hash = ?, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = ?,"
                    + " attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NOT DISTINCT FROM ? THEN 'failed' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /** Accepted, but for its address: whenever it is stored it is sent again. */
    private static final String WITHOUT_EMAIL =
            "UPDATE delivery SET content_hash = ?, refused_hash = ?, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = coalesce(?, delivered_at),"
                    + " attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + KEY
                    + " AND claimed_by = ?";

    /**
     * What has never been sent need not be removed, and is not to be sent any more. Of several runs the last decides,
     * whichever of their chunks is committed first.
     */
    private static final String MISSING = """
            UPDATE delivery SET missing_in = CASE WHEN content_hash IS NULL AND attempts = 0 THEN NULL
                    WHEN missing_in > ? THEN missing_in ELSE CAST(? AS BIGINT) END,
                state = CASE WHEN content_hash IS NULL AND attempts = 0 THEN 'gone' ELSE state END,
                wanted_hash = CASE WHEN content_hash IS NULL AND attempts = 0 THEN NULL ELSE wanted_hash END
            """ + KEY + " AND wanted_hash IS NOT NULL";

    private static final String COUNT_MISSING = """
            SELECT count(*) FROM delivery d WHERE sink = ? AND missing_in = ?
                AND NOT EXISTS (
                WITH same AS MATERIALIZED (SELECT * FROM delivery WHERE contact_id = d.contact_id)
                SELECT 1 FROM same WHERE same.tenant_id = d.tenant_id AND same.sink = d.sink
                    AND same.wanted_hash IS NOT NULL AND same.missing_in IS NULL)
            """;

    private static final String FIELD_HASHES = "UPDATE delivery SET field_hashes = ?" + KEY + " AND claimed_by = ?";

    private static final String UNTRIED = "UPDATE delivery SET attempts = attempts - 1" + KEY + " AND claimed_by = ?";

    private static final String SET_ASIDE = "UPDATE delivery SET attempts = attempts + 1" + KEY + " AND claimed_by = ?";

    /** Tries count from here on: so far the sink has not been called. */
    private static final String CONFIRMED = "UPDATE delivery SET unconfirmed = NULL, attempts = 1" + KEY
            + " AND claimed_by = ? AND unconfirmed IS NOT NULL";

    private static final String UNCONFIRMED = "UPDATE delivery SET unconfirmed = ?" + KEY + " AND claimed_by = ?";

    /** Ends at the first that waits for something else. */
    private static final String ONLY_UNCONFIRMED = """
            SELECT unconfirmed FROM delivery WHERE sink = ? AND state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE sink = ? AND state = 'pending' AND unconfirmed IS NULL) LIMIT 1
            """;

    /** From one number of tries to the next, each by the index. */
    private static final String OLDEST_PENDING = """
            WITH RECURSIVE tried (attempts) AS (
                SELECT min(attempts) FROM delivery WHERE sink = ? AND state = 'pending'
                UNION ALL
                SELECT (SELECT min(d.attempts) FROM delivery d WHERE d.sink = ? AND d.state = 'pending'
                    AND d.attempts > tried.attempts) FROM tried WHERE tried.attempts IS NOT NULL)
            SELECT min((SELECT min(d.pending_since) FROM delivery d WHERE d.sink = ? AND d.state = 'pending'
                AND d.attempts = tried.attempts)) FROM tried
            """;

    private static final String FREE =
            // By the whole key, because SQLite reads the whole sink for an UPDATE by the columns of an index that it
            // sets.
            "UPDATE delivery SET claimed_by = NULL, claimed_at = NULL WHERE (sink, tenant_id, customer_id, contact_id)"
                    + " IN (SELECT sink, tenant_id, customer_id, contact_id FROM delivery"
                    + " WHERE sink = ? AND claimed_by = ?)";

    record Pending(Delivery delivery, Instant since) {}

    /** @param remoteId as of {@link DeliveryResult.Accepted} */
    record Taken(Delivery delivery, String remoteId) {}

    private final Dialect dialect;
    private final String sink;
    private final String owner;
    private final DeliveryDeadLetters letters;

    /** @param runs know this process */
    DeliveryTable(Dialect dialect, String sink, RunStore runs) {
        this.dialect = dialect;
        this.sink = sink;
        this.owner = runs.owner();
        this.letters = new DeliveryDeadLetters(dialect, sink, runs);
    }

    void enqueueMissing(Connection connection, long runId, Collection<ContactKey> keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MISSING)) {
            for (ContactKey key : keys) {
                statement.setLong(1, runId);
                statement.setLong(2, runId);
                statement.setString(3, sink);
                dialect.setKey(statement, 4, key);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Without those that JTL has under another customer, which are not removed. */
    int countMissing(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COUNT_MISSING)) {
            statement.setString(1, sink);
            statement.setLong(2, runId);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** The least tried first, and of them the oldest. */
    List<Pending> pending(Connection connection, int most) throws SQLException {
        List<Pending> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PENDING.formatted(dialect.skipLocked()))) {
            statement.setString(1, sink);
            statement.setInt(2, most);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ContactKey key = new ContactKey(
                            UUID.fromString(row.getString(1)),
                            UUID.fromString(row.getString(2)),
                            UUID.fromString(row.getString(3)));
                    CustomerContact contact = new CustomerContact(
                            row.getString(7),
                            row.getString(8),
                            row.getString(9),
                            row.getString(10),
                            row.getString(11),
                            row.getString(12),
                            row.getString(13),
                            row.getString(14));
                    String refused = row.getString(6);
                    String hash = row.getString(15);
                    int tries = row.getInt(17);
                    found.add(new Pending(
                            new Delivery(
                                    key,
                                    contact,
                                    hash,
                                    row.getString(5),
                                    refused != null,
                                    hash != null
                                            && tries == 0
                                            && hash.equals(row.getString(16))
                                            && WithoutEmail.of(hash).equals(refused),
                                    row.getString(16) != null,
                                    tries,
                                    row.getString(18)),
                            dialect.instant(row, 4)));
                }
            }
        }
        return found;
    }

    void claim(Connection connection, List<Pending> rows, Object now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
            for (Pending row : rows) {
                statement.setString(1, row.delivery.hash());
                statement.setString(2, owner);
                statement.setObject(3, now);
                statement.setString(4, sink);
                dialect.setKey(statement, 5, row.delivery.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * All by one round trip.
     *
     * @param counted contacts that were counted before, whatever their customer
     * @return how many more no other process has taken over meanwhile
     */
    int accepted(Connection connection, List<Taken> taken, Set<String> counted, Object now) throws SQLException {
        if (taken.isEmpty()) {
            return 0;
        }
        int[] updated;
        try (PreparedStatement statement = connection.prepareStatement(ACCEPTED)) {
            for (Taken one : taken) {
                String hash = one.delivery.hash();
                statement.setString(1, hash);
                statement.setString(2, one.remoteId);
                statement.setObject(3, now);
                statement.setString(4, hash);
                bindOwn(statement, 5, one.delivery.key());
                statement.addBatch();
            }
            updated = statement.executeBatch();
        }
        int accepted = 0;
        for (int i = 0; i < updated.length; i++) {
            accepted += isFirst(taken.get(i).delivery, counted) ? updated[i] : 0;
            closeLetters(connection, updated[i], taken.get(i).delivery);
        }
        letters.closeOfFormerCustomers(
                connection, taken.stream().map(one -> one.delivery.key()).toList());
        return accepted;
    }

    private static boolean isFirst(Delivery delivery, Set<String> counted) {
        return counted.add(delivery.key().tenantId() + "/" + delivery.key().contactId());
    }

    /**
     * @param by      as of {@link DeliveryResult.LeftOut#text}
     * @param counted as of {@link #accepted}
     */
    int leftOut(Connection connection, Delivery delivery, String by, Set<String> counted) throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(LEFT_OUT)) {
            statement.setString(1, by);
            statement.setString(2, delivery.hash());
            updated = update(connection, statement, 3, delivery);
        }
        return isFirst(delivery, counted) ? updated : 0;
    }

    /** Before what came of them is written down. */
    void fieldHashes(Connection connection, Collection<Delivery> deliveries, Map<Delivery, String> hashes)
            throws SQLException {
        if (hashes.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(FIELD_HASHES)) {
            for (Delivery delivery : deliveries) {
                if (hashes.containsKey(delivery)) {
                    statement.setString(1, hashes.get(delivery));
                    bindOwn(statement, 2, delivery.key());
                    statement.addBatch();
                }
            }
            statement.executeBatch();
        }
    }

    /** @param done when it was deleted or flagged; null when there was no record */
    int removed(Connection connection, Delivery delivery, Object done) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REMOVED)) {
            statement.setObject(1, done);
            return update(connection, statement, 2, delivery);
        }
    }

    int refused(Connection connection, Delivery delivery, Outcome.Failed why, Object now) throws SQLException {
        int refused;
        try (PreparedStatement statement = connection.prepareStatement(REFUSED)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, delivery.hash());
            refused = update(connection, statement, 3, delivery);
        }
        if (refused == 1) {
            letters.refused(connection, delivery.key(), why, now);
        }
        return refused;
    }

    int unlinked(Connection connection, Delivery delivery, DeliveryResult.Unlinked unlinked, Object now)
            throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(UNLINKED)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, delivery.hash());
            statement.setString(3, unlinked.remoteId());
            statement.setObject(4, now);
            statement.setString(5, delivery.hash());
            updated = update(connection, statement, 6, delivery);
        }
        if (updated == 1) {
            letters.unlinked(connection, delivery.key(), unlinked.part(), unlinked.why(), now);
            letters.closeOfFormerCustomers(connection, List.of(delivery.key()));
        }
        return updated;
    }

    int withoutEmail(Connection connection, Delivery delivery, DeliveryResult.WithoutEmail receipt, Object now)
            throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(WITHOUT_EMAIL)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, WithoutEmail.of(delivery.hash()));
            statement.setString(3, receipt.remoteId());
            // Of one that lacks only its address nothing was written.
            statement.setObject(4, delivery.lacksOnlyEmail() ? null : now);
            statement.setString(5, delivery.hash());
            bindOwn(statement, 6, delivery.key());
            updated = statement.executeUpdate();
        }
        if (updated == 1
                && !(delivery.lacksOnlyEmail() && letters.stillWithoutEmail(connection, delivery.key(), now))) {
            closeLetters(connection, updated, delivery);
            letters.withoutEmail(connection, delivery.key(), receipt.why(), now);
            if (receipt.unlinked() != null) {
                letters.unlinked(connection, delivery.key(), DeliveryResult.Unlinked.COMPANY, receipt.unlinked(), now);
            }
            letters.closeOfFormerCustomers(connection, List.of(delivery.key()));
        }
        return updated;
    }

    /** @return 0 when another process has taken it over meanwhile, and so will settle it */
    private int update(Connection connection, PreparedStatement statement, int parameter, Delivery delivery)
            throws SQLException {
        bindOwn(statement, parameter, delivery.key());
        int updated = statement.executeUpdate();
        closeLetters(connection, updated, delivery);
        return updated;
    }

    private void bindOwn(PreparedStatement statement, int parameter, ContactKey key) throws SQLException {
        statement.setString(parameter, sink);
        statement.setString(dialect.setKey(statement, parameter + 1, key), owner);
    }

    private void closeLetters(Connection connection, int updated, Delivery delivery) throws SQLException {
        if (updated == 1 && delivery.refused()) {
            letters.close(connection, delivery.key());
        }
    }

    List<Delivery> claimAgain(Connection connection, List<Delivery> removals, Object now) throws SQLException {
        List<Delivery> claimed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(CLAIM_AGAIN)) {
            for (Delivery removal : removals) {
                statement.setString(1, owner);
                statement.setObject(2, now);
                statement.setString(3, sink);
                dialect.setKey(statement, 4, removal.key());
                statement.setString(7, removal.remoteId());
                if (statement.executeUpdate() == 1) {
                    claimed.add(removal);
                }
            }
        }
        return claimed;
    }

    /** Others of the batch, which may never have been sent, are to be tried before these. */
    void setAside(Connection connection, List<Delivery> deliveries) throws SQLException {
        update(connection, SET_ASIDE, deliveries);
    }

    /** The try that the claim has counted was not made. */
    void untried(Connection connection, List<Delivery> deliveries) throws SQLException {
        update(connection, UNTRIED, deliveries);
    }

    private void update(Connection connection, String sql, List<Delivery> deliveries) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Delivery delivery : deliveries) {
                bindOwn(statement, 1, delivery.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** That they are to be removed is so still. */
    void confirmed(Connection connection, List<Delivery> removals) throws SQLException {
        update(connection, CONFIRMED, removals);
    }

    /** @param why what JTL said instead of that it has them no longer */
    void unconfirmed(Connection connection, List<Delivery> removals, Map<Delivery, String> why) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(UNCONFIRMED)) {
            for (Delivery removal : removals) {
                statement.setString(1, why.get(removal));
                bindOwn(statement, 2, removal.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** What one was answered where nothing but such removals is pending; else null. */
    String onlyUnconfirmed(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ONLY_UNCONFIRMED)) {
            statement.setString(1, sink);
            statement.setString(2, sink);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    void freeOwn(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FREE)) {
            statement.setString(1, sink);
            statement.setString(2, owner);
            statement.executeUpdate();
        }
    }

    @Override
    public List<ClaimTakeover.Claimed> claims(Connection connection) throws SQLException {
        List<ClaimTakeover.Claimed> claims = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT DISTINCT claimed_by, claimed_at FROM delivery WHERE sink = ? AND claimed_by IS NOT NULL")) {
            statement.setString(1, sink);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    claims.add(new ClaimTakeover.Claimed(row.getString(1), dialect.instant(row, 2)));
                }
            }
        }
        return claims;
    }

    @Override
    public void free(Connection connection, ClaimTakeover.Claimed claim) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FREE + " AND claimed_at = ?")) {
            statement.setString(1, sink);
            statement.setString(2, claim.by());
            statement.setObject(3, dialect.instant(claim.at()));
            statement.executeUpdate();
        }
    }

    Instant oldestPending(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OLDEST_PENDING)) {
            statement.setString(1, sink);
            statement.setString(2, sink);
            statement.setString(3, sink);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getObject(1) != null ? dialect.instant(row, 1) : null;
            }
        }
    }

    long countPending(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT count(*) FROM delivery WHERE sink = ? AND state = 'pending'")) {
            statement.setString(1, sink);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
