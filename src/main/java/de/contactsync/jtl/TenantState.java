package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.RateLimitedQueue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** A slow tenant is slow the next time as well. */
    private static final int TIMES_SLOWER = 2;

    private static final Duration OF_PROBE = Duration.ofSeconds(1);

    private final Set<CallInFlight> inFlight = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean watched = new AtomicBoolean();
    /** When a call was answered last, or the first of those in flight began. A reading of {@link System#nanoTime()}. */
    private volatile long lastSign;

    private volatile long usualTime;
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

    void began(CallInFlight call) {
        if (inFlight.isEmpty()) {
            lastSign = call.began();
        }
        inFlight.add(call);
    }

    void ended(CallInFlight call, boolean answered) {
        inFlight.remove(call);
        if (inFlight.isEmpty()) {
            breaker.noneUnderWay();
        }
        if (answered) {
            long now = System.nanoTime();
            lastSign = now;
            // Rises at once and falls in the course of some answers.
            usualTime = Math.max(now - call.began(), usualTime - usualTime / 8);
        }
    }

    /** Whether a watch over its calls is to begin now; there is one at most. */
    boolean beginWatch() {
        return watched.compareAndSet(false, true);
    }

    void endWatch() {
        watched.set(false);
    }

    /** For how long no call may be answered before that is taken for an outage; a probe goes on all the same. */
    Duration patience(Duration least) {
        if (breaker.isProbing()) {
            return least.compareTo(OF_PROBE) < 0 ? least : OF_PROBE;
        }
        Duration slow = Duration.ofNanos(usualTime * TIMES_SLOWER);
        return slow.compareTo(least) > 0 ? slow : least;
    }

    /** Until it has answered nothing for too long, zero if it has; null while there is no call that it could answer. */
    Duration untilQuiet(Duration least) {
        if (inFlight.isEmpty()) {
            return null;
        }
        Duration left = patience(least).minusNanos(System.nanoTime() - lastSign);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Ends all of its calls but one, so that others can begin. */
    void cutOff() {
        inFlight.stream().skip(1).forEach(CallInFlight::cancel);
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
