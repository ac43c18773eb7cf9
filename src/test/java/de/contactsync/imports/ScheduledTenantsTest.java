package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyPage;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.Retention;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

/** A schedule that goes through the customers of several tenants: each has a run of its own. */
@ParameterizedClass
@EachDatabase
class ScheduledTenantsTest {

    private static final UUID MAIN = new UUID(1, 1);
    private static final UUID NORTH = new UUID(1, 2);
    private static final UUID SOUTH = new UUID(1, 3);
    private static final TenantNames TENANTS =
            new TenantNames(MAIN, Map.of("north", NORTH, "south", SOUTH), any -> JtlId.Kind.ANY, any -> JtlId.Kind.ANY);

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    /** Whose customers were asked for, and since when: null for all. */
    private final List<String> asked = new ArrayList<>();

    private final Set<UUID> away = new HashSet<>();
    private final Map<UUID, Set<UUID>> named = new HashMap<>();
    private ScheduleFixture schedule;

    private final CustomerDirectory jtl = new CustomerDirectory() {
        @Override
        public KeyPage page(
                long runId,
                UUID tenantId,
                int number,
                long behind,
                long customersBefore,
                String parameter,
                Instant since) {
            asked.add(name(tenantId) + (since == null ? "" : " since " + since));
            if (away.contains(tenantId)) {
                throw new ProcessingHaltedException("log in again");
            }
            return new KeyPage(List.of(), true, 1, 0, 1, false, clock.instant());
        }

        @Override
        public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
            return named.getOrDefault(tenantId, Set.of());
        }
    };

    private static String name(UUID tenantId) {
        return tenantId.equals(MAIN) ? "main" : tenantId.equals(NORTH) ? "north" : "south";
    }

    @BeforeEach
    void open() {
        schedule = new ScheduleFixture(kind, clock, jtl);
    }

    @AfterEach
    void close() throws Exception {
        schedule.close();
    }

    private ScheduledRunOpener opener() {
        return schedule.opener(new ChangedSince("lastChangeFrom", Duration.ofHours(3)), TENANTS);
    }

    /** One look and what comes of it; false when there was nothing to do. */
    private boolean look(ScheduledRunOpener opener) {
        RunExecution execution = opener.open();
        if (execution instanceof ChunkIterator run) {
            assertThat(run.hasNext()).isFalse();
        }
        RunSummary summary = schedule.coordinator().finish(execution);
        opener.finalizeRun(summary);
        return summary.end() != End.BUSY;
    }

    private void lookUntilIdle(ScheduledRunOpener opener) {
        for (int i = 0; i < 10; i++) {
            if (!look(opener)) {
                return;
            }
        }
        throw new AssertionError("goes on and on: " + asked);
    }

    @Test
    void each_due_time_brings_a_run_for_each_tenant() throws Exception {
        ScheduledRunOpener opener = opener();
        lookUntilIdle(opener);
        assertThat(asked).containsExactly("main", "north", "south");
        assertThat(schedule.test.rows("SELECT source, file_name, state FROM import_run ORDER BY id"))
                .containsExactly(
                        "timer|timer|finished", "timer|timer of north|finished", "timer|timer of south|finished");
        clock.advance(Duration.ofMinutes(30));
        assertThat(look(opener)).isFalse();

        asked.clear();
        clock.advance(Duration.ofMinutes(30));
        lookUntilIdle(opener);
        assertThat(asked).hasSize(3).allMatch(text -> text.endsWith(" since 2026-03-01T09:50:00Z"));
        assertThat(schedule.test.count("timer_run WHERE tenant_due_at IS NOT NULL"))
                .isEqualTo(4);
        assertThat(schedule.test.count("customer_mark")).isEqualTo(3);
    }

    @Test
    void a_command_resumes_open_runs_and_begins_others_due_or_not() throws Exception {
        lookUntilIdle(opener());
        away.add(NORTH);
        lookUp();
        assertThat(schedule.test.count("import_run WHERE closed_at IS NULL")).isEqualTo(1);
        away.clear();
        asked.clear();
        lookUp();
        assertThat(asked).hasSize(3);
        assertThat(schedule.test.rows("SELECT file_name, count(*) FROM import_run GROUP BY file_name ORDER BY 1"))
                .containsExactly("timer|3", "timer of north|2", "timer of south|3");
        assertThat(schedule.test.count("import_run WHERE closed_at IS NULL")).isZero();
    }

    private void lookUp() {
        for (TimerSettings.Part part : schedule.parts()) {
            clock.advance(Duration.ofSeconds(1));
            RunExecution execution = schedule.scheduled().openNow(part);
            if (execution instanceof ChunkIterator run) {
                assertThat(run.hasNext()).isFalse();
            }
            RunSummary summary = schedule.coordinator().finish(execution);
            if (summary.end() == End.FINISHED) {
                schedule.scheduled().close(part, summary);
            }
        }
    }

    /** The refused login of one, which must stop no other, and its run goes on when it is logged in again. */
    @Test
    void a_tenant_that_jtl_refuses_blocks_no_other_and_resumes_where_it_stopped() throws Exception {
        away.add(NORTH);
        ScheduledRunOpener opener = opener();
        lookUntilIdle(opener);
        assertThat(asked).containsExactly("main", "north", "south");
        assertThat(schedule.test.rows("SELECT file_name, state, halt_reason FROM import_run WHERE closed_at IS NULL"))
                .containsExactly("timer of north|halted|log in again");

        asked.clear();
        clock.advance(Duration.ofHours(1));
        lookUntilIdle(opener);
        assertThat(asked).as("the one that failed waits 30 s").hasSize(2).noneMatch(text -> text.startsWith("north"));

        asked.clear();
        away.clear();
        ScheduledRunOpener restarted = opener();
        lookUntilIdle(restarted);
        assertThat(asked).contains("north");
        assertThat(schedule.test.count("import_run WHERE closed_at IS NULL")).isZero();
    }

    @Test
    void changes_that_would_have_been_missed_are_reported_per_tenant() throws Exception {
        ScheduledRunOpener opener = opener();
        lookUntilIdle(opener);
        clock.advance(Duration.ofHours(4));
        UUID customer = new UUID(2, 2);
        named.put(NORTH, Set.of(customer));
        for (UUID tenant : List.of(NORTH, SOUTH)) {
            String time = kind == TestDatabase.Kind.SQLITE ? "2026-03-01T14:00:00.000Z" : "2026-03-01T14:00:00Z";
            schedule.test.execute(
                    "INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash, first_seen_at,"
                            + " changed_at, enriched_at) VALUES ('" + tenant + "', '" + customer + "', '"
                            + new UUID(3, 3)
                            + "', 'x', '" + time + "', '" + time + "', '" + time + "')");
        }
        lookUntilIdle(opener);
        assertThat(schedule.test.rows("SELECT tenant, changes_missed FROM timer_run WHERE changes_missed IS NOT NULL"
                        + " ORDER BY tenant"))
                .containsExactly("|0", "north|0", "south|1");
    }

    /** Once, the latest of all was kept: where tenants have their own, each goes by its latest. */
    @Test
    void the_latest_run_of_each_tenant_outlives_the_others() throws Exception {
        ScheduledRunOpener opener = opener();
        lookUntilIdle(opener);
        clock.advance(Duration.ofHours(1));
        lookUntilIdle(opener);
        clock.advance(Duration.ofDays(40));
        try (Retention retention = new Retention(schedule.database, clock, Duration.ofDays(30), Duration.ofDays(30))) {
            retention.apply();
        }
        assertThat(schedule.test.rows("SELECT tenant FROM timer_run ORDER BY tenant"))
                .containsExactly("", "north", "south");
    }

    @Test
    void a_clock_that_was_ahead_puts_off_no_tenants_run() {
        clock.advance(Duration.ofDays(1_000));
        ScheduledRunOpener opener = opener();
        lookUntilIdle(opener);
        clock.advance(Duration.ofDays(-1_000).plusHours(2));
        asked.clear();
        lookUntilIdle(opener);
        assertThat(asked).hasSize(3);
    }
}
