package de.contactsync.resilience;

import java.time.Duration;

/**
 * The quota that a server announces by headers of its answers, and when the next call may start within it. JTL says
 * neither what its limits are nor whether a window is fixed, sliding or a bucket. So calls are spread evenly over the
 * interval, never more than the limit in any stretch of that length: that suits every kind of window. What
 * {@code Remaining} shows beyond our own calls is taken as used by others.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings.
 */
final class AnnouncedRate {

    /** Stretches the interval a little, for calls that reach the server later or sooner than others. */
    private static final double SLACK = 1.015;

    /** A late start is caught up with, but not by more than this share of the interval at once. */
    private static final int CATCH_UP = 10;

    private final double share;
    private final boolean alone;
    private final StartLog starts;
    private boolean known;
    private int limit;
    private long interval;
    private int others;
    private long slot;
    private int remaining = -1;
    private long announcedAt;
    private boolean resetSeen;
    private long reset;

    /**
     * @param share  of the quota that may be used
     * @param alone  whether what others use of the quota must be left to them, since nobody else says who may call
     * @param starts when all calls started, as the caller records them after {@link #started}
     */
    AnnouncedRate(double share, boolean alone, StartLog starts) {
        this.share = share;
        this.alone = alone;
        this.starts = starts;
    }

    boolean isKnown() {
        return known;
    }

    int limit() {
        return limit;
    }

    long interval() {
        return interval;
    }

    void learn(long now, QuotaHeaders headers) {
        known = true;
        announcedAt = now;
        boolean changed = headers.limit() != limit || headers.interval().toNanos() != interval;
        limit = headers.limit();
        interval = headers.interval().toNanos();
        if (headers.remaining() >= 0) {
            if (remaining >= 0 && headers.remaining() - remaining > limit / 4) {
                resetSeen = true;
                reset = now;
            }
            remaining = headers.remaining();
            others = alone ? Math.max(0, limit - headers.remaining() - starts.since(now - interval)) : 0;
        }
        if (changed) {
            slot = starts.last() + spacing();
        }
    }

    void started(long now) {
        slot = Math.max(slot + spacing(), now - interval / CATCH_UP);
    }

    /** 0 when a call may start now; else the nanoseconds to wait before asking again. */
    long waitAt(long now) {
        if (slot - now > 0) {
            return slot - now;
        }
        int allowed = allowed();
        // A limit beyond what is remembered is only spread evenly.
        return allowed > StartLog.SIZE || starts.count() < allowed
                ? 0
                : Math.max(0, starts.fromLast(allowed) + stretched() - now);
    }

    /** To the end of the fixed window if there is one: its beginnings show in a leap of what remains. */
    long untilReset(long now) {
        return resetSeen ? interval - (now - reset) % interval : interval;
    }

    /** Calls in the window up to now, by all who share the quota as far as the server says so. */
    int used(long now) {
        boolean fresh = remaining >= 0 && now - announcedAt < interval;
        return fresh ? limit - remaining : starts.since(now - interval);
    }

    /** What all processes together may use of it. */
    QuotaHeaders shareable() {
        return new QuotaHeaders(Math.max(1, (int) (limit * share)), Duration.ofNanos(interval), -1);
    }

    long spacing() {
        return stretched() / allowed();
    }

    private int allowed() {
        return Math.max(1, (int) (limit * share) - others);
    }

    private long stretched() {
        return (long) (interval * SLACK);
    }
}
