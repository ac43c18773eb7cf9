package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.RateLimitedQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One contact that is asked for, and the entries of all chunks that wait for what comes of it. A chunk that is halted
 * leaves the others waiting.
 */
final class ContactRequest implements LookupRequest {

    /** @param index of the chunk's entry that waits */
    private record Waiter(ChunkOutcomes chunk, int index) {}

    private final ContactKey key;
    private final TenantState tenant;
    private final RequestCoalescer requestCoalescer;
    private final ChunkOutcomes first;
    private final boolean recheck;
    /** Changed under the lock until it is closed, and never after that. */
    private final List<Waiter> waiting = new ArrayList<>(1);
    /**
     * Nobody joins any more: from its first call on, since what JTL answers may be older than what they ask for, and
     * when it was halted.
     */
    private boolean closed;

    /** Changed under the lock. */
    private volatile boolean ended;

    /** @param index of the chunk's entry that waits */
    ContactRequest(
            ContactKey key, TenantState tenant, ChunkOutcomes chunk, int index, RequestCoalescer requestCoalescer) {
        this.key = key;
        this.tenant = tenant;
        this.requestCoalescer = requestCoalescer;
        this.first = chunk;
        this.recheck = chunk.chunk().isRecheck();
        waiting.add(new Waiter(chunk, index));
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
        waiting.add(new Waiter(chunk, index));
        return true;
    }

    /** Whether it has ended or nobody waits any more; stays so, as nobody joins then. */
    private synchronized boolean isAbandoned() {
        return ended || waiting.stream().allMatch(waiter -> waiter.chunk.halted());
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
        if (!first.halted() && !ended || !isAbandoned()) {
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
        end(waiter -> waiter.chunk.put(waiter.index, counted));
    }

    /** Of the chunks that wait. An answer of a call under way still goes to what is kept of them. */
    @Override
    public void halt(ProcessingHaltedException reason) {
        synchronized (this) {
            closed = true;
        }
        requestCoalescer.closed(this);
        waiting.forEach(waiter -> waiter.chunk.halt(reason));
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        end(waiter -> waiter.chunk.suspect(
                waiter.index, failed, () -> othersPass.test(waiter.chunk.whenHalted()), concernsAll));
    }

    /** Once: what ends it first counts. */
    private void end(Consumer<Waiter> outcome) {
        requestCoalescer.closed(this);
        synchronized (this) {
            if (ended) {
                return;
            }
            closed = true;
            ended = true;
        }
        waiting.forEach(outcome);
    }

    @Override
    public String toString() {
        return "key " + key;
    }
}
