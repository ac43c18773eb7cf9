package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.RateLimitedQueue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * What the calls of one tenant have in common: its quotas, whether it has lists, whether its JTL-Wawi is in reach, and
 * since when it answers or fails. A failure is a key's own when other keys of the tenant pass meanwhile; otherwise it
 * concerns them all. Instants are readings of the breaker's clock. Thread-safe.
 */
final class TenantState {

    /** So many failures in a row, without one key passing, are no coincidence. */
    private static final int CONVINCING = 20;

    private static final int FEW = 3;

    /** So many customers refused in a row, without one key passing or under way, are no coincidence either. */
    private static final int REFUSED = 5;

    private static final long NEVER = Long.MIN_VALUE;

    private static final Duration OF_PROBE = Duration.ofSeconds(1);

    private final CallsInFlight inFlight = new CallsInFlight();
    /** Apart: that no list is answered says nothing of the tenant. */
    private final CallsInFlight listsInFlight = new CallsInFlight();

    private final AtomicLong lastPassBegan = new AtomicLong(NEVER);
    private volatile ContactKey lastPassed;
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final AtomicInteger refusedCustomers = new AtomicInteger();
    /** Attempts that were started and not judged yet, be it that they still wait for a token. */
    private final AtomicInteger undecided = new AtomicInteger();

    private volatile UUID lastRefused;
    /** Calls that wait for what becomes of those in flight. Guarded by itself. */
    private final Queue<Runnable> held = new ArrayDeque<>();

    private final Lock proof = new ReentrantLock();
    private final UUID id;
    private final JtlConnection connection;
    private final RateLimitedQueue queue;
    private final RateLimitedQueue listLane;
    private final ListPause lists = new ListPause();
    private final Breaker breaker;

    TenantState(UUID id, JtlConnection connection, RateLimitedQueue queue, RateLimitedQueue listLane, Breaker breaker) {
        this.id = id;
        this.connection = connection;
        this.queue = queue;
        this.listLane = listLane;
        this.breaker = breaker;
    }

    UUID id() {
        return id;
    }

    /** By which its calls go. */
    JtlConnection connection() {
        return connection;
    }

    Breaker breaker() {
        return breaker;
    }

    RateLimitedQueue queue() {
        return queue;
    }

    /** For lists of contacts: JTL counts some of its calls apart from the others. */
    RateLimitedQueue listLane() {
        return listLane;
    }

    Stream<RateLimitedQueue> lanes() {
        return Stream.of(queue, listLane);
    }

    ListPause lists() {
        return lists;
    }

    /** @param ofLists whether calls for lists are meant, whose failures say nothing of the tenant */
    CallsInFlight inFlight(boolean ofLists) {
        return ofLists ? listsInFlight : inFlight;
    }

    void began(CallInFlight call) {
        inFlight(call.isList()).began(call);
    }

    void ended(CallInFlight call, boolean answered) {
        CallsInFlight ofKind = inFlight(call.isList());
        ofKind.ended(call);
        if (!call.isList() && inFlight.isEmpty()) {
            breaker.noneUnderWay();
        }
        if (answered) {
            long now = System.nanoTime();
            ofKind.answeredAfter(now - call.began());
            ofKind.sign(now);
            inFlight.sign(now);
        }
    }

    /**
     * For how long no single call may be answered before that is an outage, and no list before lists are given up; a
     * probe goes on all the same.
     */
    Duration patience(boolean ofLists, Duration least) {
        if (!ofLists && breaker.isProbing()) {
            return least.compareTo(OF_PROBE) < 0 ? least : OF_PROBE;
        }
        return inFlight(ofLists).patience(least);
    }

    /**
     * @param began when the call began that JTL answered properly
     * @param key   that it was about, or null
     */
    void passed(long began, ContactKey key) {
        if (key != null) {
            lastPassed = key;
        }
        if (lastPassBegan.get() < began) {
            lastPassBegan.accumulateAndGet(began, Math::max);
        }
        if (failuresInARow.get() != 0) {
            failuresInARow.set(0);
            refusedCustomers.set(0);
        }
    }

    /**
     * JTL has refused a key in a way that a person has to mend.
     *
     * @return whether that concerns all keys, as far as can be known
     */
    boolean refused(ContactKey key) {
        synchronized (held) {
            if (key != null && !key.customerId().equals(lastRefused)) {
                lastRefused = key.customerId();
                refusedCustomers.incrementAndGet();
            }
        }
        return refusedCustomers.get() >= REFUSED && undecided.get() == 0;
    }

    /** An attempt is started. */
    void started() {
        undecided.incrementAndGet();
    }

    /** An attempt is about to be judged: only the others are waited for. */
    void judging() {
        undecided.decrementAndGet();
    }

    /** Whether a call has to wait, as those in flight decide whether all are refused; it is then started later. */
    boolean hold(Runnable start) {
        if (refusedCustomers.get() < REFUSED) {
            return false;
        }
        synchronized (held) {
            return isUndecided() && held.add(start);
        }
    }

    private boolean isUndecided() {
        return refusedCustomers.get() >= REFUSED && undecided.get() > 0;
    }

    /** A call has ended, and been judged: starts those that wait for it. */
    void releaseHeld() {
        List<Runnable> starts;
        synchronized (held) {
            if (held.isEmpty() || isUndecided()) {
                return;
            }
            starts = List.copyOf(held);
            held.clear();
        }
        starts.forEach(Runnable::run);
    }

    /** No longer takes {@code key} for one that passes. */
    void forget(ContactKey key) {
        if (key.equals(lastPassed)) {
            lastPassed = null;
        }
    }

    boolean passedSince(long instant) {
        return lastPassBegan.get() > instant;
    }

    /** Held by whoever asks for another key whether a failure is everybody's. A monitor would hold a carrier thread. */
    Lock proof() {
        return proof;
    }

    /** A key that JTL answered properly not long ago, null when there was none. */
    ContactKey lastPassed() {
        return lastPassed;
    }

    /** Whether the failures since a key passed last may all be the keys' own. */
    boolean failedRarely() {
        return failuresInARow.get() < FEW;
    }

    /** Counts a failure; true when so many came in a row that all keys must be concerned. */
    boolean failedConvincingly() {
        return failuresInARow.incrementAndGet() >= CONVINCING;
    }
}
