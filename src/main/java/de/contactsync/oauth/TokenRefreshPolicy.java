package de.contactsync.oauth;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long {@link TokenSource} waits for what, with the chance in it that keeps processes from acting in step. */
final class TokenRefreshPolicy {

    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(5);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(500);

    /** Most of a server's Retry-After that is honoured. */
    static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private static final Duration LONGEST_RENEWAL_PAUSE = Duration.ofSeconds(30);
    /** The least time between two drops of a token. */
    static final Duration BETWEEN_DROPS = Duration.ofSeconds(30);

    /** After a token could not be replaced. */
    static final Duration BETWEEN_REPLACEMENTS = Duration.ofSeconds(5);

    private final RandomGenerator random;

    TokenRefreshPolicy(RandomGenerator random) {
        this.random = random;
    }

    /** A tenth of the life before its end, at most five minutes, and up to as much again by chance. */
    Duration untilRenewal(Duration lifetime) {
        Duration margin = min(lifetime.dividedBy(10), LONGEST_MARGIN);
        return lifetime.minus(margin).minusNanos((long) (margin.toNanos() * random.nextDouble()));
    }

    /** After a renewal that failed while the token has {@code left} to live. */
    Duration untilNextRenewal(Duration left) {
        Duration half = min(left.dividedBy(2), LONGEST_RENEWAL_PAUSE);
        return half.compareTo(SOON) < 0 ? SOON : half;
    }

    /** Before the attempt after the {@code number}-th, counted from 1. */
    Duration backoff(int number, Duration retryAfter) {
        Duration full = min(FIRST_BACKOFF.multipliedBy(1L << Math.min(number - 1, 10)), LONGEST_BACKOFF);
        Duration wait = Duration.ofNanos((long) (full.toNanos() * (1 - random.nextDouble() / 2)));
        Duration asked = min(retryAfter, LONGEST_RETRY_AFTER);
        return asked.compareTo(wait) > 0 ? asked : wait;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
