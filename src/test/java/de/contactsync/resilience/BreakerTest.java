package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.CapturedLog;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a breaker opens, how long it pauses, and what closes it: against a clock set by hand. */
class BreakerTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    // Near the wrap-around of nanoTime.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(1));
    private final BreakerRegistry all =
            new BreakerRegistry(Clock.fixed(NOON, ZoneOffset.UTC), now::get, Duration.ofHours(1));
    private final Breaker breaker = all.forTenant("JTL");

    private void advance(Duration by) {
        now.addAndGet(by.toNanos());
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(breaker.tryAcquire()).isTrue();
            breaker.recordFailure(now.get(), "no answer");
        }
    }

    private void open(Kind kind) {
        breaker.open(now.get(), kind, "no answer");
    }

    @Test
    void twenty_failures_in_a_row_open_it_and_nineteen_do_not() {
        fail(19);
        assertThat(breaker.isHeld()).isFalse();
        assertThat(all.outages()).isEmpty();

        fail(1);

        assertThat(breaker.isHeld()).isTrue();
        assertThat(breaker.tryAcquire()).isFalse();
        assertThat(all.outages())
                .containsExactly(new Outage(
                        "JTL", Kind.PASSING, "no answer", NOON, Duration.ZERO, Scope.TENANT, Duration.ofSeconds(5)));
    }

    @Test
    void one_call_that_passes_between_shows_that_it_is_in_reach() {
        for (int i = 0; i < 50; i++) {
            fail(19);
            assertThat(breaker.tryAcquire()).isTrue();
            breaker.recordSuccess();
        }
        assertThat(breaker.isHeld()).isFalse();
    }

    /** Without an outage in sight, people once heard that all was well again of what nobody had called. */
    @Test
    void it_counts_as_passing_once_a_call_passed_since_start_or_last_outage() {
        assertThat(all.isPassing("JTL")).isFalse();
        breaker.recordSuccess();
        assertThat(all.isPassing("JTL")).isTrue();
        assertThat(all.isAnyTenantPassing()).isTrue();

        open(Kind.PASSING);
        advance(Duration.ofHours(1));
        assertThat(all.outages()).as("nobody needs it").isEmpty();
        assertThat(all.isPassing("JTL")).isFalse();
        assertThat(all.tenantsAway()).isOne();

        assertThat(breaker.tryAcquire()).isTrue();
        breaker.recordSuccess();
        assertThat(all.isPassing("JTL")).isTrue();
        assertThat(all.tenantsAway()).isZero();
        all.discard(breaker);
        assertThat(all.isPassing("JTL")).isFalse();
    }

    @Test
    void when_a_try_is_due_one_call_probes_and_all_others_wait() {
        open(Kind.PASSING);
        advance(Duration.ofMillis(4_999));
        assertThat(breaker.tryAcquire()).isFalse();
        advance(Duration.ofMillis(2));

        assertThat(breaker.isHeld()).isFalse();
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.isProbing()).isTrue();
        assertThat(breaker.tryAcquire()).isFalse();

        breaker.recordSuccess();
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.outage()).isEmpty();
        assertThat(all.outages()).isEmpty();
    }

    @Test
    void a_probe_without_a_result_is_followed_by_another() {
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.tryAcquire()).isTrue();
        breaker.release();
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.tryAcquire()).isFalse();
    }

    @Test
    void the_pauses_are_a_tenth_of_the_outage_between_five_seconds_and_a_minute() {
        open(Kind.PASSING);
        List<Long> pauses = new ArrayList<>();
        long beganAt = now.get();
        while (now.get() - beganAt < Duration.ofMinutes(20).toNanos()) {
            Duration pause = breaker.untilNextTry();
            Duration length = Duration.ofNanos(now.get() - beganAt);
            assertThat(pause).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(60));
            if (length.compareTo(Duration.ofMinutes(1)) <= 0) {
                assertThat(pause)
                        .as("after an outage of a minute it is soon back")
                        .isLessThan(Duration.ofSeconds(8));
            }
            pauses.add(pause.toSeconds());
            advance(pause.plusMillis(1));
            assertThat(breaker.tryAcquire()).isTrue();
            breaker.recordFailure(now.get(), "no answer");
        }
        assertThat(pauses).isSorted().startsWith(5L, 5L).endsWith(60L, 60L);
        assertThat(breaker.length()).isEqualTo(Duration.ofNanos(now.get() - beganAt));
    }

    /** Once a probe that hung until its deadline was followed by a whole pause, and work continued that much later. */
    @Test
    void the_pause_counts_from_the_begin_of_a_probe() {
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.tryAcquire()).isTrue();
        long began = now.get();
        advance(Duration.ofSeconds(3));
        breaker.recordFailure(began, "timed out");
        assertThat(breaker.untilNextTry()).isEqualTo(Duration.ofSeconds(2));

        advance(Duration.ofMillis(2_001));
        assertThat(breaker.tryAcquire()).isTrue();
        began = now.get();
        advance(Duration.ofSeconds(30));
        breaker.recordFailure(began, "timed out");
        assertThat(breaker.untilNextTry()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_probe_that_takes_long_is_not_waited_for() {
        assertThat(breaker.isProbeSlow()).isFalse();
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.isProbeSlow()).as("none is under way").isFalse();
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.isProbeSlow()).isFalse();
        advance(Duration.ofSeconds(4));
        assertThat(breaker.isProbeSlow()).isTrue();
        assertThat(breaker.untilNextTry()).isEqualTo(Duration.ofSeconds(3));
        breaker.recordSuccess();
        assertThat(breaker.isProbeSlow()).isFalse();
    }

    @Test
    void whoever_waits_for_a_turn_gets_it_as_soon_as_the_probe_has_passed() throws Exception {
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.tryAcquire()).isTrue();
        var waiting = CompletableFuture.runAsync(() -> breaker.acquire(() -> false));
        assertThatThrownBy(() -> waiting.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        breaker.recordSuccess();

        waiting.get(20, TimeUnit.SECONDS);
    }

    @Test
    void whoever_waits_for_a_turn_probes_after_a_probe_without_a_result() throws Exception {
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.tryAcquire()).isTrue();
        var waiting = CompletableFuture.runAsync(() -> breaker.acquire(() -> false));
        assertThatThrownBy(() -> waiting.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        breaker.release(now.get());

        waiting.get(20, TimeUnit.SECONDS);
        assertThat(breaker.isProbing()).isTrue();
    }

    @Test
    void the_wait_for_a_turn_ends_when_it_is_stopped() {
        open(Kind.REFUSAL);
        AtomicBoolean stopped = new AtomicBoolean();
        var waiting = CompletableFuture.runAsync(() -> breaker.acquire(stopped::get));
        assertThatThrownBy(() -> waiting.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        stopped.set(true);
        all.wake();

        assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(OutageException.class);
    }

    @Test
    void an_outage_longer_than_the_patience_is_not_waited_for() {
        open(Kind.PASSING);
        advance(Duration.ofSeconds(4));
        assertThatThrownBy(() -> breaker.acquire(Duration.ofSeconds(4), () -> false))
                .isInstanceOf(OutageException.class);
    }

    @Test
    void after_a_refusal_it_is_quiet_for_the_pause_that_was_set() {
        open(Kind.REFUSAL);
        assertThat(breaker.untilNextTry()).isEqualTo(Duration.ofHours(1));
        advance(Duration.ofHours(1).plusMillis(1));
        assertThat(breaker.tryAcquire()).isTrue();
        open(Kind.REFUSAL);
        assertThat(breaker.untilNextTry()).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"PASSING, 5", "SETTINGS, 5", "REFUSAL, 3600"})
    void the_exception_names_what_is_waited_for(Kind kind, int pause) {
        OutageException thrown = breaker.open(now.get(), kind, "no answer");
        assertThat(thrown).hasMessage("no answer");
        assertThat(thrown.concernsAll()).isFalse();
        assertThat(thrown.outage())
                .isEqualTo(new Outage(
                        "JTL", kind, "no answer", NOON, Duration.ZERO, Scope.TENANT, Duration.ofSeconds(pause)));
    }

    @Test
    void a_failure_of_a_call_that_began_before_it_opened_does_not_open_it_again() {
        long early = now.get();
        advance(Duration.ofSeconds(1));
        open(Kind.PASSING);
        advance(Duration.ofSeconds(6));
        assertThat(breaker.tryAcquire()).isTrue();

        breaker.recordFailure(early, "timed out");
        assertThat(breaker.isProbing()).isTrue();
        breaker.recordSuccess();
        breaker.open(early, Kind.PASSING, "timed out");

        assertThat(breaker.isHeld()).isFalse();
        assertThat(all.outages()).isEmpty();
    }

    @Test
    void only_what_concerns_all_holds_all() {
        open(Kind.PASSING);
        assertThat(all.openAll()).isFalse();

        Breaker database = all.forAll("the database");
        database.open(now.get(), Kind.PASSING, "down");
        assertThat(all.openAll()).isTrue();
        assertThat(all.outages()).hasSize(2);

        advance(Duration.ofSeconds(6));
        assertThat(all.openAll()).as("a try is due").isFalse();
    }

    /** Once it would have waited by the machine's clock, and for an hour when that was put back. */
    @Test
    void the_machines_clock_decides_nothing() {
        BreakerRegistry skewed = new BreakerRegistry(
                new Clock() {
                    private Instant instant = NOON;

                    @Override
                    public Instant instant() {
                        instant = instant.minus(Duration.ofHours(1));
                        return instant;
                    }

                    @Override
                    public ZoneOffset getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }
                },
                now::get,
                Duration.ofHours(1));
        Breaker other = skewed.forTenant("JTL");
        other.open(now.get(), Kind.PASSING, "no answer");
        advance(Duration.ofSeconds(6));
        assertThat(other.tryAcquire()).isTrue();
    }

    /** Once, the line promised a try in a minute while work looked again every two seconds. */
    @Test
    void a_call_under_way_is_named_as_what_may_end_the_outage() {
        try (CapturedLog log = new CapturedLog("de.contactsync.resilience.Breaker")) {
            all.forTenant("JTL for tenant 9").openUnanswered("no answer for 10 s", Duration.ofSeconds(60));

            assertThat(log.lines())
                    .anyMatch(line ->
                            line.contains("JTL for tenant 9: no answer for 10 s. Dependent work is paused until "
                                    + "a call under way is answered; next try in 60 s at the latest"));
        }
    }

    /** Once, each of thousands of tenants had a line of its own, for each outage and each end of one. */
    @Test
    void few_tenants_are_named_and_of_many_only_the_number_is_given() {
        List<Breaker> tenants = new ArrayList<>();
        try (CapturedLog log = new CapturedLog("de.contactsync.resilience.Breaker")) {
            for (int i = 0; i < 5_000; i++) {
                Breaker tenant = all.forTenant("JTL for tenant " + i);
                tenant.open(now.get(), Kind.PASSING, "no answer");
                tenants.add(tenant);
            }
            assertThat(log.lines()).hasSizeLessThan(25);
            assertThat(log.lines())
                    .anyMatch(line -> line.contains("JTL for tenant 9: no answer. Dependent work is paused"));
            assertThat(log.lines()).anyMatch(line -> line.contains("2816 tenants are out of reach"));
            all.forAll("database").open(now.get(), Kind.PASSING, "the database is out of reach");
            assertThat(log.lines()).anyMatch(line -> line.contains("the database is out of reach"));

            advance(Duration.ofSeconds(6));
            tenants.forEach(tenant -> {
                assertThat(tenant.tryAcquire()).isTrue();
                tenant.recordSuccess();
            });
            assertThat(log.lines()).hasSizeLessThan(50);
            assertThat(log.lines()).anyMatch(line -> line.contains("JTL for tenant 4999 is back after 6 s"));
        }
    }
}
