package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "15m, 2026-11-22T10:07:03Z, 2026-11-22T10:15:00Z",
        "15m, 2026-11-22T10:15:00Z, 2026-11-22T10:30:00Z",
        "15m, 2026-11-22T10:14:59.999Z, 2026-11-22T10:15:00Z",
        "2h, 2026-11-22T23:00:00Z, 2026-11-23T00:00:00Z",
        "1s, 2026-11-22T10:00:00.200Z, 2026-11-22T10:00:01Z",
        "7s, 1969-12-31T23:59:59Z, 1970-01-01T00:00:00Z",
    })
    void a_period_is_due_at_times_that_do_not_depend_on_when_anything_was_started(
            String period, Instant last, Instant due) {
        assertThat(Schedule.every(Duration.parse("PT" + period), BERLIN).after(last))
                .isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({
        // From Friday over the weekend.
        "0 30 2 ? * MON-FRI, 2026-11-20T01:30:00Z, 2026-11-23T01:30:00Z",
        "0 30 2 ? * MON-FRI, 2026-11-23T01:29:59.999Z, 2026-11-23T01:30:00Z",
        "0 30 2 ? * MON-FRI, 2026-07-01T00:30:00.001Z, 2026-07-02T00:30:00Z",
        // An hour that the clocks skip: right behind the gap, where that day once had no run at all.
        "0 30 2 * * ?, 2027-03-27T12:00:00Z, 2027-03-28T01:00:00Z",
        "0 15/15 2 * * ?, 2027-03-28T01:00:00Z, 2027-03-29T00:15:00Z",
        "0 30 2 * * ?, 2027-03-28T01:00:00Z, 2027-03-29T00:30:00Z",
        // One that they repeat: the first time alone.
        "0 30 2 * * ?, 2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z",
        "0 30 2 * * ?, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z",
        "0 30 2 * * ?, 2026-10-25T01:10:00Z, 2026-10-26T01:30:00Z",
        // Each hour is each that passes.
        "0 30 * * * ?, 2026-10-25T00:30:00Z, 2026-10-25T01:30:00Z",
        "0 30 * * * ?, 2027-03-28T00:30:00Z, 2027-03-28T01:30:00Z",
        "*/5 * * * * ? 2027, 2026-11-20T01:30:00Z, 2026-12-31T23:00:00Z",
    })
    void a_cron_expression_is_due_by_the_clocks_of_its_zone(String cron, Instant last, Instant due) {
        assertThat(Schedule.cron(cron, BERLIN).after(last)).isEqualTo(due);
    }

    @Test
    void an_expression_that_has_come_round_for_the_last_time_has_no_next_time() {
        assertThat(Schedule.cron("0 0 0 1 1 ? 2020", BERLIN).after(Instant.parse("2026-01-01T00:00:00Z")))
                .isNull();
    }

    @Test
    void what_is_no_cron_expression_is_refused() {
        assertThatThrownBy(() -> Schedule.cron("30 2 * * 1-5", BERLIN)).isInstanceOf(IllegalArgumentException.class);
    }
}
