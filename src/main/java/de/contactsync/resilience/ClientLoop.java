package de.contactsync.resilience;

import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tries of one call, for every server alike: each answer is reported to rate limiter and breaker, and from its
 * {@link Verdict} follows whether the call is made again, and when. A try begins when breaker and rate limiter have
 * let it start. How to wait is the caller's: JTL's calls hold no thread meanwhile ({@link CallDispatcher}), those of a
 * CRM are its sender's own time.
 *
 * <p>Used by one thread at a time.
 */
public final class ClientLoop {

    /** What the caller does now. */
    public enum Next {
        /** Nothing: the answer is the one that was asked for. */
        DONE,
        /** Decides by itself what the answer means. */
        UNCLEAR,
        /** Starts the call again after {@link #pause}. */
        AGAIN,
        /** Fetches another token, then starts the call again. */
        RENEW_TOKEN,
        /** The token that was fetched in place of a refused one was refused as well. */
        REFUSED_AGAIN,
        /** All attempts have failed. */
        EXHAUSTED,
        /** The breaker is open by now. */
        HALTED
    }

    /**
     * When a failed call is made again.
     *
     * @param longestWait before the next attempt, whatever the server asks for
     */
    public record Retries(Backoff backoff, Duration longestWait, RandomGenerator random) {

        Duration pause(int attempts, Duration asked) {
            Duration own = backoff.after(attempts, random);
            Duration wait = asked != null && asked.compareTo(own) > 0 ? asked : own;
            return wait.compareTo(longestWait) > 0 ? longestWait : wait;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ClientLoop.class);

    private final AdaptiveRateLimiter limiter;
    private final Breaker breaker;
    private final Retries retries;
    private final IntSupplier mostAttempts;
    private int attempts;
    private int quotaRefusals;
    private boolean renewed;
    private long firstBegan;
    private long began;
    private long started;
    private Next next;
    private Duration pause = Duration.ZERO;

    /** @param mostAttempts asked for after each failure */
    public ClientLoop(AdaptiveRateLimiter limiter, Breaker breaker, Retries retries, IntSupplier mostAttempts) {
        this.limiter = limiter;
        this.breaker = breaker;
        this.retries = retries;
        this.mostAttempts = mostAttempts;
    }

    /** A try begins now. */
    public void begin() {
        began = breaker.now();
        started = System.nanoTime();
        if (attempts++ == 0) {
            firstBegan = began;
        }
    }

    /** The try that was allowed is not made after all. */
    public void skip() {
        limiter.unanswered();
        breaker.release();
    }

    /**
     * A try has ended.
     *
     * @param quota    that the answer announced, or null
     * @param answered false when no answer came, whatever that means
     */
    public Next end(Verdict verdict, QuotaHeaders quota, boolean answered) {
        updateRateLimiter(verdict, quota, answered);
        next = follow(verdict);
        return next;
    }

    private void updateRateLimiter(Verdict verdict, QuotaHeaders quota, boolean answered) {
        long now = System.nanoTime();
        if (!answered) {
            limiter.unanswered();
        } else if (verdict instanceof Verdict.QuotaSpent spent) {
            Duration wait = limiter.refused(started, now, quota, spent.pause());
            if (wait != null && !isOutage(spent)) {
                LOG.info("The quota of {} is spent: continuing in {}", breaker.what(), shown(wait));
            }
        } else {
            limiter.passed(started, now, quota);
        }
    }

    /** Whether the server refuses for longer than calls can be paced: what needs it then waits as for any outage. */
    private boolean isOutage(Verdict.QuotaSpent spent) {
        return spent.opens() && isBeyondWindow(spent.pause());
    }

    /**
     * Whether a refusal for the quota is none that the next window ends.
     *
     * @param asked for by the server, or null
     */
    public boolean isBeyondWindow(Duration asked) {
        return limiter.isBeyondWindow(System.nanoTime(), asked);
    }

    private static String shown(Duration wait) {
        return wait.toMillis() < 10_000 ? wait.toMillis() + " ms" : wait.toSeconds() + " s";
    }

    private Next follow(Verdict verdict) {
        if (verdict instanceof Verdict.Answered) {
            breaker.recordSuccess();
            return Next.DONE;
        }
        if (verdict instanceof Verdict.Retry retry) {
            return follow(retry);
        }
        if (verdict instanceof Verdict.QuotaSpent spent && isOutage(spent)) {
            breaker.openUntilQuota(spent.pause());
            return Next.HALTED;
        }
        breaker.release(began);
        if (verdict instanceof Verdict.QuotaSpent) {
            // The rate limiter knows when it is time.
            attempts--;
            quotaRefusals++;
            pause = Duration.ZERO;
            return Next.AGAIN;
        }
        if (verdict instanceof Verdict.TokenRefused) {
            boolean again = renewed;
            renewed = true;
            return again ? Next.REFUSED_AGAIN : Next.RENEW_TOKEN;
        }
        return Next.UNCLEAR;
    }

    private Next follow(Verdict.Retry retry) {
        // What may be the fault of what was asked speaks of the server only when that was away before.
        if (retry.ofServer() || breaker.isProbing()) {
            breaker.recordFailure(began, retry.trouble());
        } else {
            breaker.release(began);
        }
        if (breaker.isHeld()) {
            return Next.HALTED;
        }
        int most = mostAttempts.getAsInt();
        if (attempts >= most) {
            return Next.EXHAUSTED;
        }
        pause = retries.pause(attempts, retry.pause());
        LOG.debug("{}, attempt {} of {}; again in {}", retry.trouble(), attempts, most, pause);
        return Next.AGAIN;
    }

    /** What follows from the last answer. */
    public Next next() {
        return next;
    }

    /** Zero, or more after a failure. */
    public Duration pause() {
        return pause;
    }

    /** Begun so far, those left out that came before the quota allowed. */
    public int attempts() {
        return attempts;
    }

    public int quotaRefusals() {
        return quotaRefusals;
    }

    /** When the latest try began, by the breaker's clock. */
    public long began() {
        return began;
    }

    /** When the first one did. */
    public long firstBegan() {
        return firstBegan;
    }
}
