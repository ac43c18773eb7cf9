package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    private static final String NOON = "Thu, 01 Jan 2026 12:00:00 GMT";

    @ParameterizedTest(name = "Retry-After {0} waits {1}")
    @CsvSource({
        "0, ",
        "' 7 ', PT7S",
        "600, PT10M",
        "601, PT10M",
        "9999999999, PT10M",
        "'Thu, 01 Jan 2026 12:00:30 GMT', PT30S",
        "'Thu, 01 Jan 2026 11:59:00 GMT', ",
        "'Fri, 02 Jan 2026 12:00:00 GMT', PT10M",
        "'', ",
        "-1, ",
        "1.5, ",
        "99999999999, ",
        "soon, ",
        "'Thu, 99 Jan 2026 12:00:30 GMT', ",
    })
    void retry_after_is_read_within_bounds_or_not_at_all(String header, Duration wait) {
        assertThat(RetryAfter.read(header, NOON)).isEqualTo(wait);
    }

    /** The machines' clocks may differ by hours. */
    @Test
    void a_date_counts_from_the_answers_own_date_and_tells_nothing_without_it() {
        assertThat(RetryAfter.read("Thu, 01 Jan 2004 12:00:30 GMT", "Thu, 01 Jan 2004 12:00:00 GMT"))
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.read("Thu, 01 Jan 2026 12:00:30 GMT", null)).isNull();
        assertThat(RetryAfter.read("Thu, 01 Jan 2026 12:00:30 GMT", "noon")).isNull();
    }

    @Test
    void no_retry_after_is_no_wait() {
        assertThat(RetryAfter.read(null, NOON)).isNull();
    }

    @Test
    void the_backoff_doubles_up_to_its_longest_and_spreads_by_half() {
        Random random = new Random(1);
        for (int attempts = 1; attempts <= 100; attempts++) {
            long full = Math.min(500L << Math.min(attempts - 1, 10), 30_000);
            assertThat(Backoff.DEFAULT.after(attempts, random).toMillis()).isBetween(full / 2, full * 3 / 2);
        }
        assertThat(random.ints(50, 1, 2)
                        .mapToObj(attempts -> Backoff.DEFAULT.after(attempts, random))
                        .distinct())
                .hasSizeGreaterThan(25);
    }
}
