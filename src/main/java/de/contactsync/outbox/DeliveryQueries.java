package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.persistence.ContactTable;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.WithoutEmail;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** What one sink has of contacts, for whoever looks; writes nothing. */
public final class DeliveryQueries {

    private static final String SQL = """
            SELECT d.state, d.content_hash, d.refused_hash, c.content_hash, c.department, c.honorific, c.first_name,
                c.last_name, c.phone_number, c.mobile_phone_number, c.email_address, c.fax, d.wanted_hash, d.attempts,
                d.missing_in, d.delivered_at, d.left_out
            FROM delivery d JOIN contact c ON c.tenant_id = d.tenant_id AND c.customer_id = d.customer_id
                AND c.contact_id = d.contact_id
            WHERE d.sink = ? AND d.tenant_id = ? AND d.customer_id = ? AND d.contact_id = ?
            """;

    /** As {@link de.contactsync.persistence.RunRemains#removeMissing} looks for them. */
    private static final String ELSEWHERE = """
            SELECT count(*) FROM delivery WHERE sink = ? AND tenant_id = ? AND contact_id = ? AND customer_id <> ?
                AND wanted_hash IS NOT NULL AND missing_in IS NULL
            """;

    /**
     * @param wantedHash   what the sink is to have; null when that is nothing, since JTL has the contact no longer
     * @param acceptedHash what the sink accepted last, null when nothing
     * @param refusedHash  what it refused since, null when nothing; empty for a deletion
     * @param attempted    whether it was sent since, and no answer is known
     * @param missing      whether a run that has not ended did not find it at JTL
     * @param recorded     whether the sink has ever taken it, perhaps to remove it again since
     * @param leftOut      as of {@link de.contactsync.model.DeliveryResult.LeftOut#text}; null when it is not left out
     * @param accepted     the contact as it was accepted; null when the table {@code contact} has another one by now
     */
    public record Known(
            String state,
            String wantedHash,
            String acceptedHash,
            String refusedHash,
            boolean attempted,
            boolean missing,
            boolean recorded,
            String leftOut,
            CustomerContact accepted) {

        /** Whether an import that finds the contact like this sends it, as {@link DeliveryEnqueuer} decides it. */
        public boolean isSentAs(String hash) {
            if (lacksEmail()) {
                return true;
            }
            if (hash.equals(wantedHash) && !missing) {
                return isPending();
            }
            return attempted || !hash.equals(refusedHash) && !hash.equals(acceptedHash);
        }

        /** Whether the sink has it without its e-mail address, which is another record's there. */
        public boolean lacksEmail() {
            return WithoutEmail.is(refusedHash);
        }

        /** Whether nothing else is sent of it as long as the address is not free. */
        public boolean lacksOnlyEmail(String hash) {
            return !attempted
                    && hash.equals(acceptedHash)
                    && WithoutEmail.of(hash).equals(refusedHash);
        }

        /** Whether a run that does not find the contact removes it from the sink, as {@link Removals} decide. */
        public boolean isRemovedByRun() {
            return wantedHash != null && (acceptedHash != null || attempted);
        }

        /** Whether it is sent as it is stored, also when JTL says nothing of it. */
        public boolean isWaiting() {
            return wantedHash != null && isPending();
        }

        /** Whether it is about to be removed, whatever JTL says of it now. */
        public boolean isBeingRemoved() {
            return wantedHash == null && isPending();
        }

        public boolean isPending() {
            return state.equals("pending");
        }

        /** Whether the sink was told that JTL has it no longer. */
        public boolean isGone() {
            return state.equals("gone");
        }
    }

    private final Database database;
    private final String sink;

    public DeliveryQueries(Database database, String sink) {
        this.database = database;
        this.sink = sink;
    }

    /** Empty when the contact has never been meant for the sink. */
    public Optional<Known> of(ContactKey key) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(SQL)) {
                statement.setString(1, sink);
                database.dialect().setKey(statement, 2, key);
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next()) {
                        return Optional.empty();
                    }
                    String accepted = row.getString(2);
                    CustomerContact stored = ContactTable.contact(row, 5);
                    return Optional.of(new Known(
                            row.getString(1),
                            row.getString(13),
                            accepted,
                            row.getString(3),
                            row.getInt(14) > 0,
                            row.getObject(15) != null,
                            row.getObject(16) != null,
                            row.getString(17),
                            row.getString(4).equals(accepted) ? stored : null));
                }
            }
        });
    }

    /** Under how many other customers the sink is to have the same contact: there it is the same record. */
    public int elsewhere(ContactKey key) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(ELSEWHERE)) {
                statement.setString(1, sink);
                database.dialect().setUuid(statement, 2, key.tenantId());
                database.dialect().setUuid(statement, 3, key.contactId());
                database.dialect().setUuid(statement, 4, key.customerId());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    /** How many contacts wait to be sent, or to be removed. */
    public long pending() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT count(*) FROM delivery WHERE sink = ? AND state = 'pending'")) {
                statement.setString(1, sink);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }
}
