package de.contactsync.persistence;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import java.sql.ResultSet;
import java.time.Duration;

/**
 * Quotas that all processes of one PostgreSQL use up together: token buckets in the table {@code quota_bucket},
 * refilled by the database's clock, so that it does not matter whether the machines agree on the time.
 */
public final class QuotaBuckets {

    /** Calls that may start at once, as a share of the limit: so few that the slack makes up for them. */
    private static final int BURST = 100;

    /** As a single process paces: for calls that reach the server later or sooner than others. */
    private static final double SLACK = 1.015;

    private static final Duration JITTER = Duration.ofMillis(100);

    private final Database database;
    private final ProxyManager<String> buckets;
    private final DatabaseClock clock;

    private QuotaBuckets(Database database) {
        this.database = database;
        this.clock = new DatabaseClock(database);
        this.buckets = Bucket4jPostgreSQL.selectForUpdateBasedBuilder(database.pool())
                .table("quota_bucket")
                .primaryKeyMapper(PrimaryKeyMapper.STRING)
                .clientClock(clock)
                .build();
    }

    /** Null where a database has a single process: on SQLite. */
    public static QuotaBuckets of(Database database) {
        return database.dialect() == Dialect.POSTGRESQL ? new QuotaBuckets(database) : null;
    }

    /**
     * Takes {@code calls} out of the bucket, also when it does not hold so many yet.
     *
     * @param limit calls in {@code interval}; another limit is another bucket
     * @return nanoseconds until they are all refilled
     */
    public long reserve(String name, int limit, Duration interval, int calls) {
        clock.set();
        int burst = Math.max(calls, limit / BURST);
        Duration refill = Duration.ofNanos((long) (interval.toNanos() * SLACK)).plus(JITTER);
        BucketConfiguration configuration = BucketConfiguration.builder()
                .addLimit(bandwidth ->
                        bandwidth.capacity(burst).refillGreedy(limit, refill).initialTokens(calls))
                .build();
        try {
            return buckets.builder()
                    .build(name + " " + limit + "/" + interval.toSeconds() + "s", () -> configuration)
                    .consumeIgnoringRateLimits(calls);
        } catch (RuntimeException e) {
            // Waits for a database that is away, and says so in the end.
            database.inTransaction(connection -> true);
            throw e;
        }
    }

    /** The database's time, asked for once a minute and carried on by the monotonic clock. */
    private static final class DatabaseClock implements TimeMeter {

        private static final long ASK_AGAIN = Duration.ofMinutes(1).toNanos();

        private final Database database;
        private boolean asked;
        private long askedAt;
        private volatile long offset;

        DatabaseClock(Database database) {
            this.database = database;
        }

        /** Not when the time is fetched: a bucket does that while it holds one of the pool's connections. */
        synchronized void set() {
            if (!asked || System.nanoTime() - askedAt > ASK_AGAIN) {
                long fresh = databaseNanos() - System.nanoTime();
                // Never back: a bucket is not refilled before its last time has come again.
                offset = asked ? Math.max(offset, fresh) : fresh;
                asked = true;
                askedAt = System.nanoTime();
            }
        }

        @Override
        public long currentTimeNanos() {
            return System.nanoTime() + offset;
        }

        private long databaseNanos() {
            return database.inTransaction(connection -> {
                try (ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")) {
                    row.next();
                    return row.getLong(1) * 1_000;
                }
            });
        }

        @Override
        public boolean isWallClockBased() {
            return true;
        }
    }
}
