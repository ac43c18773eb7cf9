package de.contactsync.source;

import de.contactsync.source.FileFingerprint.Stamp;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code inbox/.work}: the files that were taken from the inbox, each under its name in a folder of its own, where no
 * producer replaces them. What a process leaves there when it is killed, the next one finds. Beside a file that goes to
 * its place stands a note of that, which stays until the file has been looked at once more.
 */
final class WorkFolder {

    static final String NAME = ".work";

    private static final String NOTE = ".moved";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Clock clock;

    WorkFolder(Path inbox, Clock clock) {
        this.folder = inbox.resolve(NAME);
        this.clock = clock;
    }

    /**
     * Where a file went, and what of it was read.
     *
     * @param place       relative to the inbox
     * @param fingerprint of what was read
     * @param finished    whether its keys were worked on
     */
    record Note(Path path, String place, FileFingerprint fingerprint, boolean finished) {

        private static Note read(Path path) throws IOException {
            Properties values = new Properties();
            try (Reader in = Files.newBufferedReader(path)) {
                values.load(in);
                Stamp stamp = new Stamp(Long.parseLong(values.getProperty("size")), null, null);
                return new Note(path, values.getProperty("place"),
                        new FileFingerprint(values.getProperty("sha256"), 0, stamp),
                        Boolean.parseBoolean(values.getProperty("finished")));
            } catch (IllegalArgumentException | NullPointerException e) {
                throw new IOException(path + " is damaged: delete it", e);
            }
        }

        /** Whole or not at all. */
        void write() throws IOException {
            Properties values = new Properties();
            values.setProperty("place", place);
            values.setProperty("size", Long.toString(fingerprint.size()));
            values.setProperty("sha256", fingerprint.sha256());
            values.setProperty("finished", Boolean.toString(finished));
            Path draft = FileNames.draft(path);
            try (Writer out = Files.newBufferedWriter(draft)) {
                values.store(out, null);
            }
            WholeFile.publish(draft, path);
        }
    }

    /** A new folder for one file. */
    Path create() throws IOException {
        FileMove.makeFolder(folder);
        return Files.createDirectory(folder.resolve(
                TIME.format(clock.instant()) + "-" + Integer.toHexString(ThreadLocalRandom.current().nextInt())));
    }

    boolean holds(Path file) {
        Path parent = file.getParent();
        return parent != null && folder.equals(parent.getParent());
    }

    /** The files that were taken, those whose names begin with a dot left out. */
    List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path taken : list(folder)) {
            if (Files.isDirectory(taken, LinkOption.NOFOLLOW_LINKS)) {
                list(taken).stream().filter(file -> !isHidden(file)).forEach(files::add);
            }
        }
        return files;
    }

    /** Of the files that have gone to their places. */
    List<Note> notes() throws IOException {
        List<Note> notes = new ArrayList<>();
        for (Path taken : list(folder)) {
            Note note = note(taken);
            if (note != null && list(taken).stream().allMatch(WorkFolder::isHidden)) {
                notes.add(note);
            }
        }
        return notes;
    }

    /** Null when the file has not gone yet. */
    Note noteBeside(Path file) throws IOException {
        return note(file.getParent());
    }

    private static Note note(Path taken) throws IOException {
        Path path = taken.resolve(NOTE);
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Note.read(path) : null;
    }

    static Path noteFor(Path file) {
        return file.resolveSibling(NOTE);
    }

    /** The note and the folder it stands in. */
    void remove(Note note) throws IOException {
        Files.deleteIfExists(note.path());
        removeIfEmpty(note.path().getParent());
    }

    /** Does nothing when something is in it. */
    static void removeIfEmpty(Path taken) {
        try {
            Files.deleteIfExists(taken);
        } catch (IOException e) {
            // Another file has come into it, or somebody looks at it: it is empty at the next start as well.
            return;
        }
    }

    /** Folders of processes that were killed before a file came into them. */
    void removeEmpty() throws IOException {
        for (Path taken : list(folder)) {
            if (Files.isDirectory(taken, LinkOption.NOFOLLOW_LINKS)) {
                removeIfEmpty(taken);
            }
        }
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    private static List<Path> list(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }
}
