package de.contactsync.resilience;

import java.time.Duration;

/**
 * The rate of calls that a server without rate headers lets through, learned from its 429 answers. Calls are free until
 * the first one.
 *
 * <p>What passed in a window's length ({@link PassCounter}) up to a refusal is the ceiling. Calls go evenly just below
 * it and never more than the ceiling in any stretch of that length, which suits fixed and sliding windows and buckets
 * alike. After {@value ProbeSchedule#MOST_PASSES} passes and two windows at least, a probe: the rate rises with each pass,
 * exponentially in passes and so hyperbolically in time, until a call is refused. A server whose limit is the old one
 * refuses a single call, because what a fixed window lets through early it does not let through late; any other limit is
 * found within one window, whatever it is. So no ceiling outlives the limit that it was learned from, and one call in
 * fifty is refused.
 *
 * <p>After a refusal calls wait until as many as the ceiling would no longer count. That is the end of a fixed window
 * and the next free place of a sliding one. Where both kinds explain what was counted, the next call tries whether
 * windows slide. Refusals of calls that were in flight together are one. A {@code Retry-After} is heeded, unless it has
 * once proved too short.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings, rates are calls per second.
 */
final class LearnedRate implements Rate {

    private static final double SECOND = PassCounter.SECOND;

    /** Calls go at this share of the ceiling, so that those that arrive early or late fit in. */
    private static final double CRUISE = 0.97;

    /** Stretches the window a little, for the same reason. */
    private static final double SLACK = 1.015;

    /** A count that differs by no more than this share, or a call, is the old ceiling. */
    private static final double SAME = 0.2;

    private static final double CLOSE = 0.05;
    private static final double A_CALL = 1.2;

    /** A ceiling is new when it differs by more than this share of the old one. */
    private static final double NEW = 0.3;

    /** What a bucket has saved up passes beyond its rate; more than this times the ceiling is a rise. */
    private static final double SAVINGS = 1.6;

    /** Probes that take windows for fixed until one tries again whether they slide. */
    private static final int TRUST = 16;

    /** Calls that are enough to be counted. */
    private static final double COUNTABLE = 15;

    private static final int HANDFUL = 5;
    private static final int FEW = 8;

    /** What a refusal changes in the ceiling, as a share of it. */
    private static final double CONFIRMED = 1.02;

    private static final double INCREASE = 1.05;
    private static final double SLIGHT_DECREASE = 0.97;
    private static final double DECREASE = 0.5;
    private static final double STEEP_DECREASE = 0.25;

    /** By each pass of a probe: a share of the rate, and calls per second. */
    private static final double MOST_GROWTH = 0.2;

    private static final int PATIENCE = 3;
    /** A late start is caught up with by this part of a window at most. */
    private static final int CATCH_UP = 10;

    private static final long LONG_REFUSAL = Duration.ofMillis(250).toNanos();
    /** A {@code Retry-After} is rounded up to seconds. */
    private static final double ROUNDING = 1.5 * SECOND;

    private static final long DEFAULT_WINDOW = Duration.ofSeconds(10).toNanos();

    private final StartLog starts;
    private final PassCounter counter = new PassCounter();
    private final StartLog passes = counter.passes;
    private final WindowEstimate window = counter.window;

    private boolean begun;
    private double rate;
    private double ceiling;
    private long slot;

    private final ProbeSchedule probes = new ProbeSchedule();
    private long recovered;
    /** When calls were first refused last time, and how many have passed since. */
    private long lastRefusal;

    private int sinceRefusal;
    /** The ceiling before the last probe, and whether what it found has proved to be savings. */
    private double beforeProbe;

    private boolean saves;

    private boolean refusing;
    private long refusedSince;
    private long lastRefused;
    /** When calls were still refused by what the server asked for. */
    private long refusedUntil;

    /** Calls that passed in the stretch before the refusal, and after how long others should pass. */
    private double found;

    private long predicted;
    /** Whether the next call tries if windows slide; for how many probes to come they are taken for fixed. */
    private boolean isTrial;

    private int trust;
    private int refusals;
    private int retries;
    private boolean asked;
    private boolean askedTooLittle;
    private boolean refusedBefore;

    /** @param starts when all calls started, as the caller records them after {@link #started} */
    LearnedRate(StartLog starts) {
        this.starts = starts;
    }

    @Override
    public boolean isKnown() {
        return rate > 0;
    }

    @Override
    public int limit() {
        return (int) Math.max(1, Math.round(rate * window() / SECOND));
    }

    /** Of the server as far as it shows, else a usual one. */
    @Override
    public long window() {
        return window.isKnown() ? window.length() : DEFAULT_WINDOW;
    }

    /** By this process alone. */
    @Override
    public int used(long now) {
        return starts.since(now - window());
    }

    @Override
    public QuotaHeaders shareable() {
        return null;
    }

    @Override
    public long spacing() {
        return rate == 0 ? 0 : (long) (SECOND / rate);
    }

    @Override
    public long probeSpacing() {
        return rate == 0 ? BLIND_WAIT : Math.min(BLIND_WAIT, spacing());
    }

    @Override
    public long waitAt(long now) {
        return rate == 0 ? 0 : Math.max(0, (refusing || probes.isProbing() ? slot : Math.max(slot, roomAt())) - now);
    }

    /** When fewer calls than the ceiling have passed in a stretch, with those that are under way. */
    private long roomAt() {
        int underWay = passes.count() == 0 ? 0 : starts.since(Math.max(passes.last(), recovered));
        int place = mostCalls() - underWay;
        if (mostCalls() > StartLog.SIZE || place > passes.count()) {
            return slot;
        }
        return (place < 1 ? starts.last() : passes.fromLast(place)) + (long) (stretch() * SLACK);
    }

    @Override
    public void started(long now) {
        begin(now);
        if (rate > 0) {
            slot = Math.max(slot + spacing(), now - (refusing ? 0 : window() / CATCH_UP));
        }
    }

    @Override
    public void passed(long start, boolean waiting) {
        begin(start);
        counter.passed(start);
        if (refusing) {
            // Calls that started before the first refusal say nothing about whether it is over.
            if (start - refusedSince > 0) {
                recover(start);
            }
        } else if (rate > 0 && start - recovered > 0) {
            sinceRefusal++;
            if (waiting || !probes.isProbing()) {
                probes.passed();
                double curve = ceiling * CRUISE * Math.exp(probes.passes() / calls());
                rate = Math.min(curve, rate + Math.min(MOST_GROWTH * rate, 1));
            }
        }
    }

    @Override
    public long refused(long start, long now, long wait) {
        begin(start);
        long until = start + Math.max(0, wait - (long) SECOND);
        refusedUntil = !refusing || until - refusedUntil > 0 ? until : refusedUntil;
        if (!refusing) {
            refusing = true;
            refusedSince = now;
            lastRefused = start;
            refusals = 1;
            retries = 0;
            asked = wait > 0;
            isTrial = false;
            if (rate > 0) {
                count(start);
            }
            predicted = rate == 0 ? BLIND_WAIT : firstWait(now);
            return longer(wait, predicted);
        }
        asked |= wait > 0;
        boolean retry = start - refusedSince > 0;
        refusals += rate > 0 || retry ? 1 : 0;
        if (!retry) {
            return wait;
        }
        lastRefused = start;
        retries++;
        if (isTrial) {
            isTrial = false;
            trust = TRUST;
            found = counter.inWindow(refusedSince, calls());
            long room = firstWait(now);
            predicted = now + room - refusedSince;
            return longer(wait, room);
        }
        askedTooLittle |= wait > 0 && rate > 0;
        return longer(wait, rate == 0 ? Math.max(BLIND_WAIT, (now - refusedSince) / 3) : nextWait(now));
    }

    /** The first answer is here: its call may have reached the server long after its start. */
    void answered(long now) {
        begun = true;
        beginAnew(now);
    }

    private void begin(long now) {
        if (!begun) {
            answered(now);
        }
    }

    private void beginAnew(long now) {
        recovered = now;
        counter.begin(now);
    }

    /** What passed before the refusal, as a server with sliding windows counts it or, where they are fixed, in its own. */
    private void count(long now) {
        found = passes.since(now - stretch());
        if (stretch() != window.length() || isClose(found)) {
            return;
        }
        double inWindow = counter.inWindow(now, calls());
        if (trust > 0) {
            trust--;
            found = inWindow;
        } else {
            isTrial = found > calls() && isClose(inWindow);
        }
    }

    private long longer(long wait, long own) {
        return wait == 0 || askedTooLittle ? Math.max(wait, own) : wait;
    }

    /** Until what has passed counts no longer. */
    private long firstWait(long now) {
        int most = isRisen() || isTrial ? (int) found : mostCalls();
        long room = most > StartLog.SIZE || most > passes.count()
                ? now
                : passes.fromLast(most) + (long) (stretch() * SLACK);
        return Math.max(usualSpacing(), Math.min(room - now, stretch()));
    }

    private long nextWait(long now) {
        if (window.isEnclosed() && retries == 1 && window.elapsed(now) > 0.15 && window.elapsed(now) < 0.93) {
            long end = window.end(now);
            // Where few calls have passed it cannot be spent, so windows begin at another time.
            if (counter.perSecond(end - window.length()) >= ceiling / 2) {
                // Windows that begin with the first call come later by half a spacing each.
                return end + (end - window.begunBy()) / window.length() * spacing() / 2 - now;
            }
        }
        return Math.max(PATIENCE * usualSpacing(), now - refusedSince);
    }

    /** Calls pass again: what the refusals have taught. */
    private void recover(long start) {
        refusing = false;
        boolean asAsked = asked && retries == 0;
        // Somewhere between the last call that was refused and the first that passed.
        long refused = Math.max(refusedSince, lastRefused);
        long end = asAsked ? start : refused + (start - refused) / 2;
        long lasted = end - refusedSince;
        boolean isLong = (retries > 0 || asAsked)
                && lasted > Math.max(4 * usualSpacing(), LONG_REFUSAL)
                && (!asAsked || rate == 0 || lasted > ROUNDING);
        boolean unproven = !refusedBefore && (asked || !isLong && passes.count() < HANDFUL);
        refusedBefore = true;
        if (rate == 0 && unproven) {
            beginAnew(start);
            return;
        }
        if (isLong) {
            window.refused(refusedSince, refusedUntil, start);
        }
        double old = ceiling;
        boolean isPredicted =
                start - refusedSince <= predicted + (asAsked ? ROUNDING : Math.max(2 * usualSpacing(), LONG_REFUSAL));
        if (isLong && (old == 0 || !isPredicted)) {
            ceiling = longRefusal(
                    old, counter.beforeLongRefusal(refusedSince, refused, end, start, asAsked, old), lasted);
        } else {
            ceiling = old == 0 ? counter.lately(end, window.length()) : shortRefusal(old, end, isPredicted);
        }
        if (probes.isProbing()) {
            beforeProbe = old;
        } else if (!isLong && ceiling < old && average() < 1.1 * beforeProbe && beforeProbe < 0.95 * old) {
            saves = true;
        }
        if (probes.isProbing() || isLong || !isSame(old * stretch() / SECOND, calls())) {
            probes.prepare(Math.abs(ceiling - old) < NEW * old, calls(), refusals);
        }
        rate = ceiling * CRUISE;
        window.begun(refused, start);
        recovered = end;
        lastRefusal = refusedSince;
        sinceRefusal = 0;
        slot = start + spacing();
    }

    private double longRefusal(double old, double measured, long lasted) {
        if (old == 0) {
            return measured;
        }
        if (retries > 0 && lasted > window.length()) {
            // Longer than a window: the server's mood, which says nothing of the quota.
            return Math.min(old, Math.max(DECREASE * old, counter.perSecond(refusedSince - window.length())));
        }
        return isSame(calls(), measured * stretch() / SECOND)
                ? (old + measured) / 2
                : Math.max(STEEP_DECREASE * old, measured);
    }

    private double shortRefusal(double old, long end, boolean isPredicted) {
        double counted = found * SECOND / stretch();
        if (probes.isProbing() && (isRisen() || isTrial && retries == 0)) {
            return counted;
        }
        if (isPredicted && probes.isProbing()) {
            double average = CONFIRMED * average();
            return average > old
                    ? Math.min(average, INCREASE * old)
                    : Math.max(SLIGHT_DECREASE * old, Math.min(old, Math.max(average, (old + counted) / 2)));
        }
        if (isPredicted && sinceRefusal >= ProbeSchedule.MOST_PASSES) {
            return Math.max(SLIGHT_DECREASE * old, old - SECOND / stretch());
        }
        double measured = sinceRefusal < FEW
                ? counter.lately(end, window.length())
                : stretch() == window.length() ? old : average();
        return Math.max(DECREASE * old, Math.min(SLIGHT_DECREASE * old, measured));
    }

    private boolean isRisen() {
        return found > calls() && !isSame(calls(), found) && (!saves || found > SAVINGS * calls());
    }

    private static boolean isSame(double calls, double others) {
        return Math.abs(calls - others) <= Math.max(SAME * calls, A_CALL);
    }

    private boolean isClose(double counted) {
        return Math.abs(counted - calls()) <= Math.max(CLOSE * calls(), A_CALL);
    }

    /** As many windows as it takes for enough calls to be counted. */
    private long stretch() {
        double least = window.isKnown() && window.isEnclosed()
                ? Math.min(COUNTABLE * SECOND / ceiling, DEFAULT_WINDOW)
                : DEFAULT_WINDOW;
        return window() * (long) Math.max(1, Math.ceil(least / window()));
    }

    /** The ceiling in calls of a stretch. */
    private double calls() {
        return ceiling * stretch() / SECOND;
    }

    private int mostCalls() {
        return (int) Math.max(1, calls() + 0.25);
    }

    private long usualSpacing() {
        return ceiling == 0 ? 0 : (long) (SECOND / ceiling / CRUISE);
    }

    /** What passed from refusal to refusal, which is the rate of a bucket. */
    private double average() {
        return (sinceRefusal + 1) * SECOND / (refusedSince - lastRefusal);
    }
}
