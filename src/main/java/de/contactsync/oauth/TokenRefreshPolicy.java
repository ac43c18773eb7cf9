package de.contactsync.oauth;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long {@link TokenSource} waits for what, with the chance in it that keeps processes from acting in step. */
final class TokenRefreshPolicy {

    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMillis(500);

    private static final Duration LONGEST_RENEWAL_PAUSE = Duration.ofSeconds(30);
    /** A token that took the place of a refused one is kept for so long. */
    static final Duration BETWEEN_REPLACEMENTS = Duration.ofSeconds(30);

    /** The pause after a token could not be replaced. */
    static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

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

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
