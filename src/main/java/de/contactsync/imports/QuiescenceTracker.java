package de.contactsync.imports;

import de.contactsync.imports.FileFingerprint.Stamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** For how long files have been at rest, by our own clock alone: those of file servers may be wrong. Thread-safe. */
final class QuiescenceTracker {

    /**
     * @param stamp    of the file when it was looked at
     * @param changed  the last change of name, owner or content; the epoch where the file system does not know it
     * @param nanoTime when the file was first seen like this
     * @param first    whether it was like this when it was first seen at all
     */
    record Look(Stamp stamp, FileTime changed, long nanoTime, boolean first) {

        private Look then(Look fresh) {
            return stamp.equals(fresh.stamp) && changed.equals(fresh.changed)
                    ? this
                    : new Look(fresh.stamp, fresh.changed, fresh.nanoTime, false);
        }

        /** Equal texts are of equal stamps. */
        String text() {
            return stamp.size() + "|" + stamp.modified() + "|" + changed + "|" + stamp.fileKey();
        }

        /** As a file that was written elsewhere and then renamed: its status changed later than its content. */
        boolean cameWhole() {
            return first && stamp.size() > 0 && changed.compareTo(stamp.modified()) > 0;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Path, Look> looks = new ConcurrentHashMap<>();

    QuiescenceTracker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Looks at a file as it is now. */
    Look look(Path file) throws IOException {
        Look fresh = new Look(Stamp.of(file), statusChange(file), nanoTime.getAsLong(), true);
        return looks.merge(file, fresh, Look::then);
    }

    Duration since(Look look) {
        return Duration.ofNanos(nanoTime.getAsLong() - look.nanoTime);
    }

    /** Null when the file has not been looked at. */
    Look lastLook(Path file) {
        return looks.get(file);
    }

    void forget(Path file) {
        looks.remove(file);
    }

    void forgetAllBut(Set<Path> files) {
        looks.keySet().retainAll(files);
    }

    /** Written or renamed, whichever was later; null when it has gone meanwhile. */
    static Instant came(Path file) throws IOException {
        try {
            Instant written =
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
            Instant renamed = statusChange(file).toInstant();
            return written.isAfter(renamed) ? written : renamed;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static FileTime statusChange(Path file) throws IOException {
        try {
            return (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return FileTime.fromMillis(0);
        }
    }
}
