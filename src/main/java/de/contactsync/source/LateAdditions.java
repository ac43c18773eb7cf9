package de.contactsync.source;

import de.contactsync.keys.KeyFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once more at files that have gone to their places. A producer that had one open when it was taken may have
 * written on: what came behind the bytes that were read becomes a file of its own. Asked by one thread at a time.
 */
final class LateAdditions {

    private static final Logger LOG = LoggerFactory.getLogger(LateAdditions.class);

    /** Longer than a record may be. */
    private static final int LONGEST_LINE = 128 * 1024;

    private final Inbox inbox;
    private final Rest rest;
    private final Set<Path> said = ConcurrentHashMap.newKeySet();

    LateAdditions(Inbox inbox) {
        this.inbox = inbox;
        this.rest = new Rest(inbox.nanoTime());
    }

    /** Looks at those that have been at their places, unchanged, for long enough. */
    void look() {
        List<WorkFolder.Note> notes;
        try {
            notes = inbox.work().notes();
        } catch (IOException | RuntimeException e) {
            LOG.debug("the files that were moved cannot be looked at", e);
            return;
        }
        Set<Path> places = new HashSet<>();
        for (WorkFolder.Note note : notes) {
            Path place = inbox.place(note.place());
            places.add(place);
            try {
                look(note, place);
            } catch (IOException | RuntimeException e) {
                if (said.add(place)) {
                    LOG.warn("{} cannot be looked at once more: {}", place, e.toString());
                }
            }
        }
        rest.forgetAllBut(places);
        said.retainAll(places);
    }

    private void look(WorkFolder.Note note, Path place) throws IOException {
        if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
            inbox.work().remove(note);
            return;
        }
        Rest.Look look = rest.look(place);
        if (rest.since(look).compareTo(inbox.settle()) < 0) {
            return;
        }
        FileFingerprint read = note.fingerprint();
        // By its content: producers that keep the time of the original write without a trace in it.
        if (look.stamp().size() == read.size() && read.isBeginningOf(place)) {
            inbox.work().remove(note);
            return;
        }
        FileFingerprint now = FileFingerprint.of(place);
        Path added = add(note, place, now.size());
        LOG.warn("{} was still written to after it had been read: what is new in it is worked on as {}", place,
                added.getFileName());
        // Looked at again, in case the producer pauses as long once more.
        new WorkFolder.Note(note.path(), note.place(), now, note.finished()).write();
        rest.forget(place);
    }

    /**
     * Makes a file of the lines behind what was read, or of all of them where they cannot be read without the others:
     * then some keys are asked for twice, and none is missing.
     */
    private Path add(WorkFolder.Note note, Path place, long size) throws IOException {
        FileFingerprint read = note.fingerprint();
        String name = FileNames.with(".added", FileNames.text(place));
        Optional<String> before = Optional.empty();
        if (note.finished() && size > read.size() && read.isBeginningOf(place)) {
            before = KeyFile.linesBefore(name, new FirstBytes(Files.newInputStream(place), read.size()));
        }
        Path file = inbox.work().create().resolve(name);
        Path draft = FileNames.draft(file);
        try (InputStream in = new FirstBytes(Files.newInputStream(place), size);
                OutputStream out = Files.newOutputStream(draft)) {
            if (before.isPresent()) {
                out.write(before.get().getBytes(StandardCharsets.UTF_8));
                in.skipNBytes(endOfLastLine(place, read.size()));
            }
            in.transferTo(out);
        }
        WholeFile.publish(draft, file);
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
