package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.Outcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answers that chunks had when they were abandoned, so that JTL's quota is not spent on them again when the same
 * chunk comes back soon. Only a few and only for a while: contacts change. Thread-safe.
 */
final class AbandonedChunks {

    private static final int MOST = 16;
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private record Answers(ChunkOutcomes given, long nanoTime) {}

    private final Map<Object, Answers> chunks = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Answers> eldest) {
            return size() > MOST;
        }
    };

    synchronized void keep(ChunkOutcomes given) {
        chunks.put(given.chunk().id(), new Answers(given, System.nanoTime()));
    }

    /**
     * By index, null for keys without one; also of calls that have ended since. Empty when there is nothing for this
     * chunk.
     */
    synchronized List<Outcome> takeResults(Chunk chunk) {
        Answers answers = chunks.remove(chunk.id());
        return answers == null
                        || !answers.given.chunk().entries().equals(chunk.entries())
                        || System.nanoTime() - answers.nanoTime > LONGEST.toNanos()
                ? List.of()
                : answers.given.known();
    }
}
