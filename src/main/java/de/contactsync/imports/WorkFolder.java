package de.contactsync.imports;

import de.contactsync.persistence.Run;
import de.contactsync.persistence.SourceFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code inbox/.work}: the files that were taken from the inbox, each under its name in a folder of its own, where no
 * producer replaces them. What a process leaves there when it is killed, the next one finds. Of each file that goes to
 * its place a note stays in {@code .work/.moved}, because a producer may still write to it: see
 * {@link LateAppendScanner}. Where that place is on another file system, only a copy goes there, and the file itself,
 * which the producer may have open, is kept in {@code .work/.kept} as long as the note.
 */
final class WorkFolder {

    private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);

    static final String NAME = ".work";

    private static final String NOTES = ".moved";
    private static final String KEPT = ".kept";
    private static final String LOCK = ".lock";
    private static final String ID = ".inbox";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Clock clock;

    WorkFolder(Path inbox, Clock clock) {
        this.folder = inbox.resolve(NAME);
        this.clock = clock;
    }

    Path folder() {
        return folder;
    }

    /** A new folder for one file. */
    Path create() throws IOException {
        FileMove.makeFolder(folder);
        return Files.createDirectory(folder.resolve(TIME.format(clock.instant()) + "-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt())));
    }

    /**
     * By which the inbox is known wherever it is mounted; made where there is none.
     *
     * @throws IOException also when the folder is not there
     */
    String inboxId() throws IOException {
        Path file = folder.resolve(ID);
        if (!Files.exists(file)) {
            Path draft = folder.resolve(ID + "." + UUID.randomUUID() + ".tmp");
            Files.writeString(draft, UUID.randomUUID().toString());
            try {
                // Of two processes one wins, and neither reads half of it.
                Files.createLink(file, draft);
            } catch (FileAlreadyExistsException e) {
                return Files.readString(file).strip();
            } catch (UnsupportedOperationException e) {
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        }
        return Files.readString(file).strip();
    }

    boolean exists() {
        return Files.isDirectory(folder);
    }

    /** How the database names a folder of a file that was taken. */
    String place(Path taken) {
        return SourceFile.TAKEN + taken.getFileName() + "/";
    }

    /** The places of the files that were taken, as {@link #place} names them. */
    Set<String> places() throws IOException {
        Set<String> places = new HashSet<>();
        for (Path taken : list(folder)) {
            if (isFolderOfFile(taken) && !list(taken).isEmpty()) {
                places.add(place(taken));
            }
        }
        return places;
    }

    boolean holds(Path file) {
        Path parent = file.getParent();
        return parent != null && folder.equals(parent.getParent());
    }

    /** The files that were taken, those whose names begin with a dot left out. */
    List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path taken : list(folder)) {
            if (isFolderOfFile(taken)) {
                list(taken).stream().filter(file -> !isHidden(file)).forEach(files::add);
            }
        }
        return files;
    }

    /** The notes there are, each by its path. */
    List<Path> notes() throws IOException {
        return list(folder.resolve(NOTES)).stream()
                .filter(note -> !isHidden(note))
                .toList();
    }

    /** Does something to the notes, unless another of the processes that share the inbox does at this moment. */
    void withNotes(Runnable work) {
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                work.run();
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("another inbox of this process is the same folder", e);
        } catch (IOException e) {
            // On a share without locks two processes may both take out what was added, which costs calls only.
            LOG.debug("{} cannot be locked", folder, e);
            work.run();
        }
    }

    /** Null while the file has not gone to its place. */
    MoveNote note(Path path) throws IOException {
        Path taken = folder.resolve(path.getFileName());
        return list(taken).stream().allMatch(WorkFolder::isHidden) ? MoveNote.read(path) : null;
    }

    /** Null when none was written. */
    MoveNote noteOf(Path file) throws IOException {
        Path path = notePath(file);
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? MoveNote.read(path) : null;
    }

    /** Of a file that is about to go to its place. */
    MoveNote newNote(Path file, String place, FileFingerprint read, boolean finished, Run run) {
        String id = run == null ? "" : Long.toString(run.id());
        return new MoveNote(notePath(file), place, read, finished, clock.instant(), "", id, "");
    }

    /** The run that read the last line of a file so far; empty while that is not known. */
    String lastRun(MoveNote note) throws IOException {
        Path added = folder.resolve(NOTES).resolve(note.added());
        return note.added().isEmpty()
                ? note.run()
                : Files.exists(added) ? MoveNote.read(added).run() : "";
    }

    private Path notePath(Path file) {
        return folder.resolve(NOTES).resolve(file.getParent().getFileName());
    }

    /** Whether it was written more than {@code age} ago. */
    boolean isOlder(MoveNote note, Duration age) {
        return note.moved().isBefore(clock.instant().minus(age));
    }

    void remove(MoveNote note) throws IOException {
        // The note first: without the file it would describe a copy that lacks what was added since.
        Files.deleteIfExists(note.path());
        removeKept(keptFolder(note.path()));
    }

    /** Keeps a file of which a copy has gone to its place. */
    void keep(Path file) throws IOException {
        Path kept = folder.resolve(KEPT).resolve(file.getParent().getFileName());
        FileMove.makeFolder(kept.getParent());
        Files.move(file.getParent(), kept, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The file that was kept with this note; null when it went to its place itself. */
    Path kept(Path note) throws IOException {
        return list(keptFolder(note)).stream()
                .filter(file -> !isHidden(file))
                .findAny()
                .orElse(null);
    }

    private Path keptFolder(Path note) {
        return folder.resolve(KEPT).resolve(note.getFileName());
    }

    private static void removeKept(Path kept) throws IOException {
        for (Path file : list(kept)) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(kept);
    }

    /** Of processes that were killed right behind the removal of a note. */
    void removeKeptWithoutNote() throws IOException {
        for (Path kept : list(folder.resolve(KEPT))) {
            if (!Files.exists(folder.resolve(NOTES).resolve(kept.getFileName()))) {
                removeKept(kept);
            }
        }
    }

    /** Whether what is kept takes the room that new files need. */
    boolean isShortOfRoom() throws IOException {
        FileStore store = Files.getFileStore(folder);
        return store.getUsableSpace() < store.getTotalSpace() / 10;
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

    /** Folders of processes that were killed before a file came into them, or of files that were taken away since. */
    List<Path> empty() throws IOException {
        List<Path> empty = new ArrayList<>();
        for (Path taken : list(folder)) {
            if (isFolderOfFile(taken) && list(taken).isEmpty()) {
                empty.add(taken);
            }
        }
        return empty;
    }

    private static boolean isFolderOfFile(Path taken) {
        return !isHidden(taken) && Files.isDirectory(taken, LinkOption.NOFOLLOW_LINKS);
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
