package de.contactsync.jtl;

import de.contactsync.contact.HaltException;
import de.contactsync.http.Pacer;
import de.contactsync.http.QuotaHeaders;
import de.contactsync.outage.Breaker;
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
 * Starts calls: at most so many at once in the whole process, each as soon as the {@link Pacer} of its lane lets it,
 * the lanes taking turns. While several tenants have calls none has more than half of them, since its calls may all hang. A lane
 * that has to wait holds no thread, so no other lane waits with it. While the {@link Breaker} of a lane is open its
 * calls are given up; when a try is due, one of them at a time feels the way.
 */
final class CallDispatcher {

    interface Call extends Runnable {

        /** Whether nobody waits for it any more; then it is dropped, and costs nothing of the quota. */
        default boolean isOver() {
            return false;
        }

        /** Will not be made: what it needs is out of reach. Must not submit anything. */
        void giveUp(HaltException reason);
    }

    /** What the lanes of one tenant have in flight, and how many of them have calls that wait. */
    static final class Tenant {
        private int running;
        private int waitingLanes;
    }

    private record Started(Call call, Lane lane) {}

    /** The calls of one tenant, in the order in which they were submitted. */
    static final class Lane {

        private final Pacer pacer;
        private final Breaker breaker;
        private final Grants grants;
        private final Tenant tenant;
        private final Queue<Call> waiting = new ArrayDeque<>();
        /** Whether the lane is among those that have something waiting. */
        private boolean queued;

        /** @param grants null when no other process shares the quota */
        Lane(Pacer pacer, Breaker breaker, Grants grants, Tenant tenant) {
            this.tenant = tenant;
            this.pacer = pacer;
            this.breaker = breaker;
            this.grants = grants;
        }

        Pacer pacer() {
            return pacer;
        }

        private boolean hasCalls() {
            while (!waiting.isEmpty() && waiting.peek().isOver()) {
                waiting.poll();
            }
            return !waiting.isEmpty();
        }

        private void giveUp(HaltException reason) {
            for (Call call = waiting.poll(); call != null; call = waiting.poll()) {
                call.giveUp(reason);
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
    private final Deque<Lane> lanes = new ArrayDeque<>();
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
    CallDispatcher(Executor threads, int concurrency) {
        this.mostOfOne = Math.max(1, concurrency / 2);
        this.threads = threads;
        this.free = concurrency;
    }

    void submit(Lane lane, Call call) {
        lock.lock();
        try {
            if (lane.waiting.isEmpty() && !lane.queued) {
                lane.queued = true;
                lanes.add(lane);
                busy(lane.tenant, 0, 1);
            }
            lane.waiting.add(call);
        } finally {
            lock.unlock();
        }
        startWhatMay();
    }

    /** Calls started so far. */
    long started() {
        lock.lock();
        try {
            return started;
        } finally {
            lock.unlock();
        }
    }

    int waiting(Lane lane) {
        lock.lock();
        try {
            return lane.waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void startWhatMay() {
        Started call;
        while ((call = startNext()) != null) {
            Started first = call;
            threads.execute(() -> work(first));
        }
    }

    /** A thread that has ended a call goes on with the next one by itself. */
    private void work(Started first) {
        Started started = first;
        while (started != null) {
            try {
                started.call.run();
            } catch (RuntimeException | Error e) {
                // Calls tell their failures themselves; whatever else happens must not cost the next one its turn.
                LOG.error("a call failed in an unexpected way", e);
            }
            started = endAndStartNext(started.lane);
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

    private Started endAndStartNext(Lane ended) {
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
            Lane lane = lanes.poll();
            if (!lane.hasCalls()) {
                leave(lane);
                continue;
            }
            if (lane.breaker.isHeld()) {
                lane.giveUp(lane.breaker.exception());
                leave(lane);
                continue;
            }
            if (lane.tenant.running >= most) {
                lanes.add(lane);
                continue;
            }
            if (!lane.breaker.tryAcquire()) {
                if (lane.breaker.isProbeSlow()) {
                    // Else a chunk would hold up those of other tenants until the deadline of a call that hangs.
                    lane.giveUp(lane.breaker.exception());
                    leave(lane);
                } else {
                    lanes.add(lane);
                    shortest = Math.min(shortest, PROBE_LOOK);
                }
                continue;
            }
            long wait = untilGranted(lane, now);
            if (wait == 0) {
                wait = lane.pacer.start(now);
            }
            if (wait == 0) {
                started++;
                if (lane.grants != null) {
                    lane.grants.use();
                }
                busy(lane.tenant, 1, 0);
                Started call = new Started(lane.waiting.poll(), lane);
                if (lane.waiting.isEmpty()) {
                    leave(lane);
                } else {
                    lanes.add(lane);
                }
                return call;
            }
            lane.breaker.release();
            lanes.add(lane);
            shortest = Math.min(shortest, wait);
        }
        if (shortest != Long.MAX_VALUE) {
            wakeAfter(shortest, now);
        }
        return null;
    }

    /** Under the lock: nothing waits in the lane any more. */
    private void leave(Lane lane) {
        lane.queued = false;
        busy(lane.tenant, 0, -1);
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
    private long untilGranted(Lane lane, long now) {
        QuotaHeaders known = lane.grants == null ? null : lane.pacer.shareable();
        if (known == null || lane.grants.has(now)) {
            return 0;
        }
        lane.pacer.heldBack(now);
        if (lane.grants.beginAsking(now)) {
            reservations.execute(() -> reserve(lane, known));
        }
        return lane.grants.untilUsable(now);
    }

    private void reserve(Lane lane, QuotaHeaders known) {
        Grants.Reserved reserved = null;
        HaltException failure = null;
        try {
            reserved = lane.grants.ask(known);
        } catch (HaltException e) {
            failure = e;
        }
        lock.lock();
        try {
            lane.grants.take(reserved);
            if (failure != null) {
                lane.giveUp(failure);
            }
        } finally {
            lock.unlock();
        }
        startWhatMay();
    }

    private void wakeAfter(long wait, long now) {
        if (alarmed && alarm - (now + wait) <= 0) {
            return;
        }
        alarmed = true;
        alarm = now + wait;
        // Not on the threads of the calls, which may all be busy for long.
        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS, Runnable::run).execute(this::wake);
    }

    private void wake() {
        lock.lock();
        alarmed = false;
        lock.unlock();
        startWhatMay();
    }
}
