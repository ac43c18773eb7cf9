package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimeLimiterTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    /** Once, on a busy machine, those that had just ended counted as ones that hang. */
    @Test
    void what_has_ended_does_not_count_as_left_behind() throws Exception {
        TimeLimiter limiter = new TimeLimiter("test", Duration.ofMinutes(1));

        int sum = 0;
        for (int i = 0; i < 5_000; i++) {
            sum += limiter.call(() -> 1, () -> null);
        }

        assertThat(sum).isEqualTo(5_000);
    }

    @Test
    void four_calls_that_ignore_the_interrupt_are_abandoned_and_no_fifth_begins() {
        TimeLimiter limiter = new TimeLimiter("test", SHORT);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        // On a busy machine one may be over before it has begun.
        while (begun.get() < 4) {
            assertThatThrownBy(() -> limiter.call(
                            () -> {
                                begun.incrementAndGet();
                                awaitUninterruptibly(end);
                                return null;
                            },
                            () -> "step x"))
                    .isInstanceOf(TimeLimiter.HangsException.class)
                    .hasMessage("has not ended within 50 ms, and hangs at step x");
        }

        assertThatThrownBy(() -> limiter.call(begun::incrementAndGet, () -> null))
                .isInstanceOf(TimeLimiter.NotBegunException.class)
                .hasMessageStartingWith("is not called, because 4");

        assertThat(begun).hasValue(4);
        end.countDown();
        await().ignoreExceptions().until(() -> limiter.call(() -> true, () -> null));
    }

    @Test
    void a_failure_and_an_error_come_through() {
        TimeLimiter limiter = new TimeLimiter("test", Duration.ofMinutes(1));

        assertThatThrownBy(() -> limiter.call(
                        () -> {
                            throw new IllegalStateException("x");
                        },
                        () -> null))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limiter.call(
                        () -> {
                            throw new StackOverflowError();
                        },
                        () -> null))
                .hasCauseInstanceOf(StackOverflowError.class);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException e) {
                Thread.onSpinWait();
            }
        }
    }
}
