package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides which files of the watched folder can be read: key files that nobody writes to any more. Thread-safe. */
final class FileReadiness {

    private static final Logger LOG = LoggerFactory.getLogger(FileReadiness.class);

    /** A second look this much later shows whether a file that seems complete is touched after all. */
    private static final Duration SECOND_LOOK = Duration.ofMillis(400);

    private static final Duration EMPTY_FOR_LONG = Duration.ofMinutes(1);

    private final WorkFolder work;
    private final Duration settle;
    private final LongSupplier nanoTime;
    private final QuiescenceTracker quiescenceTracker;
    /** Files that are left alone, with a line in the log. */
    private final Set<Path> reported = ConcurrentHashMap.newKeySet();

    private final Map<Path, Long> asideUntil = new ConcurrentHashMap<>();

    FileReadiness(WorkFolder work, Duration settle, LongSupplier nanoTime) {
        this.work = work;
        this.settle = settle;
        this.nanoTime = nanoTime;
        this.quiescenceTracker = new QuiescenceTracker(nanoTime);
    }

    void forgetAllBut(List<InboxFile> files) {
        Set<Path> present = new HashSet<>();
        files.forEach(file -> present.add(file.path()));
        quiescenceTracker.forgetAllBut(present);
        reported.retainAll(present);
        asideUntil.keySet().retainAll(present);
    }

    void forget(Path file) {
        quiescenceTracker.forget(file);
    }

    /** Null when it was never looked at. */
    QuiescenceTracker.Look lastLook(Path file) {
        return quiescenceTracker.lastLook(file);
    }

    /** Those of them that are ready, the oldest first. */
    List<InboxFile> readyOf(List<InboxFile> files) {
        return files.stream().filter(this::isReady).sorted(oldestFirst()).toList();
    }

    private Comparator<InboxFile> oldestFirst() {
        return Comparator.comparing((InboxFile file) ->
                        quiescenceTracker.lastLook(file.path()).stamp().modified())
                .thenComparing(InboxFile::name);
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
            leaveAlone(file.path(), "it cannot be examined (" + FileNames.reason(e) + ")");
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
                leaveAlone(file, "it is empty. It is read once it has content; delete it if none will come");
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
                        "this program's user has no permission to read it: grant it with chmod or chown. It is then"
                                + " read automatically");
            }
            return false;
        }
        return work.holds(file) || cameWhole || hasRested(file, unchanged);
    }

    /** Whether a file that has been unchanged for so long can be taken for complete. */
    boolean hasRested(Path file, Duration unchanged) throws IOException {
        return unchanged.compareTo(settle) >= 0 && unchanged.compareTo(RequiredRest.of(file, settle)) >= 0;
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

    private boolean isReport(Path file, String name) {
        if (!isNameOfReport(name)) {
            return false;
        }
        if (!KeyFile.understands(name.replaceFirst("\\.(errors\\.csv|error\\.txt|contacts\\.\\w+)$", ""))) {
            leaveAlone(file, "its name is that of a report: rename it if it contains keys");
        }
        return true;
    }

    static boolean isNameOfReport(String name) {
        return name.endsWith(ErrorReportWriter.SUFFIX)
                || name.endsWith(ErrorReportWriter.REASON)
                || ContactFileWriter.isOne(name);
    }

    /** Said once for each file. */
    void leaveAlone(Path file, String reason) {
        if (reported.add(file)) {
            LOG.warn("{} is ignored: {}", FileNames.shown(file), reason);
        }
    }
}
