package de.contactsync.ledger;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.sqlite.SQLiteOpenMode;

/** How the pools of connections to each kind of database are set up. */
final class Pools {

    /** How long SQLite waits for another process that writes. */
    static final Duration BUSY_TIMEOUT = Duration.ofSeconds(30);

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
        // Takes the write lock at BEGIN, where waiting for another process is possible.
        pragmas.setProperty("transaction_mode", "IMMEDIATE");
        config.setDataSourceProperties(pragmas);
        return config;
    }

    static HikariConfig sqliteToRead(DatabaseSettings settings) {
        HikariConfig config = common(settings);
        config.setMaximumPoolSize(1);
        config.addDataSourceProperty("open_mode", Integer.toString(SQLiteOpenMode.READONLY.flag));
        config.addDataSourceProperty("busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        config.addDataSourceProperty("cache_size", "-32000");
        return config;
    }

    static HikariConfig postgresql(DatabaseSettings settings) {
        HikariConfig config = common(settings);
        config.setMaximumPoolSize(8);
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
