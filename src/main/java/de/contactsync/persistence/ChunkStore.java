package de.contactsync.persistence;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * Writes what came of a chunk: contacts, dead letters and the run's progress in one transaction. A part of a run that
 * is committed already is left as it is, and the same messages again give the same rows, so that writing may be
 * repeated when the answer to a commit was lost.
 */
public final class ChunkStore {

    private static final String ADD_PROGRESS = """
            UPDATE import_run SET done = done + ?, stored = stored + ?, not_found = not_found + ?,
                rejected = rejected + ?, invalid = invalid + ?, failed = failed + ?, duplicates = duplicates + ?,
                heartbeat = heartbeat + ?
            WHERE id = ?
            """;

    /** One order for all writers, so that chunks with the same keys cannot lock each other out on PostgreSQL. */
    public static final Comparator<ContactKey> ORDER = Comparator.comparing(ContactKey::tenantId)
            .thenComparing(ContactKey::customerId)
            .thenComparing(ContactKey::contactId);

    private final Database database;
    private final ContactUpsert contacts;
    private final DeadLetterTable deadLetters;
    private final Clock clock;
    private final String owner;
    private final List<OutboxWriter> outboxes;
    private final AtomicReference<RunTotals> committed = new AtomicReference<>(RunTotals.EMPTY);

    /** @param outboxes of the sinks that are fed from the table {@code contact} */
    public ChunkStore(Database database, RunStore runs, Clock clock, OutboxWriter... outboxes) {
        this.outboxes = List.of(outboxes);
        this.database = database;
        this.contacts = new ContactUpsert(database.dialect());
        this.deadLetters = new DeadLetterTable(database.dialect(), runs);
        this.clock = clock;
        this.owner = runs.owner();
    }

    /** What has become of the records that this process has committed so far. */
    public RunTotals committed() {
        return committed.get();
    }

    /**
     * A contact that the database refuses for what is in it becomes a dead letter, and costs no other contact.
     *
     * @return what came of the chunk in the end, refused contacts included
     * @throws RunLostException when the run belongs to another process by now; nothing was written
     * @throws ProcessingHaltedException when the database is unavailable; nothing was written
     */
    public EnrichedChunk commit(EnrichedChunk enriched) {
        return commit(enriched, true);
    }

    /**
     * As {@link #commit(EnrichedChunk)}, for a part of a run that another process has dispatched. When that run has
     * been finished or superseded meanwhile, nothing is written.
     */
    public EnrichedChunk commitDispatched(EnrichedChunk enriched) {
        return commit(enriched, false);
    }

    /**
     * Whether the part of a run still has to be worked on; messages always have.
     *
     * @throws ProcessingHaltedException when this database does not know the run
     */
    public boolean isPending(Chunk chunk) {
        return !(chunk instanceof RunChunk part) || database.inTransaction(connection -> isPending(connection, part));
    }

    private boolean isPending(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT state IN ('running', 'halted') AND closed_at IS NULL AND NOT EXISTS"
                        + " (SELECT 1 FROM run_chunk WHERE run_id = import_run.id AND number = ?) FROM import_run"
                        + " WHERE id = ?")) {
            statement.setInt(1, chunk.number());
            statement.setLong(2, chunk.runId());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new ProcessingHaltedException(
                            chunk + " was handed over to this process, whose database does not know the run:"
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
        boolean failures = IntStream.range(0, enriched.outcomes().size())
                .anyMatch(i -> enriched.outcomes().get(i) instanceof Outcome.Failed
                        && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid);
        try {
            return commit(enriched, owned, found, failures, contacts::writeAtOnce);
        } catch (ContactUpsert.RowRefusedException e) {
            return commit(enriched, owned, found, true, contacts::writeOneByOne);
        }
    }

    private EnrichedChunk commit(
            EnrichedChunk enriched,
            boolean owned,
            SortedMap<ContactKey, Outcome.Found> answered,
            boolean failures,
            ContactUpsert.Writer writer) {
        Chunk chunk = enriched.chunk();
        // Written many times, so put into the database's form once.
        Object now = database.dialect().instant(clock.instant());
        // Stays when the answer to a commit is lost and the next try finds the chunk done.
        AtomicReference<RunTotals> account = new AtomicReference<>(RunTotals.EMPTY);
        int[] unchanged = new int[outboxes.size()];
        EnrichedChunk written = database.inTransaction(connection -> {
            Set<ContactKey> forgotten = ErasureList.amongLocked(connection, database.dialect(), keys(enriched));
            Set<KeyEntry.Invalid> mentioning = ErasureList.mentioning(connection, invalid(enriched));
            if (chunk instanceof RunChunk part
                    && !(owned ? markChunk(connection, part) : markDispatched(connection, part))) {
                if (owned && !RunTable.isOf(connection, part.runId(), owner)) {
                    // Committed by who took the run over: else we would go through the rest of the file behind him.
                    throw new RunLostException(part.runId());
                }
                return enriched;
            }
            LatestAnswers latest = LatestAnswers.with(connection, database.dialect(), enriched, failures, forgotten);
            SortedMap<ContactKey, Outcome.Found> stored = new TreeMap<>(answered);
            stored.keySet().removeAll(forgotten);
            SortedMap<ContactKey, Outcome.Found> found = new TreeMap<>(stored);
            found.entrySet().removeIf(contact -> latest.supersede(contact.getKey(), contact.getValue()));
            ContactUpsert.Written rows = writer.write(connection, found, now);
            stored.keySet().removeAll(rows.refused().keySet());
            Set<ContactKey> newest = new LinkedHashSet<>(found.keySet());
            newest.removeAll(rows.refused().keySet());
            newest.removeAll(rows.superseded());
            for (int i = 0; i < unchanged.length; i++) {
                unchanged[i] = stored.size() - outboxes.get(i).enqueue(connection, newest, now);
            }
            deadLetters.done(connection, stored);
            EnrichedChunk end = withRefusals(enriched, rows.refused(), forgotten, mentioning);
            deadLetters.write(connection, end, latest, now);
            account.set(account(end));
            ContactTable.noteAnswered(connection, database.dialect(), failed(end, Reason.SINK_REJECTED));
            SortedMap<ContactKey, Long> notFound = failed(end, Reason.NOT_FOUND);
            Set<ContactKey> noted = ContactTable.noteAnswered(connection, database.dialect(), notFound);
            if (chunk instanceof RunChunk part) {
                if (!outboxes.isEmpty()) {
                    Set<ContactKey> missing =
                            ContactTable.missing(connection, database.dialect(), notFound.keySet(), noted);
                    for (OutboxWriter outbox : outboxes) {
                        outbox.enqueueMissing(connection, part.runId(), missing);
                    }
                }
                addProgress(connection, part, account.get(), owned);
            }
            return end;
        });
        committed.accumulateAndGet(account.get(), RunTotals::plus);
        for (int i = 0; i < unchanged.length; i++) {
            outboxes.get(i).committed(unchanged[i]);
        }
        return written;
    }

    private static EnrichedChunk withRefusals(
            EnrichedChunk enriched,
            Map<ContactKey, Outcome.Failed> refused,
            Set<ContactKey> forgotten,
            Set<KeyEntry.Invalid> mentioning) {
        if (refused.isEmpty() && forgotten.isEmpty() && mentioning.isEmpty()) {
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
            } else if (mentioning.contains(enriched.chunk().entries().get(i))) {
                outcomes.set(i, Outcome.FORGOTTEN);
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

    private static List<KeyEntry.Invalid> invalid(EnrichedChunk enriched) {
        return enriched.chunk().entries().stream()
                .filter(KeyEntry.Invalid.class::isInstance)
                .map(KeyEntry.Invalid.class::cast)
                .toList();
    }

    /** By key, when the call began that ended so. */
    private static SortedMap<ContactKey, Long> failed(EnrichedChunk enriched, Reason reason) {
        SortedMap<ContactKey, Long> failed = new TreeMap<>(ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Failed failure && failure.reason() == reason) {
                failed.merge(((KeyEntry.Valid) enriched.chunk().entries().get(i)).key(), failure.askedAt(), Math::max);
            }
        }
        return failed;
    }

    private static RunTotals account(EnrichedChunk enriched) {
        OutcomeCounter outcomeCounter = new OutcomeCounter();
        int stored = 0;
        for (Outcome outcome : enriched.outcomes()) {
            if (outcome instanceof Outcome.Failed failed) {
                outcomeCounter.failed(failed.reason());
            } else {
                stored++;
            }
        }
        outcomeCounter.stored(stored);
        outcomeCounter.duplicates(enriched.chunk().size() - enriched.outcomes().size());
        return outcomeCounter.account(enriched.chunk().size());
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
    private static boolean markDispatched(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE import_run SET done = done WHERE id = ? AND state IN ('running', 'halted')"
                        + " AND closed_at IS NULL")) {
            statement.setLong(1, chunk.runId());
            return statement.executeUpdate() == 1 && markChunk(connection, chunk);
        }
    }

    private void addProgress(Connection connection, RunChunk chunk, RunTotals totals, boolean owned)
            throws SQLException {
        String condition = owned ? " AND owner = ? AND state = 'running'" : "";
        try (PreparedStatement statement = connection.prepareStatement(ADD_PROGRESS + condition)) {
            statement.setLong(1, totals.accepted());
            statement.setLong(2, totals.stored());
            statement.setLong(3, totals.notFound());
            statement.setLong(4, totals.rejected());
            statement.setLong(5, totals.invalid());
            statement.setLong(6, totals.failed());
            statement.setLong(7, totals.duplicates());
            // It speaks for the owner alone, and must not when others continue with what he dispatched.
            statement.setInt(8, owned ? 1 : 0);
            statement.setLong(9, chunk.runId());
            if (owned) {
                statement.setString(10, owner);
            }
            if (statement.executeUpdate() == 0) {
                throw new RunLostException(chunk.runId());
            }
        }
    }
}
