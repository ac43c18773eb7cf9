package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.RecordOwners;
import de.contactsync.persistence.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Collection;
import java.util.Collections;
import java.util.UUID;

/** The ids of records that the rows of the table {@code delivery} of one sink remember. Thread-safe. */
public final class RemoteRecordTable implements RecordOwners {

    private static final String LIVING = """
            SELECT tenant_id, customer_id, contact_id FROM delivery
            WHERE sink = ? AND tenant_id = ? AND wanted_hash IS NOT NULL AND contact_id = ?
            UNION ALL
            SELECT tenant_id, customer_id, contact_id FROM delivery
            WHERE sink = ? AND wanted_hash IS NOT NULL AND remote_id IN (%s)
                AND NOT (tenant_id = ? AND contact_id = ?)
            LIMIT 1
            """;

    private final Database database;
    private final String sink;

    public RemoteRecordTable(Database database, String sink) {
        this.database = database;
        this.sink = sink;
    }

    @Override
    public ContactKey living(ContactKey contact, Collection<String> recordIds) {
        String sql = LIVING.formatted(String.join(", ", Collections.nCopies(recordIds.size(), "?")));
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, sink);
                database.dialect().setUuid(statement, 2, contact.tenantId());
                database.dialect().setUuid(statement, 3, contact.contactId());
                statement.setString(4, sink);
                int parameter = 5;
                for (String id : recordIds) {
                    statement.setString(parameter++, id);
                }
                database.dialect().setUuid(statement, parameter++, contact.tenantId());
                database.dialect().setUuid(statement, parameter, contact.contactId());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? new ContactKey(
                                    UUID.fromString(row.getString(1)),
                                    UUID.fromString(row.getString(2)),
                                    UUID.fromString(row.getString(3)))
                            : null;
                }
            }
        });
    }
}
