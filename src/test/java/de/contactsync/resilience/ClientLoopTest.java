package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientLoopTest {

    private final AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
    private final Breaker breaker = TestBreakers.create().forTenant("JTL");

    private ClientLoop.Next refusedAgain(long secondsAfterTheFirst) {
        long first = System.nanoTime() - TimeUnit.SECONDS.toNanos(secondsAfterTheFirst);
        limiter.refused(first, first, null, null);
        ClientLoop loop = new ClientLoop(
                limiter,
                breaker,
                new ClientLoop.Retries(Backoff.DEFAULT, Duration.ofMinutes(10), new Random(1)),
                () -> 5);
        assertThat(breaker.tryAcquire()).isTrue();
        loop.begin();
        return loop.end(new Verdict.QuotaSpent(null, true), null, true);
    }

    /** Once, that went on for ever, whatever an import's own patience was. */
    @Test
    void repeated_429s_without_a_time_are_an_outage_after_two_windows() {
        assertThat(refusedAgain(125)).isEqualTo(ClientLoop.Next.HALTED);

        assertThat(breaker.outage()).hasValueSatisfying(outage -> {
            assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING);
            assertThat(outage.reason()).contains("quota refused", "Retry-After", "429");
            assertThat(outage.untilNextTry()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
        });
    }

    @Test
    void within_two_windows_it_is_waited_out() {
        assertThat(refusedAgain(100)).isEqualTo(ClientLoop.Next.AGAIN);
        assertThat(breaker.outage()).isEmpty();
    }
}
