package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * What has not come to its end, as the tables show it.
 *
 * @param pendingDeliveries contacts that wait to be sent, by sink; without sinks for which none do
 * @param oldestRun when the run began that has been unfinished for longest; null when there is none
 */
public record BacklogQueries(long openDeadLetters, Map<String, Long> pendingDeliveries, Instant oldestRun) {

    /** Over a connection of its own, which only reads: a query must not block a commit. */
    public static BacklogQueries read(DatabaseSettings settings) throws SQLException {
        Dialect dialect = Dialect.of(settings.url());
        try (Connection connection = DriverManager.getConnection(settings.url(), properties(settings, dialect));
                Statement statement = connection.createStatement()) {
            long openDeadLetters = openDeadLetters(statement);
            Map<String, Long> pendingDeliveries = pendingDeliveries(statement);
            try (ResultSet row = statement.executeQuery(
                    "SELECT min(started_at) FROM import_run WHERE closed_at IS NULL AND state <> 'finished'")) {
                row.next();
                return new BacklogQueries(openDeadLetters, pendingDeliveries, dialect.instant(row, 1));
            }
        }
    }

    private static long openDeadLetters(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM dead_letter WHERE state = 'open'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Map<String, Long> pendingDeliveries(Statement statement) throws SQLException {
        Map<String, Long> pending = new HashMap<>();
        try (ResultSet row =
                statement.executeQuery("SELECT sink, count(*) FROM delivery WHERE state = 'pending' GROUP BY sink")) {
            while (row.next()) {
                pending.put(row.getString(1), row.getLong(2));
            }
        }
        return pending;
    }

    private static Properties properties(DatabaseSettings settings, Dialect dialect) {
        Properties properties = new Properties();
        if (dialect == Dialect.SQLITE) {
            // SQLITE_OPEN_READONLY: a database that was taken away must not be made anew, and empty.
            properties.setProperty("open_mode", "1");
            return properties;
        }
        if (settings.username() != null) {
            properties.setProperty("user", settings.username());
        }
        if (settings.password() != null) {
            properties.setProperty("password", settings.password());
        }
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "20");
        properties.setProperty("ApplicationName", "jtl-contact-sync status");
        return properties;
    }
}
