package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a file after its run is finished, also when the process ends between any two steps. */
class FileFinalizerTest {

    /** How far the process came before it ended. */
    private enum Step {
        FINISH,
        MOVING_TO,
        REPORT
    }

    @TempDir
    Path inbox;

    private final CapturedLog log = new CapturedLog("de.contactsync.imports");
    private ImportFixture fixture;

    @BeforeEach
    void open() {
        fixture = new ImportFixture(inbox, 4, ImportFixture.TENANT);
    }

    @AfterEach
    void close() throws Exception {
        log.close();
        fixture.close();
    }

    private RunSummary finalized() {
        RunSummary summary = fixture.passNext();
        fixture.after.finalizeRun(summary);
        return summary;
    }

    private RunSummary finalized(Path dropped) throws Exception {
        assertThat(dropped).exists();
        return finalized();
    }

    private RunSummary passed(Path dropped) throws Exception {
        assertThat(dropped).exists();
        return fixture.passNext();
    }

    private void crashAfter(Step step, RunSummary summary, String folder) throws Exception {
        Path place = fixture.look.finished().placeIn(folder, summary.file());
        if (step != Step.FINISH) {
            fixture.runStore.movingTo(summary.run().id(), FinishedFiles.nameOf(place));
        }
        if (step == Step.REPORT) {
            ErrorReportWriter.write(
                    ErrorReportWriter.beside(place),
                    fixture.runStore,
                    summary.run().id());
        }
        fixture.restart();
    }

    @ParameterizedTest
    @EnumSource
    void a_crash_before_the_move_changes_nothing_of_what_comes_out(Step step) throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2, 901));
        crashAfter(step, passed(file), FinishedFiles.DONE);

        RunSummary summary = finalized();

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(fixture.asked).hasSize(3);
        assertThat(fixture.files()).containsExactly(".done/keys.csv", ".done/keys.csv.errors.csv");
        assertThat(Files.readAllLines(inbox.resolve(".done/keys.csv.errors.csv")))
                .hasSize(2);
        assertClosedRuns(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_crash_does_not_make_a_whole_file_of_one_that_breaks_off(Step step) throws Exception {
        Path file = brokenGzip();
        RunSummary before = passed(file);
        assertThat(before.end()).isEqualTo(End.UNREADABLE);
        int asked = fixture.asked.size();
        crashAfter(step, before, FinishedFiles.FAILED);

        RunSummary summary = finalized();

        assertThat(summary.end()).isEqualTo(End.UNREADABLE);
        assertThat(fixture.asked).hasSize(asked);
        assertThat(fixture.files())
                .contains(".failed/keys.csv.gz", ".failed/keys.csv.gz.error.txt")
                .noneMatch(name -> name.startsWith(".done"));
        assertThat(inbox.resolve(".failed/keys.csv.gz.error.txt")).content().contains(before.message());
        assertClosedRuns(1);
    }

    private Path brokenGzip() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 1; i <= 120; i++) {
                gzip.write((i == 1 ? ImportFixture.csv(1) : ImportFixture.line(i) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(inbox.resolve("keys.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() - 20));
    }

    @Test
    void each_run_ends_with_its_account_in_the_log() throws Exception {
        finalized(fixture.drop("keys.csv", ImportFixture.csv(1, 2, 1, 901)));

        assertThat(log.lines())
                .contains("INFO " + inbox.resolve("keys.csv") + ": accepted 4 = 2 stored + 1 not found"
                        + " + 0 rejected + 0 invalid + 0 failed + 1 duplicates, lost 0");
    }

    /** The whole account came again with each try of the move, and at the next start. */
    @Test
    void the_account_of_a_run_is_logged_once_however_often_its_file_is_moved() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunSummary summary = passed(file);
        Path inTheWay = Files.createFile(inbox.resolve(".done"));
        fixture.after.finalizeRun(summary);
        assertThat(log.lines()).last().asString().contains("cannot be moved to .done");
        Files.delete(inTheWay);

        fixture.restart();
        finalized();

        assertThat(log.lines()).filteredOn(line -> line.contains("accepted 2")).hasSize(1);
        assertThat(log.lines()).endsWith("INFO " + file + " was moved to .done/keys.csv");
    }

    @Test
    void a_run_that_does_not_add_up_stays_and_its_error_names_the_keys() throws Exception {
        fixture.test.execute("CREATE TRIGGER lose AFTER UPDATE OF done ON import_run BEGIN"
                + " DELETE FROM contact WHERE contact_id = '" + ImportFixture.contact(2) + "';"
                + " UPDATE import_run SET stored = stored - 1 WHERE id = NEW.id; END");

        assertThat(finalized(fixture.drop("keys.csv", ImportFixture.csv(1, 2))).end())
                .isEqualTo(End.UNBALANCED);

        assertThat(fixture.files()).containsExactly(".work/keys.csv");
        assertThat(log.lines())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("ERROR")
                        .contains(
                                "lost 1",
                                "line 3 (" + ImportFixture.customer(2) + "/" + ImportFixture.contact(2) + ")"));
    }

    @Test
    void a_crash_after_the_move_gives_the_next_identical_file_its_own_run() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 901));
        RunSummary summary = passed(file);
        Path place = fixture.look.finished().placeIn(FinishedFiles.DONE, file);
        fixture.runStore.movingTo(summary.run().id(), FinishedFiles.nameOf(place));
        FileMove.move(summary.file(), place);
        fixture.restart();

        fixture.drop("keys.csv", ImportFixture.csv(1, 901));
        finalized();
        assertThat(fixture.files()).contains(".work/keys.csv", ".done/keys.csv");
        assertClosedRuns(1);
        finalized();

        assertClosedRuns(2);
        assertThat(fixture.asked).hasSize(4);
        assertThat(fixture.files()).hasSize(4).doesNotContain("keys.csv");
    }

    @Test
    void the_same_file_given_again_is_a_new_run_and_both_are_kept() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(finalized(fixture.drop("keys.csv", ImportFixture.csv(1, 2)))
                            .end())
                    .isEqualTo(End.FINISHED);
        }
        assertThat(fixture.files()).hasSize(2).allMatch(name -> name.startsWith(".done/keys."));
        assertClosedRuns(2);
    }

    @Test
    void a_file_that_is_replaced_behind_its_last_record_stays_for_a_run_of_its_own() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunSummary summary = passed(file);
        fixture.drop("keys.csv", ImportFixture.csv(3));

        fixture.after.finalizeRun(summary);

        assertThat(inbox.resolve(".done/keys.csv")).content().isEqualTo(ImportFixture.csv(1, 2));
        assertThat(inbox.resolve("keys.csv")).content().isEqualTo(ImportFixture.csv(3));
        assertClosedRuns(1);
        assertThat(finalized(file).run().total()).isEqualTo(1);
        assertThat(fixture.files()).hasSize(2).allMatch(name -> name.startsWith(".done/keys."));
    }

    /** Once such a run stayed open until the same content came again. */
    @Test
    void a_run_whose_process_died_behind_the_move_is_ended_at_the_next_start() throws Exception {
        RunSummary summary = passed(fixture.drop("keys.csv", ImportFixture.csv(1, 2)));
        Path place = fixture.look.finished().placeIn(FinishedFiles.DONE, summary.file());
        fixture.runStore.movingTo(summary.run().id(), FinishedFiles.nameOf(place));
        FileMove.move(summary.file(), place);
        fixture.restart();

        fixture.after.recover();

        assertClosedRuns(1);
    }

    @Test
    void a_run_whose_file_has_not_moved_yet_is_left_to_whoever_moves_it() throws Exception {
        RunSummary summary = passed(fixture.drop("keys.csv", ImportFixture.csv(1, 2)));
        fixture.runStore.movingTo(
                summary.run().id(),
                fixture.look
                        .finished()
                        .placeIn(FinishedFiles.DONE, summary.file())
                        .toString());
        fixture.restart();

        fixture.after.recover();

        assertThat(fixture.test.rows("SELECT id FROM import_run WHERE closed_at IS NOT NULL"))
                .isEmpty();
    }

    @Test
    void a_file_that_is_taken_away_behind_its_last_record_ends_its_run() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunSummary summary = passed(file);
        Files.delete(summary.file());

        fixture.after.finalizeRun(summary);

        assertThat(fixture.files()).isEmpty();
        assertClosedRuns(1);
    }

    @Test
    void a_file_nobody_can_read_goes_aside_with_the_reason() throws Exception {
        finalized(fixture.drop("keys.csv", "name;city\nMeier;Köln\n"));

        assertThat(fixture.files()).containsExactly(".failed/keys.csv", ".failed/keys.csv.error.txt");
        assertThat(inbox.resolve(".failed/keys.csv.error.txt"))
                .content()
                .contains("customerId")
                .endsWith("\n");
    }

    @Test
    void a_halted_file_stays_where_it_is() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.openNext();
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        fixture.after.finalizeRun(fixture.coordinator.finish(execution));

        assertThat(fixture.files()).containsExactly(".work/keys.csv");
        assertThat(fixture.lookTwice()).as("left alone for a while").isEmpty();
        assertThat(fixture.test.one("SELECT state, halt_reason, closed_at FROM import_run"))
                .isEqualTo("halted|JTL is out of reach|∅");
    }

    private void assertClosedRuns(int count) {
        assertThat(fixture.test.rows("SELECT state FROM import_run WHERE closed_at IS NOT NULL"))
                .hasSize(count)
                .containsOnly("finished");
        assertThat(fixture.test.count("import_run")).isEqualTo(count);
    }
}
