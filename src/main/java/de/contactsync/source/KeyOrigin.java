package de.contactsync.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Where the keys of a run stand, as those see it who watch the run. */
sealed interface KeyOrigin permits KeyOrigin.InFile, KeyOrigin.InTables {

    /** For people. */
    String name();

    /** Records there seem to be, for a progress bar; -1 when that shows only at their end. */
    long expectedRecords();

    /** Whether they may be others by now than those that were read. */
    boolean changedMeanwhile() throws IOException;

    record InFile(Path file, FileFingerprint fingerprint) implements KeyOrigin {

        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public long expectedRecords() {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".gz") || name.endsWith(".json")) {
                return -1;
            }
            boolean header = !name.endsWith(".jsonl") && !name.endsWith(".ndjson");
            return Math.max(0, fingerprint.lineFeeds() - (header ? 1 : 0));
        }

        @Override
        public boolean changedMeanwhile() throws IOException {
            return !fingerprint.stamp().isStillThatOf(file);
        }
    }

    /** Listed in the ledger, where it stays the same. */
    record InTables(String name, long expectedRecords) implements KeyOrigin {

        @Override
        public boolean changedMeanwhile() {
            return false;
        }
    }
}
