package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;

/** The dead letters of contacts that one sink does not take as they are: at most one is open for each. */
final class DeliveryDeadLetters {

    private static final String INSERT = """
            INSERT INTO dead_letter (source, position, tenant_id, customer_id, contact_id, stage, reason, http_status,
                error_code, error_message, errors, attempts, first_failed_at, last_failed_at, channel)
            VALUES ('delivery', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
            """;

    private static final String CLOSE_FORMER = """
            UPDATE dead_letter SET state = 'replayed' WHERE state = 'open' AND stage IN (?, ?, ?)
                AND (tenant_id, customer_id, contact_id) IN (SELECT tenant_id, customer_id, contact_id FROM delivery
                    WHERE sink = ? AND contact_id = ? AND tenant_id = ? AND customer_id <> ?
                        AND refused_hash IS NOT NULL)
            """;

    private final Dialect dialect;
    private final String sink;
    private final RunStore runs;
    private final String stage;
    private final String stageOfLink;
    private final String stageOfEmail;

    /**
     * @param sink as the column {@code delivery.sink} has it
     * @param runs know whether dead letters have a channel
     */
    DeliveryDeadLetters(Dialect dialect, String sink, RunStore runs) {
        this.dialect = dialect;
        this.sink = sink;
        this.runs = runs;
        this.stage = "sink:" + sink;
        this.stageOfLink = stage + ":company";
        this.stageOfEmail = stage + ":email";
    }

    void refused(Connection connection, ContactKey key, Outcome.Failed why, Object now) throws SQLException {
        write(connection, key, stage, why, now);
    }

    /** The sink has the contact, and not the link to its company. */
    void unlinked(Connection connection, ContactKey key, Outcome.Failed why, Object now) throws SQLException {
        write(connection, key, stageOfLink, why, now);
    }

    /** The sink has the contact without its e-mail address. */
    void withoutEmail(Connection connection, ContactKey key, Outcome.Failed why, Object now) throws SQLException {
        write(connection, key, stageOfEmail, why, now);
    }

    /** Nothing has changed since. @return false when no dead letter of it is open any more */
    boolean stillWithoutEmail(Connection connection, ContactKey key, Object now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE dead_letter SET attempts = attempts + 1, last_failed_at = ?"
                        + " WHERE tenant_id = ? AND customer_id = ? AND contact_id = ?"
                        + " AND stage = ? AND state = 'open'")) {
            statement.setObject(1, now);
            statement.setString(dialect.setKey(statement, 2, key), stageOfEmail);
            return statement.executeUpdate() > 0;
        }
    }

    /** The sink has been sent the contact again. */
    void close(Connection connection, ContactKey key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE dead_letter SET state = 'replayed' WHERE tenant_id = ? AND customer_id = ? AND contact_id = ?"
                        + " AND stage IN (?, ?, ?) AND state = 'open'")) {
            int parameter = dialect.setKey(statement, 1, key);
            statement.setString(parameter, stage);
            statement.setString(parameter + 1, stageOfLink);
            statement.setString(parameter + 2, stageOfEmail);
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
                statement.setString(1, stage);
                statement.setString(2, stageOfLink);
                statement.setString(3, stageOfEmail);
                statement.setString(4, sink);
                dialect.setUuid(statement, 5, key.contactId());
                dialect.setUuid(statement, 6, key.tenantId());
                dialect.setUuid(statement, 7, key.customerId());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void write(Connection connection, ContactKey key, String where, Outcome.Failed why, Object now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setString(1, JtlId.text(key.contactId()));
            dialect.setKey(statement, 2, key);
            statement.setString(5, where);
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
