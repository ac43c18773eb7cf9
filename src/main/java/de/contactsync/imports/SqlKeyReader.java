package de.contactsync.imports;

import de.contactsync.keyfile.KeyReader;
import de.contactsync.keyfile.KeyRowParser;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Properties;

/**
 * Reads keys with a query from any database that has a JDBC driver, row by row. Positions are row numbers from 1. A
 * failure of the database is a {@link ProcessingHaltedException}. Not thread-safe.
 */
final class SqlKeyReader implements KeyReader {

    private static final int AT_ONCE = 1_000;
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(10);

    private final DatabaseSettings database;
    private final Connection connection;
    private final ResultSet row;
    private final KeyRowParser rows;
    private KeyEntry next;
    private long position;

    private SqlKeyReader(DatabaseSettings database, Connection connection, ResultSet row, KeyRowParser rows) {
        this.database = database;
        this.connection = connection;
        this.row = row;
        this.rows = rows;
    }

    static SqlKeyReader open(KeySelection.Sql keys) {
        DatabaseSettings database = keys.database();
        try {
            Connection connection = DriverManager.getConnection(database.url(), credentials(database));
            try {
                return open(database, connection, keys.query());
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw failure(database, e);
        } catch (UnreadableKeyFileException e) {
            throw new ProcessingHaltedException("contacts.timer.sql.query returns no keys: " + e.getMessage(), e);
        }
    }

    private static SqlKeyReader open(DatabaseSettings database, Connection connection, String query)
            throws SQLException {
        try {
            connection.setNetworkTimeout(Runnable::run, (int) LONGEST_SILENCE.toMillis());
        } catch (SQLFeatureNotSupportedException e) {
            // A database within this process, for one, has no network.
            connection.clearWarnings();
        }
        // Without this PostgreSQL's driver fetches all rows at once.
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.setFetchSize(AT_ONCE);
        ResultSet row = statement.executeQuery(query);
        ResultSetMetaData columns = row.getMetaData();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            names.add(columns.getColumnLabel(i));
        }
        return new SqlKeyReader(database, connection, row, KeyRowParser.of(names));
    }

    private static Properties credentials(DatabaseSettings database) {
        Properties credentials = new Properties();
        if (database.username() != null) {
            credentials.setProperty("user", database.username());
        }
        if (database.password() != null) {
            credentials.setProperty("password", database.password());
        }
        return credentials;
    }

    private static ProcessingHaltedException failure(DatabaseSettings database, SQLException e) {
        return new ProcessingHaltedException(
                "the keys cannot be read from " + database.shownUrl() + ": "
                        + DatabaseSettings.withoutCredentials(String.valueOf(e.getMessage()))
                        + "; check contacts.timer.sql.query, .url, .username and .password",
                e);
    }

    @Override
    public boolean hasNext() {
        try {
            if (next == null && row.next()) {
                next = rows.entry(++position, column -> row.getString(column + 1));
            }
            return next != null;
        } catch (SQLException e) {
            throw failure(database, e);
        }
    }

    @Override
    public KeyEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        KeyEntry entry = next;
        next = null;
        return entry;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(database, e);
        }
    }
}
