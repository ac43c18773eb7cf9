package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.persistence.RunStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again at files that have gone to their places, because a producer that had one open may write on after any
 * pause. What came behind the bytes that were read becomes a file of its own; a file in {@code .failed} goes back as a
 * whole. Each is looked at for a day, also by later processes, at pauses that double up to a minute, and is read only
 * when its stamp has changed. Asked by one thread at a time.
 */
final class LateAppendScanner {

    private static final Logger LOG = LoggerFactory.getLogger(LateAppendScanner.class);

    /** Longer than a record may be. */
    private static final int LONGEST_LINE = 128 * 1024;

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration WATCHED_FOR = Duration.ofDays(1);
    /** Beyond these, the oldest are let go. */
    private static final int MOST = 1_000;

    /**
     * @param file  what a producer may still write to: the file at its place, or the one that was kept
     * @param due   when it is looked at next, by {@link WatchedDirectory#nanoTime}
     * @param pause behind that look
     */
    private record Watched(MoveNote note, Path place, Path file, long due, Duration pause) {

        boolean isKept() {
            return !file.equals(place);
        }
    }

    private final WatchedDirectory directory;
    private final RunStore runs;
    private final QuiescenceTracker quiescenceTracker;
    private final Map<Path, Watched> watched = new HashMap<>();
    private final Set<Path> said = new HashSet<>();

    /** @param runs keep the dead letters */
    LateAppendScanner(WatchedDirectory directory, RunStore runs) {
        this.directory = directory;
        this.runs = runs;
        this.quiescenceTracker = new QuiescenceTracker(directory.nanoTime());
    }

    /** Looks at those whose time has come. */
    void look() {
        Set<Path> notes;
        try {
            notes = new HashSet<>(directory.work().notes());
        } catch (IOException | RuntimeException e) {
            LOG.debug("the files that were moved cannot be looked at", e);
            return;
        }
        watched.keySet().retainAll(notes);
        said.retainAll(notes);
        if (!notes.isEmpty()) {
            directory.work().withNotes(() -> look(notes));
        }
    }

    private void look(Set<Path> notes) {
        for (Path path : notes) {
            try {
                look(path);
            } catch (IOException | RuntimeException e) {
                if (said.add(path)) {
                    Watched file = watched.get(path);
                    LOG.warn(
                            "{} cannot be looked at again: {}",
                            FileNames.shown(file == null ? path : file.place),
                            FileNames.reason(e));
                }
            }
        }
        forgetOldest();
        quiescenceTracker.forgetAllBut(
                watched.values().stream().map(Watched::file).collect(Collectors.toSet()));
    }

    private void look(Path path) throws IOException {
        long now = directory.nanoTime().getAsLong();
        Watched file = watched.get(path);
        if (file != null && now - file.due < 0) {
            return;
        }
        // Read anew each time: another process may have looked meanwhile.
        MoveNote note = directory.work().note(path);
        if (note == null) {
            return;
        }
        Path place = directory.finished().place(note.place());
        Path kept = directory.work().kept(path);
        Duration pause = file == null ? directory.settle() : file.pause;
        file = new Watched(note, place, kept == null ? place : kept, now, pause);
        watched.put(path, file);
        look(file, now);
    }

    private void look(Watched file, long now) throws IOException {
        if (!Files.isRegularFile(file.file, LinkOption.NOFOLLOW_LINKS)) {
            directory.work().remove(file.note);
            return;
        }
        QuiescenceTracker.Look look = quiescenceTracker.look(file.file);
        String stamp = look.text();
        if (stamp.equals(file.note.compared())) {
            if (directory.work().isOlder(file.note, WATCHED_FOR)) {
                directory.work().remove(file.note);
            } else {
                lookLater(file, file.note, now);
            }
        } else if (directory.readiness().hasRested(file.file, quiescenceTracker.since(look))) {
            compare(file, look, now);
        }
    }

    private void lookLater(Watched file, MoveNote note, long now) {
        Duration twice = file.pause.multipliedBy(2);
        Duration longest = directory.settle().compareTo(LONGEST_PAUSE) > 0 ? directory.settle() : LONGEST_PAUSE;
        watched.put(
                note.path(),
                new Watched(
                        note,
                        file.place,
                        file.file,
                        now + file.pause.toNanos(),
                        twice.compareTo(longest) < 0 ? twice : longest));
    }

    private void compare(Watched file, QuiescenceTracker.Look look, long now) throws IOException {
        MoveNote note = file.note;
        FileFingerprint read = note.fingerprint();
        FileFingerprint found = read;
        // By its content: producers that keep the time of the original write leave no other trace.
        if (look.stamp().size() != read.size() || !read.isBeginningOf(file.file)) {
            if (!note.finished()) {
                giveBack(file);
                return;
            }
            found = FileFingerprint.of(file.file);
            Path added = add(file, found.size());
            closeHalfLine(file);
            note = note.added(added.getParent());
            LOG.warn(
                    "{} was still written to after it had been read: its new content is processed as {}",
                    FileNames.shown(file.place),
                    FileNames.shown(added.getFileName()));
        }
        MoveNote compared = note.compared(found, look.text());
        compared.write();
        lookLater(file, compared, now);
    }

    /** The last line of what was read is read again, with the rest of it: its dead letter is of half a line. */
    private void closeHalfLine(Watched file) {
        try {
            String run = directory.work().lastRun(file.note);
            if (!run.isEmpty()) {
                Optional<String> half = HalfLine.find(file.file, file.place, file.note.fingerprint());
                if (half.isPresent()) {
                    discard(half.get(), Long.parseLong(run));
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "the last line of {} was half a line when it was read; its dead letter may stay open ({})",
                    FileNames.shown(file.place),
                    FileNames.reason(e));
        }
    }

    private void discard(String half, long run) throws IOException {
        runs.discardInvalid(run, half);
        String place = runs.find(run).movedTo();
        if (place != null) {
            ErrorReportWriter.write(
                    ErrorReportWriter.beside(directory.finished().place(place)), runs, run);
        }
    }

    /** Of a file that could not be read, and may have been cut short then: all of it is read anew. */
    private void giveBack(Watched file) throws IOException {
        Path again = directory.work().create().resolve(file.place.getFileName());
        FileMove.rename(file.file, again);
        Files.deleteIfExists(file.place);
        Files.deleteIfExists(FileNames.beside(file.place, ErrorReportWriter.REASON));
        Files.deleteIfExists(ErrorReportWriter.beside(file.place));
        directory.work().remove(file.note);
        LOG.warn(
                "{} was still written to after it had been moved there: it is read again", FileNames.shown(file.place));
    }

    /** Each has been compared at least once after its producer had time to write on. */
    private void forgetOldest() {
        watched.values().stream()
                .filter(file -> file.isKept() && !file.note.compared().isEmpty())
                .min(Comparator.comparing(file -> file.note.moved()))
                .filter(file -> isShortOfRoom())
                .ifPresent(this::forget);
        watched.values().stream()
                .filter(file -> !file.note.compared().isEmpty())
                .sorted(Comparator.comparing((Watched file) -> file.note.moved())
                        .reversed())
                .skip(MOST)
                .toList()
                .forEach(this::forget);
    }

    private boolean isShortOfRoom() {
        try {
            return directory.work().isShortOfRoom();
        } catch (IOException e) {
            LOG.debug("the room of the inbox cannot be seen", e);
            return false;
        }
    }

    private void forget(Watched file) {
        try {
            directory.work().remove(file.note);
            watched.remove(file.note.path());
        } catch (IOException e) {
            LOG.debug("the note {} stays", file.note.path(), e);
        }
    }

    /**
     * Makes a file of the lines behind what was read, or of all of them where they cannot be read without the others:
     * then some keys are fetched twice, and none is missing.
     */
    private Path add(Watched watched, long size) throws IOException {
        MoveNote note = watched.note;
        Path source = watched.file;
        FileFingerprint read = note.fingerprint();
        String name = FileNames.with(".added", FileNames.text(watched.place));
        Optional<String> before = Optional.empty();
        if (note.finished() && size > read.size() && read.isBeginningOf(source)) {
            before = KeyFile.linesBefore(name, new FirstBytes(Files.newInputStream(source), read.size()));
        }
        Path file = FileNames.in(directory.work().create(), name);
        Path draft = FileNames.draft(file);
        try (InputStream in = new FirstBytes(Files.newInputStream(source), size);
                OutputStream out = Files.newOutputStream(draft)) {
            if (before.isPresent()) {
                out.write(before.get().getBytes(StandardCharsets.UTF_8));
                in.skipNBytes(endOfLastLine(source, read.size()));
            }
            in.transferTo(out);
        }
        AtomicFileWriter.publish(draft, file);
        return file;
    }

    /** Behind the last line feed in front of {@code size}: a line that was cut off there is read again as a whole. */
    private static long endOfLastLine(Path file, long size) throws IOException {
        long from = Math.max(0, size - LONGEST_LINE);
        try (InputStream in = new FirstBytes(Files.newInputStream(file), size)) {
            in.skipNBytes(from);
            byte[] last = in.readAllBytes();
            for (int i = last.length; i > 0; i--) {
                if (last[i - 1] == '\n' || last[i - 1] == '\r') {
                    return from + i;
                }
            }
        }
        return size;
    }
}
