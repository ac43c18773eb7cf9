package de.contactsync.imports;

import de.contactsync.imports.FileFingerprint.Stamp;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Properties;

/**
 * Where a file went, and what of it was read.
 *
 * @param place       relative to the inbox
 * @param fingerprint of what was read
 * @param finished    whether its keys were worked on
 * @param moved       when it went there
 * @param compared    the stamp of the file there when its content was last compared; empty when it never was
 * @param run         the run that read it; empty when there was none, or an older version wrote this
 * @param added       the name of the note of what was last added to it; empty when nothing was
 */
record MoveNote(
        Path path,
        String place,
        FileFingerprint fingerprint,
        boolean finished,
        Instant moved,
        String compared,
        String run,
        String added) {

    static MoveNote read(Path path) throws IOException {
        Properties values = new Properties();
        try (Reader in = Files.newBufferedReader(path)) {
            values.load(in);
            Stamp stamp = new Stamp(Long.parseLong(values.getProperty("size")), null, null);
            return new MoveNote(
                    path,
                    values.getProperty("place"),
                    new FileFingerprint(values.getProperty("sha256"), 0, stamp),
                    Boolean.parseBoolean(values.getProperty("finished")),
                    Instant.parse(values.getProperty("moved")),
                    values.getProperty("compared"),
                    values.getProperty("run", ""),
                    values.getProperty("added", ""));
        } catch (IllegalArgumentException | NullPointerException | DateTimeException e) {
            throw new IOException(FileNames.shown(path) + " is damaged: delete it", e);
        }
    }

    /** The same file, whose content is that of {@code now}. */
    MoveNote compared(FileFingerprint now, String stamp) {
        return new MoveNote(path, place, now, finished, moved, stamp, run, added);
    }

    /** The same file, to which the file in that folder was added. */
    MoveNote added(Path folder) {
        String name = folder.getFileName().toString();
        return new MoveNote(path, place, fingerprint, finished, moved, compared, run, name);
    }

    /** Whole or not at all. */
    void write() throws IOException {
        FileMove.makeFolder(path.getParent());
        Properties values = new Properties();
        values.setProperty("place", place);
        values.setProperty("size", Long.toString(fingerprint.size()));
        values.setProperty("sha256", fingerprint.sha256());
        values.setProperty("finished", Boolean.toString(finished));
        values.setProperty("moved", moved.toString());
        values.setProperty("compared", compared);
        values.setProperty("run", run);
        values.setProperty("added", added);
        Path draft = FileNames.draft(path);
        try (Writer out = Files.newBufferedWriter(draft)) {
            values.store(out, null);
        }
        AtomicFileWriter.publish(draft, path);
    }
}
