package de.contactsync.resilience;

import java.time.Duration;

/**
 * The rate of calls that a server without rate headers lets through, learned from its 429 answers; calls are free until
 * the first.
 *
 * <p>What refusals prove: as many calls as passed in the window before them are all that it takes. Refusals that end
 * while a window lasts speak for a sliding one or a bucket, more passes in a stretch than in a window for fixed ones;
 * the last call that is refused and the first that passes enclose when these begin. A length that is enclosed so is
 * taken for a usual one, such as 10 s or a minute.
 *
 * <p>Control is AIMD that probes as CUBIC does (RFC 9438, section 4): calls spread over 90 % of the window, then one
 * call too many probes. While it is refused nothing has changed, and the next comes after twice as many passes, up to
 * {@value #PASSES_PER_PROBE}, so that probes cost less than 2 % of the calls. Once it passes the rate grows with each
 * pass, slowly while that may be chance, then exponentially, until the next refusal. One refusal leaves 70 % of a quota
 * at least, so neither a single 429 nor a wait that the server imposes becomes one.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings.
 */
final class LearnedRate {

    private static final double SECOND = 1e9;

    /** Share of the window in which its calls are made: the rest absorbs differences of latency. */
    private static final double BUSY = 0.9;

    /** Calls that pass for each one that probes: at first, and once several probes have been refused. */
    private static final int FEW_PASSES = 7;

    private static final int PASSES_PER_PROBE = 58;

    /** Growth by each pass: over as many calls as the quota has while it may be chance; once it is proved; the most. */
    private static final double CAUTIOUS_GROWTH = 1.4;

    private static final double GROWTH = 0.25;
    private static final double GROWTH_PER_SECOND = 3;
    /** Calls per second beyond which no limit is worth keeping. */
    private static final double FASTEST = 5_000;

    /** What one refusal leaves of the quota at least. */
    private static final double DECREASE = 0.7;

    /** Refusals rarer than one in so many calls teach nothing while no limit is known. */
    private static final int RARE = 25;

    /** So many more passes in a stretch than in a window show that windows are fixed. */
    private static final double MORE = 1.15;

    private static final long FIRST_RETRY = Duration.ofMillis(20).toNanos();
    private static final long BLIND_RETRY = Duration.ofMillis(100).toNanos();
    private static final long LONG_REFUSAL = Duration.ofMillis(250).toNanos();
    private static final long CATCH_UP = Duration.ofMillis(5).toNanos();

    private final QuotaWindow window;
    /** Whether its length was measured from the end of one to the end of the next; and what was measured last. */
    private boolean measured;

    private long measuredLast;
    private boolean begun;

    private double spacing;
    private long slot;

    private int untilProbe;
    private int passesPerProbe = FEW_PASSES;
    private boolean probing;
    private long probedAt;
    /** Passes since the probe passed; 0 unless the limit is being sought. */
    private int explored;

    private int passesSinceRefusal;

    private boolean refusing;
    private long refusedSince;
    private long lastRefused;
    private int refusals;
    private int retries;
    private boolean imposed;
    /** Calls that passed in the stretch before the first of these refusals, and when its window may have begun. */
    private int before;

    private long beginning;

    /** @param starts of all calls, refused ones too */
    LearnedRate(StartLog starts) {
        this.window = new QuotaWindow(starts);
    }

    /** Calls per second; 0 while none is known. */
    double rate() {
        return window.calls() == 0 ? 0 : explored > 0 ? SECOND / spacing : window.calls() * SECOND / window.length();
    }

    /** Of the server as far as it shows, else a usual one. */
    Duration window() {
        return Duration.ofNanos(window.length());
    }

    long spacing() {
        return window.calls() == 0 ? 0 : (long) spacing;
    }

    /** Whether while everything is refused only one call after the other may be tried. */
    boolean retriesOneByOne() {
        return window.calls() > 0 || retries > 0;
    }

    long waitAt(long now) {
        if (window.calls() == 0) {
            return 0;
        }
        int most = window.calls() + (untilProbe <= 0 ? 1 : 0);
        return Math.max(explored > 0 ? 0 : window.untilFewerThan(most, now), Math.max(0, slot - now));
    }

    void started(long now) {
        if (window.calls() == 0) {
            return;
        }
        if (explored == 0 && !refusing && untilProbe <= 0 && window.used(now) >= window.calls()) {
            probing = true;
            probedAt = now;
            untilProbe = passesPerProbe + Math.max(-passesPerProbe / 3, untilProbe);
            passesPerProbe = Math.min(2 * passesPerProbe, Math.max(PASSES_PER_PROBE, window.calls()));
        }
        slot = Math.max(slot + (long) spacing, now - CATCH_UP);
    }

    /** @param waiting whether calls have had to wait lately; else nothing shows whether more would pass */
    void passed(long start, long now, boolean waiting) {
        if (begun) {
            window.answered(start, now);
        } else {
            begun = true;
            window.beginBetween(start, start);
        }
        passesSinceRefusal++;
        untilProbe--;
        if (refusing) {
            // Calls that started before the first refusal say nothing about whether it is over.
            if (start - refusedSince > 0) {
                recover(start);
            }
        } else if (probing && start - probedAt >= 0) {
            probing = false;
            explored = 1;
        } else if (explored > 0 && waiting && start - probedAt >= 0) {
            explored++;
            grow();
        }
    }

    private void grow() {
        // A bucket or another phase of the window lets as many pass once more.
        double growth = explored > window.calls() + 1 ? GROWTH : Math.min(GROWTH, CAUTIOUS_GROWTH / window.calls());
        spacing /= 1 + Math.min(growth, GROWTH_PER_SECOND * spacing / SECOND);
        if (SECOND / spacing > FASTEST) {
            window.forget();
            explored = 0;
        }
    }

    /** @return the nanoseconds to wait, unless the server asked for a wait of its own */
    long refused(long start, long now, boolean imposedWait) {
        window.refused(start);
        imposed |= imposedWait;
        refusals++;
        if (!refusing) {
            refusing = true;
            probing = false;
            refusedSince = now;
            lastRefused = start;
            retries = 0;
            return window.calls() > 0 ? firstRetry(start, now) : begun ? FIRST_RETRY : BLIND_RETRY;
        }
        if (start - refusedSince <= 0) {
            return 0;
        }
        lastRefused = start;
        retries++;
        return window.calls() == 0 ? Math.max(BLIND_RETRY, (now - refusedSince) / 3) : nextRetry(now);
    }

    private long firstRetry(long start, long now) {
        before = window.usedBefore(now, window.lengthWithLatency());
        beginning = explored > 0 && !window.isFixed() ? probedAt : window.beginning(start);
        if (window.beginsAt(start)) {
            return window.untilBeginning(now);
        }
        int used = window.used(now);
        long few = (long) (BUSY * window.length() / Math.max(window.calls(), before));
        // When it comes unexpectedly the limit may be lower, or it is the server's mood.
        return used < window.calls() ? 2 * few : Math.max(few, window.untilFewerThan(used, now));
    }

    private long nextRetry(long now) {
        if (retries == 1 && !window.isFixed()) {
            return 2 * window.length() / window.calls();
        }
        if (window.beginsAt(lastRefused)) {
            return window.untilBeginning(now);
        }
        long untilEnd = beginning + window.lengthWithLatency() - now;
        if (untilEnd <= 0) {
            return Math.max(window.length() / 40, -untilEnd / 2);
        }
        return window.isFixed() || explored > 0 ? untilEnd : Math.max(window.length() / 6, now - refusedSince);
    }

    /** Calls pass again: what the refusals have taught. */
    private void recover(long start) {
        int passes = passesSinceRefusal - 1;
        if (window.calls() == 0) {
            learnFirst(start, passes);
        } else if (passes > 0 && passes <= window.calls() && isOtherLength(start)) {
            limit(window.lengthUntil(lastRefused, start), passes);
            measured = true;
            window.beginBetween(lastRefused, start);
        } else if (retries <= 1 && window.passesAnywhere(start)) {
            learnSliding(start);
        } else {
            learnFixed(start);
        }
        refusing = false;
        refusals = 0;
        imposed = false;
        passesSinceRefusal = 1;
        probing = false;
        explored = 0;
        spacing = window.begin(start) * BUSY / Math.max(1, window.calls());
        slot = start + (long) spacing;
    }

    private void learnFirst(long start, int passes) {
        boolean rare = retries <= 1 && (long) refusals * RARE <= passes;
        boolean onlyImposed = imposed && retries == 0;
        if (!rare && !onlyImposed && passes > 0) {
            measured = lastRefused - refusedSince <= LONG_REFUSAL;
            if (measured) {
                limit(QuotaWindow.USUAL, window.usedBefore(start, QuotaWindow.USUAL) - 1);
            } else {
                long length = window.sinceBeginning(lastRefused);
                limit(passes < QuotaWindow.FEW_CALLS ? Math.min(QuotaWindow.USUAL, length) : length, passes);
            }
        }
        window.beginBetween(lastRefused, start);
    }

    /** A short refusal: what passed in the stretch before it is the quota. */
    private void learnSliding(long start) {
        window.slide();
        int calls = window.calls();
        // What a bucket had left is no rise.
        boolean isChance = explored > 0 && before >= calls && before <= calls + chance();
        limit(window.length(), isChance ? calls : Math.max(before, lowest()));
        untilProbe += isChance && explored > FEW_PASSES / 2 ? passesPerProbe / 3 : 0;
        window.beginBetween(lastRefused, start);
    }

    /** A refusal up to the end of a window: what passed in that window is the quota. */
    private void learnFixed(long start) {
        int inWindow = window.usedFrom(beginning) - window.accepted(refusedSince);
        int inStretch = window.usedBefore(lastRefused, window.length()) - window.accepted(lastRefused);
        boolean wasFixed = window.isFixed();
        boolean fits = window.narrow(lastRefused, retries > 0, start);
        if (!fits && (retries > 0 || !wasFixed)) {
            window.beginBetween(lastRefused, start);
        }
        if (fits || explored > 0 && before > MORE * Math.max(inWindow, lowest())) {
            window.fix();
        } else if (retries > 0) {
            window.slide();
        }
        limit(window.length(), Math.max(window.isFixed() || wasFixed ? inWindow : inStretch, lowest()));
    }

    /** By how many calls a quota seems to change without any change. */
    private int chance() {
        return Math.max(2, window.calls() / 10);
    }

    private int lowest() {
        return (int) (DECREASE * window.calls());
    }

    /** Whether refusals end after another time than the window's; believed from the second time on. */
    private boolean isOtherLength(long start) {
        if (!measured) {
            return true;
        }
        if (retries <= 1) {
            return false;
        }
        long length = window.sinceBeginning(start);
        boolean again = isOther(length, window.length()) && !isOther(length, measuredLast);
        measuredLast = length;
        return again;
    }

    private static boolean isOther(long length, long than) {
        return length < 0.8 * than || length > 1.2 * than;
    }

    private void limit(long length, int calls) {
        if (Math.abs(window.calls() - calls) > 2 * chance()) {
            passesPerProbe = Math.min(FEW_PASSES, 2 * Math.max(1, calls));
            untilProbe = passesPerProbe;
        }
        window.limit(length, calls);
    }
}
