package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class ScheduledRunStoreTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UUID TENANT = new UUID(1, 1);

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private TestDatabase test;
    private Database database;
    private RunStore runs;
    private ScheduledRunStore ours;
    private ScheduledRunStore others;
    private KeySnapshotStore lists;

    /** At each full hour. */
    private final UnaryOperator<Instant> hourly =
            latest -> latest == null ? TEN : Instant.ofEpochSecond((latest.getEpochSecond() / 3600 + 1) * 3600);

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        database = test.open();
        runs = test.closing(
                new RunStore(database, clock, System::nanoTime, ProcessId.self().toString()));
        ours = new ScheduledRunStore(database, runs, clock);
        lists = new KeySnapshotStore(database, runs);
        Database elsewhere = test.open();
        RunStore other = test.closing(new RunStore(elsewhere, clock, System::nanoTime, "elsewhere/1/1"));
        others = new ScheduledRunStore(elsewhere, other, clock);
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private void at(String time) {
        clock.advance(Duration.between(clock.instant(), Instant.parse(time)));
    }

    private static long granted(Optional<RunLease> claim) {
        assertThat(claim).get().isInstanceOf(RunLease.Granted.class);
        return ((RunLease.Granted) claim.get()).run().id();
    }

    private void end(long run) {
        runs.finish(run, 0);
        runs.close(run);
    }

    @Test
    void a_run_is_begun_when_it_is_due_and_not_again_before_the_next_due_time() {
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).isEmpty();

        at("2026-03-01T10:59:59.999Z");
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).isEmpty();
        at("2026-03-01T11:00:00Z");
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        assertThat(test.rows("SELECT source, file_name, chunk_size FROM import_run"))
                .containsExactly("timer|timer|10", "timer|timer|10");
    }

    @Test
    void what_fails_in_each_run_for_the_same_reason_is_one_open_dead_letter_of_the_latest() {
        ChunkStore store = new ChunkStore(database, runs, clock);
        List<String> met = new ArrayList<>();
        for (int hour = 10; hour < 13; hour++) {
            at("2026-03-01T" + hour + ":00:00Z");
            long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
            for (int number = 1; number <= 2; number++) {
                store.commit(ChunkFixture.failed(
                        run,
                        number,
                        new KeyEntry.Valid(10 * hour + number, ChunkFixture.key(number)),
                        ChunkFixture.notFound()));
            }
            end(run);
            met.add(Long.toString(run));
        }
        assertThat(test.rows("SELECT contact_id, run_id, position, attempts, state FROM dead_letter"
                        + " WHERE reason = 'not-found' ORDER BY id"))
                .containsExactly(
                        ChunkFixture.key(1).contactId() + "|" + met.get(2) + "|121|3|open",
                        ChunkFixture.key(2).contactId() + "|" + met.get(2) + "|122|3|open");
        assertThat(test.rows("SELECT DISTINCT first_failed_at = (SELECT min(started_at) FROM import_run),"
                        + " last_failed_at > first_failed_at FROM dead_letter WHERE reason = 'not-found'"))
                .hasSize(1)
                .first()
                .asString()
                .matches("(1|t|true)\\|(1|t|true)");

        // Once somebody has seen to it, or for another reason, it is another one.
        test.execute("UPDATE dead_letter SET state = 'replayed' WHERE contact_id = '"
                + ChunkFixture.key(1).contactId() + "'");
        at("2026-03-01T13:00:00Z");
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        store.commit(
                ChunkFixture.failed(run, 1, new KeyEntry.Valid(131, ChunkFixture.key(1)), ChunkFixture.notFound()));
        store.commit(ChunkFixture.failed(
                run,
                2,
                new KeyEntry.Valid(132, ChunkFixture.key(2)),
                new Outcome.Failed(Reason.REJECTED, 400, "Bad", "refused", null, 1)));
        assertThat(test.rows("SELECT reason, state, run_id FROM dead_letter WHERE contact_id IS NOT NULL ORDER BY id"))
                .containsExactly(
                        "not-found|replayed|" + met.get(2),
                        "not-found|open|" + met.get(2),
                        "not-found|open|" + run,
                        "rejected|open|" + run);
    }

    @Test
    void so_is_what_is_no_key_in_each_run_and_of_two_equal_lines_each_has_its_own() {
        ChunkStore store = new ChunkStore(database, runs, clock);
        List<String> met = new ArrayList<>();
        for (int hour = 10; hour < 13; hour++) {
            at("2026-03-01T" + hour + ":00:00Z");
            long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
            for (int line = 1; line <= 3; line++) {
                noKey(store, run, 10 * hour + line, line < 3 ? "equal ä" : "another", Reason.INVALID_KEY);
            }
            end(run);
            met.add(Long.toString(run));
        }
        String rows = "SELECT raw_key, reason, run_id, position, attempts, state FROM dead_letter ORDER BY position";
        String latest = "|invalid-key|" + met.get(2);
        assertThat(test.rows(rows))
                .containsExactly(
                        "equal ä" + latest + "|121|3|open",
                        "equal ä" + latest + "|122|3|open",
                        "another" + latest + "|123|3|open");

        // Once somebody has seen to it, or for another reason, it is another one.
        test.execute("UPDATE dead_letter SET state = 'discarded' WHERE raw_key = 'another'");
        at("2026-03-01T13:00:00Z");
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        noKey(store, run, 131, "equal ä", Reason.RETRIES_EXHAUSTED);
        noKey(store, run, 132, "another", Reason.INVALID_KEY);
        assertThat(test.rows(rows))
                .containsExactly(
                        "equal ä" + latest + "|121|3|open",
                        "equal ä" + latest + "|122|3|open",
                        "another" + latest + "|123|3|discarded",
                        "equal ä|retries-exhausted|" + run + "|131|1|open",
                        "another|invalid-key|" + run + "|132|1|open");
    }

    private static void noKey(ChunkStore store, long run, int position, String line, Reason reason) {
        store.commit(ChunkFixture.failed(
                run,
                position,
                new KeyEntry.Invalid(position, line, "no key", reason, null, null),
                new Outcome.Failed(reason, null, null, "no key", null, 1)));
    }

    @Test
    void in_runs_of_files_each_has_its_own() {
        ChunkStore store = new ChunkStore(database, runs, clock);
        for (int i = 0; i < 2; i++) {
            long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                    .run()
                    .id();
            store.commit(
                    ChunkFixture.failed(run, 1, new KeyEntry.Valid(1, ChunkFixture.key(1)), ChunkFixture.notFound()));
            noKey(store, run, 2, "no key", Reason.INVALID_KEY);
            end(run);
        }
        assertThat(test.count("dead_letter")).isEqualTo(4);
    }

    @Test
    void however_many_were_missed_one_is_begun() {
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        at("2026-03-03T17:20:00Z");

        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));

        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).isEmpty();
        at("2026-03-03T18:00:00Z");
        granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
    }

    @Test
    void runs_begun_while_the_clock_was_ahead_keep_none_from_being_due() {
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        at("2030-01-01T00:10:00Z");
        // One was missed, the other is of that year.
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        at("2030-01-01T01:00:00Z");
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));

        at("2026-03-01T12:20:00Z");
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).isEmpty();
        at("2026-03-01T13:00:00Z");
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).isEmpty();
    }

    @Test
    void one_that_was_halted_at_its_end_begins_anew_when_the_next_is_due() {
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        test.execute("UPDATE import_run SET state = 'halted', total = 7, done = 7, not_found = 7,"
                + " finished_at = '2026-03-01T10:20:00.000Z'");
        at("2026-03-01T10:59:59.999Z");
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).get().isInstanceOf(RunLease.Busy.class);
        assertThat(others.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).get().isInstanceOf(RunLease.Busy.class);

        at("2026-03-01T11:00:00Z");
        assertThat(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10))).isEqualTo(run);
        assertThat(test.rows("SELECT state, total, done, not_found, finished_at FROM import_run"))
                .containsExactly("running|∅|0|0|∅");
    }

    @Test
    void never_and_not_yet_begin_nothing() {
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, latest -> null, 10)).isEmpty();
        assertThat(ours.claim(ScheduledRunStore.NO_TENANT, latest -> TEN.plusMillis(1), 10))
                .isEmpty();
        assertThat(test.count("import_run")).isZero();
    }

    @Test
    void while_a_run_is_open_its_own_process_resumes_it_and_none_is_begun() {
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        at("2026-03-01T12:00:00Z");

        assertThat(others.claim(ScheduledRunStore.NO_TENANT, hourly, 10)).get().isInstanceOf(RunLease.Busy.class);
        assertThat(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 20))).isEqualTo(run);
        assertThat(test.count("import_run")).isEqualTo(1);
    }

    @Test
    void a_process_that_looked_before_another_ran_begins_no_second_run() {
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));
        at("2026-03-01T11:00:00Z");
        end(granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10)));

        // As one that still takes the run of ten for the latest.
        assertThat(others.claim(ScheduledRunStore.NO_TENANT, latest -> TEN.plus(Duration.ofHours(1)), 10))
                .isEmpty();

        assertThat(test.count("import_run")).isEqualTo(2);
        assertThat(test.count("timer_run")).isEqualTo(2);
    }

    @Test
    void of_processes_that_look_at_the_same_moment_one_begins_it() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CyclicBarrier start = new CyclicBarrier(2);
            Callable<Optional<RunLease>> first = () -> {
                start.await();
                return ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10);
            };
            Callable<Optional<RunLease>> second = () -> {
                start.await();
                return others.claim(ScheduledRunStore.NO_TENANT, hourly, 10);
            };
            List<Optional<RunLease>> claims = List.of(threads.submit(first), threads.submit(second)).stream()
                    .map(future -> {
                        try {
                            return future.get();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .toList();
            assertThat(claims)
                    .filteredOn(claim -> claim.orElse(null) instanceof RunLease.Granted)
                    .hasSize(1);
            assertThat(test.count("import_run")).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_list_of_keys_is_read_as_it_was_written_and_ends_with_the_run() {
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        List<KeyEntry> entries = List.of(
                new KeyEntry.Valid(2, new ContactKey(TENANT, new UUID(2, 1), new UUID(3, 1))),
                new KeyEntry.Invalid(3, "ä,ö", "contactId is missing"),
                new KeyEntry.Invalid(4, "a customer", "JTL failed", Reason.RETRIES_EXHAUSTED, 503, null),
                new KeyEntry.Valid(9, new ContactKey(null, new UUID(2, 2), new UUID(3, 2))));
        lists.begin(run);
        lists.add(run, List.of(new KeyEntry.Invalid(1, "left from", "a try that was cut off")));
        lists.begin(run);
        lists.add(run, entries.subList(0, 2));
        lists.add(run, entries.subList(2, 4));
        // As after a commit whose answer was lost.
        lists.add(run, entries.subList(2, 4));
        assertThat(lists.listed(run)).isEmpty();
        lists.complete(run, 4);

        assertThat(lists.listed(run)).hasValue(4);
        assertThat(lists.read(run, 0, 2)).isEqualTo(entries.subList(0, 2));
        assertThat(lists.read(run, 3, 2)).isEqualTo(entries.subList(2, 4));
        assertThat(lists.read(run, 9, 2)).isEmpty();

        end(run);
        assertThat(test.count("run_key")).isZero();
    }

    @Test
    void a_list_that_grows_page_by_page_says_what_comes_next_until_it_is_whole() {
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        assertThat(lists.growth(run)).isEmpty();
        lists.beginPages(run);
        assertThat(lists.growth(run)).hasValue(new KeySnapshotStore.Growth(1, 0, 0));

        lists.addPage(run, page(2, 0, new KeyEntry.Invalid(1, "a", "b"), new KeyEntry.Invalid(2, "a", "b")), 2);
        lists.addPage(run, page(1, 0), 3);
        assertThat(lists.growth(run)).hasValue(new KeySnapshotStore.Growth(3, 2, 3));
        assertThat(lists.listed(run)).isEmpty();
        assertThat(lists.read(run, 0, 10)).hasSize(2);

        lists.addPage(run, page(1, 1, new KeyEntry.Invalid(3, "a", "b")), null);
        assertThat(lists.customers(run)).contains(new ListedCustomers(4, 1, 5, false));
        assertThat(lists.growth(run)).isEmpty();
        assertThat(lists.listed(run)).hasValue(3);
    }

    /**
     * All of ten million in one statement took longer than a connection lasts, and was begun again while the first
     * still ran.
     */
    @Test
    void known_contacts_are_listed_page_by_page_as_they_were_when_the_run_began() {
        contact(1, "2026-02-01T00:00:00.000Z");
        contact(2, "2026-01-01T00:00:00.000Z");
        contact(3, "2026-03-01T10:00:00.000Z");
        contact(4, "2026-01-01T00:00:00.000Z");
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        lists.beginPages(run);
        Duration maxAge = Duration.ofDays(7);

        ContactKey behind = lists.lastKey(run);
        ContactKey last = lists.addKnown(run, 0, behind, maxAge).orElseThrow();
        assertThat(last).isEqualTo(new ContactKey(TENANT, new UUID(2, 4), new UUID(3, 4)));
        // As after a commit whose answer was lost.
        lists.addKnown(run, 0, behind, maxAge);
        assertThat(lists.lastKey(run)).isEqualTo(last);
        assertThat(lists.listed(run)).isEmpty();
        assertThat(lists.growth(run)).hasValue(new KeySnapshotStore.Growth(1, 3, 0));

        assertThat(lists.addKnown(run, 3, last, maxAge)).isEmpty();
        assertThat(lists.listed(run)).hasValue(3);
        assertThat(lists.growth(run)).isEmpty();
        assertThat(lists.read(run, 0, 10))
                .containsExactly(
                        new KeyEntry.Valid(1, new ContactKey(TENANT, new UUID(2, 1), new UUID(3, 1))),
                        new KeyEntry.Valid(2, new ContactKey(TENANT, new UUID(2, 2), new UUID(3, 2))),
                        new KeyEntry.Valid(3, new ContactKey(TENANT, new UUID(2, 4), new UUID(3, 4))));
    }

    private void contact(int number, String enrichedAt) {
        test.execute("INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash, first_seen_at, changed_at,"
                + " enriched_at) VALUES ('" + TENANT + "', '" + new UUID(2, number) + "', '" + new UUID(3, number)
                + "', '', '" + enrichedAt + "', '" + enrichedAt + "', '" + enrichedAt + "')");
    }

    @Test
    void a_process_that_lost_the_run_writes_nothing_into_its_list() {
        long run = granted(ours.claim(ScheduledRunStore.NO_TENANT, hourly, 10));
        test.execute("UPDATE import_run SET owner = 'elsewhere/1/1' WHERE id = " + run);

        assertThatThrownBy(() -> lists.begin(run)).isInstanceOf(RunLostException.class);
        assertThatThrownBy(() -> lists.add(run, List.of())).isInstanceOf(RunLostException.class);
        assertThatThrownBy(() -> lists.complete(run, 0)).isInstanceOf(RunLostException.class);
        assertThatThrownBy(() -> lists.addKnown(run, 0, lists.lastKey(run), Duration.ZERO))
                .isInstanceOf(RunLostException.class);
        assertThat(test.count("run_key")).isZero();
    }

    private static KeyPage page(int customers, int failed, KeyEntry... entries) {
        return new KeyPage(List.of(entries), false, customers, failed, 5, false);
    }
}
