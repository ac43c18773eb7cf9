package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.persistence.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;

/**
 * Names rows of the table {@code delivery} in statements.
 *
 * @param owner this process, as the column {@code claimed_by} has it
 */
record DeliveryRows(Dialect dialect, String sink, String owner) {

    /** A contact of the sink. */
    static final String KEY = " WHERE sink = ? AND tenant_id = ? AND customer_id = ? AND contact_id = ?";

    /** One that this process has claimed, and no other taken over meanwhile. */
    static final String OWN = KEY + " AND claimed_by = ?";

    /** @return the parameter behind those of {@link #KEY} */
    int bind(PreparedStatement statement, int parameter, ContactKey key) throws SQLException {
        statement.setString(parameter, sink);
        return dialect.setKey(statement, parameter + 1, key);
    }

    /** Those of {@link #OWN}. */
    void bindOwn(PreparedStatement statement, int parameter, ContactKey key) throws SQLException {
        statement.setString(bind(statement, parameter, key), owner);
    }

    /** @param sql with no parameters but those of {@link #OWN} */
    void updateOwn(Connection connection, String sql, Collection<Delivery> deliveries) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Delivery delivery : deliveries) {
                bindOwn(statement, 1, delivery.key());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
