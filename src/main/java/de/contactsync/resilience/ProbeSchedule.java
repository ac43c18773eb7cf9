package de.contactsync.resilience;

/**
 * After how many passes a {@link LearnedRate} tries whether more would pass: so many that one call in fifty is refused,
 * and fewer while the ceiling is new. Not thread-safe.
 */
final class ProbeSchedule {

    /** Passes for each refusal of the last probe; with a new ceiling few. */
    static final int MOST_PASSES = 50;

    private static final int FEW_PASSES = 7;

    /** An excess shows only at the end of a fixed window, and after three a rise should be in use. */
    private static final double WINDOWS_PER_PROBE = 2;

    private static final double MOST_WINDOWS_PER_PROBE = 3;

    /** Passes since the last probe, and how many it takes to the next. */
    private double sinceProbe;

    private double due;
    private int passesPerRefusal = FEW_PASSES;

    boolean isProbing() {
        return sinceProbe > due;
    }

    void passed() {
        sinceProbe++;
    }

    /** Of the probe under way; 0 while there is none. */
    double passes() {
        return Math.max(0, sinceProbe - due);
    }

    /**
     * A probe has ended, or the ceiling has changed.
     *
     * @param isSame   whether the ceiling is about the one before
     * @param calls    the ceiling in calls of a window
     * @param refusals that the probe has cost
     */
    void prepare(boolean isSame, double calls, int refusals) {
        passesPerRefusal = isSame ? Math.min(2 * passesPerRefusal, MOST_PASSES) : FEW_PASSES;
        boolean isSettled = passesPerRefusal == MOST_PASSES;
        double least = (isSettled ? WINDOWS_PER_PROBE : 1) * calls;
        double most = Math.max(passesPerRefusal, (isSettled ? MOST_WINDOWS_PER_PROBE : 1) * calls);
        due = Math.max(least, Math.min(passesPerRefusal * refusals, most));
        sinceProbe = 0;
    }
}
