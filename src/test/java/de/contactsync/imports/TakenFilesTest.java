package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What producers do to a file of the inbox while it is worked on, and behind that. */
class TakenFilesTest {

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

    private void replace(String name, String content) throws IOException {
        Path draft = Files.writeString(inbox.resolve("." + name + ".part"), content);
        Files.move(draft, inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Once, the new file went to .done, and nobody had read it. */
    @Test
    void a_file_that_replaces_another_while_that_is_worked_on_is_worked_on_as_well() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.openNext();
        replace("keys.csv", ImportFixture.csv(3));
        fixture.work(execution);
        RunSummary first = fixture.coordinator.finish(execution);
        replace("keys.csv", ImportFixture.csv(4, 5, 6));
        fixture.after.finalizeRun(first);

        assertThat(first.end()).isEqualTo(End.FINISHED);
        assertThat(inbox.resolve(".done/keys.csv")).content().isEqualTo(ImportFixture.csv(1, 2));
        assertThat(finalized().run().stored()).isEqualTo(3);
        assertThat(fixture.files()).hasSize(2).allMatch(name -> name.startsWith(".done/keys."));
        assertThat(fixture.test.count("contact")).isEqualTo(5);
    }

    /** Its run stayed open for ever, and its letters with it. */
    @Test
    void the_run_of_a_file_removed_between_processes_is_closed_at_the_next_start() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5, 901));
        fixture.drop("other.csv", ImportFixture.csv(7, 8, 9, 10, 11));
        for (InboxFile file : fixture.lookTwice()) {
            fixture.runs.openFromInbox(file);
        }
        fixture.test.execute("UPDATE import_run SET state = 'halted'");
        String gone = fixture.test.one("SELECT source_file FROM import_run WHERE file_name = 'keys.csv'");
        fixture.test.execute("UPDATE import_run SET file_name = 'K\uFFFDys.csv' WHERE file_name = 'keys.csv'");
        Files.delete(inbox.resolve(gone).resolve("keys.csv"));

        fixture.restart();
        fixture.after.recover();

        assertThat(fixture.test.rows("SELECT file_name FROM import_run WHERE closed_at IS NULL"))
                .containsExactly("other.csv");
        assertThat(fixture.test.one("SELECT halt_reason FROM import_run WHERE closed_at IS NOT NULL"))
                .contains("removed");
        assertThat(inbox.resolve(gone)).doesNotExist();
    }

    @Test
    void a_file_that_is_replaced_between_its_rest_and_its_taking_is_left_where_it_is() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        InboxFile rested = fixture.lookTwice().get(0);
        replace("keys.csv", ImportFixture.csv(3));

        assertThat(fixture.look.take(rested)).isNull();

        assertThat(fixture.files()).containsExactly("keys.csv");
        assertThat(Files.list(inbox.resolve(".work"))).isEmpty();
        assertThat(finalized().run().stored()).isEqualTo(1);
    }

    @Test
    void a_file_that_was_taken_by_a_process_that_was_killed_is_found_at_the_next_start() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5));
        fixture.commit(fixture.openNext().next());
        fixture.restart();
        fixture.after.recover();

        RunSummary summary = finalized();

        assertThat(summary.resumed()).isEqualTo(4);
        assertThat(fixture.asked).hasSize(5);
        assertThat(fixture.files()).containsExactly(".done/keys.csv");
    }

    /** Once, they were in .done, asked by nobody. */
    @Test
    void what_a_producer_writes_on_into_a_file_in_done_is_worked_on_as_a_file_of_its_own() throws Exception {
        Path file = fixture.drop(
                "keys.csv",
                "Name;customerId;contactId\nx;" + ImportFixture.line(1) + "\nx;" + cutOff(ImportFixture.line(2)));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            RunSummary first = finalized();
            assertThat(first.run().stored()).isEqualTo(1);
            assertThat(first.run().invalid()).as("half a line").isEqualTo(1);
            write(producer, rest(ImportFixture.line(2)) + "\nx;" + ImportFixture.line(3) + "\n");
            RunSummary second = finalizedAddition();
            assertThat(second.run().stored()).isEqualTo(2);
            assertThat(second.name()).endsWith("keys.added.csv");
            write(producer, "x;" + ImportFixture.line(4) + "\n");
            assertThat(finalizedAddition().run().stored())
                    .as("written behind a second pause")
                    .isEqualTo(1);
        }
        assertThat(fixture.asked).as("each once").hasSize(4).doesNotHaveDuplicates();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("was still written to"))
                .hasSize(2)
                .allMatch(line -> line.startsWith("WARN") && line.contains("keys.added.csv"));
        assertNothingElseComes();
    }

    /** Its letter stayed open although the whole line had been read with what came later. */
    @Test
    void the_dead_letter_of_half_a_line_is_closed_when_the_rest_of_it_comes() throws Exception {
        Path file = fixture.drop("keys.csv", "customerId;contactId\nnone\n" + cutOff(ImportFixture.line(1)));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            assertThat(finalized().run().invalid()).isEqualTo(2);
            write(producer, rest(ImportFixture.line(1)) + "\n" + cutOff(ImportFixture.line(2)));
            assertThat(finalizedAddition().run().invalid()).as("another half").isEqualTo(1);
            assertThat(letters()).containsExactly("1 2 open", "1 3 discarded", "2 3 open");
            assertThat(report("keys.csv")).as("without the half line").hasSize(2);
            assertThat(report("keys.added.csv")).hasSize(2);
            write(producer, rest(ImportFixture.line(2)) + "\n" + cutOff(ImportFixture.line(3)));
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
            assertThat(letters()).containsExactly("1 2 open", "1 3 discarded", "2 3 discarded", "3 3 open");
            assertThat(report("keys.csv")).hasSize(2);
            assertThat(report("keys.added.csv")).as("nothing is left to list").isEmpty();
            write(producer, "\n" + ImportFixture.line(4) + "\n");
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
        }
        assertThat(letters())
                .as("it was a whole one, which is read again")
                .containsExactly("1 2 open", "1 3 discarded", "2 3 discarded", "3 3 discarded", "4 2 open");
    }

    /** Once, half the id of a tenant was taken for its name, and the letter stayed open. */
    @Test
    void so_is_the_dead_letter_of_a_line_that_breaks_off_in_the_id_of_its_tenant() throws Exception {
        String line = ImportFixture.line(1) + ";" + ImportFixture.TENANT;
        Path file = fixture.drop("keys.csv", "customerId;contactId;tenantId\n" + cutOff(line));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            assertThat(finalized().run().invalid()).isEqualTo(1);
            write(producer, rest(line) + "\n");
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
        }
        assertThat(letters()).containsExactly("1 2 discarded");
    }

    private List<String> report(String name) throws IOException {
        Path report = inbox.resolve(".done").resolve(name + ".errors.csv");
        return Files.exists(report) ? Files.readAllLines(report) : List.of();
    }

    private List<String> letters() throws Exception {
        return fixture.test.rows(
                "SELECT run_id || ' ' || position || ' ' || state FROM dead_letter ORDER BY run_id, position");
    }

    private RunSummary finalizedAddition() {
        fixture.passTime(Duration.ofMinutes(1));
        // The place of the file has to be at rest as well before it is compared.
        fixture.runs.ready();
        fixture.passTime(fixture.rest());
        return finalized();
    }

    private void assertNothingElseComes() throws IOException {
        for (int look = 0; look < 3; look++) {
            assertThat(fixture.lookTwice()).isEmpty();
        }
        try (Stream<Path> work = Files.list(inbox.resolve(".work"))) {
            assertThat(work)
                    .as("nothing is left behind but notes")
                    .allMatch(path -> path.getFileName().toString().startsWith("."));
        }
    }

    private static String cutOff(String line) {
        return line.substring(0, line.length() - 3);
    }

    private static String rest(String line) {
        return line.substring(line.length() - 3);
    }

    /** Once, each process on the inbox took the new lines out as a file of its own, and wrote over the other's note. */
    @Test
    void what_is_written_on_is_taken_by_one_of_the_processes_that_share_the_inbox() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            finalized();
            WatchedDirectory view = new WatchedDirectory(
                    inbox,
                    Duration.ofSeconds(5),
                    fixture.clock,
                    () -> fixture.look.nanoTime().getAsLong());
            LateAppendScanner other = new LateAppendScanner(view, fixture.runStore);
            other.look();
            write(producer, ImportFixture.line(2) + "\n");

            RunSummary second = finalizedAddition();
            fixture.passTime(Duration.ofMinutes(2));
            other.look();
            fixture.passTime(Duration.ofMinutes(2));
            other.look();

            assertThat(second.run().stored()).isEqualTo(1);
            assertThat(fixture.files()).containsExactlyInAnyOrder(".done/keys.csv", ".done/keys.added.csv");
            assertThat(log.lines().stream().filter(line -> line.startsWith("WARN")))
                    .hasSize(1);
        }
    }

    private static void write(OutputStream producer, String text) throws IOException {
        producer.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void what_is_appended_while_a_file_is_read_neither_spoils_its_run_nor_is_lost() throws Exception {
        Path file = fixture.drop("keys.jsonl", json(1) + json(2));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            RunExecution execution = fixture.openNext();
            write(producer, json(3));
            fixture.work(execution);
            RunSummary first = fixture.coordinator.finish(execution);
            fixture.after.finalizeRun(first);
            assertThat(first.end()).isEqualTo(End.FINISHED);
            assertThat(first.run().total()).isEqualTo(2);
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
        }
        assertThat(fixture.asked).hasSize(3);
        assertNothingElseComes();
    }

    private static String json(int number) {
        return "{\"customerId\":\"" + ImportFixture.customer(number) + "\",\"contactId\":\""
                + ImportFixture.contact(number) + "\"}\n";
    }

    @Test
    void what_is_added_to_a_file_whose_lines_cannot_be_read_alone_is_read_with_all_of_it() throws Exception {
        Path file = fixture.drop("keys.json", "[" + json(1) + ",");
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            assertThat(finalized().end()).isEqualTo(End.UNREADABLE);
            write(producer, json(2) + "]");
            assertThat(finalizedAddition().run().stored()).isEqualTo(2);
        }
        assertThat(fixture.files()).containsExactly(".done/keys.json");
        assertThat(log.lines()).anyMatch(line -> line.startsWith("WARN") && line.contains("it is read again"));
        assertNothingElseComes();
    }

    /** Once, one second look was all, and 10 keys of a writer that paused for 20 s landed in .done, asked by nobody. */
    @Test
    void a_producer_that_pauses_for_hours_loses_nothing_across_restarts() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            finalized();
            for (int minute = 0; minute < 120; minute++) {
                fixture.passTime(Duration.ofMinutes(1));
                assertThat(fixture.runs.ready()).isEmpty();
            }
            write(producer, ImportFixture.line(2) + "\n");
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
            fixture.restart();
            fixture.after.recover();
            write(producer, ImportFixture.line(3) + "\n");
            assertThat(finalizedAddition().run().stored()).isEqualTo(1);
        }
        assertThat(fixture.asked).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void lines_that_come_one_by_one_become_one_file() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            finalized();
            for (int i = 2; i < 22; i++) {
                write(producer, ImportFixture.line(i) + "\n");
                fixture.passTime(Duration.ofSeconds(2));
                assertThat(fixture.runs.ready()).isEmpty();
            }
            assertThat(finalizedAddition().run().stored()).isEqualTo(20);
        }
        assertNothingElseComes();
    }

    /** Once, its run stayed open with its dead letters, because only the process that began it knew of both. */
    @Test
    void a_killed_run_whose_file_changed_is_closed_when_the_new_content_begins() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 901, 3, 4, 5));
        fixture.commit(fixture.openNext().next());
        fixture.restart();
        try (Stream<Path> taken = Files.walk(inbox.resolve(".work"))) {
            Files.writeString(
                    taken.filter(file -> file.endsWith("keys.csv")).findAny().orElseThrow(), ImportFixture.csv(11, 12));
        }

        assertThat(finalized().run().stored()).isEqualTo(2);

        assertThat(openRuns()).isEqualTo("0");
        assertThat(fixture.test.rows("SELECT state FROM dead_letter")).containsExactly("discarded");
        assertThat(log.lines()).anyMatch(line -> line.startsWith("WARN") && line.contains("is closed"));
    }

    @Test
    void a_crash_before_the_second_look_does_not_lose_what_was_added() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            finalized();
            write(producer, ImportFixture.line(2) + "\n");
        }
        fixture.restart();
        fixture.after.recover();

        assertThat(finalizedAddition().run().stored()).isEqualTo(1);
        assertThat(fixture.asked).hasSize(2);
    }

    /** Once, such a run stayed open forever, and its dead letters beside those of the new one. */
    @Test
    void a_run_whose_file_is_overwritten_is_closed_and_the_new_content_is_a_new_run() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 901, 3, 4, 5));
        try (OutputStream producer = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
            RunExecution execution = fixture.openNext();
            fixture.commit(execution.next());
            write(producer, ImportFixture.csv(11, 902, 13, 14, 15));
            fixture.work(execution);
            RunSummary summary = fixture.coordinator.finish(execution);
            fixture.after.finalizeRun(summary);
            assertThat(summary.end()).isEqualTo(End.HALTED);
            assertThat(summary.message()).contains("changed while it was read");
        }
        assertThat(fixture.test.rows("SELECT state FROM dead_letter")).containsOnly("discarded");
        assertThat(fixture.test.one("SELECT state, closed_at IS NULL FROM import_run"))
                .isEqualTo("halted|0");
        fixture.restart();

        assertThat(finalized().run().stored()).isEqualTo(4);
        assertThat(fixture.test.rows("SELECT state FROM dead_letter ORDER BY id"))
                .containsExactly("discarded", "open");
    }

    @Test
    void a_file_that_was_named_and_is_replaced_while_it_is_read_supersedes_its_run() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.open(file);
        replace("keys.csv", ImportFixture.csv(3));
        fixture.work(execution);

        RunSummary summary = fixture.coordinator.finish(execution);

        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.message()).contains("replaced");
        assertThat(fixture.test.one("SELECT closed_at IS NULL FROM import_run")).isEqualTo("0");
        assertThat(fixture.pass(file).run().stored()).isEqualTo(1);
    }

    private String openRuns() {
        return fixture.test.one("SELECT count(*) FROM import_run WHERE closed_at IS NULL");
    }

    @Test
    void a_run_whose_file_is_taken_away_while_it_waits_is_closed_with_its_dead_letters() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 901, 3, 4, 5));
        RunExecution execution = fixture.openNext();
        fixture.commit(execution.next());
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        RunSummary summary = fixture.coordinator.finish(execution);
        fixture.after.finalizeRun(summary);
        fixture.runs.ready();
        assertThat(openRuns()).isEqualTo("1");

        Files.delete(summary.file());
        fixture.runs.ready();

        assertThat(openRuns()).isEqualTo("0");
        assertThat(fixture.test.rows("SELECT state FROM dead_letter")).containsExactly("discarded");
        assertThat(log.lines()).anyMatch(line -> line.startsWith("WARN") && line.contains("removed"));
    }

    @Test
    void a_run_whose_file_is_taken_away_with_its_folder_while_it_waits_is_closed_too() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.openNext();
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        RunSummary summary = fixture.coordinator.finish(execution);
        fixture.after.finalizeRun(summary);

        Files.delete(summary.file());
        Files.delete(summary.file().getParent());
        fixture.runs.ready();

        assertThat(openRuns()).isEqualTo("0");
    }

    /** Where only the folder is missing, its file may lie in the inbox of another installation with this database. */
    /** It stayed open for ever, until somebody thought of runs discard. */
    @Test
    void a_run_whose_folder_was_removed_is_closed_and_one_of_another_inbox_named() throws Exception {
        for (String name : new String[] {"keys.csv", "other.csv"}) {
            fixture.drop(name, ImportFixture.csv(1, 2));
            Path taken = ((ChunkIterator) fixture.openNext()).origin().file();
            Files.delete(taken);
            Files.delete(taken.getParent());
        }
        fixture.test.execute("UPDATE import_run SET state = 'halted'");
        fixture.test.execute("UPDATE import_run SET inbox = 'another' WHERE file_name = 'other.csv'");

        fixture.restart();
        fixture.after.recover();

        assertThat(fixture.test.rows("SELECT file_name FROM import_run WHERE closed_at IS NULL"))
                .containsExactly("other.csv");
        assertThat(log.lines())
                .anyMatch(line -> line.startsWith("WARN Run 2 of other.csv")
                        && line.contains("not in this inbox")
                        && line.contains("runs discard 2"));
    }

    @Test
    void a_run_whose_file_is_replaced_while_it_waits_is_closed_when_the_new_one_begins() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 901, 3, 4, 5));
        RunExecution execution = fixture.open(file);
        fixture.commit(execution.next());
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        fixture.coordinator.finish(execution);
        replace("keys.csv", ImportFixture.csv(6));

        fixture.after.close(fixture.pass(file));

        assertThat(openRuns()).isEqualTo("0");
        assertThat(fixture.test.rows("SELECT state FROM import_run ORDER BY id"))
                .containsExactly("halted", "finished");
        assertThat(fixture.test.rows("SELECT state FROM dead_letter")).containsExactly("discarded");
    }

    @Test
    void a_file_that_halts_waits_among_those_that_were_taken() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.openNext();
        fixture.coordinator.halt(execution, new ProcessingHaltedException("JTL is out of reach"));
        fixture.after.finalizeRun(fixture.coordinator.finish(execution));

        assertThat(fixture.files()).containsExactly(".work/keys.csv");
        assertThat(fixture.look.oldest()).isNotNull();
    }
}
