package de.contactsync.http;

import java.time.Duration;
import java.util.Arrays;

/**
 * The rate of calls that a server without rate headers lets through, learned from its 429 answers.
 *
 * <p>Calls go as fast as they come until the first 429. Once calls pass again, the calls that passed in the last window
 * are the ceiling. As CUBIC (RFC 9438) does, the rate then starts below the ceiling, rises slowly past it, and grows
 * quickly once the calls that passed prove that more is allowed. A refusal near the ceiling confirms it and a rise ends
 * with a new one, so no ceiling outlives the limit that it was learned from. How slowly the rate rises depends on the
 * number of refusals that the last attempt cost, so attempts cost about one call in fifty.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings, rates are calls per second.
 */
public final class LearnedRate {

    private static final double SECOND = 1e9;

    /** The rate after a refusal, and the rate at the end of the slow rise, as shares of the ceiling. */
    private static final double LOWEST = 0.97;

    private static final double HIGHEST = 1.09;

    /** Calls that must pass in a slow rise for each refusal that the last one cost. */
    private static final int PASSES_PER_REFUSAL = 56;
    /** A rise takes several windows, so that an excess shows at the end of a fixed one, but no longer than this. */
    private static final double WINDOWS_PER_RISE = 2.6;

    private static final double LONGEST_RISE_SECONDS = 25;
    private static final long LONGEST_RISE = (long) (1.2 * LONGEST_RISE_SECONDS * SECOND);

    /** Growth with each call that passes beyond the slow rise: first cautious, then fast; and its limit per second. */
    private static final int CAUTIOUS_PASSES = 45;

    private static final double CAUTIOUS_GROWTH = 0.01;
    private static final double FAST_GROWTH = 0.2;
    private static final double GROWTH_PER_SECOND = 3;
    /** The share of the ceiling beyond which calls that passed prove that the limit is higher. */
    private static final double PROOF = 1.1;

    /** A refusal in this first share of a slow rise shows that the ceiling is too high; a later one confirms it. */
    private static final double EARLY = 0.6;

    private static final double CONFIRMED = 0.98;

    private static final int HANDFUL = 5;
    private static final long BLIND_WAIT = Duration.ofMillis(100).toNanos();
    private static final long LONG_REFUSAL = Duration.ofMillis(250).toNanos();
    private static final long CATCH_UP = Duration.ofMillis(5).toNanos();
    private static final long DEFAULT_WINDOW = Duration.ofSeconds(10).toNanos();
    private static final long LONGEST_WINDOW = Duration.ofMinutes(5).toNanos();
    private static final int LOG_SIZE = 2_048;

    /** When the latest calls that passed had started. */
    private long[] passes = new long[16];

    private long passed;
    private boolean begun;
    private long first;

    private double rate;
    private double ceiling;
    private long slot;
    /** Estimated length of the server's window; 0 while refusals are too short to show one. */
    private long window;

    private boolean windowConfirmed;

    private int slowPasses;
    private int slowRise;
    private int passesBeyond;
    private boolean proved;

    private boolean refusing;
    private long refusedSince;
    private long lastRefused;
    private int refusals;
    /** Whether calls waited for the rate when the refusals began. */
    private boolean loaded;

    private boolean waitImposed;
    private boolean imposedBefore;
    private long recovered;

    /** 0 while none is known. */
    public double rate() {
        return rate;
    }

    /** Of the server as far as it shows, else a usual one. */
    public Duration window() {
        return Duration.ofNanos(window > 0 ? window : DEFAULT_WINDOW);
    }

    public long spacing() {
        return rate == 0 ? 0 : (long) (SECOND / rate);
    }

    public long waitAt(long now) {
        return rate == 0 ? 0 : Math.max(0, slot - now);
    }

    public void started(long now) {
        begin(now);
        if (rate > 0) {
            slot = Math.max(slot + spacing(), now - CATCH_UP);
        }
    }

    /** @param waiting whether calls have had to wait lately; else nothing shows whether more would pass */
    public void passed(long start, boolean waiting) {
        begin(start);
        if (passed == passes.length && passes.length < LOG_SIZE) {
            passes = Arrays.copyOf(passes, passes.length * 2);
        }
        passes[(int) (passed++ % passes.length)] = start;
        if (refusing) {
            // Calls that started before the first refusal say nothing about whether it is over.
            if (start - refusedSince > 0) {
                recover(start);
            }
        } else if (rate > 0 && start - recovered > 0) {
            grow(start, waiting);
        }
    }

    /** @return the nanoseconds to wait, unless the server asked for a wait of its own */
    public long refused(long start, long now, boolean imposed, boolean waiting) {
        begin(start);
        waitImposed |= imposed;
        lastRefused = start;
        if (!refusing) {
            refusing = true;
            refusedSince = now;
            refusals = 1;
            loaded = waiting;
            return rate == 0 ? BLIND_WAIT : 3 * spacing();
        }
        boolean known = start - refusedSince <= 0;
        if (rate > 0 || !known) {
            refusals++;
        }
        return known ? 0 : Math.max(rate == 0 ? BLIND_WAIT : spacing(), (now - refusedSince) / 3);
    }

    private void begin(long now) {
        if (!begun) {
            begun = true;
            first = now;
            recovered = now;
        }
    }

    private void grow(long start, boolean waiting) {
        if (slowPasses < slowRise) {
            slowPasses++;
            rate = ceiling * (LOWEST + (HIGHEST - LOWEST) * slowPasses / slowRise);
        } else if (waiting) {
            passesBeyond++;
            boolean cautious = passesBeyond <= Math.min(CAUTIOUS_PASSES, slowRise) && !isProved(start);
            rate *= 1 + Math.min(cautious ? CAUTIOUS_GROWTH : FAST_GROWTH, GROWTH_PER_SECOND / rate);
        }
    }

    private boolean isProved(long now) {
        if (!proved && window > 0) {
            double expected = ceiling * window / SECOND;
            proved = measured(now) * window / SECOND >= Math.max(expected * PROOF, expected + 2);
        }
        return proved;
    }

    private void recover(long start) {
        refusing = false;
        // Somewhere between the last call that was refused and the first that passed.
        long end = Math.max(refusedSince, lastRefused);
        end += (start - end) / 2;
        long lasted = end - refusedSince;
        boolean isLong = lasted > Math.max(4 * spacing(), LONG_REFUSAL);
        boolean unproven = waitImposed && !imposedBefore || !isLong && passed < HANDFUL;
        imposedBefore |= waitImposed;
        waitImposed = false;
        if (rate == 0 && unproven) {
            first = start;
            recovered = start;
            passed = 0;
            return;
        }
        if (isLong) {
            long before = refusedSince - recovered;
            long span = before < Math.max(lasted, window) ? before + lasted : Math.max(window, lasted);
            windowConfirmed = window > 0;
            window = Math.min(span, LONGEST_WINDOW);
        }
        double measured = measured(end);
        boolean confirmed = rate > 0 && !isLong && (!loaded || slowPasses >= slowRise * EARLY);
        double most = rate == 0 || isLong ? Double.MAX_VALUE : Math.max(ceiling, rate);
        ceiling = Math.min(most, confirmed ? Math.max(measured, CONFIRMED * ceiling) : measured);
        rate = ceiling * LOWEST;
        double needed = Math.max(
                PASSES_PER_REFUSAL * refusals, windowConfirmed ? WINDOWS_PER_RISE * window / SECOND * rate : 0);
        slowRise = (int) Math.min(
                        needed,
                        Math.max(
                                Math.min(PASSES_PER_REFUSAL, 2 * LONGEST_RISE_SECONDS * rate),
                                LONGEST_RISE_SECONDS * rate))
                + 1;
        slowPasses = 0;
        passesBeyond = 0;
        proved = false;
        recovered = end;
        slot = start + spacing();
    }

    /** The rate at which calls passed: over the window, or over enough calls for a rise where they took longer. */
    private double measured(long now) {
        long from = Math.max(first, now - Math.max(window, 1));
        long horizon = Math.max(first, now - Math.max(window, LONGEST_RISE));
        long kept = Math.min(passed, passes.length);
        int count = 0;
        long oldest = now;
        while (count < kept) {
            long start = passes[(int) ((passed - 1 - count) % passes.length)];
            if (start - from < 0 && (count >= PASSES_PER_REFUSAL || count > 0 && start - horizon < 0)) {
                break;
            }
            oldest = start;
            count++;
        }
        boolean whole = count < passes.length && oldest - from >= 0;
        return Math.max(1, count) / (Math.max(BLIND_WAIT / 100, now - (whole ? from : oldest)) / SECOND);
    }
}
