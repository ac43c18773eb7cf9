package de.contactsync.imports;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that appears whole or not at all, and stays, even when the power goes. */
final class AtomicFileWriter {

    private AtomicFileWriter() {}

    /**
     * Gives a draft its name, in place of what had it before.
     *
     * @param draft written and closed, in the same folder
     */
    static void publish(Path draft, Path file) throws IOException {
        force(draft, StandardOpenOption.WRITE);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try {
            force(file.toAbsolutePath().getParent(), StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            // Windows opens no folder, and there is no other way to ask it.
            return;
        }
    }

    private static void force(Path path, StandardOpenOption access) throws IOException {
        try (FileChannel channel = FileChannel.open(path, access)) {
            channel.force(true);
        }
    }
}
