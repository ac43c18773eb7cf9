package de.contactsync.resilience;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Breakers as a process has them. */
public final class TestBreakers {

    public static final Duration AFTER_REFUSAL = Duration.ofHours(1);

    private TestBreakers() {}

    public static BreakerRegistry create() {
        return create(System::nanoTime);
    }

    public static BreakerRegistry create(LongSupplier nanoTime) {
        return new BreakerRegistry(Clock.systemUTC(), nanoTime, AFTER_REFUSAL);
    }
}
