package de.contactsync.messaging.http;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
import de.contactsync.persistence.Dialect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/**
 * A row of {@code received_key}.
 *
 * @param position of its dead letter: the id of the request, with {@code #n} for the n-th of several keys
 */
record ReceivedKey(String position, KeyEntry entry) {

    static ReceivedKey read(Dialect dialect, ResultSet row) throws SQLException {
        String position = row.getString("position");
        String tenant = row.getString("tenant_id");
        String customer = row.getString("customer_id");
        KeyEntry entry = customer == null
                ? new KeyEntry.Invalid(
                        1,
                        row.getString("raw_key"),
                        row.getString("problem"),
                        Reason.INVALID_KEY,
                        null,
                        tenant == null ? null : UUID.fromString(tenant))
                : new KeyEntry.Valid(
                        1,
                        new ContactKey(
                                UUID.fromString(tenant),
                                UUID.fromString(customer),
                                UUID.fromString(row.getString("contact_id"))));
        return new ReceivedKey(position, entry);
    }

    /** The id of the request that it came with. */
    String requestId() {
        return position.replaceFirst("#.*", "");
    }
}
