package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.CapturedLog;
import de.contactsync.persistence.SettableClock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadyFilesTest {

    private static final Duration SETTLE = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    /** Begins with the file system's time, because that is what it stamps files with. */
    private final SettableClock clock = new SettableClock(Instant.now().toString());

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(2));
    private WatchedDirectory directory;

    @BeforeEach
    void watch() {
        directory = new WatchedDirectory(folder, SETTLE, clock, nanoTime::get);
    }

    private boolean isReady(Path file) {
        return directory.readiness().isReady(new InboxFile(file, file));
    }

    private void pass(Duration time) {
        clock.advance(time);
        nanoTime.addAndGet(time.toNanos());
    }

    private Path written(String name) throws IOException {
        return Files.writeString(folder.resolve(name), ImportFixture.csv(1));
    }

    private static Path aged(Path file, Duration age) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    /** Once, a file server whose clock was behind ours had every file taken while it was written. */
    @Test
    void a_file_that_seems_old_rests_as_long_as_any_other_by_our_own_clock() throws IOException {
        Path file = aged(written("keys.csv"), Duration.ofMinutes(1));
        Files.writeString(file, ImportFixture.line(2) + "\n", StandardOpenOption.APPEND);
        aged(file, Duration.ofMinutes(1));
        assertThat(isReady(file)).isFalse();
        Files.writeString(file, ImportFixture.line(3) + "\n", StandardOpenOption.APPEND);
        aged(file, Duration.ofMinutes(1));
        pass(Duration.ofSeconds(1));
        assertThat(isReady(file))
                .as("seen to grow, so it is not taken for one that was renamed")
                .isFalse();
        pass(SETTLE.minusMillis(1));
        assertThat(isReady(file)).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(isReady(file)).isTrue();
    }

    @Test
    void a_file_that_is_being_written_is_ready_only_when_it_rests() throws IOException {
        Path file = written("keys.csv");
        for (int i = 0; i < 4; i++) {
            assertThat(isReady(file)).isFalse();
            nanoTime.addAndGet(SETTLE.toNanos() - 1);
            assertThat(isReady(file)).isFalse();
            Files.writeString(file, ImportFixture.line(i) + "\n", StandardOpenOption.APPEND);
        }
        assertThat(isReady(file)).isFalse();

        pass(SETTLE);

        assertThat(isReady(file)).isTrue();
    }

    @Test
    void a_file_that_is_written_over_in_the_same_size_is_not_at_rest() throws IOException {
        Path file = aged(written("keys.csv"), Duration.ofSeconds(3));
        assertThat(isReady(file)).isFalse();
        pass(Duration.ofMillis(399));
        aged(file, Duration.ofSeconds(1));

        assertThat(isReady(file)).isFalse();
        pass(SETTLE.minusMillis(1));
        assertThat(isReady(file)).isFalse();
    }

    @Test
    void a_file_that_is_renamed_into_the_folder_is_ready_at_the_second_look() throws IOException {
        Path elsewhere = aged(written("keys.part"), Duration.ofSeconds(2));
        Path file = Files.move(elsewhere, folder.resolve("keys.csv"));

        assertThat(isReady(file)).isFalse();
        pass(Duration.ofMillis(400));
        assertThat(isReady(file)).isTrue();
    }

    @Test
    void a_time_in_the_future_does_not_keep_a_file_waiting_for_ever() throws IOException {
        Path file = aged(written("keys.csv"), Duration.ofDays(-400));

        assertThat(isReady(file)).isFalse();
        pass(SETTLE);
        assertThat(isReady(file)).isTrue();
    }

    /** Once, it was taken after five seconds, and what was written to it afterwards was in .done, asked by nobody. */
    @Test
    void an_empty_file_waits_for_content_and_is_logged_once_after_a_minute() throws IOException {
        Path file = Files.createFile(folder.resolve("keys.csv"));
        try (CapturedLog log = new CapturedLog(FileReadiness.class.getName())) {
            isReady(file);
            pass(Duration.ofSeconds(59));
            assertThat(isReady(file)).isFalse();
            assertThat(log.lines()).isEmpty();
            for (int look = 0; look < 3; look++) {
                pass(Duration.ofSeconds(1));
                assertThat(isReady(file)).isFalse();
            }
            assertThat(log.lines()).hasSize(1).first().asString().contains(file.toString(), "is empty");
        }
        Files.writeString(file, ImportFixture.csv(1));
        assertThat(isReady(file)).isFalse();
        pass(SETTLE);
        assertThat(isReady(file)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys.csv.errors.csv",
                "keys.json.errors.csv",
                "keys.csv.error.txt",
                "keys.xlsx",
                "keys",
                "keys.csv.tmp",
                "keys.csv.part",
                "errors.pdf"
            })
    void reports_and_files_of_other_kinds_are_never_taken(String name) throws IOException {
        Path file = written(name);
        assertThat(isReady(file)).isFalse();
        pass(SETTLE);
        assertThat(isReady(file)).isFalse();
    }

    @Test
    void a_file_that_is_gone_is_not_ready() throws IOException {
        Path file = written("keys.csv");
        isReady(file);
        Files.delete(file);
        pass(SETTLE);

        try (CapturedLog log = new CapturedLog(FileReadiness.class.getName())) {
            assertThat(isReady(file)).isFalse();
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void anything_but_a_plain_file_is_refused_and_logged_once() throws Exception {
        Path target = aged(written("target.bin"), Duration.ofDays(1));
        Files.createSymbolicLink(folder.resolve("link.csv"), target);
        Files.createSymbolicLink(folder.resolve("dangling.csv"), folder.resolve("nowhere"));
        Files.createDirectory(folder.resolve("folder.csv"));
        Process fifo = new ProcessBuilder("mkfifo", folder.resolve("pipe.csv").toString())
                .inheritIO()
                .start();
        assertThat(fifo.waitFor(30, TimeUnit.SECONDS) && fifo.exitValue() == 0).isTrue();

        try (CapturedLog log = new CapturedLog(FileReadiness.class.getName())) {
            for (int look = 0; look < 3; look++) {
                for (String name : new String[] {"link", "dangling", "folder", "pipe"}) {
                    assertThat(isReady(folder.resolve(name + ".csv"))).isFalse();
                }
                pass(SETTLE);
            }
            assertThat(log.lines()).hasSize(4).allMatch(line -> line.startsWith("WARN"));
            assertThat(log.lines())
                    .anyMatch(line -> line.contains(folder.resolve("pipe.csv").toString()));
        }
    }

    @Test
    void no_file_that_is_done_is_ever_overwritten() throws IOException {
        Set<Path> places = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            Path file = Files.writeString(folder.resolve("keys.csv.gz"), "content " + i);
            Path place = directory.finished().placeIn(FinishedFiles.DONE, file);
            FileMove.move(file, place);
            places.add(place);
            assertThat(place).content().isEqualTo("content " + i);
            assertThat(place.getFileName().toString()).startsWith("keys.").endsWith(".csv.gz");
        }
        assertThat(places).hasSize(4).contains(folder.resolve(".done/keys.csv.gz"));

        Path file = written("keys.csv.gz");
        assertThatThrownBy(() -> FileMove.move(file, folder.resolve(".done/keys.csv.gz")))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(folder.resolve(".done/keys.csv.gz")).content().isEqualTo("content 0");
    }

    @Test
    void a_file_set_aside_comes_back_when_its_time_is_over() throws IOException {
        Path file = written("keys.csv");
        Path other = written("other.csv");
        isReady(file);
        isReady(other);
        pass(SETTLE);

        directory.readiness().setAside(file, Duration.ofSeconds(30));

        assertThat(isReady(file)).isFalse();
        assertThat(isReady(other)).isTrue();
        pass(Duration.ofSeconds(29));
        assertThat(isReady(file)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(isReady(file)).isTrue();
    }

    /** Its file was imported, and then waited for its move without end, while the process said that it was ready. */
    @ParameterizedTest
    @ValueSource(strings = {".done", ".failed", ".work"})
    void a_dangling_link_is_logged_once_and_no_file_is_taken_until_it_is_repaired(String name) throws IOException {
        Path target = folder.resolve("elsewhere");
        Files.createSymbolicLink(folder.resolve(name), target);
        Path file = written("keys.csv");
        try (CapturedLog log = new CapturedLog(WatchedDirectory.class.getName())) {
            directory.ready();
            pass(SETTLE);
            assertThat(directory.ready()).isEmpty();
            assertThat(directory.problem()).contains(name + ": it is a dangling symbolic link", "delete it");
            assertThat(log.lines()).hasSize(1);

            Files.createDirectory(target);
            directory.ready();
            pass(SETTLE);
            assertThat(directory.ready()).extracting(InboxFile::path).containsExactly(file);
            assertThat(directory.problem()).isNull();
        }
    }

    @Test
    void a_file_with_an_unknown_extension_is_logged_once_and_left_alone() throws IOException {
        Path file = written("keys.xlsx");
        try (CapturedLog log = new CapturedLog(FileReadiness.class.getName())) {
            assertThat(isReady(file)).isFalse();
            pass(SETTLE);
            assertThat(isReady(file)).isFalse();
            assertThat(isReady(file)).isFalse();

            assertThat(log.lines()).hasSize(1).first().asString().contains("keys.xlsx", ".csv", ".jsonl");
        }
    }

    /** Once, nobody learnt why such a file was never read. */
    @Test
    void a_key_file_named_like_a_report_is_logged_once() throws IOException {
        Path mine = written("mine.errors.csv");
        Path report = written("keys.csv.errors.csv");
        try (CapturedLog log = new CapturedLog(FileReadiness.class.getName())) {
            for (int look = 0; look < 3; look++) {
                assertThat(isReady(mine)).isFalse();
                assertThat(isReady(report)).isFalse();
                pass(SETTLE);
            }
            assertThat(log.lines()).hasSize(1).first().asString().contains("mine.errors.csv", "that of a report");
        }
    }

    /** Once, such a file was read, and what its producer wrote behind the pause was not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "keys.csv  | customerId;contactId\\n | 30",
                "keys.csv  | customerId;conta        | 30",
                "keys.csv  | customerId;contactId\\n00000000-0000 | 15",
                "keys.json | [{},                    | 15",
                "keys.json | [{}]                    | 5",
                "keys.ndjson | {}                    | 5",
                "keys.ndjson | {}\\n{                | 15"
            })
    void a_file_that_ends_where_more_must_come_rests_longer_but_not_for_ever(String name, String content, int seconds)
            throws IOException {
        Path file = Files.writeString(folder.resolve(name), content.replace("\\n", "\n"));
        assertThat(isReady(file)).isFalse();
        pass(Duration.ofSeconds(seconds).minusMillis(1));
        assertThat(isReady(file)).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(isReady(file)).isTrue();
    }
}
