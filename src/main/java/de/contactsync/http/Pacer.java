package de.contactsync.http;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides when the next call may start, so that the server's quota is used up and not exceeded. JTL publishes neither
 * its limits nor whether a window is fixed, sliding or a bucket; all it tells are the headers of its answers.
 * So calls are spread evenly over the interval, never more than the limit in any stretch of that length: that suits
 * every kind of window. What {@code Remaining} shows beyond our own calls is taken as used by others.
 *
 * <p>Without headers, calls go as fast as they come, until a 429 shows how many got through and a later success shows
 * after what time: those two are the quota then. It is no more than an estimate. Where calls wait for it and none is
 * refused, more are let through after a while, first one, then four times as many with each interval that goes well; the
 * next 429 shows anew how many got through. A single refusal after a handful of calls shows nothing.
 *
 * <p>Instants are {@link System#nanoTime} readings. Thread-safe.
 */
public final class Pacer {

    /** Stretches the interval a little, for calls that reach the server later or sooner than others. */
    private static final double SLACK = 1.015;

    /** A late start is caught up with, but not by more than this share of the interval at once. */
    private static final int CATCH_UP = 10;

    /** The first wait after a 429 when nothing is known; later ones grow with the time already waited. */
    private static final long BLIND_WAIT = Duration.ofMillis(100).toNanos();

    /** Calls that pass before a learned quota is doubted, so that a try costs few of them. */
    private static final int CALLS_BEFORE_RAISE = 60;
    private static final int RAISE_FACTOR = 4;
    private static final int LARGEST_RAISE = 1_000_000;
    private static final int HANDFUL = 5;

    /** Starts remembered; a larger limit is only spread evenly. */
    private static final int LOG_SIZE = 16_384;

    /** A call that had to wait so short a time ago, and others would wait now. */
    private static final long RECENTLY = Duration.ofSeconds(1).toNanos();

    private final double share;
    private final boolean alone;
    private final ReentrantLock lock = new ReentrantLock();
    private long[] starts = new long[16];
    private long started;
    private boolean answered;

    private int limit;
    private long interval;
    private int others;
    private long slot;
    private long pausedUntil;

    private boolean held;
    private long lastHeld;
    private boolean paused;
    /** Whether the quota is known from headers rather than from refusals. */
    private boolean told;
    private int remaining = -1;
    private long learned;
    private boolean resetSeen;
    private long reset;
    private boolean refusing;
    private long refusedSince;
    private int refusedEarly;
    private long stretchBegan;
    /** Since when no call was refused, how many passed, and by how many the estimate is raised next. */
    private long cleanSince;
    private int cleanPasses;
    private int raise = 1;
    private boolean waitImposed;

    /**
     * @param reserve share of the quota left to other apps, 0 to below 1
     * @param alone   whether what others use of the quota must be left to them, since nobody else says who may call
     */
    public Pacer(double reserve, boolean alone) {
        this.share = 1 - reserve;
        this.alone = alone;
    }

    /** 0 when a call may start now, which then counts as started; else the nanoseconds to wait before asking again. */
    public long start(long now) {
        lock.lock();
        try {
            long wait = waitAt(now);
            if (wait > 0) {
                held = true;
                lastHeld = now;
            } else {
                if (limit > 0) {
                    slot = Math.max(slot + spacing(), now - interval / CATCH_UP);
                }
                record(now);
            }
            return wait;
        } finally {
            lock.unlock();
        }
    }

    /**
     * An answer other than 429 arrived.
     *
     * @param began when its call started
     */
    public void passed(long began, long now, QuotaHeaders headers) {
        lock.lock();
        try {
            answered(began, now);
            if (headers != null) {
                learn(now, headers);
            }
            // Calls that started before the first refusal say nothing about whether it is over.
            if (refusing && began - refusedSince > 0) {
                if (!told) {
                    learnFromRefusals(began);
                    raise = 1;
                    cleanSince = began;
                    cleanPasses = 0;
                }
                waitImposed = false;
                refusing = false;
            } else if (!told && limit > 0 && !refusing) {
                cleanPasses++;
                raiseWhatWasLearned(now);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A 429 arrived: nobody calls for a while.
     *
     * @param began      when its call started
     * @param retryAfter what the server asked for, or null
     * @return the length of the pause from now, or null when this one prolongs nothing
     */
    public Duration refused(long began, long now, QuotaHeaders headers, Duration retryAfter) {
        lock.lock();
        try {
            answered(began, now);
            if (headers != null) {
                learn(now, headers);
            }
            if (!refusing) {
                refusing = true;
                refusedSince = now;
                refusedEarly = 0;
            }
            if (began - refusedSince <= 0) {
                refusedEarly++;
            }
            long wait = retryAfter != null ? retryAfter.toNanos()
                    : told ? untilReset(now)
                    : Math.max(BLIND_WAIT, (now - refusedSince) / 4);
            waitImposed |= retryAfter != null;
            boolean prolongs = !paused || now + wait - pausedUntil > 0;
            if (prolongs) {
                pausedUntil = now + wait;
                paused = true;
            }
            return prolongs ? Duration.ofNanos(wait) : null;
        } finally {
            lock.unlock();
        }
    }

    /** A call ended without an answer: no news of the quota, but the first call need not be waited for any longer. */
    public void unanswered() {
        lock.lock();
        try {
            answered = true;
        } finally {
            lock.unlock();
        }
    }

    private void record(long start) {
        if (started == 0) {
            stretchBegan = start;
        }
        if (started == starts.length && started < LOG_SIZE) {
            // Grows with use: a tenant of a few calls takes little room.
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        starts[(int) (started++ % starts.length)] = start;
    }

    /** The very first call fetches a token and opens a connection: it reached the server long after its start. */
    private void answered(long began, long now) {
        if (started == 0) {
            // A probe that took its turn elsewhere.
            record(began);
        }
        if (!answered && started == 1) {
            starts[0] = now;
            stretchBegan = now;
        }
        answered = true;
    }

    /** Null while no quota is known. */
    public QuotaState quota(long now) {
        lock.lock();
        try {
            boolean fresh = told && remaining >= 0 && now - learned < interval;
            return limit == 0
                    ? null
                    : new QuotaState(limit, fresh ? limit - remaining : startedSince(now - interval));
        } finally {
            lock.unlock();
        }
    }

    /** A call waits for its share of a quota that is kept together with others. */
    public void heldBack(long now) {
        lock.lock();
        held = true;
        lastHeld = now;
        lock.unlock();
    }

    /** What all processes together may use of the quota; null unless headers have told it. */
    public QuotaHeaders shareable() {
        lock.lock();
        try {
            return told ? new QuotaHeaders(Math.max(1, (int) (limit * share)), Duration.ofNanos(interval), -1) : null;
        } finally {
            lock.unlock();
        }
    }

    /** The quota as it is known, of calls that serve so many records each; null while none is known. */
    public QuotaView view(long now, double recordsPerCall) {
        lock.lock();
        try {
            if (limit == 0) {
                return null;
            }
            long recently = Math.max(RECENTLY, 2 * spacing());
            return new QuotaView(limit, Duration.ofNanos(interval), 1e9 / spacing(), recordsPerCall,
                    held && now - lastHeld < recently);
        } finally {
            lock.unlock();
        }
    }

    private long waitAt(long now) {
        if (paused) {
            if (pausedUntil - now > 0) {
                return pausedUntil - now;
            }
            paused = false;
        }
        if (!answered && started > 0 || refusing && now - lastStart() < BLIND_WAIT) {
            // One call feels the way: before the first answer, and while everything is refused.
            return BLIND_WAIT;
        }
        if (limit == 0) {
            return 0;
        }
        if (slot - now > 0) {
            return slot - now;
        }
        int allowed = allowed();
        if (allowed > LOG_SIZE || started < allowed) {
            return 0;
        }
        long oldest = starts[(int) ((started - allowed) % starts.length)];
        return Math.max(0, oldest + stretched() - now);
    }

    private void learn(long now, QuotaHeaders headers) {
        told = true;
        learned = now;
        boolean changed = headers.limit() != limit || headers.interval().toNanos() != interval;
        limit = headers.limit();
        interval = headers.interval().toNanos();
        if (headers.remaining() >= 0) {
            if (remaining >= 0 && headers.remaining() - remaining > limit / 4) {
                resetSeen = true;
                reset = now;
            }
            remaining = headers.remaining();
            others = alone ? Math.max(0, limit - headers.remaining() - startedSince(now - interval)) : 0;
        }
        if (changed) {
            slot = lastStart() + spacing();
        }
    }

    /** To the end of the fixed window if there is one: its beginnings show in a leap of what remains. */
    private long untilReset(long now) {
        return resetSeen ? interval - (now - reset) % interval : interval;
    }

    /**
     * What got through before the first refusal is the limit, the time until calls pass again is the interval.
     *
     * @param recovered when the first call started that passed again
     */
    private void learnFromRefusals(long recovered) {
        long since = limit == 0 ? stretchBegan : Math.max(stretchBegan, refusedSince - interval);
        int passed = startedSince(since - 1) - startedSince(refusedSince) - refusedEarly;
        if (limit == 0 && waitImposed && passed < HANDFUL) {
            stretchBegan = recovered;
            return;
        }
        boolean shortRefusal = limit > 0 && recovered - refusedSince < interval / 4
                && stretchBegan - (refusedSince - interval) <= 0;
        limit = Math.max(1, passed);
        if (shortRefusal) {
            // The same interval, of which a little more passed than it lets through.
            slot = recovered + spacing();
            return;
        }
        interval = Math.max(1, recovered - since);
        slot = recovered + spacing();
        stretchBegan = recovered;
    }

    /** Only where calls wait: else nothing shows whether more would pass. */
    private void raiseWhatWasLearned(long now) {
        boolean due = raise == 1
                ? cleanPasses >= CALLS_BEFORE_RAISE && now - cleanSince >= 2 * interval
                : cleanPasses >= Math.min(limit, CALLS_BEFORE_RAISE / 6) && now - cleanSince >= interval;
        if (due && held && now - lastHeld < Math.max(RECENTLY, 2 * spacing())) {
            limit += raise;
            raise = Math.min(LARGEST_RAISE, raise * RAISE_FACTOR);
            cleanSince = now;
            cleanPasses = 0;
        }
    }

    /** Binary search: starts only grow. */
    private int startedSince(long instant) {
        long low = Math.max(0, started - starts.length);
        long high = started;
        while (low < high) {
            long middle = low + high >>> 1;
            if (starts[(int) (middle % starts.length)] - instant > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return (int) (started - low);
    }

    private long lastStart() {
        return starts[(int) ((started - 1) % starts.length)];
    }

    private int allowed() {
        return Math.max(1, (int) (limit * share) - others);
    }

    private long spacing() {
        return stretched() / allowed();
    }

    /** An interval learned from refusals is a little too long already. */
    private long stretched() {
        return told ? (long) (interval * SLACK) : interval;
    }
}
