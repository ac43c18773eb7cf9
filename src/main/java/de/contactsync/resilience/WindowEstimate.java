package de.contactsync.resilience;

import java.time.Duration;

/**
 * The length of a server's window, and when its last one began, as far as long refusals show them.
 *
 * <p>A window begins between the last call that was refused and the first one that passed. So two such ends enclose
 * the length, and further ones narrow it; one that contradicts starts over. A server's clock has nothing to do with
 * ours, but administrators choose round lengths: one that is enclosed is taken. The very first window may have begun
 * long before the first call, so it shows only how long windows are at least.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings.
 */
final class WindowEstimate {

    private static final double SECOND = 1e9;

    /** In seconds; the first guess is one of the few. */
    private static final double[] ROUND = {1, 2, 5, 10, 15, 20, 30, 60, 120, 300};

    private static final double[] USUAL = {1, 10};
    private static final long FIRST_GUESS = Duration.ofSeconds(10).toNanos();
    private static final double SHORTEST = Duration.ofMillis(20).toNanos();
    private static final double LONGEST = Duration.ofMinutes(5).toNanos();

    /** For differences of latency. */
    private static final double TOLERANCE = 0.02;

    /** A window is known when it is enclosed by less than this share of it; shorter refusals show nothing. */
    private static final double MOST_UNKNOWN = 0.3;

    static final int SHORT = 8;

    private long length;
    private double shortest;
    private double longest = LONGEST;
    /** Of the last one that contradicted. */
    private double notedLeast;

    private double notedMost;
    private long begunAfter;
    private long begunBy;

    /** In nanoseconds; 0 while unknown. */
    long length() {
        return length;
    }

    boolean isKnown() {
        return length > 0;
    }

    /** Whether two ends have enclosed the length; else it is a guess. */
    boolean isEnclosed() {
        return longest - shortest <= MOST_UNKNOWN * length;
    }

    /** Calls passed again at {@code by}; the last one that was refused had started at {@code after}. */
    void begun(long after, long by) {
        begunAfter = after;
        begunBy = by;
    }

    long begunBy() {
        return begunBy;
    }

    /** The end of the window in which the instant lies, by the last one that is known. */
    long end(long instant) {
        return begunBy + ((instant - begunBy) / length + 1) * length;
    }

    /** Whether {@link #end} can be believed. */
    boolean isBeginningKnown() {
        return begunBy - begunAfter < length / SHORT;
    }

    /** How much of the window is over, 0 to 1. */
    double elapsed(long instant) {
        return (double) ((instant - begunBy) % length) / length;
    }

    /**
     * Calls were refused for long.
     *
     * @param since when they were first refused
     * @param until when they were refused for certain
     * @param passed when the first one passed
     */
    void refused(long since, long until, long passed) {
        double least = Math.max(0, until - begunBy) * (1 - TOLERANCE);
        if (length == 0) {
            shortest = least;
            length = least > FIRST_GUESS ? FIRST_GUESS : round(USUAL);
            if (least > FIRST_GUESS) {
                notedLeast = least;
                notedMost = LONGEST;
            }
            return;
        }
        double most = (passed - begunAfter) * (1 + TOLERANCE);
        boolean isTooShort = until - since > length;
        if (since - begunBy > 1.2 * length && !isTooShort) {
            // Others ended in between without a refusal.
            double windows = Math.max(1, Math.round((until - begunBy) / (double) length));
            least /= windows;
            most /= windows;
        }
        double span = Math.min(length, most);
        if (!isTooShort && (most - least > MOST_UNKNOWN * span || passed - since < span / SHORT)) {
            return;
        }
        if (!isTooShort && least <= longest && most >= shortest) {
            enclose(Math.max(least, shortest), Math.min(most, longest));
        } else if (least <= notedMost && most >= notedLeast) {
            enclose(Math.max(least, notedLeast), Math.min(most, notedMost));
        } else {
            // May be the server's mood: believed when seen twice.
            notedLeast = least;
            notedMost = most;
        }
    }

    private void enclose(double least, double most) {
        shortest = least;
        longest = most;
        notedLeast = least;
        notedMost = most;
        length = round(ROUND);
    }

    private long round(double[] lengths) {
        for (double seconds : lengths) {
            if (seconds * SECOND >= shortest && seconds * SECOND <= longest) {
                return (long) (seconds * SECOND);
            }
        }
        return (long) Math.max(SHORTEST, (shortest + longest) / 2);
    }
}
