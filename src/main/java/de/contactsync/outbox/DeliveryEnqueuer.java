package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.persistence.ContactTable;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.WithoutEmail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;

/** Writes down in the table {@code delivery} what one sink is to have. */
final class DeliveryEnqueuer {

    /** A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table. */
    private static final String MARK = """
            INSERT INTO delivery (sink, tenant_id, customer_id, contact_id, state, wanted_hash, pending_since)
            SELECT ?, w.tenant_id, w.customer_id, w.contact_id, 'pending', w.hash, ?
            FROM (SELECT k.column1 AS tenant_id, k.column2 AS customer_id, k.column3 AS contact_id,
                    (SELECT c.content_hash FROM contact c WHERE c.tenant_id = k.column1
                        AND c.customer_id = k.column2 AND c.contact_id = k.column3) AS hash,
                    (SELECT CASE WHEN missing_in IS NULL AND NOT (%s) THEN wanted_hash END FROM delivery
                        WHERE sink = ? AND tenant_id = k.column1 AND customer_id = k.column2
                            AND contact_id = k.column3) AS wanted
                FROM (VALUES %s) AS k) AS w
            WHERE w.hash IS NOT NULL AND (w.wanted IS NULL OR w.wanted <> w.hash)
            """;

    /**
     * Cut out by ORDER BY and LIMIT as in {@code RunKeyTable}. Without what JTL has under another customer since: it
     * is the same record, which would get the older version. Those of the contact are found first, because PostgreSQL,
     * while it has no statistics, would look through all of the tenant instead.
     */
    private static final String MARK_ALL = """
            WITH page AS MATERIALIZED (SELECT tenant_id, customer_id, contact_id, content_hash, asked_at FROM contact
                WHERE (tenant_id, customer_id, contact_id) > (?, ?, ?)
                    AND (tenant_id, customer_id, contact_id) <= (?, ?, ?)
                ORDER BY tenant_id, customer_id, contact_id LIMIT ?)
            INSERT INTO delivery (sink, tenant_id, customer_id, contact_id, state, wanted_hash, pending_since)
            SELECT ?, tenant_id, customer_id, contact_id, 'pending', content_hash, ? FROM page
            WHERE NOT EXISTS (
                WITH same AS MATERIALIZED (SELECT * FROM delivery WHERE contact_id = page.contact_id)
                SELECT 1 FROM same JOIN contact newer ON newer.tenant_id = same.tenant_id
                    AND newer.customer_id = same.customer_id AND newer.contact_id = same.contact_id
                WHERE same.tenant_id = page.tenant_id AND same.sink = ? AND same.customer_id <> page.customer_id
                    AND same.wanted_hash IS NOT NULL AND same.missing_in IS NULL
                    AND newer.asked_at > page.asked_at)
            """;

    /** Rows of a transaction where there may be a million in all, and a connection that is silent for a minute ends. */
    private static final int PAGE = 5_000;

    private static final String ON_CONFLICT = """
            ON CONFLICT (sink, tenant_id, customer_id, contact_id) DO UPDATE SET
                wanted_hash = excluded.wanted_hash,
                pending_since = CASE WHEN delivery.state = 'pending'
                    THEN delivery.pending_since ELSE excluded.pending_since END,
                state =\s
            """;

    /** What JTL has no longer, or may not have, stays so until JTL reports it again. */
    private static final String THAT_ARE_THERE = " WHERE delivery.wanted_hash IS NOT NULL";

    private static final String WRITTEN_ANEW = "'pending', " + WithoutEmail.WRITE_ALL;

    private static final String FORGET_ID = ", remote_id = NULL";

    /** What the sink may have only by a call whose answer is not known must be sent, whatever it had before. */
    private static final String STATE_OF_WANTED = """
            CASE WHEN delivery.attempts = 0 AND delivery.refused_hash = excluded.wanted_hash THEN 'failed'
                WHEN delivery.attempts = 0 AND delivery.content_hash = excluded.wanted_hash AND NOT (%s) THEN 'delivered'
                ELSE 'pending' END, missing_in = NULL,
            left_out = CASE WHEN delivery.wanted_hash = excluded.wanted_hash THEN delivery.left_out END
            """.formatted(WithoutEmail.IS);

    private final Dialect dialect;
    private final String sink;

    DeliveryEnqueuer(Dialect dialect, String sink) {
        this.dialect = dialect;
        this.sink = sink;
    }

    /**
     * Those of the contacts that are as the sink is to have them are not touched; one that lacks its e-mail address there
     * is not.
     *
     * @return how many are not
     */
    int enqueue(Connection connection, Collection<ContactKey> keys, Object now) throws SQLException {
        if (keys.isEmpty()) {
            return 0;
        }
        String values = String.join(", ", Collections.nCopies(keys.size(), "(?, ?, ?)"));
        try (PreparedStatement statement =
                connection.prepareStatement(MARK.formatted(WithoutEmail.IS, values) + ON_CONFLICT + STATE_OF_WANTED)) {
            statement.setString(1, sink);
            statement.setObject(2, now);
            statement.setString(3, sink);
            int parameter = 4;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            return statement.executeUpdate();
        }
    }

    /**
     * Marks the next {@link #PAGE} contacts by their keys.
     *
     * @param behind where the last page ended
     * @param forgetIds whether the sink is to look for their records instead of trusting the ids that are remembered
     * @return where this one ends; null when none are left
     */
    ContactKey enqueuePage(Connection connection, ContactKey behind, boolean forgetIds, Object now)
            throws SQLException {
        ContactKey last = ContactTable.endOfPage(connection, dialect, behind, PAGE);
        if (last != null) {
            try (PreparedStatement statement = connection.prepareStatement(
                    MARK_ALL + ON_CONFLICT + WRITTEN_ANEW + (forgetIds ? FORGET_ID : "") + THAT_ARE_THERE)) {
                int parameter = dialect.setKey(statement, dialect.setKey(statement, 1, behind), last);
                statement.setInt(parameter, 2 * PAGE);
                statement.setString(parameter + 1, sink);
                statement.setObject(parameter + 2, now);
                statement.setString(parameter + 3, sink);
                statement.executeUpdate();
            }
        }
        return last;
    }
}
