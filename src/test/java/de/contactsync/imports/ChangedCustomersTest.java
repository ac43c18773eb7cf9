package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RequestRefusedException;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

/** Runs that ask only for customers that have changed, and the looks at all of them. */
@ParameterizedClass
@EachDatabase
class ChangedCustomersTest {

    private static final UUID TENANT = new UUID(1, 1);
    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    /** What JTL was asked for: since when, null for all. */
    private final List<Instant> asked = new ArrayList<>();

    private ScheduleFixture schedule;
    private Instant serverTime = Instant.parse("2026-03-01T12:00:00Z");
    private int failed;
    private ChangedSince changedSince = new ChangedSince("lastChangeFrom", Duration.ofHours(3));
    private int pages = 1;
    /** Whether each page has a key, else none. */
    private boolean keyed;
    /** With which the call for the last page ends where it names a time; null: with the page. */
    private ProcessingHaltedException trouble;

    private Set<UUID> named = Set.of();

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
            asked.add(since);
            assertThat(parameter == null).isEqualTo(since == null);
            if (since != null && trouble != null && number == pages) {
                throw trouble;
            }
            assertThat(customersBefore).isEqualTo(number - 1);
            KeyEntry key = new KeyEntry.Valid(behind + 1, new ContactKey(TENANT, new UUID(4, number), new UUID(5, 5)));
            return new KeyPage(keyed ? List.of(key) : List.of(), number >= pages, 1, failed, pages, false, serverTime);
        }

        @Override
        public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
            return named;
        }
    };

    @BeforeEach
    void open() {
        schedule = new ScheduleFixture(kind, clock, jtl);
    }

    @AfterEach
    void close() throws Exception {
        schedule.close();
    }

    private ScheduledRunOpener opener() {
        return schedule.opener(changedSince, TenantNames.only(TENANT));
    }

    /** The run that is due, from its begin to its end. */
    private void run(ScheduledRunOpener opener) {
        ChunkIterator run = (ChunkIterator) opener.open();
        assertThat(run.hasNext()).isFalse();
        opener.finalizeRun(schedule.coordinator().finish(run));
        clock.advance(Duration.ofHours(1));
        serverTime = serverTime.plus(Duration.ofHours(1));
    }

    @Test
    void each_run_asks_since_the_one_before_began_by_jtls_clock_and_now_and_then_for_all() {
        ScheduledRunOpener opener = opener();
        Instant first = serverTime;
        for (int i = 0; i < 5; i++) {
            run(opener);
        }
        assertThat(asked)
                .containsExactly(
                        null,
                        first.minus(ChangedSince.OVERLAP),
                        first.plusSeconds(3600).minus(ChangedSince.OVERLAP),
                        null,
                        first.plusSeconds(3 * 3600).minus(ChangedSince.OVERLAP));
    }

    @Test
    void a_run_that_was_killed_or_could_not_read_a_customer_leaves_the_mark() {
        ScheduledRunOpener opener = opener();
        Instant first = serverTime;
        run(opener);
        failed = 1;
        ChunkIterator killed = (ChunkIterator) opener.open();
        assertThat(killed.hasNext()).isFalse();
        failed = 0;
        ScheduledRunOpener next = opener();
        run(next);
        run(next);
        run(next);
        Instant since = first.minus(ChangedSince.OVERLAP);
        assertThat(asked).containsExactly(null, since, since, null);
    }

    /** Once, each run went through all customers as long as a single one was damaged. */
    @Test
    void an_unreadable_customer_is_looked_for_by_two_full_runs_and_not_by_each() {
        failed = 1;
        ScheduledRunOpener opener = opener();
        Instant second = serverTime.plusSeconds(3600);
        run(opener);
        run(opener);
        run(opener);
        run(opener);
        Instant since = second.minus(ChangedSince.OVERLAP);
        assertThat(asked).containsExactly(null, null, since, since);
    }

    @Test
    void a_jtl_that_refuses_the_parameter_is_asked_for_all() {
        ScheduledRunOpener opener = opener();
        run(opener);
        trouble = new RequestRefusedException("HTTP 400: unknown parameter");
        run(opener);
        assertThat(asked).hasSize(3).endsWith((Instant) null);
    }

    /** Once, a failure of the contacts' lists was told as the parameter's, and the run went through all customers. */
    @Test
    void a_failure_of_something_else_is_not_taken_for_a_refusal_of_the_parameter() {
        ScheduledRunOpener opener = opener();
        run(opener);
        trouble = new ProcessingHaltedException("JTL lists the contacts of none of its customers");
        ChunkIterator halted = (ChunkIterator) opener.open();
        assertThat(halted.hasNext()).isFalse();
        assertThat(halted.halted()).isSameAs(trouble);
        trouble = null;
        run(opener());
        Instant since = Instant.parse("2026-03-01T12:00:00Z").minus(ChangedSince.OVERLAP);
        assertThat(asked).containsExactly(null, since, since);
    }

    /** A run by the parameter, of two pages. */
    private void haltBehindFirstPage() {
        run(opener());
        keyed = true;
        pages = 2;
        trouble = new ProcessingHaltedException("JTL is out of reach");
        ChunkIterator halted = (ChunkIterator) opener().open();
        assertThat(halted.hasNext()).isFalse();
    }

    /** Once, the run went on with the second page of all customers, so those of the first were left out. */
    @Test
    void a_run_resumed_without_the_parameter_lists_all_customers() throws Exception {
        haltBehindFirstPage();
        assertThat(schedule.test.count("run_key")).as("of the first page").isEqualTo(1);

        asked.clear();
        changedSince = null;
        ChunkIterator run = (ChunkIterator) opener().open();

        assertThat(run.hasNext()).isTrue();
        assertThat(asked).hasSize(2).containsOnlyNulls();
        assertThat(schedule.test.count("run_key"))
                .as("with those of both pages")
                .isEqualTo(3);
    }

    /** Once, such a run halted with a ClassCastException, again and again until it was discarded. */
    @Test
    void a_customer_run_resumed_with_keys_of_a_file_ends_with_what_it_has_listed() throws Exception {
        haltBehindFirstPage();

        asked.clear();
        ScheduledRunOpener opener =
                schedule.opener(new KeySelection.InFile(Path.of("keys.csv")), TenantNames.only(TENANT));
        ChunkIterator run = (ChunkIterator) opener.open();

        assertThat(run.hasNext()).as("the key of the first page").isTrue();
        assertThat(run.next().size()).isEqualTo(1);
        assertThat(run.hasNext()).isFalse();
        assertThat(run.halted()).isNull();
        assertThat(asked).isEmpty();
    }

    @Test
    void a_look_at_all_says_how_many_changes_would_have_been_missed() throws Exception {
        ScheduledRunOpener opener = opener();
        run(opener);
        clock.advance(Duration.ofHours(4));
        ChunkIterator run = (ChunkIterator) opener.open();
        assertThat(run.hasNext()).isFalse();
        UUID seen = new UUID(2, 2);
        for (UUID customer : List.of(seen, new UUID(3, 3))) {
            schedule.test.execute(
                    "INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash, first_seen_at, changed_at,"
                            + " enriched_at) SELECT '" + TENANT + "', '" + customer + "', '" + UUID.randomUUID()
                            + "', 'x', started_at, started_at, started_at FROM import_run WHERE id = " + run.id());
        }
        named = Set.of(seen);
        opener.finalizeRun(schedule.coordinator().finish(run));
        assertThat(schedule.test.count("timer_run WHERE changes_missed = 1")).isEqualTo(1);
        assertThat(new CustomerMarks(schedule.database).of(TENANT).orElseThrow().fullAt())
                .isAfter(TEN.plusSeconds(3600));
    }
}
