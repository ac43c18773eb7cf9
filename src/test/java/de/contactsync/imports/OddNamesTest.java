package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.contactsync.CapturedLog;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and places that once stopped a file, or all of them. */
class OddNamesTest {

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

    @Test
    void a_name_of_bytes_that_are_no_characters_is_a_name_like_any_other() throws Exception {
        fixture.drop("first.csv", ImportFixture.csv(1, 901));
        assertThat(new ProcessBuilder("sh", "-c", "mv first.csv \"$(printf 'K\\374ndigungen.csv')\"")
                        .directory(inbox.toFile())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        fixture.drop("other.csv", ImportFixture.csv(2));

        finalized();
        finalized();

        assertThat(fixture.files())
                .contains(".done/other.csv", ".done/K_ndigungen.csv.errors.csv", ".done/K_ndigungen.csv");
        assertThat(fixture.test.count("contact")).isEqualTo(2);
    }

    /** Once, such a name wrote lines of its own into the log, and its escape sequences reached the terminal. */
    @Test
    void what_cannot_be_seen_in_a_name_is_logged_as_an_escape() throws Exception {
        try (CapturedLog log = new CapturedLog("de.contactsync.imports")) {
            fixture.drop("a\nERROR b\u001b[31m.csv", ImportFixture.csv(1));
            assertThat(finalized().name()).endsWith("a\\nERROR b\\u001B[31m.csv");
            fixture.drop("c\u001b.pdf", "x");
            fixture.lookTwice();
            assertThat(log.lines()).isNotEmpty().noneMatch(line -> line.contains("\u001b") || line.contains("\n"));
        }
    }

    /** Once, "File name too long" was met at every try, forever. */
    @ParameterizedTest
    @ValueSource(ints = {234, 242, 250, 255})
    void a_name_as_long_as_can_be_gets_side_files_of_shorter_names(int length) throws Exception {
        fixture.output = ContactFileWriter.Format.NDJSON;
        fixture.restart();
        String name = "ö".repeat((length - 4) / 2) + "x".repeat(length % 2) + ".csv";
        for (int i = 0; i < 2; i++) {
            fixture.drop(name, ImportFixture.csv(1, 901));
            assertThat(finalized().end()).isEqualTo(RunSummary.End.FINISHED);
        }

        assertThat(fixture.files()).hasSize(6).contains(".done/" + name).allMatch(file -> file.startsWith(".done/"));
        assertThat(fixture.files())
                .filteredOn(file -> file.endsWith(".csv.errors.csv"))
                .hasSize(2);
        assertThat(fixture.files())
                .filteredOn(file -> file.endsWith(".csv.contacts.ndjson"))
                .hasSize(2);
    }

    /** Once, such a move was tried again forever. */
    @Test
    void a_done_folder_on_another_file_system_gets_a_copy_and_the_file_goes() throws Exception {
        Path elsewhere = elsewhere(inbox);
        try {
            Files.createSymbolicLink(inbox.resolve(".done"), elsewhere);
            fixture.drop("keys.csv", ImportFixture.csv(1, 901));

            finalized();

            assertThat(elsewhere.resolve("keys.csv")).content().isEqualTo(ImportFixture.csv(1, 901));
            assertThat(elsewhere.resolve("keys.csv.errors.csv")).exists();
            assertThat(fixture.files()).isEmpty();
            assertThat(fixture.test.one("SELECT closed_at IS NULL FROM import_run"))
                    .isEqualTo("0");
            assertThat(Files.list(inbox.resolve(".work/.kept"))).hasSize(1);

            for (int i = 0; i < 3; i++) {
                fixture.lookTwice();
            }
            fixture.clock = Clock.offset(fixture.clock, Duration.ofDays(2));
            fixture.restart();
            fixture.lookTwice();
            assertThat(Files.list(inbox.resolve(".work/.kept"))).isEmpty();
            assertThat(Files.list(inbox.resolve(".work/.moved"))).isEmpty();
        } finally {
            remove(elsewhere);
        }
    }

    private static Path elsewhere(Path inbox) throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(inbox)));
        return Files.createTempDirectory(memory, "done");
    }

    private static void remove(Path elsewhere) throws IOException {
        for (Path file : Files.list(elsewhere).toList()) {
            Files.delete(file);
        }
        Files.delete(elsewhere);
    }

    /** The copy was made and the file deleted, and what its producer still wrote went with it. */
    @ParameterizedTest
    @ValueSource(strings = {"alive", "killed before the copy", "killed behind the copy", "killed at the end"})
    void what_a_producer_writes_on_is_not_lost_when_done_is_on_another_file_system(String process) throws Exception {
        Path elsewhere = elsewhere(inbox);
        try {
            Files.createSymbolicLink(inbox.resolve(".done"), elsewhere);
            Path file = fixture.drop("keys.csv", ImportFixture.csv(1));
            try (Writer open = Files.newBufferedWriter(file, StandardOpenOption.APPEND)) {
                RunSummary summary = fixture.passNext();
                if (process.equals("killed behind the copy")) {
                    fixture.runStore.movingTo(summary.run().id(), ".done/keys.csv");
                    fixture.look
                            .work()
                            .newNote(summary.file(), ".done/keys.csv", FileFingerprint.of(summary.file()), true, null)
                            .write();
                    Files.copy(summary.file(), elsewhere.resolve("keys.csv"));
                }
                if (!process.startsWith("killed be")) {
                    fixture.after.finalizeRun(summary);
                }
                if (process.startsWith("killed")) {
                    fixture.restart();
                    fixture.after.recover();
                }
                if (process.startsWith("killed be")) {
                    finalized();
                }
                assertThat(fixture.lookTwice()).isEmpty();
                open.write(ImportFixture.line(2) + "\n");
            }

            fixture.runs.ready();
            fixture.passTime(fixture.rest());
            fixture.runs.ready();
            assertThat(finalized().run().stored()).isEqualTo(1);
            assertThat(fixture.test.count("contact")).isEqualTo(2);
            assertThat(elsewhere.resolve("keys.added.csv")).exists();
            assertThat(fixture.test.count("import_run WHERE closed_at IS NULL")).isZero();
        } finally {
            remove(elsewhere);
        }
    }

    @Test
    void lines_added_while_done_is_unwritable_are_read_and_moved_there_later() throws Exception {
        Path elsewhere = elsewhere(inbox);
        try {
            Files.createSymbolicLink(inbox.resolve(".done"), elsewhere);
            fixture.drop("keys.csv", ImportFixture.csv(1));
            RunSummary summary = fixture.passNext();
            fixture.runStore.movingTo(summary.run().id(), ".done/keys.csv");
            fixture.look
                    .work()
                    .newNote(summary.file(), ".done/keys.csv", FileFingerprint.of(summary.file()), true, null)
                    .write();
            Files.copy(summary.file(), elsewhere.resolve("keys.csv"));
            Files.writeString(summary.file(), ImportFixture.line(2) + "\n", StandardOpenOption.APPEND);

            fixture.restart();
            fixture.after.recover();
            assertThat(finalized().run().stored()).isEqualTo(2);

            assertThat(Files.list(elsewhere)).hasSize(2);
            assertThat(fixture.files()).isEmpty();
            assertThat(fixture.test.count("import_run WHERE closed_at IS NULL")).isZero();
        } finally {
            remove(elsewhere);
        }
    }

    @Test
    void a_copy_that_was_complete_when_the_process_ended_is_not_made_again() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1));
        RunSummary summary = fixture.passNext();
        Path place = fixture.look.finished().placeIn(FinishedFiles.DONE, summary.file());
        fixture.runStore.movingTo(summary.run().id(), FinishedFiles.nameOf(place));
        fixture.look
                .work()
                .newNote(summary.file(), FinishedFiles.nameOf(place), FileFingerprint.of(summary.file()), true, null)
                .write();
        Files.createDirectories(place.getParent());
        Files.copy(summary.file(), place);
        fixture.restart();
        fixture.after.recover();

        finalized();

        assertThat(fixture.files()).containsExactly(".done/keys.csv");
        assertThat(fixture.asked).hasSize(1);
    }

    /** Once, a folder of the old name was made, and the file went there. */
    @Test
    void a_place_written_down_by_an_installation_at_another_path_is_the_same_place_here() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1));
        RunSummary summary = fixture.passNext();
        fixture.runStore.movingTo(summary.run().id(), "/srv/old/inbox/.done/keys.csv");
        fixture.restart();

        finalized();

        assertThat(fixture.files()).containsExactly(".done/keys.csv");
        assertThat(Path.of("/srv/old")).doesNotExist();
    }

    @Test
    void a_place_is_written_down_relative_to_the_inbox() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1));
        finalized();

        assertThat(fixture.test.one("SELECT moved_to FROM import_run")).isEqualTo(".done/keys.csv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"in%20box", "in?x", "in{{x}}", "${in}", "#in&a=b"})
    void a_folder_is_watched_under_the_name_that_is_given(String name) throws IOException {
        Path folder = inbox.resolve(name);
        WatchedDirectory watched =
                new WatchedDirectory(folder, fixture.look.settle(), Clock.systemUTC(), System::nanoTime);

        assertThat(watched.ready()).isEmpty();

        assertThat(Files.list(inbox)).containsExactly(folder);
    }

    /** Once, every poll failed with a stack trace, and readiness was UP. */
    @Test
    void an_unreadable_folder_is_a_problem_until_it_is_readable_and_is_logged_once() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1));
        fixture.runs.ready();
        assertThat(fixture.look.problem()).isNull();
        Path aside = Files.move(inbox, inbox.resolveSibling(inbox.getFileName() + "-aside"));

        for (int look = 0; look < 3; look++) {
            assertThat(fixture.runs.ready()).isEmpty();
        }
        assertThat(fixture.look.problem()).contains("contacts.file.directory", "mounted");
        assertThat(log.lines()).filteredOn(line -> line.startsWith("ERROR")).hasSize(1);
        assertThat(inbox).as("is not made anew: it may be a share that is away").doesNotExist();
        Files.move(aside, inbox);

        assertThat(fixture.lookTwice()).hasSize(1);
        assertThat(fixture.look.problem()).isNull();
    }

    /** Readiness went up and down with each look, and the log told of it each time. */
    @Test
    void an_unwritable_inbox_is_a_problem_until_it_is_writable_and_is_logged_once() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1));
        InboxFile file = fixture.lookTwice().get(0);
        Path work = Files.createSymbolicLink(inbox.resolve(".work"), inbox.resolve("nowhere"));
        assertThat(fixture.look.take(file)).isNull();

        for (int look = 0; look < 3; look++) {
            assertThat(fixture.lookTwice()).isEmpty();
            assertThat(fixture.look.problem()).contains("no file can be taken", ".work");
        }
        assertThat(log.lines()).filteredOn(line -> line.startsWith("ERROR")).hasSize(1);
        Files.delete(work);

        assertThat(finalized().end()).isEqualTo(RunSummary.End.FINISHED);
        assertThat(fixture.look.problem()).isNull();
    }
}
