package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched folder: which of its files are ready to be read, and where they go. Files are only ever named by the
 * paths the file system gives, so that a name of bytes that are not characters here is a name like any other.
 * Thread-safe.
 */
public final class WatchedDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedDirectory.class);

    private static final Duration TAKE_AGAIN = Duration.ofSeconds(30);

    private final Path folder;
    private final Duration settle;
    private final LongSupplier nanoTime;
    private final WorkFolder work;
    private final FileReadiness readiness;
    private final FinishedFiles finished;
    private volatile boolean made;
    /** Of the folder itself, so that no file can be taken from it, until one could be again. */
    private volatile String problem;
    /** Whether it must be tried anew before files are taken again. */
    private volatile boolean createFailed;

    public WatchedDirectory(FileSettings settings, Clock clock) {
        this(settings.directory(), settings.settle(), clock, System::nanoTime);
    }

    WatchedDirectory(Path folder, Duration settle, Clock clock, LongSupplier nanoTime) {
        this.folder = folder.toAbsolutePath().normalize();
        this.settle = settle;
        this.nanoTime = nanoTime;
        this.work = new WorkFolder(this.folder, clock);
        this.readiness = new FileReadiness(work, settle, nanoTime);
        this.finished = new FinishedFiles(this.folder, clock);
    }

    Path folder() {
        return folder;
    }

    /** For how long a file has to be at rest. */
    Duration settle() {
        return settle;
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    WorkFolder work() {
        return work;
    }

    FileReadiness readiness() {
        return readiness;
    }

    FinishedFiles finished() {
        return finished;
    }

    /** Why no file of the folder can be worked on now; null when that is not so. */
    public String problem() {
        String found = problem;
        // It may have gone since the last look, which is as long ago as the file that is worked on takes.
        return found == null && made && !Files.isReadable(folder)
                ? "the folder contacts.file.directory cannot be read: check its permissions, and whether it is"
                        + " mounted"
                : found;
    }

    /** Makes the folder where there is none, once: one that goes away later may be a share that is not mounted. */
    public void watch() {
        try {
            makeOnce();
        } catch (IOException e) {
            note("the folder contacts.file.directory cannot be created (" + FileNames.reason(e)
                    + "): check its permissions");
        }
    }

    private void makeOnce() throws IOException {
        if (!made) {
            FileMove.makeFolder(folder);
            made = true;
        }
    }

    /** The files to be opened now, the oldest first. */
    List<InboxFile> ready() {
        try {
            makeOnce();
            List<InboxFile> files = files();
            readiness.forgetAllBut(files);
            String unwritable = unwritable();
            if (unwritable != null) {
                note(unwritable);
                // What is in our hands already can be worked on.
                files = files.stream().filter(file -> work.holds(file.path())).toList();
            } else if (problem != null) {
                LOG.info("The folder {} can be used again", FileNames.shown(folder));
                problem = null;
            }
            return readiness.readyOf(files);
        } catch (IOException | RuntimeException e) {
            note("the folder contacts.file.directory cannot be read (" + FileNames.reason(e)
                    + "): check its permissions, and whether it is mounted");
            return List.of();
        }
    }

    /** Why no file could be taken, or not moved to its place in the end; null when that could be done. */
    private String unwritable() {
        for (Path needed : List.of(
                folder, work.folder(), folder.resolve(FinishedFiles.DONE), folder.resolve(FinishedFiles.FAILED))) {
            String obstacle = FileMove.obstacle(needed);
            if (obstacle != null) {
                return cannotTake(needed, obstacle);
            }
            if (Files.isDirectory(needed) && !Files.isWritable(needed)) {
                return cannotTake(needed, FileNames.reasonIn(needed, new AccessDeniedException(needed.toString())));
            }
        }
        if (createFailed) {
            try {
                WorkFolder.removeIfEmpty(work.create());
                createFailed = false;
            } catch (IOException e) {
                return cannotTake(work.folder(), FileNames.reasonIn(work.folder(), e));
            }
        }
        return null;
    }

    private static String cannotTake(Path needed, String reason) {
        return "no file can be taken, because nothing can be created in " + FileNames.shown(needed) + ": " + reason;
    }

    private List<InboxFile> files() throws IOException {
        List<InboxFile> files = new ArrayList<>();
        try (DirectoryStream<Path> present = Files.newDirectoryStream(folder)) {
            for (Path file : present) {
                if (!file.getFileName().toString().startsWith(".")) {
                    files.add(new InboxFile(file, file));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path file : work.files()) {
            files.add(new InboxFile(file, folder.resolve(file.getFileName())));
        }
        return files;
    }

    private void note(String wrong) {
        if (!wrong.equals(problem)) {
            problem = wrong;
            LOG.error("{}", wrong);
        }
    }

    /**
     * Takes a file into our hands, where nobody replaces it.
     *
     * @return null when it is gone, or is another by now than the one that was at rest
     */
    InboxFile take(InboxFile file) {
        if (work.holds(file.path())) {
            return file;
        }
        Path taken = null;
        try {
            QuiescenceTracker.Look rested = readiness.lastLook(file.path());
            taken = work.create().resolve(file.path().getFileName());
            Files.move(file.path(), taken, StandardCopyOption.ATOMIC_MOVE);
            readiness.forget(file.path());
            if (rested != null && rested.stamp().isStillThatOf(taken)) {
                return new InboxFile(taken, file.name());
            }
            if (FileMove.putBack(taken, file.path())) {
                WorkFolder.removeIfEmpty(taken.getParent());
            } else {
                readiness.setAside(taken, settle);
            }
        } catch (NoSuchFileException e) {
            removeFolderOf(taken);
        } catch (IOException e) {
            removeFolderOf(taken);
            readiness.setAside(file.path(), TAKE_AGAIN);
            if (taken == null) {
                createFailed = true;
                note(cannotTake(work.folder(), FileNames.reasonIn(work.folder(), e)));
            } else {
                readiness.leaveAlone(
                        file.path(), "it cannot be moved to " + WorkFolder.NAME + ": " + FileNames.reasonIn(folder, e));
            }
        }
        return null;
    }

    private static void removeFolderOf(Path taken) {
        if (taken != null) {
            WorkFolder.removeIfEmpty(taken.getParent());
        }
    }

    /** Whether a file of this name waits, or is being worked on. */
    boolean holdsAnother(String name) throws IOException {
        return Files.isDirectory(folder)
                && files().stream().anyMatch(file -> FileNames.text(file.path()).equals(name));
    }

    /** Since when the file has been waiting that came first; null when none waits. */
    public Instant oldest() throws IOException {
        Instant oldest = null;
        try {
            for (InboxFile file : files()) {
                String name = file.path().getFileName().toString();
                if (KeyFile.understands(name)
                        && !FileReadiness.isNameOfReport(name)
                        && Files.isRegularFile(file.path(), LinkOption.NOFOLLOW_LINKS)) {
                    Instant came = QuiescenceTracker.came(file.path());
                    oldest = oldest == null || came != null && came.isBefore(oldest) ? came : oldest;
                }
            }
        } catch (NoSuchFileException e) {
            // The folder is made when it is first watched.
            return null;
        }
        return oldest;
    }
}
