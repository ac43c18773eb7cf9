package de.contactsync.outbox;

import de.contactsync.model.Delivery;
import de.contactsync.persistence.ContactTable;
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

/** What waits for one sink in the table {@code delivery}, and which process has claimed it to send it. */
final class DeliveryClaims implements ClaimTakeover.Claims {

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

    /** A process without this sink may have stored the contact anew: wanted is from here on what is sent. */
    private static final String CLAIM =
            "UPDATE delivery SET wanted_hash = ?, claimed_by = ?, claimed_at = ?, attempts = attempts + 1,"
                    + " left_out = NULL" + DeliveryRows.KEY;

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

    private static final String FIELD_HASHES = "UPDATE delivery SET field_hashes = ?" + DeliveryRows.OWN;

    private static final String FREE =
            // By the whole key, because SQLite reads the whole sink for an UPDATE by the columns of an index that it
            // sets.
            "UPDATE delivery SET claimed_by = NULL, claimed_at = NULL WHERE (sink, tenant_id, customer_id, contact_id)"
                    + " IN (SELECT sink, tenant_id, customer_id, contact_id FROM delivery"
                    + " WHERE sink = ? AND claimed_by = ?)";

    record Pending(Delivery delivery, Instant since) {}

    private final DeliveryRows rows;

    DeliveryClaims(DeliveryRows rows) {
        this.rows = rows;
    }

    /** The least tried first, and of them the oldest. */
    List<Pending> pending(Connection connection, int most) throws SQLException {
        List<Pending> found = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(PENDING.formatted(rows.dialect().skipLocked()))) {
            statement.setString(1, rows.sink());
            statement.setInt(2, most);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String refused = row.getString(6);
                    String hash = row.getString(15);
                    int tries = row.getInt(17);
                    found.add(new Pending(
                            new Delivery(
                                    rows.dialect().key(row, 1),
                                    ContactTable.contact(row, 7),
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
                            rows.dialect().instant(row, 4)));
                }
            }
        }
        return found;
    }

    void claim(Connection connection, List<Pending> pending, Object now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
            for (Pending row : pending) {
                statement.setString(1, row.delivery.hash());
                statement.setString(2, rows.owner());
                statement.setObject(3, now);
                rows.bind(statement, 4, row.delivery.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Before the sink is called, and before what came of them is written down. */
    void fieldHashes(Connection connection, Collection<Delivery> deliveries, Map<Delivery, String> hashes)
            throws SQLException {
        if (hashes.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(FIELD_HASHES)) {
            for (Delivery delivery : deliveries) {
                if (hashes.containsKey(delivery)) {
                    statement.setString(1, hashes.get(delivery));
                    rows.bindOwn(statement, 2, delivery.key());
                    statement.addBatch();
                }
            }
            statement.executeBatch();
        }
    }

    void freeOwn(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FREE)) {
            statement.setString(1, rows.sink());
            statement.setString(2, rows.owner());
            statement.executeUpdate();
        }
    }

    @Override
    public List<ClaimTakeover.Claimed> claims(Connection connection) throws SQLException {
        List<ClaimTakeover.Claimed> claims = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT DISTINCT claimed_by, claimed_at FROM delivery WHERE sink = ? AND claimed_by IS NOT NULL")) {
            statement.setString(1, rows.sink());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    claims.add(new ClaimTakeover.Claimed(
                            row.getString(1), rows.dialect().instant(row, 2)));
                }
            }
        }
        return claims;
    }

    @Override
    public void free(Connection connection, ClaimTakeover.Claimed claim) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FREE + " AND claimed_at = ?")) {
            statement.setString(1, rows.sink());
            statement.setString(2, claim.by());
            statement.setObject(3, rows.dialect().instant(claim.at()));
            statement.executeUpdate();
        }
    }

    Instant oldestPending(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OLDEST_PENDING)) {
            statement.setString(1, rows.sink());
            statement.setString(2, rows.sink());
            statement.setString(3, rows.sink());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getObject(1) != null ? rows.dialect().instant(row, 1) : null;
            }
        }
    }

    long countPending(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT count(*) FROM delivery WHERE sink = ? AND state = 'pending'")) {
            statement.setString(1, rows.sink());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
