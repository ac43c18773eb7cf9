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
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched folder: which of its files are ready to be read, and where they go. Files are only ever named by the
 * paths the file system gives, so that a name of bytes that are not characters here is a name like any other.
 * Thread-safe.
 */
public final class WatchedDirectory {

    static final String DONE = ".done";
    static final String FAILED = ".failed";

    private static final Logger LOG = LoggerFactory.getLogger(WatchedDirectory.class);

    /** A second look this much later shows whether a file that seems complete is touched after all. */
    private static final Duration SECOND_LOOK = Duration.ofMillis(400);

    private static final Duration TAKE_AGAIN = Duration.ofSeconds(30);
    private static final Duration EMPTY_FOR_LONG = Duration.ofMinutes(1);

    private static final DateTimeFormatter NAME_TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS");

    private final Path folder;
    private final Duration settle;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final WorkFolder work;
    private final QuiescenceTracker quiescenceTracker;
    private final Set<Path> said = ConcurrentHashMap.newKeySet();
    private final Map<Path, Long> asideUntil = new ConcurrentHashMap<>();
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
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.quiescenceTracker = new QuiescenceTracker(nanoTime);
        this.work = new WorkFolder(this.folder, clock);
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

    /** Why no file of the folder can be worked on now; null when that is not so. */
    public String problem() {
        String found = problem;
        // It may have gone since the last look, which is as long ago as the file that is worked on takes.
        return found == null && made && !Files.isReadable(folder)
                ? "the folder contacts.file.directory cannot be read: see to its permissions, and whether it is mounted"
                : found;
    }

    /** Makes the folder where there is none, once: one that goes away later may be a share that is not mounted. */
    public void watch() {
        try {
            makeOnce();
        } catch (IOException e) {
            note("the folder contacts.file.directory cannot be made (" + FileNames.reason(e)
                    + "): see to its permissions");
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
            Set<Path> present = new HashSet<>();
            files.forEach(file -> present.add(file.path()));
            quiescenceTracker.forgetAllBut(present);
            said.retainAll(present);
            asideUntil.keySet().retainAll(present);
            String unwritable = unwritable();
            if (unwritable != null) {
                note(unwritable);
                // What is in our hands already can be worked on.
                files = files.stream().filter(file -> work.holds(file.path())).toList();
            } else if (problem != null) {
                LOG.info("The folder {} can be used again", FileNames.shown(folder));
                problem = null;
            }
            return files.stream().filter(this::isReady).sorted(oldestFirst()).toList();
        } catch (IOException | RuntimeException e) {
            note("the folder contacts.file.directory cannot be read (" + FileNames.reason(e)
                    + "): see to its permissions, and whether it is mounted");
            return List.of();
        }
    }

    /** Why no file could be taken, or not moved to its place in the end; null when that could be done. */
    private String unwritable() {
        for (Path needed : List.of(folder, work.folder(), folder.resolve(DONE), folder.resolve(FAILED))) {
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

    private Comparator<InboxFile> oldestFirst() {
        return Comparator.comparing((InboxFile file) ->
                        quiescenceTracker.lastLook(file.path()).stamp().modified())
                .thenComparing(InboxFile::name);
    }

    private void note(String wrong) {
        if (!wrong.equals(problem)) {
            problem = wrong;
            LOG.error("{}", wrong);
        }
    }

    /** Whether it is a key file that can be taken, or was. What is wrong with one file costs no other. */
    boolean isReady(InboxFile file) {
        try {
            return isReady(file.path());
        } catch (NoSuchFileException e) {
            // Gone between two looks: whoever took it away knows what became of it.
            quiescenceTracker.forget(file.path());
            return false;
        } catch (IOException | RuntimeException e) {
            leaveAlone(file.path(), "it cannot be looked at (" + FileNames.reason(e) + ")");
            return false;
        }
    }

    private boolean isReady(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (isAside(file) || isReport(file, name)) {
            return false;
        }
        boolean understood = KeyFile.understands(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            if (understood && FileNames.isTaken(file)) {
                leaveAlone(file, "only plain files are read, no folders, symbolic links or pipes");
            }
            return false;
        }
        QuiescenceTracker.Look look = quiescenceTracker.look(file);
        Duration unchanged = quiescenceTracker.since(look);
        if (understood && look.stamp().size() == 0) {
            if (unchanged.compareTo(EMPTY_FOR_LONG) >= 0) {
                leaveAlone(
                        file,
                        "it is empty. It is read once something is written to it; delete it if nothing is to come");
            }
            return false;
        }
        boolean cameWhole = look.cameWhole() && unchanged.compareTo(SECOND_LOOK) >= 0;
        boolean rests = work.holds(file) || cameWhole || unchanged.compareTo(settle) >= 0;
        if (rests && !understood) {
            // Before, it may have been the name of a file on its way; one that stays is waited for by somebody.
            leaveAlone(file, "a key file ends in .csv, .tsv, .txt, .ndjson, .jsonl or .json, with or without .gz");
        }
        if (!rests || !understood) {
            return false;
        }
        if (!Files.isReadable(file)) {
            // Another process may have taken it since the folder was listed.
            if (Files.exists(file)) {
                leaveAlone(
                        file,
                        "this program's user has no permission to read it: give it that with chmod or chown. It is"
                                + " read as soon as it can be");
            }
            return false;
        }
        return work.holds(file) || cameWhole || hasRested(file, unchanged);
    }

    /** Whether a file that has been unchanged for so long can be taken for complete. */
    boolean hasRested(Path file, Duration unchanged) throws IOException {
        return unchanged.compareTo(settle) >= 0 && unchanged.compareTo(RequiredRest.of(file, settle)) >= 0;
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
            QuiescenceTracker.Look rested = quiescenceTracker.lastLook(file.path());
            taken = work.create().resolve(file.path().getFileName());
            Files.move(file.path(), taken, StandardCopyOption.ATOMIC_MOVE);
            quiescenceTracker.forget(file.path());
            if (rested != null && rested.stamp().isStillThatOf(taken)) {
                return new InboxFile(taken, file.name());
            }
            if (FileMove.putBack(taken, file.path())) {
                WorkFolder.removeIfEmpty(taken.getParent());
            } else {
                setAside(taken, settle);
            }
        } catch (NoSuchFileException e) {
            removeFolderOf(taken);
        } catch (IOException e) {
            removeFolderOf(taken);
            setAside(file.path(), TAKE_AGAIN);
            if (taken == null) {
                createFailed = true;
                note(cannotTake(work.folder(), FileNames.reasonIn(work.folder(), e)));
            } else {
                leaveAlone(
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
                        && !isNameOfReport(name)
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

    /** Leaves a file alone for a while, so that others come first. */
    void setAside(Path file, Duration time) {
        asideUntil.put(file, nanoTime.getAsLong() + time.toNanos());
    }

    private boolean isAside(Path file) {
        Long until = asideUntil.get(file);
        if (until != null && until - nanoTime.getAsLong() <= 0) {
            asideUntil.remove(file);
            return false;
        }
        return until != null;
    }

    /** Where a file of this name can go: a file of an earlier day in the same place is never overwritten. */
    Path placeIn(String done, Path file) {
        String name = FileNames.text(file);
        String time = "." + NAME_TIME.format(clock.instant().atZone(ZoneId.systemDefault()));
        Path places = folder.resolve(done);
        Path place = FileNames.in(places, name);
        for (int i = 1; FileNames.isTaken(place); i++) {
            place = FileNames.in(places, FileNames.with(i == 1 ? time : time + "-" + i, name));
        }
        return place;
    }

    /** How the database names a place: the inbox may be another path tomorrow, or on another host. */
    static String nameOf(Path place) {
        return place.getParent().getFileName() + "/" + FileNames.text(place);
    }

    /** @param name as {@link #nameOf} gives it, or the absolute path that older versions wrote down */
    Path place(String name) {
        String[] parts = name.split("/");
        return FileNames.in(folder.resolve(parts[parts.length - 2]), parts[parts.length - 1]);
    }

    private boolean isReport(Path file, String name) {
        if (!isNameOfReport(name)) {
            return false;
        }
        if (!KeyFile.understands(name.replaceFirst("\\.(errors\\.csv|error\\.txt|contacts\\.\\w+)$", ""))) {
            leaveAlone(file, "names that end like this are those of reports: give it another if it holds keys");
        }
        return true;
    }

    private static boolean isNameOfReport(String name) {
        return name.endsWith(ErrorReportWriter.SUFFIX)
                || name.endsWith(ErrorReportWriter.REASON)
                || ContactFileWriter.isOne(name);
    }

    /** Said once for each file. */
    private void leaveAlone(Path file, String reason) {
        if (said.add(file)) {
            LOG.warn("{} is left alone: {}", FileNames.shown(file), reason);
        }
    }
}
