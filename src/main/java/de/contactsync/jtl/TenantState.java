package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.RateLimitedQueue;
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

    private static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong lastPassBegan = new AtomicLong(NEVER);
    private volatile ContactKey lastPassed;
    private final AtomicInteger failuresInARow = new AtomicInteger();
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
        }
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
