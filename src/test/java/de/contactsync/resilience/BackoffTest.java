package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

    private static final String NOON = "Thu, 01 Jan 2026 12:00:00 GMT";
    private static final Instant HOURS_AWAY = Instant.parse("2026-01-01T07:00:00Z");

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
        "'Thursday, 01-Jan-26 12:00:30 GMT', PT30S",
        "'Thu Jan  1 12:00:30 2026', PT30S",
        "'', ",
        "-1, ",
        "1.5, ",
        "99999999999, ",
        "soon, ",
        "'Thu, 99 Jan 2026 12:00:30 GMT', ",
    })
    void retry_after_is_read_within_bounds_or_not_at_all(String header, Duration wait) {
        assertThat(RetryAfter.read(header, NOON, HOURS_AWAY)).isEqualTo(wait);
    }

    /** The machines' clocks may differ by hours. */
    @Test
    void a_date_counts_from_the_answers_own_date_in_whatever_form() {
        String until = "Thu, 01 Jan 2004 12:00:30 GMT";
        assertThat(List.of(
                        "Thu, 01 Jan 2004 12:00:00 GMT",
                        "Thursday, 01-Jan-04 12:00:00 GMT",
                        "Thu Jan  1 12:00:00 2004"))
                .allSatisfy(date ->
                        assertThat(RetryAfter.read(until, date, HOURS_AWAY)).isEqualTo(Duration.ofSeconds(30)));
    }

    @ParameterizedTest(name = "Date {0}")
    @NullSource
    @ValueSource(strings = {"", "noon", "1735732800"})
    void a_date_counts_from_our_own_clock_where_the_answer_has_none_that_can_be_read(String date) {
        Instant now = Instant.parse("2026-01-01T12:00:00Z");
        assertThat(RetryAfter.read("Thu, 01 Jan 2026 12:00:30 GMT", date, now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.read("Thu, 01 Jan 2026 11:59:30 GMT", date, now)).isNull();
        assertThat(RetryAfter.read("Sat, 01 Jan 2028 12:00:30 GMT", date, now)).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void no_retry_after_is_no_wait() {
        assertThat(RetryAfter.read(null, NOON, HOURS_AWAY)).isNull();
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
