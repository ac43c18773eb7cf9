package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.RunChunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Contacts that JTL has told of while a run listed its customers, so that the run's own chunks need not ask for them
 * once more. They serve no other run and no message, which may be about a later change. Each is reported once; only
 * some and only for a while: contacts change. Thread-safe.
 */
final class PrefetchCache {

    private static final int MOST = 20_000;
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private record Wanted(long runId, ContactKey key) {}

    private record Prefetched(Outcome.Found contact, long nanoTime) {}

    private final Map<Wanted, Prefetched> contacts = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Wanted, Prefetched> eldest) {
            return size() > MOST;
        }
    };

    synchronized void put(long runId, ContactKey key, Outcome.Found contact) {
        contacts.put(new Wanted(runId, key), new Prefetched(contact, System.nanoTime()));
    }

    /** @param known outcomes of the chunk's entries, by index, null or nothing where there is none */
    synchronized List<Outcome> fill(Chunk chunk, List<Outcome> known) {
        if (contacts.isEmpty() || !(chunk instanceof RunChunk part)) {
            return known;
        }
        List<Outcome> filled = new ArrayList<>(chunk.entries().size());
        for (int i = 0; i < chunk.entries().size(); i++) {
            Outcome outcome = i < known.size() ? known.get(i) : null;
            filled.add(
                    outcome == null && chunk.entries().get(i) instanceof KeyEntry.Valid valid
                            ? take(new Wanted(part.runId(), valid.key()))
                            : outcome);
        }
        return filled;
    }

    private Outcome take(Wanted wanted) {
        Prefetched prefetched = contacts.remove(wanted);
        return prefetched == null || System.nanoTime() - prefetched.nanoTime > LONGEST.toNanos()
                ? null
                : prefetched.contact;
    }
}
