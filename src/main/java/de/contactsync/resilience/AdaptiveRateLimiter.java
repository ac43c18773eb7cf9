package de.contactsync.resilience;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides when the next call may start, so that the server's quota is used up and not exceeded: as the {@link
 * AnnouncedRate} has it, and while no headers announce one, the {@link LearnedRate}. After a refusal nobody calls for a
 * while, then one call probes.
 *
 * <p>Instants are {@link System#nanoTime} readings. Thread-safe.
 */
public final class AdaptiveRateLimiter {

    /** A call that had to wait so short a time ago, and others would wait now. */
    private static final long RECENTLY = Duration.ofSeconds(1).toNanos();

    /** Windows are hardly longer, except where one shows. */
    private static final long USUAL_WINDOW = Duration.ofMinutes(1).toNanos();

    private final ReentrantLock lock = new ReentrantLock();
    private final StartLog starts = new StartLog();
    private final AnnouncedRate announced;
    private final LearnedRate learned = new LearnedRate(starts);
    /** The learned one until headers announce one. */
    private Rate rate = learned;

    private boolean answered;
    private long pausedUntil;
    private boolean held;
    private long lastHeld;
    private boolean paused;
    private boolean refusing;
    private long refusedSince;

    /**
     * @param reserve share of the quota left to other apps, 0 to below 1
     * @param alone   whether what others use of the quota must be left to them, since nobody else says who may call
     */
    public AdaptiveRateLimiter(double reserve, boolean alone) {
        this.announced = new AnnouncedRate(1 - reserve, alone, starts);
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
                rate.started(now);
                starts.add(now);
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
            learn(now, headers);
            // Calls that started before the first refusal say nothing about whether it is over.
            if (refusing && began - refusedSince > 0) {
                refusing = false;
            }
            rate.passed(began, isHeld(now));
        } finally {
            lock.unlock();
        }
    }

    /**
     * A 429 arrived: nobody calls for a while.
     *
     * @param began      when its call started
     * @param retryAfter what the server asked for, or null
     * @return the length of the pause from now, or null when this one prolongs nothing worth mentioning
     */
    public Duration refused(long began, long now, QuotaHeaders headers, Duration retryAfter) {
        lock.lock();
        try {
            answered(began, now);
            learn(now, headers);
            if (!refusing) {
                refusing = true;
                refusedSince = now;
            }
            long wait = rate.refused(began, now, retryAfter == null ? 0 : retryAfter.toNanos());
            long since = paused ? Math.max(now, pausedUntil) : now;
            long longer = now + wait - since;
            if (longer > 0) {
                pausedUntil = now + wait;
                paused = true;
            }
            // Calls that were in flight together are refused together: that is one pause.
            return since == now ? Duration.ofNanos(wait) : longer > RECENTLY ? Duration.ofNanos(wait) : null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a 429 that asks for such a wait is more than the end of a window: it asks for more than a window's
     * length, or calls have been refused for two of them.
     *
     * @param retryAfter that it asks for, or null
     */
    boolean isBeyondWindow(long now, Duration retryAfter) {
        lock.lock();
        try {
            long asked = retryAfter == null ? 0 : retryAfter.toNanos();
            // A learned one is no proof: a long refusal may itself have been taken for it.
            long window = rate == announced ? Math.max(rate.window(), USUAL_WINDOW) : USUAL_WINDOW;
            return asked > window || refusing && now + asked - refusedSince > 2 * window;
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

    /** The very first call fetches a token and opens a connection: it reached the server long after its start. */
    private void answered(long began, long now) {
        if (starts.count() == 0) {
            // A probe that took its turn elsewhere.
            starts.add(began);
        }
        if (!answered && starts.count() == 1) {
            starts.correctFirst(now);
            learned.answered(now);
        }
        answered = true;
    }

    /** Null while no quota is known. */
    public QuotaUsage quota(long now) {
        lock.lock();
        try {
            return rate.isKnown() ? new QuotaUsage(rate.limit(), rate.used(now)) : null;
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

    /** What all processes together may use of the quota; null unless headers have announced it. */
    public QuotaHeaders shareable() {
        lock.lock();
        try {
            return rate.shareable();
        } finally {
            lock.unlock();
        }
    }

    /** The quota as it is known, of calls that serve so many records each; null while none is known. */
    public QuotaView view(long now, double recordsPerCall) {
        lock.lock();
        try {
            return rate.isKnown()
                    ? new QuotaView(
                            rate.limit(),
                            Duration.ofNanos(rate.window()),
                            1e9 / rate.spacing(),
                            recordsPerCall,
                            isHeld(now))
                    : null;
        } finally {
            lock.unlock();
        }
    }

    private void learn(long now, QuotaHeaders headers) {
        if (headers != null) {
            announced.learn(now, headers);
            rate = announced;
        }
    }

    private boolean isHeld(long now) {
        return held && now - lastHeld < Math.max(RECENTLY, 2 * rate.spacing());
    }

    private long waitAt(long now) {
        if (paused) {
            if (pausedUntil - now > 0) {
                return pausedUntil - now;
            }
            paused = false;
        }
        if (!answered && starts.count() > 0 || refusing && now - starts.last() < rate.probeSpacing()) {
            // One call probes: before the first answer, and while everything is refused.
            return Rate.BLIND_WAIT;
        }
        return rate.waitAt(now);
    }
}
