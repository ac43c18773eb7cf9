package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.persistence.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** What one sink has of contacts, for whoever looks; writes nothing. */
public final class DeliveryQueries {

    private static final String SQL = """
            SELECT d.state, d.content_hash, d.refused_hash, c.content_hash, c.department, c.honorific, c.first_name,
                c.last_name, c.phone_number, c.mobile_phone_number, c.email_address, c.fax
            FROM delivery d JOIN contact c ON c.tenant_id = d.tenant_id AND c.customer_id = d.customer_id
                AND c.contact_id = d.contact_id
            WHERE d.sink = ? AND d.tenant_id = ? AND d.customer_id = ? AND d.contact_id = ?
            """;

    /**
     * @param acceptedHash what the sink accepted last, null when nothing
     * @param refusedHash  what it refused since, null when nothing
     * @param accepted     the contact as it was accepted; null when the table {@code contact} has another one by now
     */
    public record Known(String state, String acceptedHash, String refusedHash, CustomerContact accepted) {}

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
                database.dialect().setUuid(statement, 2, key.tenantId());
                database.dialect().setUuid(statement, 3, key.customerId());
                database.dialect().setUuid(statement, 4, key.contactId());
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next()) {
                        return Optional.empty();
                    }
                    String accepted = row.getString(2);
                    CustomerContact stored = new CustomerContact(
                            row.getString(5),
                            row.getString(6),
                            row.getString(7),
                            row.getString(8),
                            row.getString(9),
                            row.getString(10),
                            row.getString(11),
                            row.getString(12));
                    return Optional.of(new Known(
                            row.getString(1),
                            accepted,
                            row.getString(3),
                            row.getString(4).equals(accepted) ? stored : null));
                }
            }
        });
    }
}
