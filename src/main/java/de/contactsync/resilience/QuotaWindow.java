package de.contactsync.resilience;

import java.time.Duration;

/**
 * The hypothesis about a server's quota: so many calls in a window of such a length, which slides (any stretch of that
 * length; true of a bucket too) or is fixed (windows follow each other from a phase on, which is known from when to
 * when it can be). Counts the calls that were not refused as calls of the window. Not thread-safe; instants are
 * {@link System#nanoTime} readings.
 */
final class QuotaWindow {

    static final long USUAL = Duration.ofSeconds(10).toNanos();

    /** Fewer calls show no window: another with the same rate does as well, and is left sooner. */
    static final int FEW_CALLS = 3;

    private static final long SHORTEST = Duration.ofMillis(20).toNanos();
    private static final long LONGEST = Duration.ofMinutes(5).toNanos();
    private static final long LATENESS = Duration.ofMillis(50).toNanos();

    /** Usual lengths of windows in seconds, the more usual first. */
    private static final int[] USUAL_SECONDS = {60, 10, 1, 30, 5, 300, 15, 20, 2, 45, 3, 120, 12, 6};

    private final StartLog starts;
    private final StartLog refusedStarts = new StartLog();
    private double roundTrip;

    private int calls;
    private long length = USUAL;

    private boolean fixed;
    private long low;
    private long high;
    private long phase;

    /** @param starts of all calls, refused ones too */
    QuotaWindow(StartLog starts) {
        this.starts = starts;
    }

    /** 0 while no limit is known. */
    int calls() {
        return calls;
    }

    long length() {
        return length;
    }

    boolean isFixed() {
        return fixed;
    }

    void forget() {
        calls = 0;
    }

    void answered(long start, long now) {
        roundTrip += (now - start - roundTrip) / 8;
    }

    void refused(long start) {
        refusedStarts.add(start);
    }

    void limit(long newLength, int newCalls) {
        length = Math.max(SHORTEST, Math.min(LONGEST, newLength));
        calls = Math.max(1, newCalls);
        if (calls < FEW_CALLS && length < USUAL) {
            calls = (int) Math.max(1, Math.round((double) calls * USUAL / length));
            length = USUAL;
        }
    }

    /** As long as it was from the end of one window to that of the next, by what is known of both. */
    long lengthUntil(long lastRefused, long passed) {
        long shortest = lastRefused - high;
        long longest = passed - low;
        for (int seconds : USUAL_SECONDS) {
            long usual = Duration.ofSeconds(seconds).toNanos();
            if (shortest < usual && usual <= longest + LATENESS) {
                return usual;
            }
        }
        return shortest + (longest - shortest) / 2;
    }

    /** Since a window began at the latest. */
    long sinceBeginning(long now) {
        return now - high;
    }

    void slide() {
        fixed = false;
    }

    void fix() {
        fixed = true;
    }

    /** A window began after the one and not after the other. */
    void beginBetween(long after, long until) {
        low = after;
        high = until;
        phase = until;
    }

    /**
     * A window began not after {@code until}, and after {@code after} if that is certain.
     *
     * @return false when that contradicts what was known
     */
    boolean narrow(long after, boolean certain, long until) {
        long later = Math.round((double) (until - high) / length) * length;
        if (!fixed || until - (low + later) <= 0 || certain && after - (high + later) >= 0) {
            return false;
        }
        low += later;
        high += later;
        low = certain && after - low > 0 ? after : low;
        high = until - high < 0 ? until : high;
        return true;
    }

    /**
     * Calls pass again from then on. While it is open when windows begin, the next is tried early.
     *
     * @return the time left for the calls of the window
     */
    long begin(long start) {
        phase = !fixed ? start : high - low > length / 40 ? low + (high - low) / 2 : high + latency();
        long late = fixed ? Math.floorMod(start - phase, length) : 0;
        return late < length / 2 ? length - late : length;
    }

    /** When the window may have begun in which a call was refused. */
    long beginning(long refused) {
        return fixed ? startOf(refused - (high - low)) : refused - Math.floorMod(refused - phase, lengthWithLatency());
    }

    /** Whether a window begins about then. */
    boolean beginsAt(long instant) {
        return fixed && Math.floorMod(instant - low, length) < high - low + 2 * latency();
    }

    /** Half the time in which it begins at the latest. */
    long untilBeginning(long now) {
        return Math.max(length / 40, (high - low - Math.floorMod(now - low, length)) / 2);
    }

    /** Whether calls pass again while no window begins. */
    boolean passesAnywhere(long instant) {
        return !fixed || Math.floorMod(instant - low, length) > high - low + length / 10;
    }

    /** Calls in the window, for a sliding one with what latency may shift into it. */
    int used(long now) {
        return fixed ? usedFrom(startOf(now)) : usedBefore(now, lengthWithLatency());
    }

    int usedFrom(long beginning) {
        return accepted(beginning - length / 50);
    }

    int usedBefore(long now, long stretch) {
        return accepted(now - stretch);
    }

    /** Calls since then that were not refused. */
    int accepted(long since) {
        return starts.since(since) - refusedStarts.since(since);
    }

    long untilFewerThan(int most, long now) {
        if (fixed) {
            return used(now) < most ? 0 : startOf(now) + length - now;
        }
        int excess = used(now) - most + 1;
        if (excess <= 0) {
            return 0;
        }
        int place = starts.since(now - lengthWithLatency()) - excess + 1;
        return Math.max(1, starts.fromLast(Math.max(1, place)) + lengthWithLatency() - now);
    }

    long lengthWithLatency() {
        return length + latency();
    }

    private long startOf(long now) {
        return now - Math.floorMod(now - phase, length);
    }

    /** By how much later than others a call may reach the server. */
    private long latency() {
        return (long) Math.min(roundTrip, length / 40.0);
    }
}
