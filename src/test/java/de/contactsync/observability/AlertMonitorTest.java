package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.config.AlertSettings;
import de.contactsync.imports.Schedule;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people are told of, and what not. */
class AlertMonitorTest {

    private static final Duration AFTER = Duration.ofMinutes(15);

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final List<Alert> direct = new ArrayList<>();
    private List<Outage> outages = List.of();
    /** Of these calls have passed. */
    private final Set<String> passing = new HashSet<>();

    private boolean tenantsPass;
    private boolean databaseAway;
    private QuotaView quota;
    private QuotaUsage usage;
    private long accepted;
    private Instant oldest;
    private Instant begun;
    private Database database;
    private RunStore runs;
    private AlertMonitor monitor;

    @BeforeEach
    void start() {
        database = test.open();
        runs = test.closing(new RunStore(database, clock));
        begun = clock.instant();
        monitor = monitor();
    }

    private AlertMonitor monitor() {
        return monitor("teams");
    }

    private AlertMonitor monitor(String sink) {
        return new AlertMonitor(
                new Watched(
                        () -> databaseAway,
                        () -> outages,
                        passing::contains,
                        () -> tenantsPass,
                        () -> Optional.ofNullable(quota),
                        () -> Optional.ofNullable(usage),
                        () -> accepted,
                        Map.of(sink, () -> oldest)),
                new AlertSettings(null, null, AFTER, Duration.ofHours(2), 0.05),
                new Alerts(database, runs, clock, List.of("alert"), 0.05, AFTER),
                new AlertMonitor.Scheduled(Schedule.every(Duration.ofHours(1), ZoneOffset.UTC), () -> begun),
                direct::add,
                clock);
    }

    @AfterEach
    void close() throws Exception {
        monitor.close();
        test.close();
    }

    private Outage outage(String what, Kind kind, Scope scope, Duration length) {
        return new Outage(
                what, kind, "no answer. (JTL: Eva Meier)", clock.instant().minus(length), length, scope, Duration.ZERO);
    }

    /** Kind and severity of what was told since the last look, in the order of the telling. */
    private List<String> look() {
        long before = Long.parseLong(test.one("SELECT coalesce(max(id), 0) FROM alert"));
        // By the channel, which is told of no end of what it has not tried to pass on.
        test.execute("UPDATE alert SET channel_tries = 1");
        monitor.look();
        return test.rows("SELECT kind || ' ' || severity FROM alert WHERE id > " + before + " ORDER BY id");
    }

    @Test
    void an_outage_alerts_once_it_has_lasted_and_a_refusal_at_once() {
        outages = List.of(
                outage("JTL", Kind.PASSING, Scope.ALL, AFTER.minusSeconds(1)),
                outage("the token endpoint", Kind.REFUSAL, Scope.ALL, Duration.ofSeconds(1)));
        assertThat(look()).hasSize(1).first().asString().contains("refused error");
        outages = List.of(outage("JTL", Kind.PASSING, Scope.ALL, AFTER));
        passing.add("the token endpoint");
        assertThat(look()).hasSize(2).anyMatch(each -> each.contains("out-of-reach error"));
        assertThat(test.rows("SELECT text FROM alert")).noneMatch(text -> text.contains("Meier"));
        outages = List.of();
        assertThat(look()).as("no call has passed").isEmpty();
        passing.add("JTL");
        assertThat(look()).hasSize(1).first().asString().contains("out-of-reach info");
    }

    /**
     * Whoever was killed had seen outages of which the next process knows nothing, and people once heard that all was well
     * again while it was not.
     */
    @Test
    void a_restart_ends_nothing_of_which_it_is_not_seen_that_it_is_well() {
        begun = null;
        oldest = clock.instant();
        usage = new QuotaUsage(1_000, 950);
        quota = new QuotaView(1_000, Duration.ofDays(1), 1, 1, true);
        look();
        clock.advance(Duration.ofHours(2));
        outages = List.of(
                outage("The channel alert-mail", Kind.PASSING, Scope.SINK, AFTER),
                outage("the route direct:sink-x", Kind.REFUSAL, Scope.SINK, AFTER));
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "out-of-reach warning",
                        "refused error",
                        "silence warning",
                        "schedule-missed warning",
                        "deliveries-pending warning");

        outages = List.of(outage("JTL", Kind.PASSING, Scope.ALL, Duration.ofSeconds(1)));
        usage = null;
        monitor.close();
        monitor = monitor();
        assertThat(look()).isEmpty();
        outages = List.of();
        assertThat(look()).isEmpty();
        assertThat(test.count("alert_condition")).isEqualTo(6);

        passing.addAll(List.of("The channel alert-mail", "the route direct:sink-x"));
        usage = new QuotaUsage(1_000, 10);
        accepted = 7;
        begun = clock.instant();
        oldest = null;
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "out-of-reach info",
                        "refused info",
                        "quota info",
                        "silence info",
                        "schedule-missed info",
                        "deliveries-pending info");
    }

    @Test
    void many_tenants_that_are_away_are_one_alert() {
        List<Outage> tenants = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            tenants.add(outage("tenant " + i, Kind.PASSING, Scope.TENANT, AFTER));
        }
        outages = tenants;

        assertThat(look()).hasSize(1);
        assertThat(test.one("SELECT text FROM alert")).contains("1000 tenants of JTL");

        outages = List.of();
        assertThat(look()).isEmpty();
        tenantsPass = true;
        assertThat(look()).as("many may not have been met yet").isEmpty();
        clock.advance(AFTER);
        assertThat(look()).hasSize(1).first().asString().contains("out-of-reach info");
    }

    @Test
    void a_quota_of_a_day_that_is_nearly_spent_is_reported_and_one_of_a_minute_is_not() {
        usage = new QuotaUsage(1_000, 950);
        quota = new QuotaView(1_000, Duration.ofMinutes(1), 1, 1, true);
        assertThat(look()).isEmpty();
        quota = new QuotaView(1_000, Duration.ofDays(1), 1, 1, true);
        assertThat(look()).hasSize(1).first().asString().contains("quota warning");
        assertThat(look()).isEmpty();
        usage = new QuotaUsage(1_000, 10);
        assertThat(look()).hasSize(1).first().asString().contains("quota info");
    }

    @Test
    void silence_is_reported_until_a_key_arrives() {
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofHours(2));
        begun = clock.instant();
        assertThat(look()).hasSize(1).first().asString().contains("silence warning");
        accepted = 7;
        assertThat(look()).hasSize(1).first().asString().contains("silence info");
    }

    /** Once, during each outage of JTL people were sent after the program that sends the keys. */
    @Test
    void while_keys_wait_for_jtl_silence_is_neither_reported_nor_ended() {
        outages = List.of(outage("JTL", Kind.PASSING, Scope.ALL, Duration.ofSeconds(1)));
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofHours(3));
        begun = clock.instant();
        assertThat(look()).isEmpty();
        outages = List.of();
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofHours(2));
        begun = clock.instant();
        assertThat(look()).hasSize(1).first().asString().contains("silence warning");
        outages = List.of(outage("JTL", Kind.PASSING, Scope.ALL, Duration.ofSeconds(1)));
        assertThat(look()).isEmpty();
    }

    @Test
    void a_run_that_was_due_and_has_not_begun_is_reported() {
        clock.advance(Duration.ofMinutes(74));
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(look()).hasSize(1).first().asString().contains("schedule-missed warning");
        begun = clock.instant();
        assertThat(look()).hasSize(1).first().asString().contains("schedule-missed info");
    }

    @Test
    void deliveries_that_wait_for_long_are_reported() {
        oldest = clock.instant().minus(AFTER).plusSeconds(1);
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(look()).hasSize(1).first().asString().contains("deliveries-pending warning");
        oldest = null;
        assertThat(look()).hasSize(1).first().asString().contains("deliveries-pending info");
    }

    /** Once, all was said to be well, although contacts still waited for it. */
    @Test
    void of_a_sink_removed_from_the_settings_it_is_reported_that_nobody_watches_it() {
        oldest = clock.instant().minus(AFTER);
        look();
        clock.advance(Duration.ofMinutes(20));
        monitor.close();
        monitor = monitor("others");
        oldest = null;

        assertThat(look()).containsExactly("deliveries-pending info");
        assertThat(test.one("SELECT text FROM alert WHERE severity = 'info'"))
                .startsWith(
                        "Deliveries to teams are no longer monitored: this configuration has no sink of that name.");
    }

    /** Once, the name and the trouble stood there twice, with the time of UTC. */
    @Test
    void an_outage_is_reported_in_a_sentence_with_the_time_of_the_office() {
        String office = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm")
                .format(clock.instant().minus(AFTER).atZone(ZoneId.systemDefault()));
        outages = List.of(new Outage(
                "the token endpoint http://jtl/token",
                Kind.PASSING,
                "Token endpoint http://jtl/token out of reach after 5 attempts, last: no answer. Check the network",
                clock.instant().minus(AFTER),
                AFTER,
                Scope.ALL,
                Duration.ZERO));
        look();

        assertThat(test.one("SELECT text FROM alert"))
                .isEqualTo("The token endpoint http://jtl/token has been out of reach since " + office
                        + ": no answer. Check the network. Dependent work is paused, and nothing is lost.");
    }

    /** It cannot be written into the database, and nobody would have heard of it. */
    @Test
    void an_outage_of_the_database_is_reported_directly_once_and_when_it_is_back() {
        databaseAway = true;
        outages = List.of(outage("the database jdbc:x", Kind.PASSING, Scope.ALL, AFTER.minusSeconds(1)));
        look();
        assertThat(direct).isEmpty();
        outages = List.of(outage("the database jdbc:x", Kind.PASSING, Scope.ALL, AFTER));
        look();
        look();
        assertThat(direct).hasSize(1);
        assertThat(direct.get(0).text()).contains("The database jdbc:x").doesNotContain("Meier");
        databaseAway = false;
        outages = List.of();
        look();
        assertThat(direct).hasSize(2);
        assertThat(direct.get(1).severity()).isEqualTo(Alert.Severity.INFO);
    }
}
