package de.contactsync.resilience;

import java.time.Duration;

/**
 * Counts the calls that passed as a server would count them, in windows of the length that is known.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings, rates are calls per second.
 */
final class PassCounter {

    static final double SECOND = 1e9;
    private static final double SHORT_STRETCH = 5 * SECOND;
    private static final double SHORTEST_STRETCH = Duration.ofMillis(1).toNanos();

    /** When the calls started that passed. */
    final StartLog passes = new StartLog();

    final WindowEstimate window = new WindowEstimate();
    private long first;

    void begin(long now) {
        first = now;
        window.begun(now, now);
    }

    void passed(long start) {
        // Answers overtake each other.
        passes.add(passes.count() > 0 ? Math.max(passes.last(), start) : start);
    }

    /** Passes in the fixed window of an instant: one in a grid or begun by the first call, whichever is nearer. */
    int inWindow(long now, double expected) {
        long length = window.length();
        long begun = window.begunBy();
        int inGrid = passes.since(begun + (now - begun) / length * length - 1);
        for (int after = passes.since(begun + length - 1); after > 0; after = passes.since(begun + length - 1)) {
            begun = passes.fromLast(after);
        }
        int sinceFirst = passes.since(begun - 1);
        return Math.abs(sinceFirst - expected) < Math.abs(inGrid - expected) ? sinceFirst : inGrid;
    }

    /**
     * What passed in the window that ended with the refusals, or what is nearest to the old ceiling where its end is
     * unclear.
     *
     * @param since    when calls were first refused
     * @param refused  when they were refused last
     * @param recovery when they were probably let through again
     * @param start    of the first that passed
     */
    double beforeLongRefusal(long since, long refused, long recovery, long start, boolean asAsked, double ceiling) {
        long length = window.length();
        long spacing = ceiling == 0 ? 0 : (long) (SECOND / ceiling);
        long end = window.end(since);
        boolean predicted = window.isBeginningKnown() && end - refused >= -spacing && end - start <= spacing;
        end = predicted ? end : recovery;
        if (since - window.begunBy() < length) {
            return perSecond(Math.min(end - length, window.begunBy() - 1));
        }
        boolean isEndClear = asAsked || predicted || start - refused < length / WindowEstimate.SHORT;
        double least = perSecond(end - length);
        double most = isEndClear ? least : perSecond(since - length);
        return Math.max(least, Math.min(most, ceiling));
    }

    /** @param begun when a window began; the last pass is of the next one */
    double perSecond(long begun) {
        return Math.max(1, passes.since(begun) - 1) * SECOND / window.length();
    }

    /** What passed in the last window's length. */
    double lately(long end, long length) {
        long from = Math.max(first, end - (long) (length > 0 ? length : SHORT_STRETCH));
        return Math.max(1, passes.since(from - 1)) * SECOND / Math.max(SHORTEST_STRETCH, end - from);
    }
}
