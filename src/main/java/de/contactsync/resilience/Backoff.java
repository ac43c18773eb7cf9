package de.contactsync.resilience;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long something waits for its next call.
 *
 * @param first   after the first failure, doubled with each further one
 * @param longest that it grows to
 */
public record Backoff(Duration first, Duration longest) {

    public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

    /**
     * Exponential, with a jitter of one half to either side, so that failed calls do not come back as one wave.
     *
     * @param attempts made so far, 1 or more
     */
    public Duration after(int attempts, RandomGenerator random) {
        long exponential = first.toMillis() << Math.min(attempts - 1, 16);
        return Duration.ofMillis((long) (Math.min(exponential, longest.toMillis()) * (0.5 + random.nextDouble())));
    }
}
