package de.contactsync.ledger;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.sqlite.SQLiteOpenMode;

/** How the pools of connections to each kind of database are set up. */
final class Pools {

    /** How long SQLite waits for another process that writes. */
    static final Duration BUSY_TIMEOUT = Duration.ofSeconds(30);

    /** Of PostgreSQL; the driver waits longer, so that it is the server that ends a statement. */
    static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(45);

    private Pools() {}

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
        config.setMaximumPoolSize(8);
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
     * Whether a pooler such as pgbouncer stands between: it makes up the process id that it tells of its server.
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
        Path file = file(url);
        if (file != null && file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
    }

    /** Null when SQLite's URL names none, or names it in a way of its own. */
    static Path file(String url) {
        String file = url.substring("jdbc:sqlite:".length()).replaceFirst("\\?.*$", "");
        return file.isEmpty() || file.startsWith(":") || file.startsWith("file:") ? null : Path.of(file).toAbsolutePath();
    }
}
