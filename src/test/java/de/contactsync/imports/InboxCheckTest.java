package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check} once had no line for the inbox, and run then could not take a file from it. */
class InboxCheckTest {

    @TempDir
    Path folder;

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void the_moves_of_a_key_file_are_made_and_nothing_is_left() throws IOException {
        Path inbox = Files.createDirectory(folder.resolve("inbox"));
        Files.writeString(inbox.resolve("keys.csv"), "x");
        List<Path> before = all();

        assertThat(InboxCheck.run(inbox))
                .isEqualTo(inbox + " was read; a file was made in it, renamed into .work, renamed into .done, renamed"
                        + " into .failed and deleted");
        assertThat(all()).isEqualTo(before);
    }

    @Test
    void a_folder_that_run_makes_is_not_made() throws IOException {
        assertThat(InboxCheck.run(folder.resolve("in/box")))
                .isEqualTo(folder.resolve("in/box") + " is made by run; " + folder
                        + " was tried: a file was made in it and deleted");
        assertThat(all()).containsExactly(folder);
    }

    /** As with a share that is mounted for what is done. */
    @Test
    void a_folder_on_another_file_system_is_copied_to() throws IOException {
        Path other = Path.of("/dev/shm");
        assumeTrue(
                Files.isWritable(other) && !Files.getFileStore(other).equals(Files.getFileStore(folder)),
                "needs a second file system");
        Path done = Files.createTempDirectory(other, "inbox-check-");
        try {
            Files.createSymbolicLink(folder.resolve(".done"), done);
            assertThat(InboxCheck.run(folder))
                    .contains("renamed into .work, copied to another file system into .done, copied to another");
            assertThat(done).isEmptyDirectory();
        } finally {
            Files.delete(done);
        }
    }

    @Test
    void what_is_in_the_way_is_named() throws IOException {
        Files.writeString(folder.resolve(".done"), "no folder");
        assertThatThrownBy(() -> InboxCheck.run(folder))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContainingAll(folder.resolve(".done") + ": it is not a folder", "contacts.file.directory");
        assertThat(all()).hasSize(2);

        Files.delete(folder.resolve(".done"));
        Files.createSymbolicLink(folder.resolve(".failed"), folder.resolve("nowhere"));
        assertThatThrownBy(() -> InboxCheck.run(folder))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining(folder.resolve(".failed") + ": it is a dangling symbolic link");
        assertThat(all()).containsExactly(folder, folder.resolve(".failed"));

        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> InboxCheck.run(file)).isInstanceOf(ProcessingHaltedException.class);
        assertThatThrownBy(() -> InboxCheck.run(file.resolve("inbox"))).isInstanceOf(ProcessingHaltedException.class);
    }
}
