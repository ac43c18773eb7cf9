package de.contactsync.jtl;

import de.contactsync.contact.Chunk;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** Gathers the outcomes of a chunk's keys while many threads ask for them. */
final class ChunkOutcomes {

    /** A failure that is the key's own only if {@code othersPass}. */
    private record Suspect(int index, Outcome.Failed failed, BooleanSupplier othersPass) {}

    private final Chunk chunk;
    private final Outcome[] outcomes;
    private final CountDownLatch open;
    private final Queue<Suspect> suspects = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<HaltException> halt = new CompletableFuture<>();

    ChunkOutcomes(Chunk chunk) {
        this.chunk = chunk;
        this.outcomes = new Outcome[chunk.entries().size()];
        int keys = 0;
        for (int i = 0; i < outcomes.length; i++) {
            if (chunk.entries().get(i) instanceof KeyEntry.Invalid invalid) {
                outcomes[i] = new Outcome.Failed(Reason.INVALID_KEY, null, null, invalid.problem(), null, 0);
            } else {
                keys++;
            }
        }
        this.open = new CountDownLatch(keys);
    }

    void put(int index, Outcome outcome) {
        outcomes[index] = outcome;
        open.countDown();
    }

    void suspect(int index, Outcome.Failed failed, BooleanSupplier othersPass) {
        suspects.add(new Suspect(index, failed, othersPass));
        open.countDown();
    }

    /** Ends the chunk at once; keys not asked yet will not be. The first reason counts. */
    void halt(HaltException reason) {
        halt.complete(reason);
        while (open.getCount() > 0) {
            open.countDown();
        }
    }

    boolean halted() {
        return halt.isDone();
    }

    CompletableFuture<HaltException> whenHalted() {
        return halt;
    }

    /** Waits until every key has ended one way or the other: each of its calls is bounded, so this is. */
    EnrichedChunk await() throws InterruptedException {
        open.await();
        for (Suspect suspect : suspects) {
            if (!halted() && !suspect.othersPass.getAsBoolean()) {
                halt(new HaltException(suspect.failed.errorMessage() + " (no other key passes either)"));
            }
            outcomes[suspect.index] = suspect.failed;
        }
        if (halted()) {
            throw halt.join();
        }
        return new EnrichedChunk(chunk, Arrays.asList(outcomes));
    }
}
