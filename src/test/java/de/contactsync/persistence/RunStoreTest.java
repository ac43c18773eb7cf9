package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.Run.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class RunStoreTest {

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private TestDatabase test;
    private Database database;
    private RunStore runs;
    private ChunkStore store;

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        database = test.open();
        runs = test.closing(new RunStore(database, clock));
        store = new ChunkStore(database, runs, clock);
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private RunLease.Granted granted(int chunkSize) {
        return (RunLease.Granted) runs.claim("file", "keys.csv", "hash", chunkSize);
    }

    @Test
    void a_new_file_begins_a_run_of_nothing() {
        RunLease.Granted claim = granted(100);

        assertThat(claim.resumed()).isFalse();
        assertThat(claim.doneChunks()).isEqualTo(new BitSet());
        assertThat(claim.run())
                .isEqualTo(new Run(
                        claim.run().id(),
                        "file",
                        "keys.csv",
                        "hash",
                        100,
                        null,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        State.RUNNING,
                        null,
                        null));
        assertThat(claim.run().isReconciled()).isFalse();
    }

    @Test
    void an_unfinished_run_resumes_with_its_chunks_and_its_chunk_size() {
        long run = granted(100).run().id();
        store.commit(ChunkFixture.found(run, 0, 1, 2));
        store.commit(ChunkFixture.found(run, 5, 11, 2));
        runs.halt(run, "JTL is out of reach");
        assertThat(test.one("SELECT state, halt_reason FROM import_run")).isEqualTo("halted|JTL is out of reach");

        RunLease.Granted again = granted(7);

        assertThat(again.resumed()).isTrue();
        assertThat(again.run().id()).isEqualTo(run);
        assertThat(again.run().chunkSize()).isEqualTo(100);
        assertThat(again.run().done()).isEqualTo(4);
        assertThat(again.run().state()).isEqualTo(State.HALTED);
        assertThat(again.doneChunks().stream()).containsExactly(0, 5);
        assertThat(runs.find(run).state()).isEqualTo(State.RUNNING);
    }

    @Test
    void other_content_or_another_name_is_another_run() {
        long run = granted(100).run().id();

        assertThat(((RunLease.Granted) runs.claim("file", "keys.csv", "other", 1))
                        .run()
                        .id())
                .isNotEqualTo(run);
        assertThat(((RunLease.Granted) runs.claim("file", "more.csv", "hash", 1))
                        .run()
                        .id())
                .isNotEqualTo(run);
    }

    /** Two processes with different locales read the name of one file differently, and both imported it. */
    @Test
    void a_file_that_was_taken_is_one_run_whatever_its_name_is_read_as() {
        SourceFile file = new SourceFile(".work/1/", "inbox");
        long run = ((RunLease.Granted) runs.claim("file", "Kündigungen.csv", "hash", 1, file))
                .run()
                .id();
        RunStore other = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/1/1"));
        assertThat(other.claim("file", "K??ndigungen.csv", "hash", 1, file)).isInstanceOf(RunLease.Busy.class);
        runs.halt(run, "stopped");

        assertThat(((RunLease.Granted) other.claim("file", "K??ndigungen.csv", "hash", 1, file))
                        .run()
                        .id())
                .isEqualTo(run);
    }

    @Test
    void a_finished_run_that_is_not_closed_comes_back_as_it_is() {
        long run = granted(100).run().id();
        store.commit(ChunkFixture.mixed(run, 0));
        Run finished = runs.finish(run, 10);
        assertThat(finished.state()).isEqualTo(State.FINISHED);
        assertThat(finished.isReconciled()).isTrue();
        runs.movingTo(run, "/inbox/.done/keys.csv");

        RunLease lease = runs.claim("file", "keys.csv", "hash", 100);

        assertThat(lease).isInstanceOfSatisfying(RunLease.Unclosed.class, unclosed -> {
            assertThat(unclosed.run().id()).isEqualTo(run);
            assertThat(unclosed.run().movedTo()).isEqualTo("/inbox/.done/keys.csv");
            assertThat(unclosed.run().total()).isEqualTo(10);
        });
    }

    @Test
    void the_same_content_after_the_run_is_closed_is_a_new_run() {
        long run = granted(100).run().id();
        store.commit(ChunkFixture.mixed(run, 0));
        runs.finish(run, 10);
        runs.close(run);

        assertThat(test.count("run_chunk")).isZero();
        assertThat(granted(100).run().id()).isNotEqualTo(run);
        assertThat(test.count("dead_letter")).isEqualTo(5);
    }

    @Test
    void only_an_empty_run_of_this_process_can_be_discarded() {
        long taken = granted(100).run().id();
        RunStore other = test.closing(new RunStore(test.open(), clock, () -> 0, "elsewhere/1/1"));
        other.discard(taken);
        assertThat(test.count("import_run")).isEqualTo(1);

        runs.discard(taken);
        assertThat(test.count("import_run")).isZero();

        long begun = granted(100).run().id();
        store.commit(ChunkFixture.found(begun, 0, 1, 1));
        runs.discard(begun);
        assertThat(test.count("import_run")).isEqualTo(1);
    }

    @Test
    void a_run_that_does_not_add_up_is_not_finished() {
        long run = granted(100).run().id();
        assertThat(runs.finish(run, 7).isReconciled()).isFalse();

        store.commit(ChunkFixture.mixed(run, 0));

        assertThat(runs.finish(run, 11).isReconciled()).isFalse();
        assertThat(runs.finish(run, 9).isReconciled()).isFalse();
        assertThat(runs.find(run).state()).isEqualTo(State.RUNNING);
        assertThat(test.one("SELECT total, finished_at FROM import_run")).isEqualTo("∅|∅");
        test.execute("UPDATE import_run SET stored = stored + 1");
        assertThat(runs.finish(run, 10).isReconciled()).isFalse();
        test.execute("UPDATE import_run SET stored = stored - 1");
        assertThat(runs.finish(run, 10).isReconciled()).isTrue();
    }

    @Test
    void an_empty_file_is_a_finished_run_of_nothing() {
        long run = granted(100).run().id();

        Run finished = runs.finish(run, 0);

        assertThat(finished.isReconciled()).isTrue();
        assertThat(finished.state()).isEqualTo(State.FINISHED);
        assertThat(finished.total()).isZero();
    }

    @Test
    void why_a_file_breaks_off_outlives_a_crash() {
        long run = granted(100).run().id();
        runs.finish(run, 0, "the gzip stream breaks off");

        assertThat(runs.claim("file", "keys.csv", "hash", 100))
                .isInstanceOfSatisfying(
                        RunLease.Unclosed.class,
                        unclosed -> assertThat(unclosed.problem()).isEqualTo("the gzip stream breaks off"));
    }

    @Test
    void of_two_that_claim_a_new_file_at_once_exactly_one_gets_it() throws Exception {
        RunStore other = test.closing(new RunStore(test.open(), clock, () -> 0, "elsewhere/1/1"));
        CyclicBarrier start = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 15; round++) {
                String name = "keys" + round + ".csv";
                List<Future<RunLease>> claims = new ArrayList<>();
                for (RunStore each : List.of(runs, other)) {
                    claims.add(threads.submit(() -> {
                        start.await(30, TimeUnit.SECONDS);
                        return each.claim("file", name, "hash", 100);
                    }));
                }
                List<RunLease> answers = List.of(
                        claims.get(0).get(60, TimeUnit.SECONDS), claims.get(1).get(60, TimeUnit.SECONDS));
                assertThat(answers)
                        .filteredOn(RunLease.Granted.class::isInstance)
                        .hasSize(1);
                assertThat(answers).filteredOn(RunLease.Busy.class::isInstance).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(test.count("import_run")).isEqualTo(15);
    }

    @Test
    void dead_letters_come_in_the_order_of_the_file() {
        long run = granted(100).run().id();
        for (int line : new int[] {10, 9, 1_000_000_007, 2}) {
            store.commit(ChunkFixture.failed(
                    run, line, new KeyEntry.Valid(line, ChunkFixture.key(line)), ChunkFixture.notFound()));
        }
        store.commit(
                ChunkFixture.failed(run, 3, new KeyEntry.Invalid(3, "x", "no key"), ChunkFixture.invalid("no key")));

        List<DeadLetter> letters = new ArrayList<>();
        runs.audit().deadLetters(run, letters::add);

        assertThat(letters).extracting(DeadLetter::position).containsExactly("2", "3", "9", "10", "1000000007");
        assertThat(letters.get(0))
                .isEqualTo(new DeadLetter(
                        "2",
                        ChunkFixture.TENANT.toString(),
                        ChunkFixture.key(2).customerId().toString(),
                        ChunkFixture.key(2).contactId().toString(),
                        null,
                        "not-found",
                        404,
                        "NotFound",
                        "no such contact"));
        assertThat(letters.get(1))
                .isEqualTo(new DeadLetter("3", null, null, null, "x", "invalid-key", null, null, "no key"));
    }

    @Test
    void an_open_transaction_of_a_run_blocks_no_other_process() throws SQLException {
        granted(100);

        try (Connection other = test.connect()) {
            other.setAutoCommit(false);
            assertThat(other.createStatement().executeUpdate("UPDATE import_run SET heartbeat = 7"))
                    .isEqualTo(1);
            other.rollback();
        }
    }

    @Test
    void a_database_that_refuses_the_work_halts_it() {
        test.execute("ALTER TABLE import_run RENAME TO away");

        assertThatThrownBy(() -> granted(100))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("the command check says");
    }
}
