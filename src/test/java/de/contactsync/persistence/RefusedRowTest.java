package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.contactsync.CapturedLog;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contacts that the database refuses for what is in them, among others that it takes. */
@ParameterizedClass
@EachDatabase
class RefusedRowTest {

    private static final String LETTERS = "SELECT position, stage, reason, attempts, state FROM dead_letter"
            + " WHERE stage = 'sink:database' ORDER BY CAST(position AS BIGINT)";
    private static final String STORED = "SELECT last_name FROM contact ORDER BY customer_id";

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
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

    /** Keys 0, 1, 2 …, at the lines 1, 2, 3 …, all found. */
    private EnrichedChunk named(int number, String... lastNames) {
        return named(number, 0, lastNames);
    }

    private EnrichedChunk named(int number, long askedAt, String... lastNames) {
        List<KeyEntry> entries = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < lastNames.length; i++) {
            entries.add(new KeyEntry.Valid(i + 1, ChunkFixture.key(i)));
            outcomes.add(new Outcome.Found(ChunkFixture.named(lastNames[i]), askedAt));
        }
        return new EnrichedChunk(new RunChunk(run, number, entries, 0), outcomes);
    }

    /** SQLite cannot add a constraint to a table that is there. */
    private void addCheck(String table, String name, String condition) {
        if (kind == TestDatabase.Kind.POSTGRESQL) {
            test.execute("ALTER TABLE " + table + " ADD CONSTRAINT " + name + " CHECK (" + condition + ")");
            return;
        }
        String made = test.one("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '" + table + "'");
        String indices = String.join(
                ";",
                test.rows("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '"
                        + table + "'"));
        test.execute("DROP TABLE " + table);
        test.execute(made.substring(0, made.lastIndexOf(')')) + ", CONSTRAINT " + name + " CHECK (" + condition + "))");
        for (String index : indices.isEmpty() ? new String[0] : indices.split(";")) {
            test.execute(index);
        }
    }

    private void addTrigger(String condition, String raise, String raiseOnPostgresql) {
        if (kind == TestDatabase.Kind.SQLITE) {
            test.execute("CREATE TRIGGER guard BEFORE INSERT ON contact WHEN " + condition + " BEGIN SELECT " + raise
                    + "; END");
            return;
        }
        test.execute("CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF " + condition + " THEN "
                + raiseOnPostgresql + "; END IF; RETURN NEW; END $$");
        test.execute("CREATE TRIGGER guard BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION guard()");
    }

    private String message() {
        return test.one("SELECT error_message FROM dead_letter WHERE stage = 'sink:database'");
    }

    @Test
    void only_the_row_violating_a_constraint_is_a_dead_letter_that_names_it() {
        addCheck("contact", "no_geheim", "last_name <> 'Geheim'");

        store.commit(named(0, "Adam", "Geheim", "Berg"));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(test.rows(LETTERS)).containsExactly("2|sink:database|sink-rejected|1|open");
        assertThat(test.one("SELECT contact_id FROM dead_letter"))
                .isEqualTo(ChunkFixture.key(1).contactId().toString());
        assertThat(message()).contains("no_geheim", "import the key again").doesNotContain("Geheim", "example.org");
        assertThat(runs.find(run).totals(3)).isEqualTo(new RunTotals(3, 2, 0, 0, 0, 1, 0));
        assertThat(runs.finish(run, 3).isReconciled()).isTrue();
    }

    /** The constraint looks at the row although it would not be written. */
    @Test
    void an_earlier_answer_that_would_be_refused_is_no_dead_letter() {
        addCheck("contact", "no_geheim", "last_name <> 'Geheim'");
        store.commit(named(0, 20, "Adam"));

        store.commit(named(1, 10, "Geheim"));

        assertThat(test.rows(STORED)).containsExactly("Adam");
        assertThat(test.rows(LETTERS)).isEmpty();
        assertThat(runs.find(run).totals(2)).isEqualTo(new RunTotals(2, 2, 0, 0, 0, 0, 0));
    }

    @Test
    void among_all_other_outcomes_the_sum_is_right_and_writing_again_changes_nothing() {
        addCheck("contact", "no_gross", "last_name <> 'Groß'");

        store.commit(ChunkFixture.mixed(run, 0));
        List<String> once = test.everything();
        store.commit(ChunkFixture.mixed(run, 0));

        assertThat(test.everything()).isEqualTo(once);
        assertThat(test.rows(STORED)).containsExactly("Klein");
        assertThat(runs.find(run).totals()).isEqualTo(new RunTotals(10, 1, 1, 1, 1, 3, 3));
    }

    @Test
    void what_a_trigger_says_of_the_row_is_not_kept() {
        addTrigger(
                "NEW.last_name = 'Geheim'",
                "RAISE(ABORT, 'not ' || NEW.last_name)",
                "RAISE EXCEPTION 'not %', NEW.last_name");

        store.commit(named(0, "Geheim", "Adam"));

        assertThat(test.rows(STORED)).containsExactly("Adam");
        assertThat(test.rows(LETTERS)).containsExactly("1|sink:database|sink-rejected|1|open");
        assertThat(message()).contains("a trigger").doesNotContain("Geheim");
    }

    /** Taken for a failure of the database, one row halted its whole file. */
    @ParameterizedTest
    @ValueSource(strings = {"DG001", "XT000", "55000", "40001", "42501", "P0001", "23514"})
    void a_trigger_with_an_error_code_of_its_own_rejects_its_row_only(String code) {
        assumeTrue(kind == TestDatabase.Kind.POSTGRESQL, "SQLite's triggers have no codes");
        addTrigger(
                "NEW.last_name = 'Geheim'",
                null,
                "RAISE EXCEPTION 'not %', NEW.last_name USING ERRCODE = '" + code + "'");

        store.commit(named(0, "Adam", "Geheim", "Berg"));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(test.rows(LETTERS)).containsExactly("2|sink:database|sink-rejected|1|open");
        assertThat(message()).contains(code).doesNotContain("Geheim");
    }

    /** The pool once logged what a trigger said of a contact, where its code is one of broken connections. */
    @ParameterizedTest
    @ValueSource(strings = {"0A000", "08006", "57P01"})
    void what_a_trigger_says_of_a_row_is_not_logged(String code) {
        assumeTrue(kind == TestDatabase.Kind.POSTGRESQL, "SQLite's triggers have no codes");
        addTrigger(
                "NEW.last_name = 'Geheim'",
                null,
                "RAISE EXCEPTION 'not %', NEW.last_name USING ERRCODE = '" + code + "'");

        try (CapturedLog log = new CapturedLog("com.zaxxer.hikari")) {
            store.commit(named(0, "Adam", "Geheim", "Berg"));
            assertThat(log.lines()).noneMatch(line -> line.contains("Geheim"));
        }

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(message()).contains(code).doesNotContain("Geheim");
    }

    /** Of tables that have no dead letters of their own. */
    @Test
    void what_a_trigger_of_another_table_says_stops_the_work_and_is_not_repeated() {
        test.execute(
                kind == TestDatabase.Kind.SQLITE
                        ? "CREATE TRIGGER guard BEFORE INSERT ON dead_letter BEGIN SELECT"
                                + " RAISE(ABORT, 'not Geheim'); END"
                        : "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                                + " RAISE EXCEPTION 'not Geheim'; END $$");
        if (kind == TestDatabase.Kind.POSTGRESQL) {
            test.execute("CREATE TRIGGER guard BEFORE INSERT ON dead_letter FOR EACH ROW EXECUTE FUNCTION guard()");
        }

        assertThatThrownBy(() -> store.commit(ChunkFixture.mixed(run, 0)))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("a trigger")
                .hasMessageNotContaining("Geheim");
    }

    @Test
    void of_two_rows_that_exclude_each_other_one_is_stored() {
        test.execute("CREATE UNIQUE INDEX one_of_a_name ON contact (last_name)");

        store.commit(named(0, "Adam", "Berg", "Adam", "Cohn"));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg", "Cohn");
        assertThat(test.rows(LETTERS)).containsExactly("3|sink:database|sink-rejected|1|open");
        assertThat(message()).contains(kind == TestDatabase.Kind.SQLITE ? "contact.last_name" : "one_of_a_name");
    }

    @Test
    void a_contact_that_was_stored_before_stays_as_it_was() {
        store.commit(named(0, "Adam"));
        addTrigger("NEW.last_name = 'Berg'", "RAISE(ABORT, 'no')", "RAISE EXCEPTION 'no'");

        store.commit(named(1, "Berg"));

        assertThat(test.rows(STORED)).containsExactly("Adam");
        assertThat(runs.find(run).totals()).isEqualTo(new RunTotals(2, 1, 0, 0, 0, 1, 0));
    }

    @Test
    void a_key_that_comes_twice_is_refused_at_both_places() {
        addCheck("contact", "nobody", "last_name IS NULL");
        KeyEntry first = new KeyEntry.Valid(1, ChunkFixture.key(1));
        KeyEntry second = new KeyEntry.Valid(2, ChunkFixture.key(1));

        store.commit(new EnrichedChunk(
                new RunChunk(run, 0, List.of(first, second), 0),
                List.of(
                        new Outcome.Found(ChunkFixture.named("early")),
                        new Outcome.Found(ChunkFixture.named("late")))));

        assertThat(test.rows("SELECT position FROM dead_letter ORDER BY position"))
                .containsExactly("1", "2");
        assertThat(runs.finish(run, 2).totals()).isEqualTo(new RunTotals(2, 0, 0, 0, 0, 2, 0));
    }

    @Test
    void text_that_does_not_fit_or_cannot_be_encoded_is_refused_alone() {
        assumeTrue(kind == TestDatabase.Kind.POSTGRESQL, "SQLite takes any text");
        test.execute("ALTER TABLE contact ALTER COLUMN last_name TYPE VARCHAR(10)");

        store.commit(named(0, "Adam", "Hohenzollern", "Nul\u0000l", "Berg"));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(test.rows("SELECT position FROM dead_letter ORDER BY position"))
                .containsExactly("2", "3");
        assertThat(test.rows("SELECT error_message FROM dead_letter ORDER BY position"))
                .satisfiesExactly(
                        message ->
                                assertThat(message).contains("SQLState 22001").doesNotContain("Hohenzollern"),
                        message ->
                                assertThat(message).contains("SQLState 22021").doesNotContain("Nul"));
    }

    @Test
    void a_dead_letter_that_is_refused_halts_and_nothing_is_written() {
        addCheck("dead_letter", "none", "stage = 'nowhere'");

        assertThatThrownBy(() -> store.commit(ChunkFixture.mixed(run, 0)))
                .isInstanceOf(ProcessingHaltedException.class);

        assertThat(test.count("contact")).isZero();
        assertThat(runs.find(run).done()).isZero();
    }

    @Test
    void a_column_that_is_missing_halts_because_it_concerns_every_contact() {
        test.execute("ALTER TABLE contact RENAME COLUMN fax TO telefax");

        assertThatThrownBy(() -> store.commit(named(0, "Adam"))).isInstanceOf(ProcessingHaltedException.class);

        assertThat(test.count("dead_letter")).isZero();
    }

    /** The caller of each was told that it is stored. */
    @Test
    void a_row_that_a_trigger_swallows_is_a_dead_letter_and_not_stored() {
        if (kind == TestDatabase.Kind.SQLITE) {
            addTrigger("NEW.last_name = 'Adam'", "RAISE(IGNORE)", null);
        } else {
            addTrigger("NEW.last_name = 'Adam'", null, "RETURN NULL");
        }

        EnrichedChunk end = store.commit(named(0, "Berg", "Adam", "Cohn"));

        assertThat(end.outcomes().get(1)).isInstanceOf(Outcome.Failed.class);
        assertThat(test.rows(STORED)).containsExactly("Berg", "Cohn");
        assertThat(test.rows(LETTERS)).containsExactly("2|sink:database|sink-rejected|1|open");
        assertThat(message()).contains("did not write it", "trigger");
        assertThat(runs.find(run).totals()).isEqualTo(new RunTotals(3, 2, 0, 0, 0, 1, 0));
        assertThat(runs.finish(run, 3).isReconciled()).isTrue();
    }

    @Test
    void an_update_that_a_trigger_swallows_is_a_dead_letter_beside_one_that_is_refused() {
        store.commit(named(0, "Adam", "Berg"));
        if (kind == TestDatabase.Kind.SQLITE) {
            test.execute("CREATE TRIGGER keep BEFORE UPDATE ON contact BEGIN SELECT CASE NEW.last_name"
                    + " WHEN 'Cohn' THEN RAISE(IGNORE) WHEN 'Dorn' THEN RAISE(ABORT, 'no') END; END");
        } else {
            test.execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " IF NEW.last_name = 'Dorn' THEN RAISE EXCEPTION 'no'; END IF;"
                    + " IF NEW.last_name = 'Cohn' THEN RETURN NULL; END IF; RETURN NEW; END $$");
            test.execute("CREATE TRIGGER keep BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION keep()");
        }
        List<Outcome> later = List.of(
                new Outcome.Found(ChunkFixture.named("Cohn"), 7), new Outcome.Found(ChunkFixture.named("Dorn"), 7));

        store.commit(new EnrichedChunk(named(1, "Cohn", "Dorn").chunk(), later));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(test.rows(LETTERS))
                .containsExactly("1|sink:database|sink-rejected|1|open", "2|sink:database|sink-rejected|1|open");
    }

    /** Found only when the transaction commits, such a row once stopped its whole chunk. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON contact DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION late()",
                "ALTER TABLE contact ADD CONSTRAINT late FOREIGN KEY (last_name) REFERENCES known (name)"
                        + " DEFERRABLE INITIALLY DEFERRED",
                "ALTER TABLE contact ADD CONSTRAINT late UNIQUE (honorific) DEFERRABLE INITIALLY DEFERRED"
            })
    void a_row_refused_at_the_commit_becomes_a_dead_letter_and_fails_no_other(String late) {
        assumeTrue(kind == TestDatabase.Kind.POSTGRESQL, "SQLite looks at a row when it is written");
        test.execute("CREATE TABLE known (name text PRIMARY KEY)");
        test.execute("INSERT INTO known VALUES ('Adam'), ('Berg')");
        test.execute("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF NEW.last_name = 'Geheim' THEN RAISE EXCEPTION 'not %', NEW.last_name; END IF;"
                + " RETURN NULL; END $$");
        boolean unique = late.contains("UNIQUE");
        if (unique) {
            test.execute("CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.honorific :="
                    + " CASE NEW.last_name WHEN 'Geheim' THEN 'Adam' ELSE NEW.last_name END; RETURN NEW; END $$");
            test.execute("CREATE TRIGGER same BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION same()");
        }
        test.execute(late);

        store.commit(named(0, "Adam", "Geheim", "Berg"));

        assertThat(test.rows(STORED)).containsExactly("Adam", "Berg");
        assertThat(test.rows(LETTERS)).containsExactly("2|sink:database|sink-rejected|1|open");
        assertThat(message()).doesNotContain("Geheim");
        assertThat(runs.finish(run, 3).isReconciled()).isTrue();
    }
}
