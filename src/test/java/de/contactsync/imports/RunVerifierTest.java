package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.RunTotals;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which file and tables may disagree, done by hand. */
class RunVerifierTest {

    /** Lines 2 to 9: two that are stored, two that are not found, one that is not a valid key, and three duplicates. */
    private static final String KEYS = ImportFixture.csv(1, 2, 1, 901, 902) + "no key\n" + ImportFixture.line(901)
            + "\n"
            + ImportFixture.line(2) + "\n";

    private static final RunTotals ACCOUNT = new RunTotals(8, 2, 2, 0, 1, 0, 3);

    @TempDir
    Path inbox;

    private ImportFixture fixture;
    private Path file;

    @BeforeEach
    void open() throws Exception {
        fixture = new ImportFixture(inbox, 3, ImportFixture.TENANT);
        file = fixture.drop("keys.csv", KEYS);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private VerificationResult verified(Path given) throws Exception {
        return new RunVerifier(fixture.runStore.audit(), TenantNames.only(ImportFixture.TENANT)).verify(given);
    }

    private List<String> problems() throws Exception {
        return ((VerificationResult.Compared) verified(file)).problems();
    }

    private static String named(int line, int number) {
        return "line " + line + " (" + ImportFixture.customer(number) + "/" + ImportFixture.contact(number) + ")";
    }

    @Test
    void a_finished_import_is_proved_and_nothing_is_changed_by_it() throws Exception {
        fixture.runStore.close(fixture.pass(file).run().id());
        List<String> before = fixture.test.everything();

        VerificationResult.Compared compared = (VerificationResult.Compared) verified(file);

        assertThat(compared.totals()).isEqualTo(ACCOUNT);
        assertThat(compared.totals())
                .hasToString("accepted 8 = 2 stored + 2 not found + 0 rejected + 1 invalid"
                        + " + 0 failed + 3 duplicates, lost 0");
        assertThat(compared.problems()).isEmpty();
        assertThat(fixture.test.everything()).isEqualTo(before);
    }

    @Test
    void a_file_that_lies_elsewhere_under_another_name_is_known_by_its_content() throws Exception {
        fixture.after.finalizeRun(fixture.pass(file));
        Path moved = Files.move(inbox.resolve(".done/keys.csv"), inbox.resolve(".done/march.txt"));

        assertThat(verified(moved)).isInstanceOfSatisfying(VerificationResult.Compared.class, compared -> {
            assertThat(compared.problems()).isEmpty();
            assertThat(compared.totals()).isEqualTo(ACCOUNT);
        });
        Path strange = Files.move(moved, inbox.resolve(".done/march.bak"));
        assertThat(verified(strange))
                .isInstanceOfSatisfying(
                        VerificationResult.NotYet.class,
                        notYet -> assertThat(notYet.why()).contains("the extension of", ".csv"));
    }

    @Test
    void a_contact_that_is_gone_is_named() throws Exception {
        fixture.pass(file);
        fixture.test.execute("DELETE FROM contact WHERE contact_id = '" + ImportFixture.contact(2) + "'");

        assertThat(problems())
                .containsExactly(
                        "neither a contact nor a dead letter: " + named(3, 2),
                        "the counters of run 1 in import_run differ: " + ACCOUNT);
    }

    @Test
    void dead_letters_that_are_gone_are_named_and_a_bad_line_only_by_its_number() throws Exception {
        fixture.pass(file);
        fixture.test.execute("DELETE FROM dead_letter WHERE position IN ('5', '7')");

        assertThat(problems())
                .first()
                .isEqualTo("neither a contact nor a dead letter: " + named(5, 901) + ", line 7 (no key)");
    }

    @Test
    void a_dead_letter_that_is_gone_shows_also_when_an_earlier_run_has_stored_the_contact() throws Exception {
        fixture.pass(file);
        fixture.test.execute("INSERT INTO contact SELECT tenant_id, '" + ImportFixture.customer(901) + "', '"
                + ImportFixture.contact(901) + "', department, honorific, first_name, last_name, phone_number,"
                + " mobile_phone_number, email_address, fax, content_hash, first_seen_at, changed_at, enriched_at,"
                + " asked_at"
                + " FROM contact LIMIT 1");
        assertThat(problems()).isEmpty();
        fixture.test.execute("DELETE FROM dead_letter WHERE position = '5'");

        assertThat(problems()).containsExactly("the counters of run 1 in import_run differ: " + ACCOUNT);
    }

    @Test
    void a_contact_that_a_newer_answer_replaced_is_not_reported_as_lost() throws Exception {
        fixture.pass(file);
        fixture.test.execute("DELETE FROM contact WHERE contact_id = '" + ImportFixture.contact(2) + "'");
        String letter = "INSERT INTO dead_letter (source, position, tenant_id, customer_id, contact_id, stage, reason,"
                + " attempts, first_failed_at, last_failed_at, asked_at) SELECT 'queue', '%s', '" + ImportFixture.TENANT
                + "', '" + ImportFixture.customer(2) + "', '" + ImportFixture.contact(2)
                + "', 'jtl', 'not-found', 1, %s, 7 FROM import_run";
        fixture.test.execute(letter.formatted("before", "'2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'"));
        assertThat(problems()).first().isEqualTo("neither a contact nor a dead letter: " + named(3, 2));

        fixture.test.execute(letter.formatted("since", "started_at, started_at"));

        assertThat(problems()).isEmpty();
    }

    @Test
    void two_dead_letters_at_one_position_are_a_fault() throws Exception {
        fixture.pass(file);
        fixture.test.execute(copyOfLetter("position", "'sink:crm'"));

        assertThat(problems()).containsExactly("more than one dead letter: " + named(5, 901));
    }

    @Test
    void dead_letters_without_a_record_are_a_fault() throws Exception {
        fixture.pass(file);
        fixture.test.execute(copyOfLetter("'4'", "stage"));

        assertThat(problems()).containsExactly("dead letters of the run that belong to no record of the file: 1");
    }

    private static String copyOfLetter(String position, String stage) {
        return "INSERT INTO dead_letter (source, run_id, position, stage, reason, attempts, first_failed_at,"
                + " last_failed_at) SELECT source, run_id, " + position + ", " + stage + ", reason, attempts,"
                + " first_failed_at, last_failed_at FROM dead_letter WHERE position = '5'";
    }

    @Test
    void counters_that_were_changed_are_a_fault() throws Exception {
        fixture.pass(file);
        fixture.test.execute("UPDATE import_run SET stored = 3, duplicates = 2");
        assertThat(problems()).hasSize(1).first().asString().contains("differ", "3 stored", "2 duplicates");

        fixture.test.execute("UPDATE import_run SET stored = 2, duplicates = 3, total = 9");
        assertThat(problems()).hasSize(1).first().asString().contains("accepted 9", "lost 1");
    }

    @Test
    void of_many_only_the_first_twenty_are_named() throws Exception {
        file = fixture.drop(
                "many.csv", ImportFixture.csv(IntStream.rangeClosed(1, 30).toArray()));
        fixture.pass(file);
        fixture.test.execute("DELETE FROM contact");

        assertThat(problems())
                .first()
                .asString()
                .contains(named(2, 1), named(21, 20))
                .doesNotContain("line 22")
                .endsWith(" and 10 more");
    }

    @Test
    void a_file_that_was_never_imported_or_not_to_its_end_cannot_be_verified_yet() throws Exception {
        assertThat(((VerificationResult.NotYet) verified(file)).why()).contains("never imported", "import it");

        RunExecution execution = fixture.open(file);
        fixture.commit(execution.next());
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        fixture.coordinator.finish(execution);
        assertThat(((VerificationResult.NotYet) verified(file)).why())
                .contains("is unfinished, with 3 records", "verify again");

        fixture.restart();
        fixture.pass(file);
        assertThat(problems()).isEmpty();
    }

    @Test
    void a_file_that_breaks_off_is_proved_as_far_as_it_could_be_read() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(
                    ImportFixture.csv(IntStream.rangeClosed(1, 120).toArray()).getBytes(StandardCharsets.UTF_8));
        }
        file = Files.write(inbox.resolve("broken.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() - 20));
        RunSummary summary = fixture.pass(file);
        assertThat(summary.end()).isEqualTo(RunSummary.End.UNREADABLE);

        assertThat(verified(file)).isInstanceOfSatisfying(VerificationResult.Compared.class, compared -> {
            assertThat(compared.problems()).isEmpty();
            assertThat(compared.totals()).isEqualTo(summary.run().totals());
            assertThat(compared.totals().accepted()).isPositive();
        });
    }
}
