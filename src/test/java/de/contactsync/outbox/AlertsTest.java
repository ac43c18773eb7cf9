package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.outbox.Alert.Severity;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.RunStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** People are told of each event once, whatever is restarted meanwhile. */
@ParameterizedClass
@EachDatabase
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
    private List<String> reported() {
        return test.rows("SELECT kind, severity FROM alert WHERE receiver = 'alert-mail' ORDER BY id");
    }

    /** The channels have had a look at all that is in them. */
    private void tried() {
        test.execute("UPDATE alert SET channel_tries = channel_tries + 1");
    }

    private String row(String kind, String severity) {
        return test.rows("SELECT '" + kind + "', '" + severity + "'").get(0);
    }

    @Test
    void a_condition_is_reported_when_it_begins_and_when_it_has_ended_by_each_channel() {
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        tried();
        alerts.update(List.of(), Alerts::wellAgain);
        alerts.update(List.of(), Alerts::wellAgain);

        assertThat(reported()).containsExactly(row("out-of-reach", "error"), row("out-of-reach", "info"));
        assertThat(test.count("alert")).isEqualTo(4);
    }

    private Channel<Map<String, Object>> channel() {
        return Alerts.channel(database, runs, clock, "alert-mail", () -> false);
    }

    /** What the next batch holds, by severity. */
    private static List<Object> severities(Channel.Batch<Map<String, Object>> batch) {
        return batch.entries().stream()
                .map(each -> each.event().get("severity"))
                .toList();
    }

    private static Channel.Batch<Map<String, Object>> claim(Channel<Map<String, Object>> channel) {
        return channel.claim(100, Duration.ZERO);
    }

    private static Set<Long> ids(Channel.Batch<Map<String, Object>> batch) {
        return batch.entries().stream().map(Channel.Entry::id).collect(Collectors.toSet());
    }

    /** By the number of tries, "All well again" once went out before the alarm, which then was the last word. */
    @Test
    void an_end_waits_until_the_channel_has_passed_what_it_ends() {
        Channel<Map<String, Object>> channel = channel();
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        assertThat(severities(claim(channel))).containsExactly("error");
        channel.record(Set.of(), Set.of());

        alerts.update(List.of(), Alerts::wellAgain);
        Channel.Batch<Map<String, Object>> alarm = claim(channel);
        assertThat(severities(alarm)).containsExactly("error");
        channel.record(ids(alarm), Set.of());
        Channel.Batch<Map<String, Object>> end = claim(channel);
        assertThat(severities(end)).containsExactly("info");
        channel.record(ids(end), Set.of());

        assertThat(claim(channel).entries()).isEmpty();
        assertThat(channel.pending()).isZero();
    }

    @Test
    void what_has_ended_before_a_channel_tried_to_pass_it_is_passed_to_nobody() {
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        Channel<Map<String, Object>> webhook = Alerts.channel(database, runs, clock, "alert-webhook", () -> false);
        webhook.record(ids(claim(webhook)), Set.of());

        alerts.update(List.of(), Alerts::wellAgain);

        assertThat(claim(channel()).entries()).isEmpty();
        assertThat(severities(claim(webhook))).as("who was told").containsExactly("info");
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        assertThat(severities(claim(channel()))).as("the next one").containsExactly("error");
    }

    @Test
    void of_what_a_channel_has_given_up_it_does_not_pass_the_end() {
        Channel<Map<String, Object>> channel = channel();
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        Channel.Batch<Map<String, Object>> alarm = claim(channel);
        alerts.update(List.of(), Alerts::wellAgain);
        channel.record(Set.of(), ids(alarm));
        assertThat(channel.pending()).as("an end that waited").isZero();

        alerts.update(List.of(AWAY), Alerts::wellAgain);
        channel.record(Set.of(), ids(claim(channel)));
        alerts.update(List.of(), Alerts::wellAgain);
        assertThat(channel.pending()).as("an end that came later").isZero();
    }

    @Test
    void a_channel_set_up_meanwhile_gets_no_end_of_what_was_not_reported_to_it() {
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        alerts = new Alerts(database, runs, clock, List.of("alert-mail", "alert"), 0.05, Duration.ZERO);
        claim(channel());

        alerts.update(List.of(), Alerts::wellAgain);

        assertThat(test.rows("SELECT channel FROM alert WHERE severity = 'info'"))
                .containsExactly("alert-mail");
    }

    /** Otherwise its end, which comes after that, would be passed to nobody. */
    @Test
    void what_still_stands_is_not_forgotten() throws Exception {
        alerts.update(List.of(AWAY), Alerts::wellAgain);
        channel().record(ids(claim(channel())), Set.of());
        clock.advance(Duration.ofDays(31));

        alerts.forget();
        alerts.update(List.of(), Alerts::wellAgain);

        assertThat(severities(claim(channel()))).containsExactly("info");
    }

    /** A process that has just been started sees no outage yet, and once told people that all was well again. */
    @Test
    void what_is_not_seen_to_be_well_has_not_ended() {
        alerts.update(List.of(AWAY), subject -> null);
        alerts.update(List.of(), subject -> null);

        assertThat(reported()).containsExactly(row("out-of-reach", "error"));
        assertThat(test.rows("SELECT subject FROM alert_condition")).containsExactly("JTL");
    }

    @Test
    void an_alarm_is_sent_once_over_a_restart_and_its_end_by_the_next_process() {
        RunStore killed = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/1/1"));
        alerts(killed).update(List.of(AWAY), Alerts::wellAgain);
        tried();
        AtomicLong nanoTime = new AtomicLong();
        Alerts next = alerts(test.closing(new RunStore(database, clock, nanoTime::get, "here/2/2")));

        next.update(List.of(AWAY), Alerts::wellAgain);
        next.update(List.of(), Alerts::wellAgain);
        assertThat(reported()).as("the other process may still see it").hasSize(1);
        nanoTime.addAndGet(Duration.ofSeconds(5).toNanos());
        next.update(List.of(), Alerts::wellAgain);
        nanoTime.addAndGet(Outbox.LEASE.toNanos());
        next.update(List.of(), Alerts::wellAgain);

        assertThat(reported()).containsExactly(row("out-of-reach", "error"), row("out-of-reach", "info"));
    }

    @Test
    void a_run_with_many_dead_letters_is_reported_once_when_it_has_finished() {
        store.commit(ChunkFixture.mixed(run, chunk++));

        runs.finish(run, 10);
        long records = Long.parseLong(test.one("SELECT done FROM import_run"));
        runs.finish(run, records);
        runs.finish(run, records);

        assertThat(reported()).containsExactly(row("dead-letters", "warning"));
        assertThat(test.one("SELECT max(text) FROM alert")).contains("keys.csv", "became dead letters");
    }

    @Test
    void a_run_that_halts_is_reported_once_until_it_has_finished() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 3));

        runs.halt(run, "JTL is out of reach (JTL: Eva Meier).");
        runs.halt(run, "JTL is out of reach.");
        alerts.update(List.of(), Alerts::wellAgain);
        assertThat(reported()).as("it stays halted").containsExactly(row("run-halted", "error"));
        assertThat(test.one("SELECT max(text) FROM alert"))
                .contains("keys.csv", "after 3 records")
                .doesNotContain("Meier");
        tried();
        runs.finish(run, 3);

        assertThat(reported()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    /** Otherwise it would count as halted for ever, and nobody would hear that it is not. */
    @Test
    void a_halted_run_that_is_given_up_is_halted_no_longer() {
        runs.halt(run, "JTL is out of reach.");
        tried();
        runs.supersede(run, "discarded by hand");

        alerts.update(List.of(), Alerts::wellAgain);

        assertThat(reported()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    /** A watched folder's run halts and goes on with each hiccup, and once people were told of each. */
    @Test
    void a_run_that_resumes_by_itself_is_reported_only_when_halted_for_a_while() {
        runs = test.closing(new RunStore(database, clock));
        Alerts patient = alerts(runs, Duration.ofMinutes(15));
        runs.addListener(patient);

        runs.halt(run, "JTL is out of reach.");
        clock.advance(Duration.ofMinutes(14));
        patient.update(List.of(), Alerts::wellAgain);
        assertThat(reported()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        patient.update(List.of(), Alerts::wellAgain);
        patient.update(List.of(), Alerts::wellAgain);
        assertThat(reported()).containsExactly(row("run-halted", "error"));
        tried();
        runs.supersede(run, "discarded by hand");
        patient.update(List.of(), Alerts::wellAgain);
        assertThat(reported()).containsExactly(row("run-halted", "error"), row("run-halted", "info"));
    }

    @Test
    void a_run_that_was_halted_for_a_moment_is_not_reported_at_all() {
        runs = test.closing(new RunStore(database, clock));
        Alerts patient = alerts(runs, Duration.ofMinutes(15));
        runs.addListener(patient);

        runs.halt(run, "JTL is out of reach.");
        runs.supersede(run, "discarded by hand");
        patient.update(List.of(), Alerts::wellAgain);

        assertThat(reported()).isEmpty();
        assertThat(test.count("alert_condition")).isZero();
    }

    @Test
    void a_run_without_many_dead_letters_is_no_alert() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 3));

        runs.finish(run, 3);

        assertThat(reported()).isEmpty();
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
