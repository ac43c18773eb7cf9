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

/** One contact, and the entries of chunks that wait for it. A chunk that is halted leaves the others waiting. */
final class ContactRequest implements LookupRequest {

    private record Waiter(ChunkOutcomes chunk, int index) {}

    private final ContactKey key;
    private final TenantState tenant;
    private final RequestCoalescer requestCoalescer;
    private final ChunkOutcomes first;
    private final boolean recheck;
    private final List<Waiter> waiters = new ArrayList<>(1);
    /** From its first call on nobody joins: what JTL answers may be older than what they ask for. */
    private boolean begun;

    private boolean closed;

    /** @param index of the chunk's entry that waits */
    ContactRequest(
            ContactKey key, TenantState tenant, ChunkOutcomes chunk, int index, RequestCoalescer requestCoalescer) {
        this.key = key;
        this.tenant = tenant;
        this.requestCoalescer = requestCoalescer;
        this.first = chunk;
        this.recheck = chunk.chunk().isRecheck();
        waiters.add(new Waiter(chunk, index));
    }

    /** Its call begins now. */
    void begin() {
        synchronized (this) {
            begun = true;
        }
        requestCoalescer.begun(this);
    }

    /**
     * Lets an entry of another chunk wait too. False when it comes too late, nobody waits any more, or a failure would
     * mean something else for that chunk.
     */
    synchronized boolean join(ChunkOutcomes chunk, int index) {
        closed |= waiters.stream().allMatch(waiter -> waiter.chunk.halted());
        return !begun && !closed && recheck == chunk.chunk().isRecheck() && waiters.add(new Waiter(chunk, index));
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
        if (!first.halted()) {
            // Nearly always so, and asked while all other calls wait for the dispatcher: spares the lock.
            return false;
        }
        synchronized (this) {
            if (closed) {
                return true;
            }
            for (Waiter waiter : waiters) {
                if (!waiter.chunk.halted()) {
                    return false;
                }
            }
            closed = true;
        }
        requestCoalescer.closed(this);
        return true;
    }

    @Override
    public boolean failsAlone() {
        return recheck;
    }

    @Override
    public void end(CallResult.Conclusive answer, int attempts) {
        end(((CallResult.Final) answer).outcome(), attempts);
    }

    void end(Outcome outcome, int attempts) {
        Outcome counted = outcome instanceof Outcome.Failed failed ? failed.withAttempts(attempts) : outcome;
        close().forEach(waiter -> waiter.chunk.put(waiter.index, counted));
    }

    @Override
    public void halt(ProcessingHaltedException reason) {
        close().forEach(waiter -> waiter.chunk.halt(reason));
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        close().forEach(waiter -> waiter.chunk.suspect(
                waiter.index, failed, () -> othersPass.test(waiter.chunk.whenHalted()), concernsAll));
    }

    private List<Waiter> close() {
        synchronized (this) {
            closed = true;
        }
        requestCoalescer.closed(this);
        return waiters;
    }

    @Override
    public String toString() {
        return "key " + key;
    }
}
