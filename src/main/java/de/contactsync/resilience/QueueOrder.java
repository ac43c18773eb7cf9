package de.contactsync.resilience;

import de.contactsync.resilience.RateLimitedQueue.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Which queue is to be looked at next, and which have to wait for what. Each change costs the logarithm of the number
 * of queues at most. Guarded by the lock of the {@link CallDispatcher}.
 */
final class QueueOrder {

    /** Queues to be looked at; the first is next. */
    private final Deque<RateLimitedQueue> ready = new ArrayDeque<>();
    /** The one that wakes first first. Readings of nanoTime, so compared by their difference. */
    private final TreeSet<RateLimitedQueue> asleep =
            new TreeSet<>(((Comparator<RateLimitedQueue>) (a, b) -> Long.signum(a.wakeAt - b.wakeAt))
                    .thenComparingLong(queue -> queue.number));

    private final Set<RateLimitedQueue> full = new LinkedHashSet<>();
    private final int mostOfOne;
    /** Tenants that have calls now, in flight or waiting. */
    private int busyTenants;

    private long numbers;

    /** @param mostOfOne calls in flight that one tenant has before others have theirs */
    QueueOrder(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** The queue to be looked at, which then has to be put somewhere; null when there is none. */
    RateLimitedQueue poll(long now) {
        while (!asleep.isEmpty() && asleep.first().wakeAt - now <= 0) {
            lookAgain(asleep.first());
        }
        return ready.poll();
    }

    /**
     * A queue of a tenant that has its share already, for a call in flight that no other tenant wants now. Only of one
     * whose calls end: those that hang would take all there are, bit by bit. Null when there is none.
     */
    RateLimitedQueue pollBeyondShare(long now) {
        for (RateLimitedQueue queue : full) {
            if (queue.bulkhead.isMoving(now)) {
                full.remove(queue);
                return queue;
            }
        }
        return null;
    }

    /** When the next one wakes; null when none sleeps. */
    Long nextWake() {
        return asleep.isEmpty() ? null : asleep.first().wakeAt;
    }

    /** A call was added to the queue. */
    void added(RateLimitedQueue queue) {
        if (queue.place == Place.IDLE) {
            change(queue.bulkhead, Bulkhead::queued);
            makeReady(queue);
        }
    }

    /** A call of the queue starts; it takes its next turn behind the others. */
    void started(RateLimitedQueue queue) {
        change(queue.bulkhead, Bulkhead::started);
        if (queue.size() == 0) {
            leave(queue);
        } else {
            makeReady(queue);
        }
    }

    /** A call has ended: what it brought to light may allow others of its tenant to start, or end them. */
    void ended(RateLimitedQueue queue, long now) {
        change(queue.bulkhead, bulkhead -> bulkhead.ended(now));
        queue.bulkhead.queues.forEach(this::lookAgain);
    }

    /** Whether its tenant has its share in flight, so that the queue gives way to those of others, and is put there. */
    boolean hasItsShare(RateLimitedQueue queue) {
        if (busyTenants <= 1 || !queue.bulkhead.isFull(mostOfOne)) {
            return false;
        }
        queue.place = Place.FULL;
        full.add(queue);
        return true;
    }

    void sleep(RateLimitedQueue queue, long until) {
        queue.place = Place.ASLEEP;
        queue.wakeAt = until;
        queue.number = numbers++;
        asleep.add(queue);
    }

    /** Nothing waits in the queue any more. */
    void leave(RateLimitedQueue queue) {
        queue.place = Place.IDLE;
        change(queue.bulkhead, Bulkhead::emptied);
    }

    /** Of one that waits. */
    void lookAgain(RateLimitedQueue queue) {
        if (queue.place == Place.ASLEEP && asleep.remove(queue) || queue.place == Place.FULL && full.remove(queue)) {
            makeReady(queue);
        }
    }

    private void makeReady(RateLimitedQueue queue) {
        queue.place = Place.READY;
        ready.add(queue);
    }

    /** A tenant that is alone may have all threads. */
    private void change(Bulkhead bulkhead, Consumer<Bulkhead> what) {
        boolean before = bulkhead.isBusy();
        what.accept(bulkhead);
        boolean after = bulkhead.isBusy();
        busyTenants += after == before ? 0 : after ? 1 : -1;
        if (busyTenants <= 1 && !full.isEmpty()) {
            new ArrayList<>(full).forEach(this::lookAgain);
        }
    }
}
