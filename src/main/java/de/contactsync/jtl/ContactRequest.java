package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.RateLimitedQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One contact that is asked for: a future of what comes of it, for the entries of all chunks that wait for it. A chunk
 * that is halted leaves the others waiting.
 */
final class ContactRequest implements LookupRequest {

    /** What came of it, for each chunk that waits. */
    private interface Ending {
        void put(ChunkOutcomes chunk, int index);
    }

    private final ContactKey key;
    private final TenantState tenant;
    private final RequestCoalescer requestCoalescer;
    private final ChunkOutcomes first;
    private final boolean recheck;
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private final List<ChunkOutcomes> waiting = new ArrayList<>(1);
    /**
     * Nobody joins any more: from its first call on, since what JTL answers may be older than what they ask for, and
     * when it was halted.
     */
    private boolean closed;

    /** @param index of the chunk's entry that waits */
    ContactRequest(
            ContactKey key, TenantState tenant, ChunkOutcomes chunk, int index, RequestCoalescer requestCoalescer) {
        this.key = key;
        this.tenant = tenant;
        this.requestCoalescer = requestCoalescer;
        this.first = chunk;
        this.recheck = chunk.chunk().isRecheck();
        await(chunk, index);
    }

    private void await(ChunkOutcomes chunk, int index) {
        waiting.add(chunk);
        ending.thenAccept(end -> end.put(chunk, index));
    }

    /** Its call begins now. */
    void begin() {
        synchronized (this) {
            closed = true;
        }
        requestCoalescer.begun(this);
    }

    /**
     * Lets an entry of another chunk wait too. False when it comes too late, nobody waits any more, or a failure would
     * mean something else for that chunk.
     */
    synchronized boolean join(ChunkOutcomes chunk, int index) {
        if (closed || recheck != chunk.chunk().isRecheck() || isAbandoned()) {
            return false;
        }
        await(chunk, index);
        return true;
    }

    /** Whether it has ended or nobody waits any more; stays so, as nobody joins then. */
    private synchronized boolean isAbandoned() {
        return ending.isDone() || waiting.stream().allMatch(ChunkOutcomes::halted);
    }

    @Override
    public TenantState tenant() {
        return tenant;
    }

    @Override
    public RateLimitedQueue lane() {
        return tenant.queue();
    }

    @Override
    public Object body() {
        begin();
        return key;
    }

    @Override
    public ContactKey key() {
        return key;
    }

    @Override
    public boolean isOver() {
        // Nearly always the first chunk waits, which is known without the lock.
        if (!first.halted() && !ending.isDone() || !isAbandoned()) {
            return false;
        }
        requestCoalescer.closed(this);
        return true;
    }

    @Override
    public boolean failsAlone() {
        return recheck;
    }

    @Override
    public boolean isRecheck() {
        return recheck;
    }

    @Override
    public void end(CallResult.Conclusive answer, int attempts) {
        end(((CallResult.Final) answer).outcome(), attempts);
    }

    void end(Outcome outcome, int attempts) {
        Outcome counted = outcome instanceof Outcome.Failed failed ? failed.withAttempts(attempts) : outcome;
        end((chunk, index) -> chunk.put(index, counted));
    }

    /** Of the chunks that wait. An answer of a call under way still goes to what is kept of them. */
    @Override
    public void halt(ProcessingHaltedException reason) {
        List<ChunkOutcomes> halted;
        synchronized (this) {
            closed = true;
            halted = List.copyOf(waiting);
        }
        requestCoalescer.closed(this);
        halted.forEach(chunk -> chunk.halt(reason));
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        end((chunk, index) -> chunk.suspect(index, failed, () -> othersPass.test(chunk.whenHalted()), concernsAll));
    }

    private void end(Ending end) {
        requestCoalescer.closed(this);
        ending.complete(end);
    }

    @Override
    public String toString() {
        return "key " + key;
    }
}
