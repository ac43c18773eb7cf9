package de.contactsync.resilience;

import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The calls of one tenant that count against one quota, in the order in which they were submitted. Guarded by the lock
 * of the {@link CallDispatcher}.
 */
public final class RateLimitedQueue {

    /** Where the dispatcher keeps a queue. */
    enum Place {
        /** Nowhere: nothing waits in it. */
        IDLE,
        /** Among those to be looked at next. */
        READY,
        /** Among those that cannot start a call before {@link #wakeAt}. */
        ASLEEP,
        /** Among those whose tenant has its share of the calls in flight. */
        FULL
    }

    /** In place of a time to wait: what waits should not wait any longer. */
    static final long GIVE_UP = -1;

    /** The circuit breaker's library counts in milliseconds. */
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(5);

    final Bulkhead bulkhead;
    Place place = Place.IDLE;
    long wakeAt;
    /** Tells apart those that wake at the same time. */
    long number;

    private final AdaptiveRateLimiter limiter;
    private final Breaker breaker;
    private final QuotaReservation reservation;
    private final Queue<CallDispatcher.Call> waiting = new ArrayDeque<>();

    /** @param reservation null when no other process shares the quota */
    public RateLimitedQueue(
            AdaptiveRateLimiter limiter, Breaker breaker, QuotaReservation reservation, Bulkhead bulkhead) {
        this.limiter = limiter;
        this.breaker = breaker;
        this.reservation = reservation;
        this.bulkhead = bulkhead;
        bulkhead.queues.add(this);
    }

    public AdaptiveRateLimiter limiter() {
        return limiter;
    }

    QuotaReservation reservation() {
        return reservation;
    }

    int size() {
        return waiting.size();
    }

    void add(CallDispatcher.Call call) {
        waiting.add(call);
    }

    CallDispatcher.Call take() {
        return waiting.poll();
    }

    /** Without those that nobody waits for any more. */
    boolean hasCalls() {
        while (!waiting.isEmpty() && waiting.peek().isOver()) {
            waiting.poll();
        }
        return !waiting.isEmpty();
    }

    boolean isHeld() {
        return breaker.isHeld();
    }

    /** @param reason null for that of the breaker */
    void abandon(ProcessingHaltedException reason) {
        ProcessingHaltedException halt = reason == null ? breaker.exception() : reason;
        for (CallDispatcher.Call call = waiting.poll(); call != null; call = waiting.poll()) {
            call.abandon(halt);
        }
    }

    /**
     * Breaker, shared quota, rate limiter.
     *
     * @param reserve reserves more of the shared quota on another thread
     * @return 0 when a call may start now, which then counts as started; else the nanoseconds after which it is worth
     *         while to look again, or {@link #GIVE_UP}
     */
    long tryStart(long now, Consumer<QuotaHeaders> reserve) {
        if (!breaker.tryAcquire()) {
            // The end of the probe wakes the queue, so this is for one that hangs: else a chunk would hold up those of
            // other tenants until the deadline of that call.
            return breaker.isProbeSlow() ? GIVE_UP : breaker.isProbing() ? breaker.untilProbeSlow() : SOON;
        }
        long wait = untilReserved(now, reserve);
        if (wait == 0) {
            wait = limiter.start(now);
        }
        if (wait > 0) {
            breaker.release();
        } else if (reservation != null) {
            reservation.usePermit();
        }
        return wait;
    }

    /** 0 when a call is left of the quota that is shared, or when there is no quota that is known. */
    private long untilReserved(long now, Consumer<QuotaHeaders> reserve) {
        QuotaHeaders known = reservation == null ? null : limiter.shareable();
        if (known == null || reservation.hasPermit(now)) {
            return 0;
        }
        limiter.heldBack(now);
        if (reservation.beginReservation(now)) {
            reserve.accept(known);
        }
        return reservation.untilUsable(now);
    }
}
