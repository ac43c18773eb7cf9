package de.contactsync.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import de.contactsync.contact.HaltException;
import de.contactsync.outage.Breaker;
import de.contactsync.outage.Breakers;
import de.contactsync.outage.Outage.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool of connections, the migrated tables, and the one way to run a transaction. Thread-safe. */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    /** At once, for connections that have died since they were last used. */
    private static final int ATTEMPTS = 4;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    @FunctionalInterface
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private final DatabaseSettings settings;
    private final Dialect dialect;
    private final HikariDataSource pool;
    private final Breaker breaker;
    private final Duration patience;
    private volatile boolean abandoned;
    private volatile UnaryOperator<Connection> observer = UnaryOperator.identity();

    private Database(DatabaseSettings settings, Dialect dialect, HikariDataSource pool, Breaker breaker,
            Duration patience) {
        this.settings = settings;
        this.dialect = dialect;
        this.pool = pool;
        this.breaker = breaker;
        this.patience = patience;
    }

    /**
     * Connects and brings the tables to this version.
     *
     * @param patience how long to wait for a server that is out of reach, now and later on
     * @throws HaltException when the database cannot be reached or is newer than this program
     */
    public static Database open(DatabaseSettings settings, Breakers breakers, Duration patience) {
        Breaker breaker = breakers.forAll("the database " + settings.shownUrl());
        Dialect dialect = Dialect.of(settings.url());
        while (true) {
            awaitTurn(breaker, patience, () -> false);
            long began = breaker.now();
            try {
                Database database = tryToOpen(settings, dialect, breaker, patience);
                breaker.passed();
                return database;
            } catch (HaltException e) {
                breaker.release();
                throw e;
            } catch (IOException | RuntimeException e) {
                HaltException halt = outOfReach(settings, e);
                if (!dialect.mayComeUp(e)) {
                    breaker.release();
                    throw halt;
                }
                breaker.open(began, Kind.PASSING, halt.getMessage());
            }
        }
    }

    private static Database tryToOpen(
            DatabaseSettings settings, Dialect dialect, Breaker breaker, Duration patience) throws IOException {
        HikariDataSource pool = dialect == Dialect.SQLITE
                ? opened(Pools.sqlite(settings))
                : postgresql(settings, false);
        try {
            FluentConfiguration flyway = Flyway.configure();
            // A pooler may stand between, see Pools.
            flyway.jdbcProperties(Map.of("prepareThreshold", "0"));
            migrate(settings, (dialect == Dialect.SQLITE
                            ? flyway.dataSource(pool)
                            // Without the pool's time-outs: an index of a table of millions takes its time.
                            : flyway.dataSource(settings.url(), settings.username(), settings.password()))
                    .locations("classpath:" + dialect.migrations())
                    .load());
            return new Database(settings, dialect, pool, breaker, patience);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariDataSource postgresql(DatabaseSettings settings, boolean readOnly) {
        HikariDataSource pool = new HikariDataSource(postgresql(settings, readOnly, false));
        try (Connection connection = pool.getConnection()) {
            requireEncoding(connection, settings);
            if (!Pools.isPooled(connection)) {
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
        HikariConfig config = Pools.postgresql(settings, pooled);
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
                throw new HaltException("the database " + settings.shownUrl() + " is encoded in " + encoding
                        + ", which lacks characters that contacts have: create one with CREATE DATABASE name ENCODING 'UTF8'"
                        + " TEMPLATE template0, and name it in contacts.database.url");
            }
        }
    }

    /** SQLite itself does not wait where a new file is switched to WAL while another process writes to it. */
    private static HikariDataSource opened(HikariConfig config) {
        long began = System.nanoTime();
        while (true) {
            try {
                return new HikariDataSource(config);
            } catch (PoolInitializationException e) {
                if (System.nanoTime() - began > Pools.BUSY_TIMEOUT.toNanos() || !Dialect.isHeldByAnother(e)) {
                    throw e;
                }
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        }
    }

    /**
     * Connects without changing anything; does not wait.
     *
     * @throws HaltException when the database cannot be reached or has no tables of this program
     */
    public static Database openToRead(DatabaseSettings settings, Breakers breakers) {
        Database database = connectToRead(settings, breakers);
        try {
            if (!database.inTransaction(Database::hasTables)) {
                throw new HaltException("the database " + settings.shownUrl() + " holds no tables of this program:"
                        + " nothing was imported into it; check contacts.database.url");
            }
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static Database connectToRead(DatabaseSettings settings, Breakers breakers) {
        Dialect dialect = Dialect.of(settings.url());
        try {
            HikariDataSource pool = dialect == Dialect.SQLITE
                    ? new HikariDataSource(Pools.sqliteToRead(settings))
                    : postgresql(settings, true);
            return new Database(settings, dialect, pool, breakers.forAll("the database " + settings.shownUrl()), Duration.ZERO);
        } catch (HaltException e) {
            throw e;
        } catch (RuntimeException e) {
            throw outOfReach(settings, e);
        }
    }

    /**
     * What {@link #open} would find, for people; changes nothing and does not wait.
     *
     * @throws HaltException when the database cannot be used
     */
    public static String look(DatabaseSettings settings, Breakers breakers) {
        Path file = Dialect.of(settings.url()) == Dialect.SQLITE ? Pools.file(settings.url()) : null;
        if (file != null) {
            Path there = file;
            while (!Files.exists(there)) {
                there = there.getParent();
            }
            if (!Files.isWritable(there)) {
                throw outOfReach(settings, new IOException(there + " cannot be written to"));
            }
            if (!there.equals(file)) {
                return "will be made when it is first needed";
            }
        }
        try (Database database = connectToRead(settings, breakers)) {
            return database.inTransaction(Database::hasTables)
                    ? "is there"
                    : "is there, and gets its tables when it is first needed";
        }
    }

    private static boolean hasTables(Connection connection) throws SQLException {
        try (ResultSet tables =
                connection.getMetaData().getTables(null, connection.getSchema(), "import_run", null)) {
            return tables.next();
        }
    }

    /** By itself Flyway takes tables of a newer program for its own. */
    private static void migrate(DatabaseSettings settings, Flyway flyway) {
        flyway.migrate();
        for (MigrationInfo applied : flyway.info().applied()) {
            if (!applied.getState().isResolved()) {
                throw new HaltException("the database " + settings.shownUrl() + " was made by a newer version of this"
                        + " program (its tables are of version " + applied.getVersion()
                        + "): start that version, or name another database in contacts.database.url");
            }
        }
    }

    /** For a test that looks at each statement. */
    void observe(UnaryOperator<Connection> by) {
        observer = by;
    }

    DataSource pool() {
        return pool;
    }

    Dialect dialect() {
        return dialect;
    }

    /**
     * Runs {@code work} in one transaction. While the database is out of reach it waits and tries again, so work must
     * be safe to repeat even after a commit whose answer was lost.
     *
     * @throws HaltException when the database stays out of reach, or refuses the work
     */
    <T> T inTransaction(Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            awaitTurn(breaker, patience, () -> abandoned);
            long began = breaker.now();
            try (Connection pooled = pool.getConnection()) {
                Connection connection = observer.apply(pooled);
                try {
                    connection.setAutoCommit(false);
                    dialect.limitStatements(connection);
                    T result = work.in(connection);
                    // Commits. The method commit() of sqlite-jdbc would begin the next transaction at once, and so hold
                    // SQLite's one write lock against other processes while the connection lies in the pool.
                    connection.setAutoCommit(true);
                    breaker.passed();
                    return result;
                } catch (SQLException | RuntimeException e) {
                    rollback(connection, e);
                    if (e instanceof SQLException failure && dialect.isOfConnection(failure)) {
                        // The others of the pool are no better.
                        pool.evictConnection(pooled);
                        pool.getHikariPoolMXBean().softEvictConnections();
                    }
                    throw e;
                }
            } catch (SQLException e) {
                if (!dialect.mayPass(e)) {
                    breaker.release();
                    throw outOfReach(settings, e);
                }
                if (attempt < ATTEMPTS && !breaker.isProbing() && dialect.mayPassAtOnce(e)) {
                    LOG.debug("The database failed, trying again ({} of {})", attempt, ATTEMPTS, e);
                    LockSupport.parkNanos(FIRST_BACKOFF.toNanos() << attempt - 1);
                } else {
                    breaker.open(began, Kind.PASSING, outOfReach(settings, e).getMessage());
                }
            } catch (RuntimeException | Error e) {
                breaker.release();
                throw e;
            }
        }
    }

    /** Returns when a try may be made. It is the waiting threads' own time: nobody can go on without the database. */
    private static void awaitTurn(Breaker breaker, Duration patience, BooleanSupplier abandoned) {
        while (!breaker.tryAcquire()) {
            if (abandoned.getAsBoolean() || Thread.currentThread().isInterrupted() || breaker.length().compareTo(patience) >= 0) {
                throw breaker.exception();
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** Whether it is known to be out of reach. */
    public boolean isAway() {
        return breaker.outage().isPresent();
    }

    /** Ends every wait for the database: for a process that has to end. */
    public void abandon() {
        abandoned = true;
    }

    @Override
    public void close() {
        pool.close();
    }

    private void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
            // Whatever it holds ends with it.
            pool.evictConnection(connection);
        }
    }

    private static HaltException outOfReach(DatabaseSettings settings, Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return new HaltException(
                "the database " + settings.shownUrl() + " cannot be used: "
                        + DatabaseSettings.withoutCredentials(String.valueOf(cause.getMessage()))
                        + "; " + remedy(Dialect.of(settings.url()), e),
                e);
    }

    private static String remedy(Dialect dialect, Exception e) {
        return dialect.remedy(Dialect.find(SQLException.class, e).orElseGet(SQLException::new));
    }
}
