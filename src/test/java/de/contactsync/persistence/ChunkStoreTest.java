package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EachDatabase
class ChunkStoreTest {

    private static final String TIMES = "SELECT first_seen_at, changed_at, enriched_at FROM contact";

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
    private TestDatabase test;
    private ChunkStore store;
    private RunStore runs;
    private long run;

    @BeforeEach
    void begin_a_run() {
        test = TestDatabase.create(kind);
        Database database = test.open();
        runs = test.closing(new RunStore(database, clock));
        store = new ChunkStore(database, runs, clock);
        run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    @Test
    void a_chunk_writes_its_contacts_dead_letters_and_progress() {
        store.commit(ChunkFixture.mixed(run, 0));

        assertThat(test.rows("SELECT tenant_id, customer_id, contact_id, department, honorific, first_name, last_name,"
                        + " fax FROM contact ORDER BY last_name"))
                .containsExactly(
                        ChunkFixture.TENANT
                                + "|00000000-0000-00c0-0000-000000000001|ffff0000-0000-0000-0000-000000000001"
                                + "|∅||Jörg|Groß|∅",
                        ChunkFixture.TENANT
                                + "|00000000-0000-00c0-0000-000000000006|ffff0000-0000-0000-0000-000000000006"
                                + "|∅||Jörg|Klein|∅");
        assertThat(test.rows("SELECT source, run_id, position, tenant_id, substr(CAST(contact_id AS TEXT), 36),"
                        + " raw_key, stage, reason, http_status, error_code, error_message, errors, attempts, state"
                        + " FROM dead_letter ORDER BY id"))
                .containsExactly(
                        letter("2", "2|∅|jtl|not-found|404|NotFound|no such contact|∅|1"),
                        letter("3", "3|∅|jtl|rejected|400|Bad|refused|{\"customerId\":[\"no\"]}|1"),
                        letter("4", "4|∅|jtl|contract-violation|∅|∅|another id|∅|2"),
                        letter("5", "5|∅|jtl|retries-exhausted|503|∅|busy|∅|5"),
                        "file|" + run + "|7|∅|∅|x;ü;\uD83D\uDE80|key|invalid-key|∅|∅|customerId is \"x\"|∅|0|open");
        assertThat(runs.find(run))
                .isEqualTo(new Run(
                        run,
                        "file",
                        "keys.csv",
                        "hash",
                        500,
                        null,
                        10,
                        2,
                        1,
                        1,
                        1,
                        2,
                        3,
                        Run.State.RUNNING,
                        null,
                        null));
    }

    @Test
    void what_is_committed_is_counted_once_and_what_is_not_is_not() {
        test.execute("ALTER TABLE contact RENAME TO away");
        assertThatThrownBy(() -> store.commit(ChunkFixture.mixed(run, 0)))
                .isInstanceOf(ProcessingHaltedException.class);
        assertThat(store.committed()).isEqualTo(RunTotals.EMPTY);
        test.execute("ALTER TABLE away RENAME TO contact");

        store.commit(ChunkFixture.mixed(run, 0));
        store.commit(ChunkFixture.mixed(run, 0));

        assertThat(store.committed()).isEqualTo(new RunTotals(10, 2, 1, 1, 1, 2, 3));
        store.commit(ChunkFixture.found(run, 1, 20, 5));
        assertThat(store.committed()).isEqualTo(new RunTotals(15, 7, 1, 1, 1, 2, 3));
    }

    private String letter(String position, String rest) {
        return "file|" + run + "|" + position + "|" + ChunkFixture.TENANT + "|" + rest + "|open";
    }

    @ParameterizedTest
    @ValueSource(strings = {"contact", "dead_letter", "run_chunk"})
    void when_one_table_cannot_be_written_nothing_is(String table) {
        test.execute("ALTER TABLE " + table + " RENAME TO away");

        assertThatThrownBy(() -> store.commit(ChunkFixture.mixed(run, 0)))
                .isInstanceOf(ProcessingHaltedException.class);

        test.execute("ALTER TABLE away RENAME TO " + table);
        assertThat(test.everything()).hasSize(1);
        assertThat(runs.find(run).done()).isZero();
        store.commit(ChunkFixture.mixed(run, 0));
        assertThat(runs.find(run).done()).isEqualTo(10);
    }

    @Test
    void when_progress_cannot_be_written_nothing_is() {
        test.execute("UPDATE import_run SET state = 'halted'");

        assertThatThrownBy(() -> store.commit(ChunkFixture.mixed(run, 0))).isInstanceOf(RunLostException.class);

        assertThat(test.everything()).hasSize(1);
        assertThat(runs.find(run).done()).isZero();
    }

    @Test
    void committing_a_chunk_twice_changes_nothing() {
        store.commit(ChunkFixture.mixed(run, 0));
        List<String> once = test.everything();

        clock.advance(Duration.ofHours(1));
        store.commit(ChunkFixture.mixed(run, 0));

        assertThat(test.everything()).isEqualTo(once);
    }

    @Test
    void changed_at_moves_only_when_a_field_does() {
        ContactKey key = ChunkFixture.key(1);
        store.commit(ChunkFixture.found(run, 0, key, ChunkFixture.named("Meier")));
        String first = test.one("SELECT enriched_at FROM contact");

        clock.advance(Duration.ofDays(1));
        store.commit(ChunkFixture.found(run, 1, key, ChunkFixture.named("Meier")));
        String second = test.one("SELECT enriched_at FROM contact");
        assertThat(test.one(TIMES))
                .isEqualTo(first + "|" + first + "|" + second)
                .isNotEqualTo(first);

        clock.advance(Duration.ofDays(1));
        store.commit(ChunkFixture.found(run, 2, key, ChunkFixture.named("Meyer")));
        String third = test.one("SELECT enriched_at FROM contact");
        assertThat(test.one(TIMES)).isEqualTo(first + "|" + third + "|" + third);
        assertThat(List.of(first, second, third)).doesNotHaveDuplicates().isSorted();
        assertThat(test.one("SELECT last_name FROM contact")).isEqualTo("Meyer");
    }

    @Test
    void null_and_empty_are_kept_apart_and_one_becoming_the_other_is_a_change() {
        ContactKey key = ChunkFixture.key(1);
        store.commit(ChunkFixture.found(run, 0, key, new CustomerContact(null, "", null, "", null, "", null, "")));
        assertThat(fields()).isEqualTo("∅||∅||∅||∅|");

        clock.advance(Duration.ofDays(1));
        store.commit(ChunkFixture.found(run, 1, key, new CustomerContact("", null, "", null, "", null, "", null)));
        assertThat(fields()).isEqualTo("|∅||∅||∅||∅");
        assertThat(test.one("SELECT changed_at = enriched_at AND changed_at > first_seen_at FROM contact"))
                .isIn("1", "t");
    }

    private String fields() {
        return test.one("SELECT department, honorific, first_name, last_name, phone_number, mobile_phone_number,"
                + " email_address, fax FROM contact");
    }

    @Test
    void every_text_comes_back_as_it_was() {
        List<String> texts = List.of(
                "Änne Größe-Çağlar",
                "李小龍",
                "\uD83D\uDC69\u200D\uD83D\uDE80 \uD840\uDC00",
                "e\u0301",
                "a\u0301\uFEFF",
                "'; DROP TABLE contact; --",
                "\\x00 \\ % _ \" ' `",
                "{\"json\":[1]}",
                "line\r\nline\ttab\u0001\u007F",
                "${env:HOME} {{env:HOME}}",
                " blanks around ",
                "ß".repeat(300_000));
        List<KeyEntry> entries = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (String text : texts) {
            entries.add(new KeyEntry.Valid(entries.size() + 1, ChunkFixture.key(entries.size())));
            outcomes.add(new Outcome.Found(new CustomerContact(text, text, text, text, text, text, text, text)));
        }
        store.commit(new EnrichedChunk(new RunChunk(run, 0, entries, 0), outcomes));

        assertThat(test.rows("SELECT last_name FROM contact ORDER BY customer_id"))
                .isEqualTo(texts);
        assertThat(test.count("contact WHERE department = last_name AND fax = department"))
                .isEqualTo(texts.size());
    }

    @Test
    void uuids_of_any_bits_are_distinguished() {
        UUID zero = new UUID(0, 0);
        UUID ones = new UUID(-1, -1);
        List<ContactKey> keys = List.of(
                new ContactKey(zero, zero, zero),
                new ContactKey(ones, ones, ones),
                new ContactKey(zero, zero, ones),
                new ContactKey(zero, ones, zero),
                new ContactKey(ones, zero, zero));
        for (int i = 0; i < keys.size(); i++) {
            store.commit(ChunkFixture.found(run, i, keys.get(i), ChunkFixture.named("n" + i)));
        }

        assertThat(test.rows("SELECT tenant_id, customer_id, contact_id FROM contact ORDER BY last_name"))
                .isEqualTo(keys.stream()
                        .map(key -> key.tenantId() + "|" + key.customerId() + "|" + key.contactId())
                        .toList());
    }

    @Test
    void a_key_that_comes_twice_in_one_chunk_is_stored_as_it_came_last() {
        KeyEntry first = new KeyEntry.Valid(1, ChunkFixture.key(1));
        KeyEntry second = new KeyEntry.Valid(2, ChunkFixture.key(1));
        store.commit(new EnrichedChunk(
                new RunChunk(run, 0, List.of(first, second), 0),
                List.of(
                        new Outcome.Found(ChunkFixture.named("early")),
                        new Outcome.Found(ChunkFixture.named("late")))));

        assertThat(test.one("SELECT last_name FROM contact")).isEqualTo("late");
        assertThat(runs.find(run).stored()).isEqualTo(2);
    }

    @Test
    void whoever_got_a_chunk_handed_over_commits_it_in_the_name_of_the_run() {
        test.execute("UPDATE import_run SET owner = 'elsewhere/1/2', heartbeat = 7");
        EnrichedChunk chunk = ChunkFixture.mixed(run, 0);
        assertThat(store.isPending(chunk.chunk())).isTrue();

        store.commitDispatched(chunk);

        assertThat(store.isPending(chunk.chunk())).isFalse();
        assertThat(test.one("SELECT owner, heartbeat, done, stored FROM import_run"))
                .as("the heartbeat tells of the owner alone")
                .isEqualTo("elsewhere/1/2|7|10|2");
        List<String> once = test.everything();
        store.commitDispatched(chunk);
        assertThat(test.everything()).isEqualTo(once);
    }

    @Test
    void a_chunk_that_was_handed_over_counts_for_a_run_that_has_halted_meanwhile() {
        test.execute("UPDATE import_run SET owner = 'elsewhere/1/2', state = 'halted'");

        store.commitDispatched(ChunkFixture.mixed(run, 0));

        assertThat(runs.find(run).done()).isEqualTo(10);
    }

    @Test
    void a_chunk_that_comes_again_when_its_run_is_over_changes_nothing() {
        store.commit(ChunkFixture.mixed(run, 0));
        runs.finish(run, 10);
        runs.close(run);
        List<String> over = test.everything();
        assertThat(store.isPending(ChunkFixture.mixed(run, 0).chunk())).isFalse();

        store.commitDispatched(ChunkFixture.mixed(run, 0));

        assertThat(test.everything()).isEqualTo(over);
    }

    /** Once, its letters were written as open ones of a run that nobody goes on with. */
    @Test
    void a_chunk_that_was_handed_over_changes_nothing_once_its_run_is_superseded() {
        runs.supersede(run, "its file was replaced");
        List<String> over = test.everything();
        assertThat(store.isPending(ChunkFixture.mixed(run, 0).chunk())).isFalse();

        store.commitDispatched(ChunkFixture.mixed(run, 0));

        assertThat(test.everything()).isEqualTo(over);
    }

    @Test
    void a_chunk_of_a_run_that_another_database_holds_is_not_taken_for_done() {
        List<String> before = test.everything();
        EnrichedChunk stranger = ChunkFixture.mixed(run + 1, 0);

        assertThatThrownBy(() -> store.isPending(stranger.chunk()))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.database.url");

        store.commitDispatched(stranger);
        assertThat(test.everything()).isEqualTo(before);
    }
}
