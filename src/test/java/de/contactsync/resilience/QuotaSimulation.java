package de.contactsync.resilience;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Callers who always have something to ask, in virtual time, against a {@link SimulatedQuota} over a network whose
 * delays vary: up to 30 ms each way or, on one machine, 2 ms, now and then 200 ms more, so calls overtake each other and arrive in pairs. Timers
 * are late, too. Everything follows from the seed.
 */
final class QuotaSimulation {

    static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long MILLISECOND = SECOND / 1_000;
    private static final long FIRST_CALL = 1_500 * MILLISECOND;
    private static final double STALL = 0.01;
    private static final double SLOW = 0.01;

    private record Event(long time, long number, Runnable what) {}

    private final SimulatedQuota server;
    private final int callers;
    private final long longestDelay;
    private final boolean isBusy;
    private final Random random;
    private final AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
    private final List<Long> passes = new ArrayList<>();
    private final List<Long> refusals = new ArrayList<>();
    private long now;
    private long number;
    private long alarm = Long.MAX_VALUE;
    private int inFlight;
    private boolean first = true;

    /** Every fourth seed runs on one machine, which is busy, so the process stands still now and then. */
    QuotaSimulation(SimulatedQuota.Kind kind, int limit, SimulatedQuota.Retry retry, int callers, long seed) {
        this.isBusy = seed % 4 == 0;
        this.longestDelay = (seed % 4 == 0 ? 2 : 30) * MILLISECOND;
        this.random = new Random(seed * 7_919 + limit);
        this.server = new SimulatedQuota(kind, limit, retry, random);
        this.callers = callers;
    }

    long now() {
        return now;
    }

    void limit(int limit) {
        server.limit(limit);
    }

    void refuseFor(long duration) {
        server.refuseUntil(now + duration);
    }

    void run(long duration) {
        long end = now + duration;
        at(now, this::startCalls);
        while (!events.isEmpty() && events.peek().time <= end) {
            Event event = events.poll();
            now = event.time;
            event.what.run();
        }
        now = end;
    }

    int passed(long from, long until) {
        return count(passes, from, until);
    }

    int refused(long from, long until) {
        return count(refusals, from, until);
    }

    /** When the call of this number passed, counted from 1. */
    long timeOfPass(int place) {
        return place > passes.size() ? Long.MAX_VALUE : passes.get(place - 1);
    }

    /** Windows from then on until as many calls pass in one as the share of the limit; 99 for never. */
    double windowsUntilPace(long from, double share) {
        for (long begin = from; begin + SimulatedQuota.WINDOW <= now; begin += SECOND / 4) {
            if (passed(begin, begin + SimulatedQuota.WINDOW) >= share * server.limit()) {
                return (double) (begin - from) / SimulatedQuota.WINDOW;
            }
        }
        return 99;
    }

    private static int count(List<Long> times, long from, long until) {
        return placeAfter(times, until) - placeAfter(times, from);
    }

    private static int placeAfter(List<Long> times, long instant) {
        int low = 0;
        int high = times.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times.get(middle) > instant) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void at(long time, Runnable what) {
        events.add(new Event(time, number++, what));
    }

    private void startCalls() {
        while (inFlight < callers) {
            if (isBusy && random.nextDouble() < STALL) {
                // Nothing runs for a while.
                wakeAt(now + 1_500 * MILLISECOND);
                return;
            }
            long wait = limiter.start(now);
            if (wait > 0) {
                wakeAt(now + wait);
                return;
            }
            inFlight++;
            long began = now;
            // The first call fetches a token and opens a connection.
            at(now + delay() + (first ? FIRST_CALL : 0), () -> arrive(began));
            first = false;
        }
    }

    private void wakeAt(long time) {
        if (alarm <= time) {
            return;
        }
        alarm = time;
        at(time + random.nextInt((int) (2 * MILLISECOND)), () -> {
            alarm = Long.MAX_VALUE;
            startCalls();
        });
    }

    private void arrive(long began) {
        long untilNext = server.take(now);
        (untilNext == 0 ? passes : refusals).add(now);
        at(now + delay(), () -> answer(began, untilNext));
    }

    private void answer(long began, long untilNext) {
        inFlight--;
        if (untilNext == 0) {
            limiter.passed(began, now, null);
        } else {
            limiter.refused(began, now, null, server.retryAfter(untilNext));
        }
        startCalls();
    }

    private long delay() {
        return (long) (random.nextDouble() * longestDelay)
                + (random.nextDouble() < SLOW ? 200 * MILLISECOND : 0)
                + MILLISECOND / 2;
    }
}
