package de.contactsync.ledger;

import de.contactsync.contact.Chunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.RunChunk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes what came of a chunk: contacts, dead letters and the run's progress in one transaction. A part of a run that is
 * committed already is left as it is, and the same messages again give the same rows, so that writing may be repeated
 * when the answer to a commit was lost.
 */
public final class ChunkStore {

    private static final String ADD_PROGRESS =
            """
            UPDATE import_run SET done = done + ?, stored = stored + ?, not_found = not_found + ?,
                rejected = rejected + ?, invalid = invalid + ?, failed = failed + ?, duplicates = duplicates + ?,
                heartbeat = heartbeat + ?
            WHERE id = ?
            """;

    /** One order for all writers, so that chunks with the same keys cannot lock each other out on PostgreSQL. */
    static final Comparator<ContactKey> ORDER = Comparator.comparing(ContactKey::tenantId)
            .thenComparing(ContactKey::customerId)
            .thenComparing(ContactKey::contactId);

    private final Database database;
    private final ContactTable contacts;
    private final DeadLetterTable deadLetters;
    private final Clock clock;
    private final String owner;
    private final Outbox outbox;
    private final AtomicReference<Account> committed = new AtomicReference<>(Account.EMPTY);

    public ChunkStore(Database database, RunLedger runs, Clock clock) {
        this(database, runs, clock, null);
    }

    /** @param outbox of the sink that is fed from the table {@code contact}; null when there is none */
    public ChunkStore(Database database, RunLedger runs, Clock clock, Outbox outbox) {
        this.outbox = outbox;
        this.database = database;
        this.contacts = new ContactTable(database.dialect());
        this.deadLetters = new DeadLetterTable(database.dialect());
        this.clock = clock;
        this.owner = runs.owner();
    }

    /** What has become of the records that this process has committed so far. */
    public Account committed() {
        return committed.get();
    }

    /**
     * A contact that the database refuses for what is in it becomes a dead letter, and costs no other contact.
     *
     * @return what came of the chunk in the end, refused contacts included
     * @throws LostRunException when the run belongs to another process by now; nothing was written
     * @throws HaltException when the database is out of reach; nothing was written
     */
    public EnrichedChunk commit(EnrichedChunk enriched) {
        return commit(enriched, true);
    }

    /**
     * As {@link #commit(EnrichedChunk)}, for a part of a run that another process has handed over. When that run has been
     * finished meanwhile, because the part was handed over twice, nothing is written.
     */
    public EnrichedChunk commitHandedOver(EnrichedChunk enriched) {
        return commit(enriched, false);
    }

    /**
     * Whether the part of a run still has to be worked on; messages always have.
     *
     * @throws HaltException when this database does not know the run
     */
    public boolean isToDo(Chunk chunk) {
        return !(chunk instanceof RunChunk part) || database.inTransaction(connection -> isToDo(connection, part));
    }

    private boolean isToDo(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT state IN ('running', 'halted') AND NOT EXISTS"
                + " (SELECT 1 FROM run_chunk WHERE run_id = import_run.id AND number = ?) FROM import_run WHERE id = ?")) {
            statement.setInt(1, chunk.number());
            statement.setLong(2, chunk.runId());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new HaltException(chunk + " was handed over to this process, whose database does not know the run:"
                            + " all processes on one broker must have the same contacts.database.url");
                }
                return row.getBoolean(1);
            }
        }
    }

    private EnrichedChunk commit(EnrichedChunk enriched, boolean owned) {
        // Each key once: PostgreSQL refuses a statement that would touch a row twice.
        SortedMap<ContactKey, Outcome.Found> found = new TreeMap<>(ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Found contact
                    && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                found.merge(valid.key(), contact, (one, other) -> one.askedAt() > other.askedAt() ? one : other);
            }
        }
        try {
            return commit(enriched, owned, found, contacts::writeAtOnce);
        } catch (ContactTable.RowRefusedException e) {
            return commit(enriched, owned, found, contacts::writeOneByOne);
        }
    }

    private EnrichedChunk commit(
            EnrichedChunk enriched, boolean owned, SortedMap<ContactKey, Outcome.Found> answered,
            ContactTable.Writer writer) {
        Chunk chunk = enriched.chunk();
        // Written many times, so put into the database's form once.
        Object now = database.dialect().instant(clock.instant());
        // Stays when the answer to a commit is lost and the next try finds the chunk done.
        AtomicReference<Account> account = new AtomicReference<>(Account.EMPTY);
        AtomicInteger unchanged = new AtomicInteger();
        EnrichedChunk written = database.inTransaction(connection -> {
            Set<ContactKey> forgotten = Forgotten.amongLocked(connection, database.dialect(), keys(enriched));
            if (chunk instanceof RunChunk part && !(owned ? markChunk(connection, part) : markHandedOver(connection, part))) {
                if (owned && !RunRows.isOf(connection, part.runId(), owner)) {
                    // Committed by who took the run over: else we would go through the rest of the file behind him.
                    throw new LostRunException(part.runId());
                }
                return enriched;
            }
            SortedMap<ContactKey, Outcome.Found> found = new TreeMap<>(answered);
            found.keySet().removeAll(forgotten);
            ContactTable.Written rows = writer.write(connection, found, now);
            if (outbox != null) {
                Set<ContactKey> newest = new LinkedHashSet<>(found.keySet());
                newest.removeAll(rows.superseded());
                int marked = outbox.mark(connection, newest, now);
                unchanged.set(found.size() - rows.refused().size() - rows.swallowed() - marked);
            }
            Set<ContactKey> stored = new TreeSet<>(ORDER);
            stored.addAll(found.keySet());
            stored.removeAll(rows.refused().keySet());
            deadLetters.stored(connection, stored);
            EnrichedChunk end = withRefusals(enriched, rows.refused(), forgotten);
            deadLetters.write(connection, end, now);
            account.set(account(end, rows.swallowed()));
            Set<ContactKey> missing = ContactTable.noteMissing(connection, database.dialect(), missing(end));
            if (chunk instanceof RunChunk part) {
                if (outbox != null) {
                    outbox.markMissing(connection, part.runId(), missing);
                }
                addProgress(connection, part, account.get(), owned);
            }
            return end;
        });
        committed.accumulateAndGet(account.get(), Account::plus);
        if (outbox != null) {
            outbox.committed(unchanged.get());
        }
        return written;
    }

    private static EnrichedChunk withRefusals(
            EnrichedChunk enriched, Map<ContactKey, Outcome.Failed> refused, Set<ContactKey> forgotten) {
        if (refused.isEmpty() && forgotten.isEmpty()) {
            return enriched;
        }
        List<Outcome> outcomes = new ArrayList<>(enriched.outcomes());
        for (int i = 0; i < outcomes.size(); i++) {
            if (enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                if (forgotten.contains(valid.key())) {
                    outcomes.set(i, Outcome.FORGOTTEN);
                } else if (outcomes.get(i) instanceof Outcome.Found && refused.containsKey(valid.key())) {
                    outcomes.set(i, refused.get(valid.key()));
                }
            }
        }
        return new EnrichedChunk(enriched.chunk(), outcomes);
    }

    private static List<ContactKey> keys(EnrichedChunk enriched) {
        return enriched.chunk().entries().stream()
                .filter(KeyEntry.Valid.class::isInstance)
                .map(entry -> ((KeyEntry.Valid) entry).key())
                .toList();
    }

    private static SortedMap<ContactKey, Long> missing(EnrichedChunk enriched) {
        SortedMap<ContactKey, Long> missing = new TreeMap<>(ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Failed failed && failed.reason() == Reason.NOT_FOUND) {
                missing.put(((KeyEntry.Valid) enriched.chunk().entries().get(i)).key(), failed.askedAt());
            }
        }
        return missing;
    }

    private static Account account(EnrichedChunk enriched, int swallowed) {
        Tally tally = new Tally();
        int stored = -swallowed;
        for (Outcome outcome : enriched.outcomes()) {
            if (outcome instanceof Outcome.Failed failed) {
                tally.failed(failed.reason());
            } else {
                stored++;
            }
        }
        tally.stored(stored);
        tally.duplicates(enriched.chunk().size() - enriched.outcomes().size());
        return tally.account(enriched.chunk().size());
    }

    /** False when the chunk is committed already. */
    private static boolean markChunk(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_chunk (run_id, number) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            statement.setLong(1, chunk.runId());
            statement.setInt(2, chunk.number());
            return statement.executeUpdate() == 1;
        }
    }

    /** The row of the run is locked with it, so that it cannot be finished in between. */
    private static boolean markHandedOver(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE import_run SET done = done WHERE id = ? AND state IN ('running', 'halted')")) {
            statement.setLong(1, chunk.runId());
            return statement.executeUpdate() == 1 && markChunk(connection, chunk);
        }
    }

    private void addProgress(Connection connection, RunChunk chunk, Account account, boolean owned) throws SQLException {
        String condition = owned ? " AND owner = ? AND state = 'running'" : "";
        try (PreparedStatement statement = connection.prepareStatement(ADD_PROGRESS + condition)) {
            statement.setLong(1, account.accepted());
            statement.setLong(2, account.stored());
            statement.setLong(3, account.notFound());
            statement.setLong(4, account.rejected());
            statement.setLong(5, account.invalid());
            statement.setLong(6, account.failed());
            statement.setLong(7, account.duplicates());
            // It speaks for the owner alone, and must not when others go on with what he handed over.
            statement.setInt(8, owned ? 1 : 0);
            statement.setLong(9, chunk.runId());
            if (owned) {
                statement.setString(10, owner);
            }
            if (statement.executeUpdate() == 0) {
                throw new LostRunException(chunk.runId());
            }
        }
    }
}
