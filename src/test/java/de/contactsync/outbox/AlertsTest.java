package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.outbox.Alert.Severity;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** People are told of each event once, whatever is restarted meanwhile. */
@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
class AlertsTest extends OutboxFixture {

    private static final Alert AWAY = new Alert("out-of-reach", "JTL", Severity.ERROR, "JTL is away");

    private Alerts alerts;

    @BeforeEach
    void listen() {
        alerts = alerts(runs);
        runs.addListener(alerts);
    }

    private Alerts alerts(RunStore of) {
        return alerts(of, Duration.ZERO);
    }

    private Alerts alerts(RunStore of, Duration patience) {
        return new Alerts(database, of, clock, List.of("alert-mail", "alert-webhook"), 0.05, patience);
    }

    /** Of one of the channels. */
    private List<String> told() {
        return test.rows("SELECT kind, severity FROM alert WHERE channel = 'alert-mail' ORDER BY id");
    }

    private String row(String kind, String severity) {
        return test.rows("SELECT '" + kind + "', '" + severity + "'").get(0);
    }

    @Test
    void a_condition_is_told_when_it_begins_and_when_it_has_ended_by_each_channel() {
        alerts.update(List.of(AWAY));
        alerts.update(List.of(AWAY));
        alerts.update(List.of());
        alerts.update(List.of());

        assertThat(told()).containsExactly(row("out-of-reach", "error"), row("out-of-reach", "info"));
        assertThat(test.count("alert")).isEqualTo(4);
    }

    @Test
    void what_began_before_a_restart_is_not_told_again_and_its_end_is_told_by_the_next_process() {
        RunStore killed = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/1/1"));
        alerts(killed).update(List.of(AWAY));
        AtomicLong nanoTime = new AtomicLong();
        Alerts next = alerts(test.closing(new RunStore(database, clock, nanoTime::get, "here/2/2")));

        next.update(List.of(AWAY));
        next.update(List.of());
        assertThat(told()).as("the other process may still see it").hasSize(1);
        nanoTime.addAndGet(Duration.ofSeconds(5).toNanos());
        next.update(List.of());
        nanoTime.addAndGet(Outbox.LEASE.toNanos());
        next.update(List.of());

        assertThat(told()).containsExactly(row("out-of-reach", "error"), row("out-of-reach", "info"));
    }

    @Test
    void a_run_with_many_dead_letters_is_told_of_once_when_it_has_finished() {
        store.commit(ChunkFixture.mixed(run, chunk++));

        runs.finish(run, 10);
        long records = Long.parseLong(test.one("SELECT done FROM import_run"));
        runs.finish(run, records);
        runs.finish(run, records);

        assertThat(told()).containsExactly(row("dead-letters", "warning"));
        assertThat(test.one("SELECT max(text) FROM alert")).contains("keys.csv", "became dead letters");
    }

    @Test
    void a_run_that_halts_is_told_of_once_until_it_has_finished() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 3));

        runs.halt(run, "JTL is out of reach (JTL: Eva Meier).");
        runs.halt(run, "JTL is out of reach.");
        alerts.update(List.of());
        assertThat(told()).as("it stays halted").containsExactly(row("run-halted", "error"));
        assertThat(test.one("SELECT max(text) FROM alert"))
                .contains("keys.csv", "after 3 records")
                .doesNotContain("Meier");
        runs.finish(run, 3);

        assertThat(told()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    /** Otherwise it would count as halted for ever, and nobody would hear that it is not. */
    @Test
    void a_halted_run_that_is_given_up_is_halted_no_longer() {
        runs.halt(run, "JTL is out of reach.");
        runs.supersede(run, "discarded by hand");

        alerts.update(List.of());

        assertThat(told()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    /** A watched folder's run halts and goes on with each hiccup, and once people were told of each. */
    @Test
    void a_run_that_goes_on_by_itself_is_told_of_only_when_it_has_been_halted_for_a_while() {
        runs = test.closing(new RunStore(database, clock));
        Alerts patient = alerts(runs, Duration.ofMinutes(15));
        runs.addListener(patient);

        runs.halt(run, "JTL is out of reach.");
        clock.advance(Duration.ofMinutes(14));
        patient.update(List.of());
        assertThat(told()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        patient.update(List.of());
        patient.update(List.of());
        assertThat(told()).containsExactly(row("run-halted", "error"));
        runs.supersede(run, "discarded by hand");
        patient.update(List.of());
        assertThat(told()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    @Test
    void a_run_that_was_halted_for_a_moment_is_not_told_of_at_all() {
        runs = test.closing(new RunStore(database, clock));
        Alerts patient = alerts(runs, Duration.ofMinutes(15));
        runs.addListener(patient);

        runs.halt(run, "JTL is out of reach.");
        runs.supersede(run, "discarded by hand");
        patient.update(List.of());

        assertThat(told()).isEmpty();
        assertThat(test.count("alert_condition")).isZero();
    }

    @Test
    void a_run_without_many_dead_letters_is_no_alert() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 3));

        runs.finish(run, 3);

        assertThat(told()).isEmpty();
    }

    @Test
    void silence_is_counted_from_the_last_key_of_any_process_over_restarts() {
        var first = alerts.lastArrival(false);
        clock.advance(Duration.ofHours(1));
        assertThat(alerts(runs).lastArrival(false)).isEqualTo(first);

        assertThat(alerts.lastArrival(true)).isEqualTo(first.plus(Duration.ofHours(1)));
        clock.advance(Duration.ofHours(1));
        assertThat(alerts(runs).lastArrival(false)).isEqualTo(first.plus(Duration.ofHours(1)));
    }
}
