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
final class AnnouncedRate implements Rate {

    /** Stretches the interval a little, for calls that reach the server later or sooner than others. */
    private static final double SLACK = 1.015;

    /** A late start is caught up with, but not by more than this share of the interval at once. */
    private static final int CATCH_UP = 10;

    private final double share;
    private final boolean alone;
    private final StartLog starts;
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

    /** The limiter goes by another one until headers have announced it. */
    @Override
    public boolean isKnown() {
        return true;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public long window() {
        return interval;
    }

    void learn(long now, QuotaHeaders headers) {
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

    @Override
    public void started(long now) {
        slot = Math.max(slot + spacing(), now - interval / CATCH_UP);
    }

    @Override
    public long waitAt(long now) {
        if (slot - now > 0) {
            return slot - now;
        }
        int allowed = allowed();
        // A limit beyond what is remembered is only spread evenly.
        return allowed > StartLog.SIZE || starts.count() < allowed
                ? 0
                : Math.max(0, starts.fromLast(allowed) + stretched() - now);
    }

    /** Headers say what there is to know. */
    @Override
    public void passed(long start, boolean waiting) {}

    /** To the end of the fixed window if there is one: its beginnings show in a leap of what remains. */
    @Override
    public long refused(long start, long now, long asked) {
        return asked > 0 ? asked : resetSeen ? interval - (now - reset) % interval : interval;
    }

    /** By all who share the quota, as far as the server says so. */
    @Override
    public int used(long now) {
        boolean fresh = remaining >= 0 && now - announcedAt < interval;
        return fresh ? limit - remaining : starts.since(now - interval);
    }

    @Override
    public QuotaHeaders shareable() {
        return new QuotaHeaders(Math.max(1, (int) (limit * share)), Duration.ofNanos(interval), -1);
    }

    @Override
    public long spacing() {
        return stretched() / allowed();
    }

    @Override
    public long probeSpacing() {
        return BLIND_WAIT;
    }

    private int allowed() {
        return Math.max(1, (int) (limit * share) - others);
    }

    private long stretched() {
        return (long) (interval * SLACK);
    }
}
