package de.contactsync.persistence;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.sqlite.SQLiteOpenMode;

/** Opens the pools of connections to each kind of database. */
final class ConnectionPools {

    /** How long SQLite waits for another process that writes. */
    static final Duration BUSY_TIMEOUT = Duration.ofSeconds(30);

    /** Of PostgreSQL; the driver waits longer, so that it is the server that ends a statement. */
    static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(45);

    /** A lock of another process: no event says that it is free. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private ConnectionPools() {}

    /**
     * Connections that read and write.
     *
     * @throws ProcessingHaltedException when it is not a database that this program may use
     * @throws PoolInitializationException when it cannot be reached
     */
    static HikariDataSource open(DatabaseSettings settings) throws IOException {
        return Dialect.of(settings.url()) == Dialect.SQLITE ? openSqlite(settings) : openPostgresql(settings, false);
    }

    /**
     * Connections that only read.
     *
     * @throws ProcessingHaltedException when it is not there, or not one that this program may use
     * @throws PoolInitializationException when it cannot be reached
     */
    static HikariDataSource openToRead(DatabaseSettings settings) {
        if (Dialect.of(settings.url()) == Dialect.POSTGRESQL) {
            return openPostgresql(settings, true);
        }
        settings.requireUsableName();
        Path file = settings.sqliteFile();
        if (file != null && !Files.exists(file)) {
            throw new NoDatabaseException(
                    "the database " + settings.shownUrl() + " is not there yet: nothing was imported into"
                            + " it; check contacts.database.url, and the folder that the command is given in");
        }
        SqliteLibrary.require();
        return new HikariDataSource(sqliteToRead(settings));
    }

    /** SQLite itself does not wait where a new file is switched to WAL while another process writes to it. */
    private static HikariDataSource openSqlite(DatabaseSettings settings) throws IOException {
        settings.requireUsableName();
        SqliteLibrary.require();
        HikariConfig config = sqlite(settings);
        long began = System.nanoTime();
        while (true) {
            try {
                requireOwnFile(settings);
                return new HikariDataSource(config);
            } catch (SQLException | PoolInitializationException e) {
                if (System.nanoTime() - began > BUSY_TIMEOUT.toNanos() || !SqliteErrors.isHeldByAnother(e)) {
                    throw e instanceof PoolInitializationException failure
                            ? failure
                            : new PoolInitializationException(e);
                }
                LockSupport.parkNanos(POLL_INTERVAL.toNanos());
            }
        }
    }

    /** Before the pool switches it to WAL, which would change a file of another program. */
    private static void requireOwnFile(DatabaseSettings settings) throws SQLException {
        Path file = settings.sqliteFile();
        if (file != null && Files.exists(file)) {
            try (Connection connection = connectToSqlite(settings)) {
                DatabaseCheck.requireOwnSchema(connection, settings);
            }
        }
    }

    /** One connection to a file that is there, which leaves its journal as it is. */
    static Connection connectToSqlite(DatabaseSettings settings) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("open_mode", Integer.toString(SQLiteOpenMode.READWRITE.flag));
        properties.setProperty("busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        properties.setProperty("transaction_mode", "IMMEDIATE");
        return DriverManager.getConnection(settings.url(), properties);
    }

    private static HikariDataSource openPostgresql(DatabaseSettings settings, boolean readOnly) {
        HikariDataSource pool = new HikariDataSource(postgresql(settings, readOnly, false));
        try (Connection connection = pool.getConnection()) {
            requireEncoding(connection, settings);
            if (!isPooled(connection)) {
                return pool;
            }
        } catch (SQLException e) {
            pool.close();
            throw new PoolInitializationException(e);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        pool.close();
        return new HikariDataSource(postgresql(settings, readOnly, true));
    }

    private static HikariConfig postgresql(DatabaseSettings settings, boolean readOnly, boolean pooled) {
        HikariConfig config = postgresql(settings, pooled);
        config.setReadOnly(readOnly);
        if (!readOnly) {
            // Of several servers that the URL names the one that takes writes.
            config.addDataSourceProperty("targetServerType", "primary");
        }
        return config;
    }

    /** Another encoding lacks characters that names have and that messages are written in; SQL_ASCII keeps them all. */
    private static void requireEncoding(Connection connection, DatabaseSettings settings) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_encoding")) {
            row.next();
            String encoding = row.getString(1);
            if (!encoding.equals("UTF8") && !encoding.equals("SQL_ASCII")) {
                throw new ProcessingHaltedException("the database " + settings.shownUrl() + " is encoded in " + encoding
                        + ", which lacks characters that contacts have: create one with CREATE DATABASE name ENCODING"
                        + " 'UTF8' TEMPLATE template0, and name it in contacts.database.url");
            }
        }
    }

    static HikariConfig sqlite(DatabaseSettings settings) throws IOException {
        createFolder(settings.url());
        HikariConfig config = common(settings);
        // SQLite has one writer at a time; a second connection would only wait for the first.
        config.setMaximumPoolSize(1);
        Properties pragmas = new Properties();
        pragmas.setProperty("journal_mode", "WAL");
        pragmas.setProperty("synchronous", "FULL");
        pragmas.setProperty("busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        pragmas.setProperty("foreign_keys", "true");
        // Pages and KiB: 40 MB of log before it is copied into the file, so that a page changed often is copied once.
        pragmas.setProperty("wal_autocheckpoint", "10000");
        pragmas.setProperty("cache_size", "-32000");
        // The log keeps the size it once grew to otherwise: bytes.
        pragmas.setProperty("journal_size_limit", "67108864");
        // Takes the write lock at BEGIN, where waiting for another process is possible.
        pragmas.setProperty("transaction_mode", "IMMEDIATE");
        config.setDataSourceProperties(pragmas);
        return config;
    }

    static HikariConfig sqliteToRead(DatabaseSettings settings) {
        HikariConfig config = common(settings);
        config.setMaximumPoolSize(1);
        config.setReadOnly(true);
        config.addDataSourceProperty("open_mode", Integer.toString(SQLiteOpenMode.READONLY.flag));
        config.addDataSourceProperty("busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        config.addDataSourceProperty("cache_size", "-32000");
        return config;
    }

    /** @param pooled whether the server is reached through a pooler, as {@link #isPooled} finds out */
    static HikariConfig postgresql(DatabaseSettings settings, boolean pooled) {
        HikariConfig config = common(settings);
        config.setExceptionOverrideClassName(RaisedByTrigger.class.getName());
        config.setMaximumPoolSize(8);
        // More are opened when they are needed: most commands do with one, and each is a process of the server.
        config.setMinimumIdle(1);
        if (pooled) {
            // Each transaction may be another server's connection, which knows no statement that was prepared before.
            config.addDataSourceProperty("prepareThreshold", "0");
        }
        config.setUsername(settings.username());
        config.setPassword(settings.password());
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        // Else messages of failed statements hold the rows, and so contacts.
        config.addDataSourceProperty("logServerErrorDetail", "false");
        config.addDataSourceProperty("ApplicationName", "jtl-contact-sync");
        config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
        config.addDataSourceProperty("connectTimeout", "5");
        config.addDataSourceProperty("socketTimeout", "60");
        return config;
    }

    /**
     * Whether a pooler such as pgbouncer stands between: it makes up the process id that it reports its server.
     *
     * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html">BackendKeyData</a>
     */
    static boolean isPooled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    private static HikariConfig common(DatabaseSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("ledger");
        config.setJdbcUrl(settings.url());
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        config.setInitializationFailTimeout(1);
        return config;
    }

    private static void createFolder(String url) throws IOException {
        Path file = DatabaseSettings.sqliteFile(url);
        if (file != null && file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
    }
}
