package de.contactsync.outbox;

import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Rows of a table that one receiver is given once: those whose column {@code channel} has its name, until it has taken
 * them. They get in with the transaction that writes them; what was claimed by a process that is gone is claimed
 * again, so that a receiver may be given a batch twice after a kill. Thread-safe.
 *
 * @param <E> what is made of a row
 */
public final class Channel<E> implements Backlog<Channel.Batch<E>> {

    /** For how long a process may work on a batch before others may do the same. */
    private static final Duration MAY_SEND = Duration.ofMinutes(5);

    private static final String PENDING =
            "SELECT * FROM %1$s waiting WHERE channel = ? AND claimed_by IS NULL%2$s ORDER BY channel_tries, id LIMIT ?";

    private static final String CLAIM =
            "UPDATE %1$s SET claimed_by = ?, claimed_at = ?," + " channel_tries = channel_tries + 1 WHERE id = ?";

    static final String PASSED =
            "UPDATE %1$s SET channel = NULL, claimed_by = NULL, claimed_at = NULL" + " WHERE id = ? AND claimed_by = ?";

    private static final String DELETED = "DELETE FROM %1$s WHERE id = ? AND claimed_by = ?";

    private static final String FREE = "UPDATE %1$s SET claimed_by = NULL, claimed_at = NULL WHERE id IN"
            + " (SELECT id FROM %1$s WHERE channel = ? AND claimed_by = ?)";

    /** Makes an event of the row that a result set stands on. */
    @FunctionalInterface
    public interface Reader<E> {
        E read(Dialect dialect, ResultSet row) throws SQLException;
    }

    /** @param id of the row */
    public record Entry<E>(long id, E event) {}

    /** @param ends when it must be recorded, as a {@link System#nanoTime} reading */
    public record Batch<E>(List<Entry<E>> entries, long ends) {}

    /**
     * How rows leave.
     *
     * @param order   which of them waits for others, as a condition on the row {@code waiting}; empty for none
     * @param passed  what becomes of one that the receiver has taken: a statement by the id and by who has claimed it
     * @param givenUp the same for one that it failed on for good
     */
    record Ends(String order, String passed, String givenUp) {}

    /**
     * @param passed   rows that the receiver has taken
     * @param givenUp rows that it failed on for good
     */
    public record Counts(long passed, long givenUp) {}

    private final Database database;
    private final Dialect dialect;
    private final Clock clock;
    private final String table;
    private final String name;
    private final String owner;
    private final Reader<E> reader;
    private final BooleanSupplier rests;
    private final Ends ends;
    private final ClaimTakeover takeover;
    private final WorkSignal work = new WorkSignal();
    private final AtomicReference<Counts> counts = new AtomicReference<>(new Counts(0, 0));

    /**
     * @param table with the columns of a channel
     * @param name  as the column {@code channel} has it
     */
    public Channel(Database database, RunStore runs, Clock clock, String table, String name, Reader<E> reader) {
        this(database, runs, clock, table, name, reader, () -> false, new Ends("", PASSED, PASSED));
    }

    /** As the constructor; rows that were passed are deleted. */
    public static <E> Channel<E> deleting(
            Database database, RunStore runs, Clock clock, String table, String name, Reader<E> reader) {
        return new Channel<>(database, runs, clock, table, name, reader, () -> false, new Ends("", DELETED, DELETED));
    }

    /** @param rests whether nothing is to be passed for now */
    Channel(
            Database database,
            RunStore runs,
            Clock clock,
            String table,
            String name,
            Reader<E> reader,
            BooleanSupplier rests,
            Ends ends) {
        this.rests = rests;
        this.ends = ends;
        this.database = database;
        this.dialect = database.dialect();
        this.clock = clock;
        this.table = table;
        this.name = name;
        this.owner = runs.owner();
        this.reader = reader;
        this.takeover = new ClaimTakeover(database, new TableClaims(), owner, runs.nanoTime());
    }

    public String name() {
        return name;
    }

    /** Full or not: nobody waits for more. */
    @Override
    public Batch<E> claim(int most, Duration linger) {
        takeover.takeOver();
        if (rests.getAsBoolean()) {
            return new Batch<>(List.of(), System.nanoTime());
        }
        long ends = System.nanoTime() + MAY_SEND.toNanos();
        List<Entry<E>> entries = database.inTransaction(connection -> {
            free(connection, owner, null);
            List<Entry<E>> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql(PENDING) + dialect.skipLocked())) {
                statement.setString(1, name);
                statement.setInt(2, most);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        found.add(new Entry<>(row.getLong("id"), reader.read(dialect, row)));
                    }
                }
            }
            try (PreparedStatement statement = connection.prepareStatement(sql(CLAIM))) {
                for (Entry<E> entry : found) {
                    statement.setString(1, owner);
                    statement.setObject(2, dialect.instant(clock.instant()));
                    statement.setLong(3, entry.id());
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            return found;
        });
        return new Batch<>(entries, ends);
    }

    @Override
    public boolean isEmpty(Batch<E> batch) {
        return batch.entries().isEmpty();
    }

    /** What a batch was claimed for has come of these; its others stay, behind those that were tried less. */
    public void record(Collection<Long> passed, Collection<Long> givenUp) {
        database.inTransaction(connection -> {
            end(connection, ends.passed, passed);
            end(connection, ends.givenUp, givenUp);
            free(connection, owner, null);
            return null;
        });
        counts.updateAndGet(before -> new Counts(before.passed + passed.size(), before.givenUp + givenUp.size()));
    }

    private void end(Connection connection, String template, Collection<Long> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql(template))) {
            for (long id : ids) {
                statement.setLong(1, id);
                statement.setString(2, owner);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    @Override
    public void release() {
        database.inTransaction(connection -> {
            free(connection, owner, null);
            return null;
        });
    }

    @Override
    public Counts counts() {
        return counts.get();
    }

    @Override
    public long pending() {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement(sql("SELECT count(*) FROM %1$s WHERE channel = ?"))) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }

    @Override
    public String whyHeld(long left) {
        return left + " wait that this process cannot pass on: " + takeover.holders();
    }

    @Override
    public void wake() {
        work.give();
    }

    @Override
    public void awaitWork(Duration most) throws InterruptedException {
        work.await(most);
    }

    private String sql(String template) {
        return template.formatted(table, ends.order);
    }

    /** @param at of the claim; null for all */
    private void free(Connection connection, String holder, Object at) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(sql(FREE) + (at == null ? "" : " AND claimed_at = ?"))) {
            statement.setString(1, name);
            statement.setString(2, holder);
            if (at != null) {
                statement.setObject(3, at);
            }
            statement.executeUpdate();
        }
    }

    private final class TableClaims implements ClaimTakeover.Claims {

        @Override
        public List<ClaimTakeover.Claimed> claims(Connection connection) throws SQLException {
            List<ClaimTakeover.Claimed> claims = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql("SELECT DISTINCT claimed_by, claimed_at"
                    + " FROM %1$s WHERE channel = ? AND claimed_by IS NOT NULL"))) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        claims.add(new ClaimTakeover.Claimed(row.getString(1), dialect.instant(row, 2)));
                    }
                }
            }
            return claims;
        }

        @Override
        public void free(Connection connection, ClaimTakeover.Claimed claim) throws SQLException {
            Channel.this.free(connection, claim.by(), dialect.instant(claim.at()));
        }
    }
}
