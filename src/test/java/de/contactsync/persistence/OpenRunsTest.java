package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.persistence.OpenRuns.Discarded;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

/** Runs that nobody continues with once stayed open forever, with no way to end them but SQL. */
@ParameterizedClass
@EachDatabase
class OpenRunsTest {

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private TestDatabase test;
    private RunStore runStore;
    private OpenRuns runs;
    private ChunkStore store;

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        Database database = test.open();
        runStore = test.closing(new RunStore(database, clock));
        store = new ChunkStore(database, runStore, clock);
        runs = new OpenRuns(database, clock);
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private long begun(String file) {
        return ((RunLease.Granted) runStore.claim("file", file, "hash of " + file, 100))
                .run()
                .id();
    }

    private static EnrichedChunk unknown(long run, int number, int position) {
        return ChunkFixture.failed(
                run, number, new KeyEntry.Valid(position, ChunkFixture.key(position)), ChunkFixture.notFound());
    }

    @Test
    void those_that_are_open_are_listed_with_who_works_on_them() {
        begun("a.csv");
        runStore.halt(begun("b.csv"), "JTL is out of reach");
        long closed = begun("c.csv");
        runStore.finish(closed, 0);
        runStore.close(closed);

        assertThat(runs.list())
                .extracting(
                        open -> open.run().fileName(),
                        open -> open.run().state(),
                        OpenRuns.OpenRun::startedAt,
                        OpenRuns.OpenRun::owner,
                        OpenRuns.OpenRun::gone)
                .containsExactly(
                        tuple("a.csv", Run.State.RUNNING, clock.instant(), ProcessId.parse(runStore.owner()), false),
                        tuple("b.csv", Run.State.HALTED, clock.instant(), ProcessId.parse(runStore.owner()), false));
    }

    /** It was listed as a run of its own, "replay replay", which nobody can go on with or has to. */
    @Test
    void the_lease_of_a_replay_is_not_listed() {
        assertThat(ReplayLease.take(runStore).isHeld()).isTrue();
        runStore.claim(RunStore.REPLAY, "replay-1.csv", "hash", 100);

        assertThat(runs.list()).extracting(open -> open.run().fileName()).containsExactly("replay-1.csv");
    }

    @Test
    void a_discarded_run_is_closed_with_its_dead_letters_and_its_file_is_a_new_run() {
        long run = begun("a.csv");
        store.commit(unknown(run, 0, 1));
        store.commit(unknown(run, 1, 2));
        runStore.halt(run, "JTL is out of reach");
        test.execute("UPDATE dead_letter SET state = 'replayed' WHERE position = '2'");

        assertThat(runs.discard(run)).isEqualTo(Discarded.CLOSED);

        assertThat(test.rows("SELECT state FROM dead_letter ORDER BY position"))
                .containsExactly("discarded", "replayed");
        assertThat(test.one("SELECT halt_reason FROM import_run")).isEqualTo("discarded by hand");
        assertThat(test.count("run_chunk")).isZero();
        assertThat(runs.list()).isEmpty();
        assertThat(begun("a.csv")).isNotEqualTo(run);
        assertThat(runs.discard(run)).isEqualTo(Discarded.UNKNOWN);
    }

    @Test
    void of_a_run_that_is_finished_and_not_closed_the_dead_letters_stay() {
        long run = begun("a.csv");
        store.commit(unknown(run, 0, 1));
        runStore.finish(run, 1);
        test.execute("UPDATE import_run SET owner = '" + gone() + "'");

        assertThat(runs.discard(run)).isEqualTo(Discarded.CLOSED_FINISHED);

        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("open");
        assertThat(test.one("SELECT state FROM import_run")).isEqualTo("finished");
    }

    /** The list is taken away behind the closing, and a process that was killed between the two left it forever. */
    @Test
    void what_is_left_of_the_list_of_a_closed_run_goes_when_it_is_discarded_again() {
        long run = begun("a.csv");
        long other = begun("b.csv");
        runStore.halt(run, "JTL is out of reach");
        assertThat(runs.discard(run)).isEqualTo(Discarded.CLOSED);
        test.execute(
                "INSERT INTO run_key (run_id, position) VALUES (" + run + ", 1), (" + run + ", 9), (" + other + ", 1)");

        assertThat(runs.discard(run)).isEqualTo(Discarded.UNKNOWN);

        assertThat(test.rows("SELECT run_id FROM run_key")).containsExactly(String.valueOf(other));
    }

    /** On this machine, and of a number that no process has. */
    private String gone() {
        return runStore.owner().replaceFirst("/\\d+/", "/999999999/");
    }

    @Test
    void a_run_that_is_worked_on_is_left_alone() throws Exception {
        long run = begun("a.csv");
        CompletableFuture<Discarded> discarded = CompletableFuture.supplyAsync(() -> runs.discard(run));

        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    test.execute("UPDATE import_run SET heartbeat = heartbeat + 1");
                    return discarded.isDone();
                });

        assertThat(discarded.get()).isEqualTo(Discarded.BUSY);
        assertThat(runs.list()).hasSize(1);
    }
}
