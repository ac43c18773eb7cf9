package de.contactsync.imports;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Where the keys of a run stand, as those see it who watch the run. */
sealed interface RunSource extends Closeable permits RunSource.InFile, RunSource.InTables {

    /** For people. */
    String name();

    /** The file as it can be opened; null when they stand in none. */
    Path file();

    /** Records there seem to be, for a progress bar; -1 when that shows only at their end. */
    long expectedRecords();

    /**
     * Asked before it is closed.
     *
     * @return why the run of what was read is superseded; null when it stands
     */
    String superseded() throws IOException;

    @Override
    default void close() throws IOException {}

    /**
     * @param shown       the path it came by
     * @param fingerprint of what is read
     * @param held        the same file, opened together with the stream that is read and not read itself: its content
     *     can still be compared once it has another name, or none
     * @param ours        whether it was taken from the inbox: then what is put to it later is worked on later
     */
    record InFile(Path file, Path shown, FileFingerprint fingerprint, InputStream held, boolean ours)
            implements RunSource {

        @Override
        public String name() {
            return FileNames.shown(shown);
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
        public String superseded() throws IOException {
            if (fingerprint.stamp().isStillThatOf(file)) {
                return null;
            }
            if (!fingerprint.isBeginningOf(held)) {
                return "the file was changed while it was read: its new content will be a new run";
            }
            return ours || isGoneOrTouched()
                    ? null
                    : "the file was replaced or appended to while it was read: what is there now will be a new run";
        }

        private boolean isGoneOrTouched() throws IOException {
            try {
                FileFingerprint.Stamp now = FileFingerprint.Stamp.of(file);
                return now.size() == fingerprint.size()
                        && java.util.Objects.equals(
                                now.fileKey(), fingerprint.stamp().fileKey());
            } catch (NoSuchFileException e) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            held.close();
        }
    }

    /** Listed in the database, where it stays the same. */
    record InTables(String name, long expectedRecords) implements RunSource {

        @Override
        public Path file() {
            return null;
        }

        @Override
        public String superseded() {
            return null;
        }
    }
}
