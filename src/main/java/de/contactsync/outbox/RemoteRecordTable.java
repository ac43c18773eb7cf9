package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.RecordOwners;
import de.contactsync.persistence.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** The ids of records that the rows of the table {@code delivery} of one sink remember. Thread-safe. */
public final class RemoteRecordTable implements RecordOwners {

    private static final String SAME = """
            SELECT tenant_id, customer_id, contact_id FROM delivery
            WHERE sink = ? AND tenant_id = ? AND wanted_hash IS NOT NULL AND contact_id = ?
            LIMIT 1
            """;

    private static final String DELIVERED = """
            SELECT tenant_id, customer_id, contact_id, remote_id, content_hash FROM delivery
            WHERE sink = ? AND remote_id IS NOT NULL AND state = 'delivered' AND wanted_hash = content_hash
            LIMIT 1
            """;

    private static final String OTHERS = """
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
        return database.inTransaction(connection -> {
            ContactKey same = same(connection, contact);
            return same != null || recordIds.isEmpty() ? same : other(connection, contact, recordIds);
        });
    }

    @Override
    public ContactKey other(ContactKey contact, String recordId) {
        return database.inTransaction(connection -> other(connection, contact, List.of(recordId)));
    }

    @Override
    public Delivery anyDelivered() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(DELIVERED)) {
                statement.setString(1, sink);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? new Delivery(
                                    database.dialect().key(row, 1), null, row.getString(5), row.getString(4), false)
                            : null;
                }
            }
        });
    }

    private ContactKey same(Connection connection, ContactKey contact) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAME)) {
            statement.setString(1, sink);
            database.dialect().setUuid(statement, 2, contact.tenantId());
            database.dialect().setUuid(statement, 3, contact.contactId());
            return key(statement);
        }
    }

    private ContactKey other(Connection connection, ContactKey contact, Collection<String> recordIds)
            throws SQLException {
        String sql = OTHERS.formatted(String.join(", ", Collections.nCopies(recordIds.size(), "?")));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, sink);
            int parameter = 2;
            for (String id : recordIds) {
                statement.setString(parameter++, id);
            }
            database.dialect().setUuid(statement, parameter++, contact.tenantId());
            database.dialect().setUuid(statement, parameter, contact.contactId());
            return key(statement);
        }
    }

    private ContactKey key(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? database.dialect().key(row, 1) : null;
        }
    }
}
