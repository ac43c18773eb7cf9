package de.contactsync.resilience;

import de.contactsync.model.ProcessingHaltedException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts calls: at most so many at once in the whole process, each as soon as breaker and rate limiter of its
 * {@link RateLimitedQueue} allow, the queues taking turns. While several tenants have calls, one has more than half of
 * those in flight only of what no other wants now, and only while they end, since they may all hang ({@link Bulkhead}).
 * A call that has to wait holds no thread. While a breaker is open the calls of its queue are abandoned; when a try is
 * due, one of them at a time probes.
 *
 * <p>A queue is looked at when something changes for it: a call is submitted or ends, its time has come, more of a
 * shared quota was reserved. So a start costs the logarithm of the number of queues at most, whatever they wait for.
 */
public final class CallDispatcher {

    public interface Call extends Runnable {

        /** Whether nobody waits for it any more; then it is dropped, and costs nothing of the quota. */
        default boolean isOver() {
            return false;
        }

        /** Will not be made: what it needs is unavailable. Must not submit anything. */
        void abandon(ProcessingHaltedException reason);
    }

    private record Started(Call call, RateLimitedQueue queue) {}

    private static final Logger LOG = LoggerFactory.getLogger(CallDispatcher.class);

    private final Executor threads;
    /** One at a time; each blocks for a round trip. */
    private final Executor reservations = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "quota");
        thread.setDaemon(true);
        return thread;
    });

    private final ReentrantLock lock = new ReentrantLock();
    private final QueueOrder queues;
    /** Changed under the lock. */
    private volatile int free;

    /** Changed under the lock. */
    private volatile long started;

    private final Alarm alarm = new Alarm(this::wake);

    /** @param threads runs {@code concurrency} tasks at once */
    public CallDispatcher(Executor threads, int concurrency) {
        this.queues = new QueueOrder(Math.max(1, concurrency / 2));
        this.threads = threads;
        this.free = concurrency;
    }

    public void submit(RateLimitedQueue queue, Call call) {
        lock.lock();
        try {
            queue.add(call);
            queues.added(queue);
        } finally {
            lock.unlock();
        }
        startEligible();
    }

    /** Its breaker has opened although no call of it has ended, which would have been noticed. */
    public void abandon(RateLimitedQueue queue) {
        lock.lock();
        try {
            queue.abandon(null);
        } finally {
            lock.unlock();
        }
    }

    /** Calls started so far. */
    public long started() {
        return started;
    }

    public int waiting(RateLimitedQueue queue) {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private void startEligible() {
        Started call;
        while ((call = startNext(null)) != null) {
            Started first = call;
            threads.execute(() -> work(first));
        }
    }

    /** A thread that has ended a call continues with the next one by itself. */
    private void work(Started first) {
        Started current = first;
        while (current != null) {
            try {
                current.call.run();
            } catch (RuntimeException | Error e) {
                // Calls report their failures themselves; whatever else happens must not cost the next one its turn.
                LOG.error("a call failed in an unexpected way", e);
            }
            current = startNext(current.queue);
            if (current != null && free > 0) {
                // The end may have made room for more than one: it was the last call of a tenant that had a share.
                startEligible();
            }
        }
    }

    /** @param ended whose call has made room; null where a free place is to be taken, if there is one */
    private Started startNext(RateLimitedQueue ended) {
        lock.lock();
        try {
            if (ended != null) {
                queues.ended(ended, System.nanoTime());
            } else if (free > 0) {
                free--;
            } else {
                return null;
            }
            Started call = next();
            if (call == null) {
                free++;
            }
            return call;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a call that may start now; where all have to wait, sees to it that somebody looks again in time. */
    private Started next() {
        long now = System.nanoTime();
        Started call = null;
        RateLimitedQueue queue;
        while (call == null && (queue = queues.poll(now)) != null) {
            call = tryStart(queue, now, false);
        }
        while (call == null && (queue = queues.pollBeyondShare(now)) != null) {
            call = tryStart(queue, now, true);
        }
        Long wake = call == null || free > 0 ? queues.nextWake() : null;
        if (wake != null) {
            alarm.set(wake, now);
        }
        return call;
    }

    /** Puts the queue where it belongs now; null when none of its calls can start. */
    private Started tryStart(RateLimitedQueue queue, long now, boolean beyondShare) {
        if (!queue.hasCalls()) {
            queues.leave(queue);
            return null;
        }
        if (queue.isHeld()) {
            queue.abandon(null);
            queues.leave(queue);
            return null;
        }
        if (!beyondShare && queues.hasItsShare(queue)) {
            return null;
        }
        long wait = queue.tryStart(now, known -> reservations.execute(() -> reserve(queue, known)));
        if (wait == RateLimitedQueue.GIVE_UP) {
            queue.abandon(null);
            queues.leave(queue);
            return null;
        }
        if (wait > 0) {
            queues.sleep(queue, now + wait);
            return null;
        }
        started++;
        Started call = new Started(queue.take(), queue);
        queues.started(queue);
        return call;
    }

    private void reserve(RateLimitedQueue queue, QuotaHeaders known) {
        QuotaReservation.Reserved reserved = null;
        ProcessingHaltedException failure = null;
        try {
            reserved = queue.reservation().reserve(known);
        } catch (ProcessingHaltedException e) {
            failure = e;
        }
        lock.lock();
        try {
            queue.reservation().accept(reserved);
            if (failure != null) {
                queue.abandon(failure);
            }
            queues.lookAgain(queue);
        } finally {
            lock.unlock();
        }
        startEligible();
    }

    private void wake() {
        lock.lock();
        alarm.rang();
        lock.unlock();
        startEligible();
    }
}
