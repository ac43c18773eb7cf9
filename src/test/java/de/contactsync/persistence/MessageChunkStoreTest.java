package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

/** Chunks of messages: no run stands behind them, and each may come again. */
@ParameterizedClass
@EachDatabase
class MessageChunkStoreTest {

    private static final String LETTERS = "SELECT source, run_id, position, stage, reason, http_status, attempts, state"
            + " FROM dead_letter ORDER BY position, stage";
    private static final KeyEntry NO_KEY = new KeyEntry.Invalid(1, "4711", "customerId is missing");

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private TestDatabase test;
    private ChunkStore store;

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        Database database = test.open();
        store = new ChunkStore(database, test.closing(new RunStore(database, clock)), clock);
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private static KeyEntry key(int number) {
        return new KeyEntry.Valid(1, ChunkFixture.key(number));
    }

    private static EnrichedChunk of(String source, List<KeyEntry> entries, List<String> ids, List<Outcome> outcomes) {
        return new EnrichedChunk(new MessageChunk(source, entries, ids), outcomes);
    }

    private static EnrichedChunk three() {
        return of(
                "queue",
                List.of(key(1), key(2), NO_KEY),
                List.of("ID:1", "ID:2#1", "ID:2#2"),
                List.of(
                        new Outcome.Found(ChunkFixture.named("Groß")),
                        ChunkFixture.notFound(),
                        ChunkFixture.invalid("customerId is missing")));
    }

    @Test
    void a_dead_letter_bears_the_id_of_its_message_and_belongs_to_no_run() {
        store.commit(three());

        assertThat(test.rows("SELECT last_name FROM contact")).containsExactly("Groß");
        assertThat(test.rows(LETTERS))
                .containsExactly("queue|∅|ID:2#1|jtl|not-found|404|1|open", "queue|∅|ID:2#2|key|invalid-key|∅|0|open");
        assertThat(test.rows("SELECT raw_key FROM dead_letter WHERE stage = 'key'"))
                .containsExactly("4711");
        assertThat(test.count("import_run") + test.count("run_chunk")).isZero();
        assertThat(store.committed()).isEqualTo(new RunTotals(3, 1, 1, 0, 1, 0, 0));
    }

    @Test
    void the_same_messages_again_give_the_same_rows() {
        store.commit(three());
        clock.advance(Duration.ofMinutes(1));
        store.commit(three());

        assertThat(test.count("contact")).isEqualTo(1);
        assertThat(test.rows(LETTERS)).hasSize(2);
        assertThat(test.rows("SELECT count(*) FROM dead_letter WHERE first_failed_at < last_failed_at"))
                .containsExactly("2");
    }

    @Test
    void a_message_failing_differently_the_second_time_is_one_dead_letter_with_the_latest() {
        KeyEntry key = key(1);
        store.commit(of(
                "queue",
                List.of(key),
                List.of("ID:1"),
                List.of(new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 503, null, "busy", null, 5))));
        store.commit(of("queue", List.of(key), List.of("ID:1"), List.of(ChunkFixture.notFound())));

        assertThat(test.rows(LETTERS)).containsExactly("queue|∅|ID:1|jtl|not-found|404|1|open");
    }

    @Test
    void twice_within_one_chunk_is_one_dead_letter_too() {
        store.commit(of(
                "queue",
                List.of(NO_KEY, NO_KEY),
                List.of("ID:1", "ID:1"),
                List.of(ChunkFixture.invalid("no"), ChunkFixture.invalid("no"))));
        store.commit(of(
                "queue",
                List.of(key(1), key(1)),
                List.of("ID:2", "ID:3"),
                List.of(new Outcome.Found(ChunkFixture.named("Groß")), new Outcome.Found(ChunkFixture.named("Groß")))));

        assertThat(test.rows(LETTERS)).containsExactly("queue|∅|ID:1|key|invalid-key|∅|0|open");
        assertThat(test.count("contact")).isEqualTo(1);
    }

    @Test
    void the_same_id_from_another_broker_is_another_message() {
        store.commit(of("queue", List.of(NO_KEY), List.of("7"), List.of(ChunkFixture.invalid("no"))));
        store.commit(of("kafka", List.of(NO_KEY), List.of("7"), List.of(ChunkFixture.invalid("no"))));

        assertThat(test.rows(LETTERS))
                .containsExactlyInAnyOrder("queue|∅|7|key|invalid-key|∅|0|open", "kafka|∅|7|key|invalid-key|∅|0|open");
    }

    @Test
    void the_dead_letters_of_files_are_not_held_against_each_other() {
        RunStore runs = test.closing(new RunStore(test.open(), clock));
        ChunkStore files = new ChunkStore(test.open(), runs, clock);
        for (String hash : List.of("one", "two")) {
            long run = ((RunLease.Granted) runs.claim("file", hash, hash, 500))
                    .run()
                    .id();
            files.commit(ChunkFixture.mixed(run, 0));
        }
        assertThat(test.count("dead_letter")).isEqualTo(2 * 5);
    }

    @Test
    void a_contact_that_the_database_refuses_affects_no_other_message() {
        if (kind == TestDatabase.Kind.SQLITE) {
            test.execute("CREATE TRIGGER refused BEFORE INSERT ON contact WHEN NEW.last_name = 'Geheim'"
                    + " BEGIN SELECT RAISE(ABORT, 'no'); END");
        } else {
            test.execute("ALTER TABLE contact ADD CONSTRAINT refused CHECK (last_name <> 'Geheim')");
        }
        EnrichedChunk chunk = of(
                "queue",
                List.of(key(1), key(2), key(3)),
                List.of("ID:1", "ID:2", "ID:3"),
                List.of(
                        new Outcome.Found(ChunkFixture.named("Adam")),
                        new Outcome.Found(ChunkFixture.named("Geheim")),
                        ChunkFixture.notFound()));

        EnrichedChunk written = store.commit(chunk);
        store.commit(chunk);

        assertThat(test.rows("SELECT last_name FROM contact")).containsExactly("Adam");
        assertThat(test.rows(LETTERS))
                .containsExactly(
                        "queue|∅|ID:2|sink:database|sink-rejected|∅|1|open", "queue|∅|ID:3|jtl|not-found|404|1|open");
        assertThat(written.outcomes().get(0)).isInstanceOf(Outcome.Found.class);
        assertThat(written.outcomes().get(1))
                .as("what is passed on and replied")
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(Reason.SINK_REJECTED));
    }

    @Test
    void when_one_table_cannot_be_written_nothing_is() {
        test.execute("ALTER TABLE dead_letter RENAME TO away");
        assertThatThrownBy(() -> store.commit(three())).isInstanceOf(ProcessingHaltedException.class);
        assertThat(test.count("contact")).isZero();
    }
}
