package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The open dead letters, for whoever tries them again. */
public final class DeadLetterQueries {

    /** Of keys that JTL is fetched again; the others are no keys, or are with a sink that is fed from an outbox. */
    private static final String TO_ASK = "l.stage IN ('jtl', 'sink:database') AND l.contact_id IS NOT NULL";

    private static final int PAGE = 1_000;

    /**
     * Where a dead letter came from and where its key failed, as the columns have it, and how many are alike.
     *
     * @param keyed whether it names a contact; that of a customer whose contacts JTL did not list names none
     */
    public record Kind(String source, String stage, Reason reason, boolean keyed, long count) {}

    /** A dead letter and its key. */
    public record Letter(long id, ContactKey key) {}

    private final Database database;
    private final Clock clock;

    public DeadLetterQueries(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** How many there are, by what they are, the most first. */
    public List<Kind> kinds(DeadLetterFilter filter) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT l.source, l.stage, l.reason, l.contact_id IS NOT NULL, count(*) FROM dead_letter l WHERE "
                            + filter.condition("l") + " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4")) {
                filter.bind(statement, 1, database.dialect());
                try (ResultSet row = statement.executeQuery()) {
                    List<Kind> kinds = new ArrayList<>();
                    while (row.next()) {
                        kinds.add(new Kind(
                                row.getString(1),
                                row.getString(2),
                                Reason.of(row.getString(3)),
                                row.getBoolean(4),
                                row.getLong(5)));
                    }
                    return kinds;
                }
            }
        });
    }

    /** Those whose keys JTL can be fetched again, in the order of their ids. */
    public List<Letter> keysToRetry(DeadLetterFilter filter, long behind, int most) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT l.id, l.tenant_id, l.customer_id, l.contact_id FROM dead_letter l WHERE l.id > ? AND "
                            + TO_ASK + " AND " + filter.condition("l") + " ORDER BY l.id LIMIT ?")) {
                statement.setLong(1, behind);
                statement.setInt(filter.bind(statement, 2, database.dialect()), most);
                try (ResultSet row = statement.executeQuery()) {
                    List<Letter> letters = new ArrayList<>();
                    while (row.next()) {
                        letters.add(new Letter(row.getLong(1), key(row)));
                    }
                    return letters;
                }
            }
        });
    }

    private ContactKey key(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return dialect.key(row, 2);
    }

    /**
     * What the sink refused is sent to it once more. The dead letters stay open until it has answered, so what an
     * earlier call has asked for and nobody has sent yet is among them.
     *
     * @param sink one that is fed from an {@code Outbox}
     * @return how many contacts those are
     */
    public int sendAgain(String sink, DeadLetterFilter filter) {
        int sent = 0;
        long behind = 0;
        while (true) {
            long from = behind;
            List<Letter> page = database.inTransaction(connection -> ofSink(connection, sink, filter, from));
            if (page.isEmpty()) {
                return sent;
            }
            sent += database.inTransaction(connection -> sendAgain(connection, sink, page));
            behind = page.get(page.size() - 1).id();
        }
    }

    private List<Letter> ofSink(Connection connection, String sink, DeadLetterFilter filter, long behind)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT l.id, l.tenant_id, l.customer_id, l.contact_id FROM dead_letter l WHERE l.id > ?"
                        + " AND " + SinkStage.condition("l.stage") + " AND l.contact_id IS NOT NULL AND "
                        + filter.condition("l")
                        + " ORDER BY l.id LIMIT ?")) {
            statement.setLong(1, behind);
            int parameter = SinkStage.bind(statement, 2, sink);
            statement.setInt(filter.bind(statement, parameter, database.dialect()), PAGE);
            try (ResultSet row = statement.executeQuery()) {
                List<Letter> letters = new ArrayList<>();
                while (row.next()) {
                    letters.add(new Letter(row.getLong(1), key(row)));
                }
                return letters;
            }
        }
    }

    private int sendAgain(Connection connection, String sink, List<Letter> letters) throws SQLException {
        Set<ContactKey> keys = new TreeSet<>(ChunkStore.ORDER);
        letters.forEach(letter -> keys.add(letter.key()));
        try (PreparedStatement statement =
                connection.prepareStatement("""
                UPDATE delivery SET state = 'pending',
                    pending_since = CASE WHEN state = 'pending' THEN pending_since ELSE ? END, %s
                WHERE sink = ? AND (state IN ('failed', 'pending') OR %s)
                    AND tenant_id = ? AND customer_id = ? AND contact_id = ?
                """.formatted(WithoutEmail.WRITE_ALL, WithoutEmail.IS))) {
            for (ContactKey key : keys) {
                statement.setObject(1, database.dialect().instant(clock.instant()));
                statement.setString(2, sink);
                database.dialect().setKey(statement, 3, key);
                statement.addBatch();
            }
            return Arrays.stream(statement.executeBatch()).sum();
        }
    }
}
