package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.persistence.ContactTable;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.WithoutEmail;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What one sink should have of all contacts, page by page, for whoever looks whether it has. */
public final class DeliveryAudit {

    private static final int PAGE = 1_000;

    /**
     * What JTL has under another customer since is there the same record, with newer values. Those of the contact are
     * found first, as in {@link DeliveryEnqueuer}.
     */
    private static final String NEXT = """
            SELECT d.tenant_id, d.customer_id, d.contact_id, d.state, d.wanted_hash, d.content_hash, d.remote_id,
                c.content_hash, c.department, c.honorific, c.first_name, c.last_name, c.phone_number,
                c.mobile_phone_number, c.email_address, c.fax,
                EXISTS (
                WITH same AS MATERIALIZED (SELECT * FROM delivery WHERE contact_id = d.contact_id)
                SELECT 1 FROM same JOIN contact newer ON newer.tenant_id = same.tenant_id
                    AND newer.customer_id = same.customer_id AND newer.contact_id = same.contact_id
                WHERE same.tenant_id = d.tenant_id AND same.sink = d.sink AND same.customer_id <> d.customer_id
                    AND same.wanted_hash IS NOT NULL AND same.missing_in IS NULL AND newer.asked_at > c.asked_at),
                d.refused_hash, d.left_out
            FROM delivery d LEFT JOIN contact c ON c.tenant_id = d.tenant_id AND c.customer_id = d.customer_id
                AND c.contact_id = d.contact_id
            WHERE d.sink = ? AND (d.tenant_id, d.customer_id, d.contact_id) > (?, ?, ?)
            ORDER BY d.tenant_id, d.customer_id, d.contact_id LIMIT
            """ + PAGE;

    private static final String REPAIR = "UPDATE delivery SET state = 'pending', pending_since = ?, "
            + WithoutEmail.WRITE_ALL + " WHERE sink = ? AND tenant_id = ?"
            + " AND customer_id = ? AND contact_id = ? AND state IN ('delivered', 'failed') AND content_hash = ?"
            + " AND left_out IS NULL";

    /** What the sink is to have of a contact. */
    public enum State {
        /** What it accepted, as it is stored; perhaps without its e-mail address, or the link to its company. */
        DELIVERED,
        /** As {@link de.contactsync.model.DeliveryResult.LeftOut} says. */
        LEFT_OUT,
        WAITING,
        REFUSED,
        REMOVED,
        /** The same contact under another customer, of which JTL has given newer values. */
        ELSEWHERE,
        /** The table {@code contact} has it no more. */
        NOT_STORED
    }

    /** @param delivery only of one that was delivered; else null */
    public record Entry(ContactKey key, State state, Delivery delivery) {}

    private final Database database;
    private final String sink;
    private final Clock clock;
    private ContactKey behind = ContactTable.BEFORE_ALL;

    public DeliveryAudit(Database database, String sink, Clock clock) {
        this.database = database;
        this.sink = sink;
        this.clock = clock;
    }

    /** Empty when there are no more. */
    public List<Entry> next() {
        List<Entry> page = database.inTransaction(connection -> {
            List<Entry> entries = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(NEXT)) {
                statement.setString(1, sink);
                database.dialect().setKey(statement, 2, behind);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        entries.add(entry(row));
                    }
                }
            }
            return entries;
        });
        if (!page.isEmpty()) {
            behind = page.get(page.size() - 1).key();
        }
        return page;
    }

    private Entry entry(ResultSet row) throws SQLException {
        ContactKey key = database.dialect().key(row, 1);
        String accepted = row.getString(6);
        boolean isAsStored = accepted != null && accepted.equals(row.getString(8));
        boolean isElsewhere = row.getBoolean(17);
        State state =
                switch (row.getString(4)) {
                    case "pending" -> State.WAITING;
                    // What is refused of one that was accepted is the link to its company.
                    case "failed" ->
                        row.getString(5) != null && isAsStored && !isElsewhere ? State.DELIVERED : State.REFUSED;
                    case "gone" -> State.REMOVED;
                    default ->
                        isElsewhere
                                ? State.ELSEWHERE
                                : row.getString(19) != null
                                        ? State.LEFT_OUT
                                        : isAsStored ? State.DELIVERED : State.NOT_STORED;
                };
        if (state != State.DELIVERED) {
            return new Entry(key, state, null);
        }
        CustomerContact contact = ContactTable.contact(row, 9);
        return new Entry(
                key,
                state,
                new Delivery(
                        key, contact, accepted, row.getString(7), false, WithoutEmail.is(row.getString(18)), true, 0));
    }

    /**
     * The sink is to get these once more, as they are.
     *
     * @return how many have not changed meanwhile, nor wait already
     */
    public int repair(Collection<Delivery> delivered) {
        Object now = database.dialect().instant(clock.instant());
        return database.inTransaction(connection -> {
            int marked = 0;
            try (PreparedStatement statement = connection.prepareStatement(REPAIR)) {
                for (Delivery delivery : delivered) {
                    statement.setObject(1, now);
                    statement.setString(2, sink);
                    int hash = database.dialect().setKey(statement, 3, delivery.key());
                    statement.setString(hash, delivery.hash());
                    statement.addBatch();
                }
                for (int updated : statement.executeBatch()) {
                    marked += updated;
                }
            }
            return marked;
        });
    }
}
