package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** What was read of a line whose producer paused in the middle of it. */
final class HalfLine {

    private static final UUID ANY_TENANT = new UUID(0, 0);

    private HalfLine() {}

    /**
     * Of a file that was written on.
     *
     * @param name whose ending tells what the file holds
     * @param read what was read of it
     * @return the raw text of its last record then, when that was not valid and its line is read again
     */
    static Optional<String> find(Path file, Path name, FileFingerprint read) throws IOException {
        if (!read.isBeginningOf(file) || endsWithLine(file, read.size())) {
            return Optional.empty();
        }
        KeyEntry last = null;
        try (KeyFile keys =
                KeyFile.open(FileNames.text(name), new FirstBytes(Files.newInputStream(file), read.size()))) {
            while (keys.hasNext()) {
                last = keys.next();
            }
        }
        // Half the id of a tenant reads like a name. One that there are settings for had no dead letter.
        return last != null && last.orTenant(TenantNames.only(ANY_TENANT)) instanceof KeyEntry.Invalid half
                ? Optional.of(half.raw())
                : Optional.empty();
    }

    private static boolean endsWithLine(Path file, long size) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(size - 1);
            int last = in.read();
            return last == '\n' || last == '\r';
        }
    }
}
