package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;

/**
 * Secrets in a file that only its owner can read (mode 0600), beside an SQLite database. Changes happen within write
 * transactions of that database, which come one after the other, whatever process makes them.
 */
final class SecretFile {

    private final Path file;

    SecretFile(Path file) {
        this.file = file;
    }

    Path path() {
        return file;
    }

    /** Null when there is none of that name. */
    String get(String name) {
        return read().getProperty(name);
    }

    /** @param value null: it is removed */
    void put(String name, String value) {
        Properties all = read();
        if (value == null) {
            if (all.remove(name) == null) {
                return;
            }
        } else {
            all.setProperty(name, value);
        }
        try {
            write(all);
        } catch (IOException e) {
            throw new ProcessingHaltedException(
                    "the file " + file
                            + ", which stores secrets because contacts.secret-key is not set, cannot be written: " + e,
                    e);
        }
    }

    private Properties read() {
        Properties all = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                all.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new ProcessingHaltedException("the file with secrets " + file + " cannot be read: " + e, e);
            }
        }
        return all;
    }

    private void write(Properties all) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        all.store(
                bytes,
                "Secrets of JTL contact sync: keep this file private. Set contacts.secret-key to have them"
                        + " encrypted in the database instead.");
        Path folder = file.toAbsolutePath().getParent();
        boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path fresh = Files.createTempFile(folder, ".secrets-", ".tmp", mode);
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
