package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which keys of a tenant have passed and failed of late. A failure is a key's own when other keys pass meanwhile;
 * otherwise it concerns them all. While those in flight decide that, further calls are held back. Instants are readings
 * of the breaker's clock. Thread-safe.
 */
final class FailureEvidence {

    /** So many failures in a row, without one key passing, are no coincidence. */
    private static final int CONVINCING = 20;

    private static final int FEW = 3;

    /** So many customers refused in a row, without one key passing or under way, are no coincidence either. */
    private static final int REFUSED = 5;

    private static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong lastPassBegan = new AtomicLong(NEVER);
    private volatile ContactKey lastPassed;
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final AtomicInteger refusedCustomers = new AtomicInteger();
    /** Attempts that were started and not judged yet, be it that they still wait for a token. */
    private final AtomicInteger undecided = new AtomicInteger();
    /** Keys whose token was refused and that wait for another. */
    private final AtomicInteger withoutToken = new AtomicInteger();
    /** When the call of the first of them began. */
    private volatile long tokenRefusedSince;

    private volatile UUID lastRefused;
    /** Calls that wait for what becomes of those in flight. Guarded by itself. */
    private final Queue<Runnable> held = new ArrayDeque<>();

    private final Lock proof = new ReentrantLock();

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

    /**
     * The token of a key was refused, which waits for another.
     *
     * @param began when its call began
     */
    void awaitsToken(long began) {
        if (withoutToken.getAndIncrement() == 0) {
            tokenRefusedSince = began;
        }
    }

    /** That key waits no longer. */
    void endsAwaitingToken() {
        withoutToken.decrementAndGet();
        releaseHeld();
    }

    /** An attempt is started. */
    void started() {
        undecided.incrementAndGet();
    }

    /** An attempt is about to be judged: only the others are waited for. */
    void judging() {
        undecided.decrementAndGet();
    }

    /**
     * Whether a call has to wait: those in flight decide whether all are refused, or the token in use was refused for
     * key after key and another is being fetched. It is then started later.
     */
    boolean hold(Runnable start) {
        if (refusedCustomers.get() < REFUSED && withoutToken.get() < FEW) {
            return false;
        }
        synchronized (held) {
            return isHeld() && held.add(start);
        }
    }

    private boolean isHeld() {
        return refusedCustomers.get() >= REFUSED && undecided.get() > 0
                || withoutToken.get() >= FEW && !passedSince(tokenRefusedSince);
    }

    /** A call has ended, and been judged: starts those that wait for it. */
    void releaseHeld() {
        List<Runnable> starts;
        synchronized (held) {
            if (held.isEmpty() || isHeld()) {
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
