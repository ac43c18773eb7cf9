package de.contactsync.outbox;

import de.contactsync.persistence.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The messages that went out by one channel lately, in the table {@code alert_message}: whoever is restarted knows of
 * them, and so do other processes. By the clock of the database. Thread-safe.
 */
public final class SentMessages {

    private final Database database;
    private final String channel;
    private final long window;
    private final String recent;

    /** @param window for how long a message counts */
    public SentMessages(Database database, String channel, Duration window) {
        this.database = database;
        this.channel = channel;
        this.window = TimeUnit.NANOSECONDS.toMicros(window.toNanos());
        String now = database.dialect().epochMicros();
        // Those of a clock that was ahead are none: they would count until that time has come.
        this.recent = "sent_at > " + now + " - ? AND sent_at <= " + now;
    }

    /** How many count now. */
    public int count() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT count(*) FROM alert_message WHERE channel = ? AND " + recent)) {
                statement.setString(1, channel);
                statement.setLong(2, window);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    /** So many have gone out just now. */
    public void add(int messages) {
        database.inTransaction(connection -> {
            forget(connection);
            try (PreparedStatement statement =
                    connection.prepareStatement("INSERT INTO alert_message (channel, sent_at) VALUES (?, "
                            + database.dialect().epochMicros() + ")")) {
                for (int i = 0; i < messages; i++) {
                    statement.setString(1, channel);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            return null;
        });
    }

    private void forget(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM alert_message WHERE channel = ? AND NOT (" + recent + ")")) {
            statement.setString(1, channel);
            statement.setLong(2, window);
            statement.executeUpdate();
        }
    }
}
