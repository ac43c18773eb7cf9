package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Gathers the outcomes of a chunk's keys while many threads ask for them. */
final class ChunkOutcomes {

    /** A failure that is the key's own only if {@code othersPass}, and else {@code concernsAll}. */
    private record Suspect(
            int index,
            Outcome.Failed failed,
            BooleanSupplier othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {}

    private final Chunk chunk;
    private final AtomicReferenceArray<Outcome> outcomes;
    private final AtomicInteger open;
    private final Queue<Suspect> suspects = new ConcurrentLinkedQueue<>();
    /** That every key has ended one way or the other, or the chunk was halted. */
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final CompletableFuture<ProcessingHaltedException> halt = new CompletableFuture<>();

    /** @param known what is left of an earlier try, by index; null where nothing is */
    ChunkOutcomes(Chunk chunk, List<Outcome> known) {
        this.chunk = chunk;
        int size = chunk.entries().size();
        this.outcomes = new AtomicReferenceArray<>(size);
        int keys = 0;
        for (int i = 0; i < size; i++) {
            if (chunk.entries().get(i) instanceof KeyEntry.Invalid invalid) {
                outcomes.set(
                        i,
                        new Outcome.Failed(invalid.reason(), invalid.httpStatus(), null, invalid.problem(), null, 0));
            } else if (i < known.size() && known.get(i) != null) {
                outcomes.set(i, known.get(i));
            } else {
                keys++;
            }
        }
        this.open = new AtomicInteger(keys);
        if (keys == 0) {
            ended.complete(null);
        }
    }

    Chunk chunk() {
        return chunk;
    }

    boolean isKnown(int index) {
        return outcomes.get(index) != null;
    }

    /** By index; null where there is none yet. */
    List<Outcome> known() {
        List<Outcome> known = new ArrayList<>(outcomes.length());
        for (int i = 0; i < outcomes.length(); i++) {
            known.add(outcomes.get(i));
        }
        return known;
    }

    void put(int index, Outcome outcome) {
        outcomes.set(index, outcome);
        endOne();
    }

    void suspect(
            int index,
            Outcome.Failed failed,
            BooleanSupplier othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        suspects.add(new Suspect(index, failed, othersPass, concernsAll));
        endOne();
    }

    private void endOne() {
        if (open.decrementAndGet() == 0) {
            ended.complete(null);
        }
    }

    /** Ends the chunk at once; keys not asked yet will not be. The first reason counts. */
    void halt(ProcessingHaltedException reason) {
        halt.complete(reason);
        ended.complete(null);
    }

    boolean halted() {
        return halt.isDone();
    }

    CompletableFuture<ProcessingHaltedException> whenHalted() {
        return halt;
    }

    /** Waits until every key has ended one way or the other: each of its calls is bounded, so this is. */
    EnrichedChunk await() throws InterruptedException {
        try {
            ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        for (Suspect suspect : suspects) {
            if (!halted() && !suspect.othersPass.getAsBoolean()) {
                halt(suspect.concernsAll.get());
            }
            if (halted()) {
                break;
            }
            outcomes.set(suspect.index, suspect.failed);
        }
        if (halted()) {
            throw halt.join();
        }
        return new EnrichedChunk(chunk, known());
    }
}
