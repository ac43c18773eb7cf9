package de.contactsync;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For unit tests, see {@code pom.xml}: {@code await()} looks after 5 ms and then less and less often, down to each
 * 100 ms, which are Awaitility's own first wait and interval. Most of what unit tests wait for is there at once.
 */
public final class EagerPolling implements BeforeAllCallback {

    private static final Duration FIRST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext tests) {
        Awaitility.setDefaultPollDelay(FIRST);
        Awaitility.setDefaultPollInterval(new IterativePollInterval(EagerPolling::next, FIRST));
    }

    private static Duration next(Duration before) {
        Duration twice = before.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
}
