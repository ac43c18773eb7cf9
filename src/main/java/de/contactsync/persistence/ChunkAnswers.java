package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What came of a chunk, by its keys. */
record ChunkAnswers(EnrichedChunk enriched) {

    /** Each key once: PostgreSQL refuses a statement that would touch a row twice. */
    SortedMap<ContactKey, Outcome.Found> found() {
        SortedMap<ContactKey, Outcome.Found> found = new TreeMap<>(ChunkStore.ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Found contact
                    && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                found.merge(valid.key(), contact, (one, other) -> one.askedAt() > other.askedAt() ? one : other);
            }
        }
        return found;
    }

    /** Whether any key failed that was asked for. */
    boolean hasFailures() {
        return IntStream.range(0, enriched.outcomes().size())
                .anyMatch(i -> enriched.outcomes().get(i) instanceof Outcome.Failed
                        && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid);
    }

    /** With those that the database refuses, or that must not be stored, in the place of what JTL answered. */
    EnrichedChunk withRefusals(
            Map<ContactKey, Outcome.Failed> refused, Set<ContactKey> forgotten, Set<KeyEntry.Invalid> mentioning) {
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

    List<ContactKey> keys() {
        return enriched.chunk().entries().stream()
                .filter(KeyEntry.Valid.class::isInstance)
                .map(entry -> ((KeyEntry.Valid) entry).key())
                .toList();
    }

    List<KeyEntry.Invalid> invalid() {
        return enriched.chunk().entries().stream()
                .filter(KeyEntry.Invalid.class::isInstance)
                .map(KeyEntry.Invalid.class::cast)
                .toList();
    }

    /** By key, when the call began that ended so. */
    SortedMap<ContactKey, Long> failed(Reason reason) {
        SortedMap<ContactKey, Long> failed = new TreeMap<>(ChunkStore.ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Failed failure && failure.reason() == reason) {
                failed.merge(((KeyEntry.Valid) enriched.chunk().entries().get(i)).key(), failure.askedAt(), Math::max);
            }
        }
        return failed;
    }

    RunTotals totals() {
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
}
