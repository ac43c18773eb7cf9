package de.contactsync.persistence;

import de.contactsync.model.CallClock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Microseconds by the clock of the database, which all its processes share, carried on by the monotonic clock of this
 * process in between. The table {@code call_clock} holds the latest reading, so that a database whose clock is set back
 * continues from there: else answers would lose against stored ones until that time has come again.
 */
public final class DatabaseCallClock implements CallClock {

    private static final long AGAIN = Duration.ofSeconds(10).toNanos();

    private final Database database;
    private final LongSupplier nanoTime;
    private volatile long offset;
    private volatile long synchronizedAt;

    /** @throws de.contactsync.model.ProcessingHaltedException when the database is unavailable */
    public DatabaseCallClock(Database database, LongSupplier nanoTime) {
        this.database = database;
        this.nanoTime = nanoTime;
        long last = advance(0);
        this.synchronizedAt = nanoTime.getAsLong();
        this.offset = last - micros(synchronizedAt);
    }

    @Override
    public long now() {
        return offset + micros(nanoTime.getAsLong());
    }

    @Override
    public void synchronize() {
        if (nanoTime.getAsLong() - synchronizedAt < AGAIN) {
            return;
        }
        synchronized (this) {
            if (nanoTime.getAsLong() - synchronizedAt >= AGAIN) {
                long last = advance(now());
                synchronizedAt = nanoTime.getAsLong();
                // Never back.
                offset = Math.max(offset, last - micros(synchronizedAt));
            }
        }
    }

    private static long micros(long nanos) {
        return Math.floorDiv(nanos, 1_000);
    }

    private long advance(long ours) {
        return database.inTransaction(connection -> advance(connection, ours));
    }

    private long advance(Connection connection, long ours) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE call_clock SET last = "
                + database.dialect().greatest() + "(last, " + database.dialect().epochMicros() + ", ?)")) {
            update.setLong(1, ours);
            update.executeUpdate();
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM call_clock");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
