package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.CapturedLog;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.persistence.TestDatabase.Kind;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writers that are disturbed by each other, or by the database itself. */
class CommitUnderFireTest {

    private final Clock clock = Clock.systemUTC();
    private final CapturedLog ourLog = new CapturedLog("de.contactsync");
    private final CapturedLog poolLog = new CapturedLog("com.zaxxer.hikari");

    @AfterEach
    void close_the_logs() {
        ourLog.close();
        poolLog.close();
    }

    @ParameterizedTest
    @EnumSource
    void what_the_database_says_of_a_row_it_refuses_names_no_contact(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.create(kind)) {
            Database database = test.open();
            RunStore runStore = test.closing(new RunStore(database, clock));
            long run = ((RunLease.Granted) runStore.claim("file", "keys.csv", "hash", 5))
                    .run()
                    .id();
            test.execute(
                    kind == Kind.POSTGRESQL
                            ? "ALTER TABLE contact ADD CHECK (first_name <> 'Jörg')"
                            : "CREATE TRIGGER refuse BEFORE INSERT ON contact BEGIN SELECT RAISE(ABORT, 'refused');"
                                    + " END");

            ChunkStore store = new ChunkStore(database, runStore, clock);
            store.commit(ChunkFixture.found(run, 0, 1, 5));
            assertThat(test.rows("SELECT error_message FROM dead_letter"))
                    .hasSize(5)
                    .noneMatch(message -> message.contains("Jörg") || message.contains("Contact"));

            // Now there is no place for them at all.
            test.execute("DROP TABLE dead_letter");
            assertThatThrownBy(() -> store.commit(ChunkFixture.found(run, 1, 6, 5)))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasStackTraceContaining("dead_letter")
                    .satisfies(
                            halt -> assertThat(Throwables.getStackTrace(halt)).doesNotContain("Jörg", "Contact 6"));
            assertThat(ourLog.lines()).noneMatch(line -> line.contains("Jörg"));
            assertThat(poolLog.lines()).noneMatch(line -> line.contains("Jörg"));
        }
    }

    @Test
    @Tag("slow")
    void connections_that_break_lose_and_double_nothing() throws Exception {
        int chunks = 80;
        try (TestDatabase test = TestDatabase.create(Kind.POSTGRESQL)) {
            Database database = test.open();
            RunStore runStore = test.closing(new RunStore(database, clock));
            ChunkStore store = new ChunkStore(database, runStore, clock);
            long run = ((RunLease.Granted) runStore.claim("file", "keys.csv", "hash", 5))
                    .run()
                    .id();
            ExecutorService writers = Executors.newFixedThreadPool(4);
            List<Future<?>> commits = new ArrayList<>();
            for (int i = 0; i < chunks; i++) {
                int number = i;
                commits.add(writers.submit(() -> store.commit(
                        number % 5 == 0 ? letters(run, number) : ChunkFixture.found(run, number, number * 5, 5))));
            }
            int kills = 0;
            for (int i = 0; i < chunks; i++) {
                commits.get(i).get(60, TimeUnit.SECONDS);
                if (i % 20 == 10) {
                    kills += test.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                            .size();
                }
            }
            writers.shutdown();

            assertThat(kills).isPositive();
            assertThat(runStore.finish(run, chunks * 5).isReconciled()).isTrue();
            assertThat(test.count("contact")).isEqualTo(chunks * 4);
            assertThat(test.count("dead_letter")).isEqualTo(chunks);
            assertThat(test.count("run_chunk")).isEqualTo(chunks);
        }
    }

    private static EnrichedChunk letters(long run, int number) {
        EnrichedChunk found = ChunkFixture.found(run, number, number * 5, 5);
        return new EnrichedChunk(found.chunk(), Collections.nCopies(5, ChunkFixture.notFound()));
    }

    @Test
    @Tag("slow")
    void a_report_that_loses_its_connection_half_way_repeats_nothing() throws Exception {
        try (TestDatabase test = TestDatabase.create(Kind.POSTGRESQL)) {
            Database database = test.open();
            RunStore runStore = test.closing(new RunStore(database, clock));
            long run = ((RunLease.Granted) runStore.claim("file", "keys.csv", "hash", 5))
                    .run()
                    .id();
            List<KeyEntry> entries = new ArrayList<>();
            for (int line = 1; line <= 3_000; line++) {
                entries.add(new KeyEntry.Valid(line, ChunkFixture.key(line)));
            }
            new ChunkStore(database, runStore, clock)
                    .commit(new EnrichedChunk(
                            new RunChunk(run, 0, entries, 0), Collections.nCopies(3_000, ChunkFixture.notFound())));

            List<String> positions = new ArrayList<>();
            runStore.audit().deadLetters(run, letter -> {
                positions.add(letter.position());
                if (positions.size() == 500) {
                    test.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
                }
            });

            assertThat(positions).hasSize(3_000).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @EnumSource
    void two_processes_that_write_the_same_keys_in_opposite_order_both_end(Kind kind) throws Exception {
        int chunks = 12;
        try (TestDatabase test = TestDatabase.create(kind)) {
            ExecutorService writers = Executors.newFixedThreadPool(4);
            List<RunStore> ledgers = new ArrayList<>();
            List<Long> runs = new ArrayList<>();
            List<Future<?>> commits = new ArrayList<>();
            for (int process = 0; process < 2; process++) {
                Database database = test.open();
                RunStore runStore = test.closing(new RunStore(database, clock));
                ChunkStore store = new ChunkStore(database, runStore, clock);
                long run = ((RunLease.Granted) runStore.claim("file", process + ".csv", "hash", 50))
                        .run()
                        .id();
                ledgers.add(runStore);
                runs.add(run);
                boolean backwards = process == 1;
                for (int i = 0; i < chunks; i++) {
                    int number = i;
                    commits.add(writers.submit(() -> store.commit(overlapping(run, number, backwards))));
                }
            }
            writers.shutdown();
            for (Future<?> commit : commits) {
                commit.get(60, TimeUnit.SECONDS);
            }
            for (int process = 0; process < 2; process++) {
                assertThat(ledgers.get(process)
                                .finish(runs.get(process), chunks * 50)
                                .isReconciled())
                        .isTrue();
            }
            assertThat(test.count("contact")).isEqualTo(50);
        }
    }

    /** Always the same 50 keys. */
    private static EnrichedChunk overlapping(long run, int number, boolean backwards) {
        EnrichedChunk chunk = ChunkFixture.found(run, number, 0, 50);
        List<KeyEntry> entries = new ArrayList<>(chunk.chunk().entries());
        List<Outcome> outcomes = new ArrayList<>(chunk.outcomes());
        if (backwards) {
            Collections.reverse(entries);
            Collections.reverse(outcomes);
        }
        return new EnrichedChunk(new RunChunk(run, number, entries, 0), outcomes);
    }
}
