package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileMoveTest {

    @TempDir
    Path folder;

    /** Once, an empty file stood in .done until the move succeeded, and was taken for the one that was done. */
    @Test
    void a_move_that_fails_leaves_nothing_under_the_new_name() {
        Path place = folder.resolve(".done/keys.csv");

        assertThatThrownBy(() -> FileMove.move(folder.resolve("away.csv"), place))
                .isInstanceOf(NoSuchFileException.class);

        assertThat(place).doesNotExist();
    }

    @Test
    void an_empty_file_that_a_killed_process_left_is_replaced() throws Exception {
        Path place = folder.resolve("keys.csv");
        Files.createFile(place);
        Path file = Files.writeString(folder.resolve("taken"), "keys");

        assertThat(FileMove.move(file, place)).isTrue();

        assertThat(place).hasContent("keys");
    }
}
