package de.contactsync.persistence;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes what came of a chunk: contacts, dead letters and the run's progress in one transaction. A part of a run that
 * is committed already is left as it is, and the same messages again give the same rows, so that writing may be
 * repeated when the answer to a commit was lost.
 */
public final class ChunkStore {

    /** One order for all writers, so that chunks with the same keys cannot lock each other out on PostgreSQL. */
    public static final Comparator<ContactKey> ORDER = Comparator.comparing(ContactKey::tenantId)
            .thenComparing(ContactKey::customerId)
            .thenComparing(ContactKey::contactId);

    private final Database database;
    private final ContactUpsert contacts;
    private final DeadLetterTable deadLetters;
    private final Clock clock;
    private final RunProgress progress;
    private final List<OutboxWriter> outboxes;
    /** Those that remove what JTL has no longer. */
    private final List<OutboxWriter> removing;

    private final AtomicReference<RunTotals> committed = new AtomicReference<>(RunTotals.EMPTY);

    /** @param outboxes of the sinks that are fed from the table {@code contact} */
    public ChunkStore(Database database, RunStore runs, Clock clock, OutboxWriter... outboxes) {
        this.outboxes = List.of(outboxes);
        this.removing = this.outboxes.stream().filter(OutboxWriter::removesGone).toList();
        this.database = database;
        this.contacts = new ContactUpsert(database.dialect());
        this.deadLetters = new DeadLetterTable(database.dialect(), runs);
        this.clock = clock;
        this.progress = new RunProgress(runs.owner());
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
        return !(chunk instanceof RunChunk part)
                || database.inTransaction(connection -> RunProgress.isPending(connection, part));
    }

    private EnrichedChunk commit(EnrichedChunk enriched, boolean owned) {
        ChunkAnswers answers = new ChunkAnswers(enriched);
        SortedMap<ContactKey, Outcome.Found> found = answers.found();
        try {
            return commit(answers, owned, found, answers.hasFailures(), contacts::writeAtOnce);
        } catch (ContactUpsert.RowRefusedException e) {
            return commit(answers, owned, found, true, contacts::writeOneByOne);
        }
    }

    private EnrichedChunk commit(
            ChunkAnswers answers,
            boolean owned,
            SortedMap<ContactKey, Outcome.Found> answered,
            boolean failures,
            ContactUpsert.Writer writer) {
        EnrichedChunk enriched = answers.enriched();
        RunChunk part = enriched.chunk() instanceof RunChunk ofRun ? ofRun : null;
        // Written many times, so put into the database's form once.
        Object now = database.dialect().instant(clock.instant());
        // Stays when the answer to a commit is lost and the next try finds the chunk done.
        AtomicReference<RunTotals> totals = new AtomicReference<>(RunTotals.EMPTY);
        int[] unchanged = new int[outboxes.size()];
        EnrichedChunk written = database.inTransaction(connection -> {
            Set<ContactKey> forgotten = ErasureList.amongLocked(connection, database.dialect(), answers.keys());
            Set<KeyEntry.Invalid> mentioning = ErasureList.mentioning(connection, answers.invalid());
            if (part != null && !progress.begin(connection, part, owned)) {
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
            ChunkAnswers end = new ChunkAnswers(answers.withRefusals(rows.refused(), forgotten, mentioning));
            deadLetters.write(connection, end.enriched(), latest, now);
            totals.set(end.totals());
            ContactTable.noteAnswered(connection, database.dialect(), end.failed(Reason.SINK_REJECTED));
            SortedMap<ContactKey, Long> notFound = end.failed(Reason.NOT_FOUND);
            Set<ContactKey> noted = ContactTable.noteAnswered(connection, database.dialect(), notFound);
            if (part != null) {
                if (!removing.isEmpty()) {
                    Set<ContactKey> missing =
                            ContactTable.missing(connection, database.dialect(), notFound.keySet(), noted);
                    for (OutboxWriter outbox : removing) {
                        outbox.enqueueMissing(connection, part.runId(), missing);
                    }
                }
                progress.add(connection, part, totals.get(), owned);
            }
            return end.enriched();
        });
        committed.accumulateAndGet(totals.get(), RunTotals::plus);
        for (int i = 0; i < unchanged.length; i++) {
            outboxes.get(i).committed(unchanged[i]);
        }
        return written;
    }
}
