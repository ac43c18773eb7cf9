package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SinkStage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;

/** The dead letters of contacts that one sink does not take as they are: at most one is open for each. */
final class DeliveryDeadLetters {

    /** The part of a delivery that an e-mail address is. */
    private static final String EMAIL = "email";

    private static final String INSERT = """
            INSERT INTO dead_letter (source, position, tenant_id, customer_id, contact_id, stage, reason, http_status,
                error_code, error_message, errors, attempts, first_failed_at, last_failed_at, channel)
            VALUES ('delivery', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
            """;

    private static final String CLOSE_FORMER = """
            UPDATE dead_letter SET state = 'replayed' WHERE state = 'open' AND %s
                AND (tenant_id, customer_id, contact_id) IN (SELECT tenant_id, customer_id, contact_id FROM delivery
                    WHERE sink = ? AND contact_id = ? AND tenant_id = ? AND customer_id <> ?
                        AND refused_hash IS NOT NULL)
            """.formatted(SinkStage.condition("stage"));

    private final Dialect dialect;
    private final String sink;
    private final RunStore runs;

    /**
     * @param sink as the column {@code delivery.sink} has it
     * @param runs know whether dead letters have a channel
     */
    DeliveryDeadLetters(Dialect dialect, String sink, RunStore runs) {
        this.dialect = dialect;
        this.sink = sink;
        this.runs = runs;
    }

    void refused(Connection connection, ContactKey key, Outcome.Failed why, Object now) throws SQLException {
        write(connection, key, null, why, now);
    }

    /** The sink has the contact, and not what belongs to it. @param part as of {@link DeliveryResult.Unlinked} */
    void unlinked(Connection connection, ContactKey key, String part, Outcome.Failed why, Object now)
            throws SQLException {
        write(connection, key, part, why, now);
    }

    /** The sink has the contact without its e-mail address. */
    void withoutEmail(Connection connection, ContactKey key, Outcome.Failed why, Object now) throws SQLException {
        write(connection, key, EMAIL, why, now);
    }

    /** Nothing has changed since. @return false when no dead letter of it is open any more */
    boolean stillWithoutEmail(Connection connection, ContactKey key, Object now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE dead_letter SET attempts = attempts + 1, last_failed_at = ?"
                        + " WHERE tenant_id = ? AND customer_id = ? AND contact_id = ?"
                        + " AND stage = ? AND state = 'open'")) {
            statement.setObject(1, now);
            statement.setString(dialect.setKey(statement, 2, key), SinkStage.of(sink, EMAIL));
            return statement.executeUpdate() > 0;
        }
    }

    /** The sink has been sent the contact again. */
    void close(Connection connection, ContactKey key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE dead_letter SET state = 'replayed' WHERE tenant_id = ? AND customer_id = ? AND contact_id = ?"
                        + " AND state = 'open' AND " + SinkStage.condition("stage"))) {
            SinkStage.bind(statement, dialect.setKey(statement, 1, key), sink);
            statement.executeUpdate();
        }
    }

    /**
     * What could not be sent of these contacts while they belonged to another customer: there it is the same record, and
     * the sink has it as JTL has it now.
     */
    void closeOfFormerCustomers(Connection connection, List<ContactKey> delivered) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CLOSE_FORMER)) {
            for (ContactKey key : delivered) {
                int parameter = SinkStage.bind(statement, 1, sink);
                statement.setString(parameter, sink);
                dialect.setUuid(statement, parameter + 1, key.contactId());
                dialect.setUuid(statement, parameter + 2, key.tenantId());
                dialect.setUuid(statement, parameter + 3, key.customerId());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void write(Connection connection, ContactKey key, String part, Outcome.Failed why, Object now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setString(1, JtlId.text(key.contactId()));
            dialect.setKey(statement, 2, key);
            statement.setString(5, SinkStage.of(sink, part));
            statement.setString(6, why.reason().code());
            statement.setObject(7, why.httpStatus(), Types.INTEGER);
            statement.setString(8, why.errorCode());
            statement.setString(9, why.errorMessage());
            statement.setString(10, why.errors());
            statement.setObject(11, now);
            statement.setObject(12, now);
            statement.setString(13, runs.deadLetterChannel());
            statement.executeUpdate();
        }
    }
}
