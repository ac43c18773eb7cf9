package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The rows of the table {@code create_attempt} that belong to one sink. Thread-safe. */
public final class CreateAttemptTable implements CreateAttempts {

    private static final String KEY = " WHERE sink = ? AND tenant_id = ? AND customer_id = ? AND contact_id = ?";

    private static final String OLD = """
            DELETE FROM create_attempt WHERE sink = ? AND tried_at < ? AND (tenant_id, customer_id, contact_id) IN (
                SELECT tenant_id, customer_id, contact_id FROM create_attempt WHERE sink = ? AND tried_at < ?
                ORDER BY tried_at LIMIT ?)
            """;
    private static final int PAGE = 1_000;
    private static final Duration BETWEEN_REMOVALS = Duration.ofMinutes(1);

    private final Database database;
    private final String sink;
    private final Clock clock;
    private Instant nextRemoval = Instant.MIN;

    public CreateAttemptTable(Database database, String sink, Clock clock) {
        this.database = database;
        this.sink = sink;
        this.clock = clock;
    }

    @Override
    public boolean isRecent(ContactKey key, Duration within) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT 1 FROM create_attempt" + KEY + " AND tried_at > ?")) {
                bind(statement, 1, key);
                statement.setObject(
                        5, database.dialect().instant(clock.instant().minus(within)));
                try (ResultSet row = statement.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    @Override
    public void note(ContactKey key, Duration within) {
        removeOld(within);
        database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    INSERT INTO create_attempt (sink, tenant_id, customer_id, contact_id, tried_at)
                        VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (sink, tenant_id, customer_id, contact_id) DO UPDATE SET tried_at = excluded.tried_at
                    """)) {
                bind(statement, 1, key);
                statement.setObject(5, database.dialect().instant(clock.instant()));
                return statement.executeUpdate();
            }
        });
    }

    /** What is older than it counts; without it there would be a row for each contact that was ever created. */
    private synchronized void removeOld(Duration within) {
        Instant now = clock.instant();
        if (now.isBefore(nextRemoval)) {
            return;
        }
        nextRemoval = now.plus(BETWEEN_REMOVALS);
        Object before = database.dialect().instant(now.minus(within));
        for (int page = PAGE; page == PAGE; ) {
            page = database.inTransaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(OLD)) {
                    statement.setString(1, sink);
                    statement.setObject(2, before);
                    statement.setString(3, sink);
                    statement.setObject(4, before);
                    statement.setInt(5, PAGE);
                    return statement.executeUpdate();
                }
            });
        }
    }

    @Override
    public void forget(ContactKey key) {
        database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("DELETE FROM create_attempt" + KEY)) {
                bind(statement, 1, key);
                return statement.executeUpdate();
            }
        });
    }

    private void bind(PreparedStatement statement, int first, ContactKey key) throws SQLException {
        statement.setString(first, sink);
        database.dialect().setKey(statement, first + 1, key);
    }
}
