package de.contactsync.persistence;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.Outage.Kind;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool of connections, the migrated tables, and the one way to run a transaction. Thread-safe. */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    /** At once, for connections that have died since they were last used. */
    private static final int ATTEMPTS = 4;

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

    @FunctionalInterface
    public interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private final DatabaseSettings settings;
    private final Dialect dialect;
    private final HikariDataSource pool;
    private final Breaker breaker;
    private final Duration patience;
    private final CountDownLatch abandoned = new CountDownLatch(1);
    private volatile UnaryOperator<Connection> observer = UnaryOperator.identity();

    Database(DatabaseSettings settings, Dialect dialect, HikariDataSource pool, Breaker breaker, Duration patience) {
        this.settings = settings;
        this.dialect = dialect;
        this.pool = pool;
        this.breaker = breaker;
        this.patience = patience;
    }

    /**
     * Connects and brings the tables to this version.
     *
     * @param patience how long to wait for a server that is unavailable, now and later on
     * @throws ProcessingHaltedException when the database cannot be reached or is newer than this program
     */
    public static Database open(DatabaseSettings settings, BreakerRegistry breakers, Duration patience) {
        Breaker breaker = breakers.forAll("the database " + settings.shownUrl());
        Dialect dialect = Dialect.of(settings.url());
        while (true) {
            breaker.acquire(patience, () -> false);
            long began = breaker.now();
            try {
                Database database = tryToOpen(settings, dialect, breaker, patience);
                breaker.recordSuccess();
                return database;
            } catch (ProcessingHaltedException e) {
                breaker.release();
                throw e;
            } catch (IOException | RuntimeException e) {
                ProcessingHaltedException processingHaltedException = settings.unusable(e);
                if (!dialect.errors().mayBecomeAvailable(e)) {
                    breaker.release();
                    throw processingHaltedException;
                }
                breaker.open(began, Kind.PASSING, processingHaltedException.getMessage());
            }
        }
    }

    private static Database tryToOpen(DatabaseSettings settings, Dialect dialect, Breaker breaker, Duration patience)
            throws IOException {
        HikariDataSource pool = ConnectionPools.open(settings);
        boolean made;
        try (Connection connection = pool.getConnection()) {
            DatabaseCheck.requireOwnSchema(connection, settings);
            made = DatabaseCheck.hasHistory(connection, settings);
        } catch (SQLException e) {
            pool.close();
            throw new PoolInitializationException(e);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        try {
            new Migrations(settings, pool).migrate(made);
            return new Database(settings, dialect, pool, breaker, patience);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /**
     * Connects without changing anything; does not wait.
     *
     * @throws ProcessingHaltedException when the database cannot be reached or lacks this version's tables
     */
    public static Database openToRead(DatabaseSettings settings, BreakerRegistry breakers) {
        Database database = connectToRead(settings, breakers);
        try {
            if (!database.inTransaction(Database::hasTables)) {
                throw new NoDatabaseException("the database " + settings.shownUrl()
                        + " contains no tables of this program, so nothing was imported into it: check"
                        + " contacts.database.url");
            }
            new Migrations(settings, database.pool).requireCurrent();
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static Database connectToRead(DatabaseSettings settings, BreakerRegistry breakers) {
        Dialect dialect = Dialect.of(settings.url());
        try {
            HikariDataSource pool = ConnectionPools.openToRead(settings);
            Breaker breaker = breakers.forAll("the database " + settings.shownUrl());
            return new Database(settings, dialect, pool, breaker, Duration.ZERO);
        } catch (ProcessingHaltedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw settings.unusable(e);
        }
    }

    private static boolean hasTables(Connection connection) throws SQLException {
        try (ResultSet tables = connection.getMetaData().getTables(null, connection.getSchema(), "import_run", null)) {
            return tables.next();
        }
    }

    /** For a test that looks at each statement. */
    void observe(UnaryOperator<Connection> by) {
        observer = by;
    }

    DataSource pool() {
        return pool;
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * Runs {@code work} in one transaction. While the database is unavailable it waits and tries again, so work must
     * be safe to repeat even after a commit whose answer was lost.
     *
     * @throws ProcessingHaltedException when the database stays unavailable, or refuses the work
     */
    public <T> T inTransaction(Work<T> work) {
        return run(work, true);
    }

    /**
     * Overwrites what was deleted, where the database's own file would keep it: see {@link Dialect#overwriteDeleted}.
     *
     * @throws ProcessingHaltedException when that is not possible, for want of room for example
     */
    void overwriteDeleted() {
        run(
                connection -> {
                    dialect.overwriteDeleted(connection);
                    return null;
                },
                false);
    }

    private <T> T run(Work<T> work, boolean transaction) {
        for (int attempt = 1; ; attempt++) {
            // The waiting threads' own time: nobody can continue without the database.
            breaker.acquire(patience, this::isAbandoned);
            long began = breaker.now();
            try (Connection pooled = pool.getConnection()) {
                Connection connection = observer.apply(pooled);
                try {
                    if (transaction) {
                        connection.setAutoCommit(false);
                        dialect.limitStatements(connection);
                    }
                    T result = work.in(connection);
                    // Commits. The method commit() of sqlite-jdbc would begin the next transaction at once, and so hold
                    // SQLite's one write lock against other processes while the connection lies in the pool.
                    connection.setAutoCommit(true);
                    breaker.recordSuccess();
                    return result;
                } catch (SQLException | RuntimeException e) {
                    rollback(connection, e);
                    if (e instanceof SQLException failure && dialect.errors().isOfConnection(failure)) {
                        // The other connections of the pool are no better.
                        pool.evictConnection(pooled);
                        pool.getHikariPoolMXBean().softEvictConnections();
                    }
                    throw e;
                }
            } catch (SQLException e) {
                if (isBusy(e)) {
                    breaker.release();
                    if (isAbandoned() || Thread.currentThread().isInterrupted()) {
                        throw new ProcessingHaltedException("Stopped while the database was busy with other work.", e);
                    }
                    attempt--;
                } else if (!dialect.errors().isTransient(e)) {
                    breaker.release();
                    throw settings.unusable(e);
                } else if (attempt < ATTEMPTS
                        && !breaker.isProbing()
                        && dialect.errors().isImmediatelyRetryable(e)) {
                    LOG.debug("The database failed, trying again ({} of {})", attempt, ATTEMPTS, e);
                    pause(FIRST_BACKOFF.multipliedBy(1L << attempt - 1));
                } else {
                    breaker.open(began, Kind.PASSING, settings.unusable(e).getMessage());
                }
            } catch (RuntimeException | Error e) {
                breaker.release();
                throw e;
            }
        }
    }

    /** Whether SQLite's one connection serves another thread: no outage, and it ends with that thread's work. */
    private boolean isBusy(SQLException e) {
        return dialect == Dialect.SQLITE
                && e instanceof SQLTransientConnectionException
                && pool.getHikariPoolMXBean().getActiveConnections() > 0;
    }

    private void pause(Duration length) {
        try {
            abandoned.await(length.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAbandoned() {
        return abandoned.getCount() == 0;
    }

    /** Whether it is known to be unavailable. */
    public boolean isAway() {
        return breaker.outage().isPresent();
    }

    /** Ends every wait for the database: for a process that has to end. */
    public void abandon() {
        abandoned.countDown();
        breaker.wake();
    }

    @Override
    public void close() {
        pool.close();
    }

    private void rollback(Connection connection, Exception cause) {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
            // Whatever it holds ends with it.
            pool.evictConnection(connection);
        }
    }
}
