package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Since when the file has been waiting that came into the inbox first. */
class OldestPendingFileTest {

    @TempDir
    Path inbox;

    private static Instant oldest(Path folder) throws IOException {
        return new WatchedDirectory(
                        new FileSettings(folder, Duration.ofSeconds(5), 1, TenantNames.only(null)), Clock.systemUTC())
                .oldest();
    }

    @Test
    void nothing_waits_in_an_empty_inbox_or_in_none() throws IOException {
        assertThat(oldest(inbox)).isNull();
        assertThat(oldest(inbox.resolve("none"))).isNull();
    }

    @Test
    void what_is_no_key_file_does_not_wait() throws IOException {
        Files.createDirectories(inbox.resolve(".done"))
                .resolve("done.csv")
                .toFile()
                .createNewFile();
        Files.createDirectory(inbox.resolve("folder.csv"));
        Files.createFile(inbox.resolve("keys.csv.errors.csv"));
        Files.createFile(inbox.resolve("letter.pdf"));

        assertThat(oldest(inbox)).isNull();
    }

    @Test
    void a_file_waits_since_it_came_and_not_since_it_was_written() throws IOException {
        Instant before = Instant.now().minusSeconds(1);
        Path old = Files.createFile(inbox.resolve("old.csv"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        Path late = Files.createFile(inbox.resolve("late.jsonl.gz"));
        Files.setLastModifiedTime(late, FileTime.from(Instant.now().plusSeconds(3_600)));

        assertThat(oldest(inbox)).isBetween(before, Instant.now().plusSeconds(1));
    }
}
