package de.contactsync.http;

import java.time.Duration;

/**
 * The rate of calls that a server without rate headers lets through, learned from its 429 answers. Calls are free until
 * the first one.
 *
 * <p>Calls go evenly, which suits fixed and sliding windows and buckets alike. What passed up to a refusal is the
 * ceiling: in the window that ended with it ({@link WindowEstimate}), or in the last seconds. From just below it the
 * rate rises with each call that passes, flat around the ceiling and then ever more steeply, as CUBIC's does in time
 * (RFC 9438, section 4): the next refusal confirms the ceiling, and where none comes the limit has risen, and a
 * threefold rate is reached within a window. So no ceiling outlives the limit that it was learned from.
 *
 * <p>A rise costs a refusal or a few. How many calls it takes follows from what the last one cost, so that refusals
 * stay below one in fifty: {@value #MOST_PASSES} passes for each, and whole windows where they are known, because an
 * excess shows only at the end of a fixed one. While a ceiling is new, rises are quicker. With 20 calls in a window one
 * refusal in fifty calls means that a rise of the limit is seen after three windows at worst.
 *
 * <p>Refusals of calls that were in flight together are one. While everything is refused single calls try, first after
 * three spacings, then at the end of the window, then after twice the time; what such a wait was too long is caught up
 * with at 1.5 times the pace. A {@code Retry-After} is heeded, unless it has once proved too short.
 *
 * <p>Not thread-safe; instants are {@link System#nanoTime} readings, rates are calls per second.
 */
public final class LearnedRate {

    private static final double SECOND = 1e9;

    /** The rate begins so far below the ceiling, as a share of it, and is as far above it after twice the plateau. */
    private static final double FLATNESS = 0.03;

    private static final int STEEPNESS = 5;

    /** In plateaus: after so many a refusal is due, and from so many on it confirms the ceiling, wholly or nearly. */
    private static final double REACH = 2.6;

    private static final double CONFIRMING = 1.7;
    private static final double NEARLY_CONFIRMING = 0.7;
    /** A refusal before this shows that calls come too early: the wait doubles. */
    private static final double EARLY = 0.3;

    /** What a refusal leaves of the ceiling at least: one that confirms it, that nearly does, and any. */
    private static final double CONFIRMED = 0.98;

    private static final double NEARLY_CONFIRMED = 0.97;
    private static final double DECREASE = 0.5;

    /** Passes for each refusal of the last rise: with a new ceiling, twice as many each time, at most. */
    private static final int FEW_PASSES = 7;

    private static final int MOST_PASSES = 60;

    /** A ceiling is new when it differs by more than this share of the old one. */
    private static final double NEW = 0.6;

    private static final double WINDOWS_PER_RISE = 2;
    /** No rise is shorter than this or so many passes, or longer, unless so few calls are allowed. */
    private static final double SHORTEST_RISE_SECONDS = 5;

    private static final int SHORTEST_RISE_PASSES = 120;
    private static final double LONGEST_RISE_SECONDS = 30;

    /** By each pass: a share of the rate, and calls per second. */
    private static final double MOST_GROWTH = 0.2;

    private static final int HANDFUL = 5;
    private static final int PATIENCE = 3;
    private static final long BLIND_WAIT = Duration.ofMillis(100).toNanos();
    private static final long LONG_REFUSAL = Duration.ofMillis(250).toNanos();
    /** A {@code Retry-After} is rounded up to seconds. */
    private static final long ROUNDING = Duration.ofSeconds(1).toNanos();

    private static final long CATCH_UP = Duration.ofMillis(5).toNanos();
    private static final long DEFAULT_WINDOW = Duration.ofSeconds(10).toNanos();

    /** When the calls that passed had started. */
    private final StartLog passes = new StartLog();

    private final WindowEstimate window = new WindowEstimate();

    private boolean begun;
    private long first;

    private double rate;
    private double ceiling;
    private long slot;
    private double behind;

    private double plateau;
    private double risen;
    private int passesPerRefusal = FEW_PASSES;
    private long recovered;

    private boolean refusing;
    private long refusedSince;
    private long lastRefused;
    /** When calls were still refused by what the server asked for. */
    private long refusedUntil;

    private int refusals;
    private int retries;
    private int earlyRefusals;
    /** Whether calls waited for the rate when the refusals began. */
    private boolean loaded;

    private boolean asked;
    private boolean askedTooLittle;
    private boolean refusedBefore;

    /** 0 while none is known. */
    public double rate() {
        return rate;
    }

    /** Of the server as far as it shows, else a usual one. */
    public Duration window() {
        return Duration.ofNanos(window.isKnown() ? window.length() : DEFAULT_WINDOW);
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
            double sooner = Math.min(spacing() / 3.0, behind);
            behind -= sooner;
            slot = Math.max(slot + spacing() - (long) sooner, now - CATCH_UP);
        }
    }

    /** @param waiting whether calls have had to wait lately; else nothing shows whether more would pass */
    public void passed(long start, boolean waiting) {
        begin(start);
        // Answers overtake each other.
        passes.add(passes.count() > 0 ? Math.max(passes.last(), start) : start);
        if (refusing) {
            // Calls that started before the first refusal say nothing about whether it is over.
            if (start - refusedSince > 0) {
                recover(start);
            }
        } else if (rate > 0 && start - recovered > 0 && (waiting || risen < 2 * plateau)) {
            risen++;
            double curve = ceiling * (1 + FLATNESS * Math.pow(risen / plateau - 1, STEEPNESS));
            rate = Math.min(curve, rate + Math.min(MOST_GROWTH * rate, 1));
        }
    }

    /**
     * @param wait    nanoseconds that the server asked for, 0 for none
     * @param waiting as for {@link #passed}
     * @return the nanoseconds to wait
     */
    public long refused(long start, long now, long wait, boolean waiting) {
        begin(start);
        long until = start + Math.max(0, wait - ROUNDING);
        refusedUntil = !refusing || until - refusedUntil > 0 ? until : refusedUntil;
        if (!refusing) {
            refusing = true;
            refusedSince = now;
            lastRefused = start;
            refusals = 1;
            retries = 0;
            loaded = waiting;
            asked = wait > 0;
            earlyRefusals = risen < EARLY * plateau ? earlyRefusals + 1 : 0;
            return longer(wait, rate == 0 ? BLIND_WAIT : firstWait());
        }
        asked |= wait > 0;
        boolean retry = start - refusedSince > 0;
        refusals += rate > 0 || retry ? 1 : 0;
        if (!retry) {
            return wait;
        }
        lastRefused = start;
        retries++;
        askedTooLittle |= wait > 0 && rate > 0;
        return longer(wait, rate == 0 ? Math.max(BLIND_WAIT, (now - refusedSince) / 3) : nextWait(now));
    }

    private long longer(long wait, long own) {
        return wait == 0 || askedTooLittle ? Math.max(wait, own) : wait;
    }

    private long firstWait() {
        double most = window.isKnown() ? window.length() / 4.0 : SECOND;
        double usual = PATIENCE * (double) spacing();
        return (long) Math.max(usual, Math.min(most, usual * (1 << Math.min(earlyRefusals, 10))));
    }

    private long nextWait(long now) {
        if (window.isEnclosed() && retries == 1 && window.elapsed(now) > 0.15 && window.elapsed(now) < 0.93) {
            long end = window.end(now);
            // Where few calls have passed it cannot be spent, so windows begin at another time.
            if (perSecond(end - window.length()) >= ceiling / 2) {
                // Windows that begin with the first call come later by half a spacing each.
                return end + (end - window.begunBy()) / window.length() * spacing() / 2 - now;
            }
        }
        return Math.max(firstWait(), now - refusedSince);
    }

    /** The first answer is here: its call may have reached the server long after its start. */
    public void answered(long now) {
        begun = true;
        beginAnew(now);
    }

    private void begin(long now) {
        if (!begun) {
            begun = true;
            beginAnew(now);
        }
    }

    private void beginAnew(long now) {
        first = now;
        recovered = now;
        window.begun(now, now);
    }

    /** Calls pass again: what the refusals have taught. */
    private void recover(long start) {
        refusing = false;
        boolean asAsked = asked && retries == 0;
        // Somewhere between the last call that was refused and the first that passed.
        long refused = Math.max(refusedSince, lastRefused);
        long end = asAsked ? start : refused + (start - refused) / 2;
        long lasted = end - refusedSince;
        boolean isLong =
                lasted > Math.max(4 * spacing(), LONG_REFUSAL) && (!asAsked || rate == 0 || lasted > 1.5 * ROUNDING);
        boolean unproven = !refusedBefore && (asked || !isLong && passes.count() < HANDFUL);
        refusedBefore = true;
        if (rate == 0 && unproven) {
            beginAnew(start);
            return;
        }
        if (isLong) {
            window.refused(refusedSince, refusedUntil, start);
        }
        // Longer than a window: the server's mood, which says nothing of the quota.
        boolean isMood = isLong && rate > 0 && retries > 0 && lasted > window.length();
        double measured = isMood
                ? Math.min(ceiling, perSecond(refusedSince - window.length()))
                : isLong ? measuredInWindow(refused, end, start, asAsked) : measured(end);
        double old = ceiling;
        ceiling = Math.min(
                rate == 0 || isLong ? Double.MAX_VALUE : Math.max(old, rate),
                Math.max(measured, old * least(isLong, lasted)));
        prepareRise(Math.abs(ceiling - old) < NEW * old);
        window.begun(refused, start);
        recovered = end;
        slot = start + spacing();
        behind = Math.min(
                        Math.max(0, start - refused - PATIENCE * (double) spacing()),
                        window.isKnown() ? window.length() / 4.0 : 2 * SECOND)
                / 2;
    }

    /** What the refusals leave of the ceiling at least. */
    private double least(boolean isLong, long lasted) {
        boolean isShort =
                !isLong && lasted <= Math.max(2 * PATIENCE * spacing(), window.length() / WindowEstimate.SHORT);
        if (isShort && (!loaded || risen >= CONFIRMING * plateau)) {
            return CONFIRMED;
        }
        return !isLong && risen >= NEARLY_CONFIRMING * plateau ? NEARLY_CONFIRMED : DECREASE;
    }

    private void prepareRise(boolean isSame) {
        passesPerRefusal = isSame ? Math.min(2 * passesPerRefusal, MOST_PASSES) : FEW_PASSES;
        double calls =
                Math.max(passesPerRefusal * refusals, Math.min(SHORTEST_RISE_PASSES, SHORTEST_RISE_SECONDS * ceiling));
        if (window.isConfirmed()) {
            double inWindow = window.length() / SECOND * ceiling;
            double least = passesPerRefusal < MOST_PASSES ? 1 : WINDOWS_PER_RISE;
            calls = Math.ceil(Math.max(calls / inWindow - 0.1, least)) * inWindow;
        }
        double longest = LONGEST_RISE_SECONDS * ceiling;
        plateau = Math.max(2, Math.min(calls, Math.max(longest, Math.min(passesPerRefusal, 2 * longest))) / REACH);
        risen = 0;
        rate = ceiling * (1 - FLATNESS);
    }

    /**
     * What passed in the window that ended with the refusals, or what is nearest to the old ceiling where its end is
     * unclear.
     */
    private double measuredInWindow(long refused, long recovery, long start, boolean asAsked) {
        long length = window.length();
        long end = window.end(refusedSince);
        boolean predicted = window.isBeginningKnown() && end - refused >= -spacing() && end - start <= spacing();
        end = predicted ? end : recovery;
        if (refusedSince - window.begunBy() < length) {
            return perSecond(Math.min(end - length, window.begunBy() - 1));
        }
        boolean isEndClear = asAsked || predicted || start - refused < length / WindowEstimate.SHORT;
        double least = perSecond(end - length);
        double most = isEndClear ? least : perSecond(refusedSince - length);
        return Math.max(least, Math.min(most, ceiling));
    }

    private double perSecond(long windowBegan) {
        return Math.max(1, passes.since(windowBegan) - 1) * SECOND / window.length();
    }

    /** What passed in the last seconds, or as many calls as a rise takes where they took longer. */
    private double measured(long end) {
        double stretch = Math.max(window.length(), SHORTEST_RISE_SECONDS * SECOND);
        long from = Math.max(first, end - (long) stretch);
        long longAgo = Math.max(first, end - (long) Math.max(stretch, 1.2 * LONGEST_RISE_SECONDS * SECOND));
        int inStretch = passes.since(from - 1);
        int calls = Math.max(inStretch, Math.min(MOST_PASSES, passes.since(longAgo - 1)));
        long since = calls == inStretch ? from : passes.fromLast(calls);
        return Math.max(1, calls) * SECOND / Math.max(BLIND_WAIT / 100, end - since);
    }
}
