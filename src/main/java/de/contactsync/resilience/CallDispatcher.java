package de.contactsync.resilience;

import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts calls: at most so many at once in the whole process, each as soon as the {@link AdaptiveRateLimiter} of its
 * lane lets it, the lanes taking turns. While several tenants have calls none has more than half of them, since its
 * calls may all hang. A lane that has to wait holds no thread, so no other lane waits with it. While the
 * {@link Breaker} of a lane is open its calls are abandoned; when a try is due, one of them at a time probes.
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

    /** What the lanes of one tenant have in flight, and how many of them have calls that wait. */
    public static final class Tenant {
        private int running;
        private int waitingLanes;
    }

    private record Started(Call call, RateLimitedQueue queue) {}

    /** The calls of one tenant, in the order in which they were submitted. */
    public static final class RateLimitedQueue {

        private final AdaptiveRateLimiter limiter;
        private final Breaker breaker;
        private final QuotaReservation quotaReservation;
        private final Tenant tenant;
        private final Queue<Call> waiting = new ArrayDeque<>();
        /** Whether the lane is among those that have something waiting. */
        private boolean queued;

        /** @param quotaReservation null when no other process shares the quota */
        public RateLimitedQueue(
                AdaptiveRateLimiter limiter, Breaker breaker, QuotaReservation quotaReservation, Tenant tenant) {
            this.tenant = tenant;
            this.limiter = limiter;
            this.breaker = breaker;
            this.quotaReservation = quotaReservation;
        }

        public AdaptiveRateLimiter limiter() {
            return limiter;
        }

        private boolean hasCalls() {
            while (!waiting.isEmpty() && waiting.peek().isOver()) {
                waiting.poll();
            }
            return !waiting.isEmpty();
        }

        private void giveUp(ProcessingHaltedException reason) {
            for (Call call = waiting.poll(); call != null; call = waiting.poll()) {
                call.abandon(reason);
            }
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(CallDispatcher.class);

    /** While a probe is under way, the other calls of its lane look again after so long. */
    private static final long PROBE_LOOK = TimeUnit.MILLISECONDS.toNanos(50);

    private final Executor threads;
    /** One at a time; each blocks for a round trip. */
    private final Executor reservations = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "quota");
        thread.setDaemon(true);
        return thread;
    });

    private final ReentrantLock lock = new ReentrantLock();
    /** Lanes that have something waiting; the first is next. */
    private final Deque<RateLimitedQueue> lanes = new ArrayDeque<>();

    private final int mostOfOne;
    /** Tenants that have calls now, in flight or waiting. */
    private int busyTenants;

    private int free;
    private long started;
    private boolean alarmed;
    private long alarm;

    /**
     * @param threads runs {@code concurrency} tasks at once
     */
    public CallDispatcher(Executor threads, int concurrency) {
        this.mostOfOne = Math.max(1, concurrency / 2);
        this.threads = threads;
        this.free = concurrency;
    }

    public void submit(RateLimitedQueue queue, Call call) {
        lock.lock();
        try {
            if (queue.waiting.isEmpty() && !queue.queued) {
                queue.queued = true;
                lanes.add(queue);
                busy(queue.tenant, 0, 1);
            }
            queue.waiting.add(call);
        } finally {
            lock.unlock();
        }
        startEligible();
    }

    /** Calls started so far. */
    public long started() {
        lock.lock();
        try {
            return started;
        } finally {
            lock.unlock();
        }
    }

    public int waiting(RateLimitedQueue queue) {
        lock.lock();
        try {
            return queue.waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void startEligible() {
        Started call;
        while ((call = startNext()) != null) {
            Started first = call;
            threads.execute(() -> work(first));
        }
    }

    /** A thread that has ended a call continues with the next one by itself. */
    private void work(Started first) {
        Started started = first;
        while (started != null) {
            try {
                started.call.run();
            } catch (RuntimeException | Error e) {
                // Calls tell their failures themselves; whatever else happens must not cost the next one its turn.
                LOG.error("a call failed in an unexpected way", e);
            }
            started = endAndStartNext(started.queue);
        }
    }

    private Started startNext() {
        lock.lock();
        try {
            if (free == 0) {
                return null;
            }
            Started call = next();
            if (call != null) {
                free--;
            }
            return call;
        } finally {
            lock.unlock();
        }
    }

    private Started endAndStartNext(RateLimitedQueue ended) {
        lock.lock();
        try {
            busy(ended.tenant, -1, 0);
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
        int most = busyTenants > 1 ? mostOfOne : Integer.MAX_VALUE;
        long shortest = Long.MAX_VALUE;
        for (int i = lanes.size(); i > 0; i--) {
            RateLimitedQueue queue = lanes.poll();
            if (!queue.hasCalls()) {
                leave(queue);
                continue;
            }
            if (queue.breaker.isHeld()) {
                queue.giveUp(queue.breaker.exception());
                leave(queue);
                continue;
            }
            if (queue.tenant.running >= most) {
                lanes.add(queue);
                continue;
            }
            if (!queue.breaker.tryAcquire()) {
                if (queue.breaker.isProbeSlow()) {
                    // Else a chunk would hold up those of other tenants until the deadline of a call that hangs.
                    queue.giveUp(queue.breaker.exception());
                    leave(queue);
                } else {
                    lanes.add(queue);
                    shortest = Math.min(shortest, PROBE_LOOK);
                }
                continue;
            }
            long wait = untilGranted(queue, now);
            if (wait == 0) {
                wait = queue.limiter.start(now);
            }
            if (wait == 0) {
                started++;
                if (queue.quotaReservation != null) {
                    queue.quotaReservation.usePermit();
                }
                busy(queue.tenant, 1, 0);
                Started call = new Started(queue.waiting.poll(), queue);
                if (queue.waiting.isEmpty()) {
                    leave(queue);
                } else {
                    lanes.add(queue);
                }
                return call;
            }
            queue.breaker.release();
            lanes.add(queue);
            shortest = Math.min(shortest, wait);
        }
        if (shortest != Long.MAX_VALUE) {
            wakeAfter(shortest, now);
        }
        return null;
    }

    /** Under the lock: nothing waits in the lane any more. */
    private void leave(RateLimitedQueue queue) {
        queue.queued = false;
        busy(queue.tenant, 0, -1);
    }

    /** Under the lock. */
    private void busy(Tenant tenant, int running, int waitingLanes) {
        boolean before = tenant.running + tenant.waitingLanes > 0;
        tenant.running += running;
        tenant.waitingLanes += waitingLanes;
        boolean after = tenant.running + tenant.waitingLanes > 0;
        busyTenants += after == before ? 0 : after ? 1 : -1;
    }

    /** 0 when the lane has a call left of the quota it shares, or when there is no quota that is known. */
    private long untilGranted(RateLimitedQueue queue, long now) {
        QuotaHeaders known = queue.quotaReservation == null ? null : queue.limiter.shareable();
        if (known == null || queue.quotaReservation.hasPermit(now)) {
            return 0;
        }
        queue.limiter.heldBack(now);
        if (queue.quotaReservation.beginReservation(now)) {
            reservations.execute(() -> reserve(queue, known));
        }
        return queue.quotaReservation.untilUsable(now);
    }

    private void reserve(RateLimitedQueue queue, QuotaHeaders known) {
        QuotaReservation.Reserved reserved = null;
        ProcessingHaltedException failure = null;
        try {
            reserved = queue.quotaReservation.reserve(known);
        } catch (ProcessingHaltedException e) {
            failure = e;
        }
        lock.lock();
        try {
            queue.quotaReservation.accept(reserved);
            if (failure != null) {
                queue.giveUp(failure);
            }
        } finally {
            lock.unlock();
        }
        startEligible();
    }

    private void wakeAfter(long wait, long now) {
        if (alarmed && alarm - (now + wait) <= 0) {
            return;
        }
        alarmed = true;
        alarm = now + wait;
        // Not on the threads of the calls, which may all be busy for long.
        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(this::wake);
    }

    private void wake() {
        lock.lock();
        alarmed = false;
        lock.unlock();
        startEligible();
    }
}
