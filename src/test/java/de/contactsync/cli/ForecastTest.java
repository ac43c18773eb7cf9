package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.resilience.QuotaView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForecastTest {

    /** 13:00 in Berlin. */
    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

    private static final Clock BERLIN = Clock.fixed(NOON, ZoneId.of("Europe/Berlin"));

    /** 60 a minute, so one a second. */
    private static QuotaView sixty(double recordsPerCall, boolean limiting) {
        return new QuotaView(60, Duration.ofSeconds(60), 1, recordsPerCall, limiting);
    }

    private static Optional<Forecast> forecast(long expected, long done, double perSecond, QuotaView quota) {
        return Forecast.of(expected, done, perSecond, Optional.ofNullable(quota), NOON);
    }

    @Test
    void while_calls_wait_for_the_quota_it_decides_whatever_was_measured() {
        Forecast before = forecast(29_412, 1_000, 0, sixty(1, true)).orElseThrow();
        Forecast later = forecast(29_412, 1_000, 50, sixty(1, true)).orElseThrow();

        assertThat(before.end()).isEqualTo(NOON.plusSeconds(28_412));
        assertThat(later).isEqualTo(before);
        assertThat(before.text(BERLIN)).isEqualTo("28,412 left, 60 per 60 s, done 20:53");
    }

    @Test
    void a_call_that_answers_several_keys_makes_the_quota_last_longer() {
        assertThat(forecast(1_000, 0, 0, sixty(4, true)).orElseThrow().end()).isEqualTo(NOON.plusSeconds(250));
    }

    @Test
    void while_nothing_waits_for_the_quota_the_pace_so_far_decides() {
        Forecast slow = forecast(1_000, 400, 0.5, sixty(1, false)).orElseThrow();

        assertThat(slow.end()).isEqualTo(NOON.plusSeconds(1_200));
        assertThat(slow.text(BERLIN)).isEqualTo("600 left, done 13:20");
        assertThat(forecast(1_000, 400, 0.5, null)).contains(slow);
    }

    @Test
    void another_day_is_named() {
        assertThat(forecast(50_000, 0, 0, sixty(1, true)).orElseThrow().text(BERLIN))
                .isEqualTo("50,000 left, 60 per 60 s, done 2026-03-03 02:53");
        assertThat(forecast(11 * 3_600 - 1, 0, 1, null).orElseThrow().text(BERLIN))
                .endsWith("done 23:59");
        assertThat(forecast(11 * 3_600, 0, 1, null).orElseThrow().text(BERLIN)).endsWith("done 2026-03-03 00:00");
    }

    @Test
    void without_a_number_of_records_or_a_pace_there_is_none_rather_than_a_wrong_one() {
        assertThat(forecast(-1, 400, 5, sixty(1, true))).isEmpty();
        assertThat(forecast(1_000, 0, 0, null)).isEmpty();
        assertThat(forecast(1_000, 0, 0, sixty(1, false))).isEmpty();
    }

    @Test
    void more_records_than_expected_are_as_good_as_done() {
        assertThat(forecast(10, 12, 1, null).orElseThrow()).isEqualTo(new Forecast(0, null, NOON));
    }

    @ParameterizedTest
    @CsvSource({"PT60S,60 s", "PT1S,1 s", "PT10.04S,10 s", "PT1.55S,1.5 s", "PT0.01S,0.1 s", "PT24H,86400 s"})
    void intervals_are_shown_in_seconds(Duration interval, String shown) {
        QuotaView quota = new QuotaView(1_200, interval, 1, 1, true);

        assertThat(forecast(60, 0, 0, quota).orElseThrow().text(BERLIN))
                .isEqualTo("60 left, 1,200 per " + shown + ", done 13:01");
    }
}
