package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.ListedCustomers;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With no contact known, so that each run ends as soon as it has begun. */
class ScheduledRunOpenerTest {

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00.123456Z");
    private TestDatabase test;
    private Database database;
    private RunStore runStore;
    private RunCoordinator coordinator;
    private ScheduledRunOpener runs;

    @BeforeEach
    void open() {
        test = TestDatabase.create(TestDatabase.Kind.SQLITE);
        database = test.open();
        runStore = test.closing(new RunStore(database, clock));
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    /** As after a start of the process. */
    private void start(boolean runNow) {
        TimerSettings settings = new TimerSettings(
                Schedule.every(Duration.ofHours(1), ZoneOffset.UTC),
                runNow,
                new KeySelection.Known(Duration.ZERO),
                10,
                TenantNames.only(new UUID(1, 1)));
        coordinator = new RunCoordinator(
                runStore,
                TestBreakers.create(),
                new RunVerifier(runStore.audit(), TenantNames.only(null)),
                Duration.ofSeconds(1));
        ScheduledRuns scheduled = new ScheduledRuns(
                settings,
                new ScheduledRunStore(database, runStore, clock),
                new KeySnapshotStore(database, runStore),
                runStore,
                coordinator,
                null,
                new CustomerMarks(database),
                clock);
        runs = new ScheduledRunOpener(settings, scheduled, coordinator, clock);
    }

    private void at(String time) {
        clock.advance(Duration.between(clock.instant(), Instant.parse(time)));
    }

    /** One look and what comes of it: the run that has ended, 0 when there was none. */
    private long look() {
        RunExecution execution = runs.open();
        if (!(execution instanceof ChunkIterator run)) {
            assertThat(coordinator.finish(execution).end()).isEqualTo(End.BUSY);
            return 0;
        }
        assertThat(run.hasNext()).isFalse();
        RunSummary summary = coordinator.finish(run);
        assertThat(summary.end()).isEqualTo(End.FINISHED);
        runs.finalizeRun(summary);
        return run.id();
    }

    @Test
    void a_start_resumes_an_interrupted_run_and_then_begins_its_own() {
        start(true);
        assertThat(runs.open()).as("and killed").isInstanceOf(ChunkIterator.class);

        at("2026-03-01T10:00:05Z");
        start(true);
        assertThat(look()).isEqualTo(1);
        assertThat(look()).isEqualTo(2);
        assertThat(look()).isZero();
        at("2026-03-01T11:00:00Z");
        assertThat(look()).isEqualTo(3);
        assertThat(look()).isZero();
    }

    /** Once, 8 customers where JTL counted 3 were told as "leaves some out". */
    @Test
    void more_customers_than_jtl_counts_are_not_reported_as_left_out() {
        assertThat(ScheduledRuns.cause(new ListedCustomers(8, 0, 3, false)))
                .isEqualTo("JTL's count is too small or some came twice");
        assertThat(ScheduledRuns.cause(new ListedCustomers(3, 0, 8, false)))
                .isEqualTo("something between here and JTL omits some");
    }

    @Test
    void a_start_while_the_clock_is_ahead_puts_off_no_run_of_the_time_behind() {
        at("2030-01-01T00:10:00Z");
        start(false);
        assertThat(look()).isZero();

        at("2026-03-01T10:10:00Z");
        assertThat(look()).isZero();
        at("2026-03-01T11:00:00Z");
        assertThat(look()).isEqualTo(1);
        assertThat(look()).isZero();
    }
}
