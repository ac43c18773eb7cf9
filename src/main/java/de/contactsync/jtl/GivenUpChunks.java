package de.contactsync.jtl;

import de.contactsync.contact.Chunk;
import de.contactsync.contact.Outcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answers that chunks had when they were given up, so that JTL's quota is not spent on them again when the same
 * chunk comes back soon. Only a few and only for a while: contacts change. Thread-safe.
 */
final class GivenUpChunks {

    private static final int MOST = 16;
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private record Answers(Chunk chunk, List<Outcome> outcomes, long nanoTime) {}

    private record Id(long runId, int number) {

        static Id of(Chunk chunk) {
            return new Id(chunk.runId(), chunk.number());
        }
    }

    private final Map<Id, Answers> chunks = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Id, Answers> eldest) {
            return size() > MOST;
        }
    };

    synchronized void keep(ChunkOutcomes given) {
        chunks.put(Id.of(given.chunk()), new Answers(given.chunk(), given.known(), System.nanoTime()));
    }

    /** By index, null for keys without one; empty when there is nothing for this chunk. */
    synchronized List<Outcome> takeAnswers(Chunk chunk) {
        Answers answers = chunks.remove(Id.of(chunk));
        return answers == null
                        || !answers.chunk.entries().equals(chunk.entries())
                        || System.nanoTime() - answers.nanoTime > LONGEST.toNanos()
                ? List.of()
                : answers.outcomes;
    }
}
