package de.contactsync.imports;

import de.contactsync.imports.FileFingerprint.Stamp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fingerprints of files by their stamps, so that a file that waits is read for its hash only once. Thread-safe. */
public final class Fingerprints {

    private static final int MOST = 10_000;

    private final Map<Path, FileFingerprint> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, FileFingerprint> eldest) {
            return size() > MOST;
        }
    };

    /** Of the file as it is now. */
    FileFingerprint of(Path file) throws IOException {
        FileFingerprint last = lastOf(file);
        if (last != null && last.stamp().equals(Stamp.of(file))) {
            return last;
        }
        FileFingerprint fresh = FileFingerprint.of(file);
        synchronized (known) {
            known.put(file, fresh);
        }
        return fresh;
    }

    /** Of the file as it was when it was read last; null when it was not. */
    FileFingerprint lastOf(Path file) {
        synchronized (known) {
            return known.get(file);
        }
    }

    void forget(Path file) {
        synchronized (known) {
            known.remove(file);
        }
    }
}
