package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Contacts in the table {@code delivery} that JTL has no longer, and that one sink is to remove. */
public final class Removals {

    /** As many may be gone of a run however small, unless no share at all may be. */
    static final int FEW = 5;

    /**
     * What has never been sent need not be removed, and is not to be sent any more. Of several runs the last decides,
     * whichever of their chunks is committed first.
     */
    private static final String MISSING = """
            UPDATE delivery SET missing_in = CASE WHEN content_hash IS NULL AND attempts = 0 THEN NULL
                    WHEN missing_in > ? THEN missing_in ELSE CAST(? AS BIGINT) END,
                state = CASE WHEN content_hash IS NULL AND attempts = 0 THEN 'gone' ELSE state END,
                wanted_hash = CASE WHEN content_hash IS NULL AND attempts = 0 THEN NULL ELSE wanted_hash END
            """ + DeliveryRows.KEY + " AND wanted_hash IS NOT NULL";

    private static final String COUNT_MISSING = """
            SELECT count(*) FROM delivery d WHERE sink = ? AND missing_in = ?
                AND NOT EXISTS (
                WITH same AS MATERIALIZED (SELECT * FROM delivery WHERE contact_id = d.contact_id)
                SELECT 1 FROM same WHERE same.tenant_id = d.tenant_id AND same.sink = d.sink
                    AND same.wanted_hash IS NOT NULL AND same.missing_in IS NULL)
            """;

    private static final String CLAIM_AGAIN = "UPDATE delivery SET claimed_by = ?, claimed_at = ?" + DeliveryRows.KEY
            + " AND state = 'pending' AND wanted_hash IS NULL AND claimed_by IS NULL"
            + " AND remote_id IS NOT DISTINCT FROM ?";

    /** Tries count from here on: so far the sink has not been called. */
    private static final String CONFIRMED = "UPDATE delivery SET unconfirmed = NULL, attempts = 1" + DeliveryRows.KEY
            + " AND claimed_by = ? AND unconfirmed IS NOT NULL";

    private static final String UNCONFIRMED = "UPDATE delivery SET unconfirmed = ?" + DeliveryRows.OWN;

    /** Ends at the first that waits for something else. */
    private static final String ONLY_UNCONFIRMED = """
            SELECT unconfirmed FROM delivery WHERE sink = ? AND state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE sink = ? AND state = 'pending' AND unconfirmed IS NULL) LIMIT 1
            """;

    private final DeliveryRows rows;
    private final double mostGone;

    /** @param mostGone of the records of a run, 0 to 1: more are taken for a mistake */
    Removals(DeliveryRows rows, double mostGone) {
        this.rows = rows;
        this.mostGone = mostGone;
    }

    void enqueue(Connection connection, long runId, Collection<ContactKey> keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MISSING)) {
            for (ContactKey key : keys) {
                statement.setLong(1, runId);
                statement.setLong(2, runId);
                rows.bind(statement, 3, key);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Without those that JTL has under another customer, which are not removed. */
    private int count(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COUNT_MISSING)) {
            statement.setString(1, rows.sink());
            statement.setLong(2, runId);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** @return null, or what to do when a run of so many records did not find too many to be right */
    String tooMany(Connection connection, long runId, long total) throws SQLException {
        int missing = count(connection, runId);
        if (tooMany(missing, total, mostGone)) {
            return "JTL no longer knows " + missing + " contacts of " + total + " records that the sink " + rows.sink()
                    + " has, more than"
                    + " contacts.max-gone-share=" + Math.round(mostGone * 100)
                    + "% allows, so none was flagged or deleted. If"
                    + " they are gone, set contacts.max-gone-share=" + (missing * 100L + total - 1) / total
                    + "%; if the sink"
                    + " is to keep them, contacts.on-gone=keep; then start again. JTL is asked for all of the run"
                    + " once more,"
                    + " by a schedule also when it is next due";
        }
        return null;
    }

    /**
     * Whether so many of a run are taken for a mistake. A share such as 0.29 is a little less or more than it says.
     *
     * @param missing  that the sink has
     * @param mostGone 0 to 1
     */
    public static boolean tooMany(int missing, long total, double mostGone) {
        return missing > Math.max(mostGone * total, mostGone > 0 ? FEW : 0) + 1e-6;
    }

    /** @return those that are still to be removed, and that no process has claimed meanwhile */
    List<Delivery> claimAgain(Connection connection, List<Delivery> removals, Object now) throws SQLException {
        List<Delivery> claimed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(CLAIM_AGAIN)) {
            for (Delivery removal : removals) {
                statement.setString(1, rows.owner());
                statement.setObject(2, now);
                statement.setString(rows.bind(statement, 3, removal.key()), removal.remoteId());
                if (statement.executeUpdate() == 1) {
                    claimed.add(removal);
                }
            }
        }
        return claimed;
    }

    /** That they are to be removed is so still. */
    void confirmed(Connection connection, List<Delivery> removals) throws SQLException {
        rows.updateOwn(connection, CONFIRMED, removals);
    }

    /** @param why what JTL said instead of that it has them no longer */
    void unconfirmed(Connection connection, List<Delivery> removals, Map<Delivery, String> why) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(UNCONFIRMED)) {
            for (Delivery removal : removals) {
                statement.setString(1, why.get(removal));
                rows.bindOwn(statement, 2, removal.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** What one was answered where nothing but such removals is pending; else null. */
    String onlyUnconfirmed(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ONLY_UNCONFIRMED)) {
            statement.setString(1, rows.sink());
            statement.setString(2, rows.sink());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }
}
