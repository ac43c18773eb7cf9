package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunFiles;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes after a pass over a key file: its move, the reports beside it, the end of its run. All of it follows from
 * the database, and is repeated from the start when it was cut off.
 */
public final class FileFinalizer {

    private static final Logger LOG = LoggerFactory.getLogger(FileFinalizer.class);

    private static final Duration YIELD_DELAY = Duration.ofMillis(600);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);
    private static final Duration OPERATOR_PAUSE = Duration.ofHours(1);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(30);

    private final RunStore runs;
    private final WatchedDirectory directory;
    private final Fingerprints fingerprints;
    private final RunCoordinator coordinator;
    private final ContactFileWriter contacts;

    /** @param contacts null when contacts go into no files */
    public FileFinalizer(
            RunStore runs,
            WatchedDirectory directory,
            Fingerprints fingerprints,
            RunCoordinator coordinator,
            ContactFileWriter contacts) {
        this.fingerprints = fingerprints;
        this.runs = runs;
        this.directory = directory;
        this.coordinator = coordinator;
        this.contacts = contacts;
    }

    /** What a file of the inbox deserves after its processing: reports, its move, and the end of its run. */
    public void finalizeRun(RunSummary summary) {
        switch (summary.end()) {
            case FINISHED -> {
                if (!summary.isOfEarlierPass()) {
                    LOG.info("{}: {}", summary.name(), summary.run().totals());
                }
                finalizeIn(FinishedFiles.DONE, summary);
            }
            case UNREADABLE -> {
                if (!summary.isOfEarlierPass()) {
                    // Not the message: it quotes the file, which may be a list of people.
                    LOG.error(
                            "{} is not a readable key file; moved to {} with the reason in .error.txt",
                            summary.name(),
                            FinishedFiles.FAILED);
                }
                finalizeIn(FinishedFiles.FAILED, summary);
            }
            case HALTED -> {
                if (coordinator.isStopping()) {
                    LOG.info("{} stays in place and resumes at the next start", summary.name());
                } else if (summary.outage() != null) {
                    LOG.debug("{} stays in place: {}", summary.name(), summary.message());
                    // Others come first then: what halts one file need not halt them.
                    directory
                            .readiness()
                            .setAside(
                                    summary.file(),
                                    summary.outage().untilNextTry().plus(YIELD_DELAY));
                } else if (summary.run() != null && summary.run().haltedAtEnd()) {
                    LOG.error("{} stays in place: {}", summary.name(), summary.message());
                    directory.readiness().setAside(summary.file(), OPERATOR_PAUSE);
                } else {
                    LOG.error(
                            "{} stays in place and resumes in {} s: {}",
                            summary.name(),
                            RETRY_DELAY.toSeconds(),
                            summary.message());
                    directory.readiness().setAside(summary.file(), RETRY_DELAY);
                }
            }
            case UNBALANCED -> {
                LOG.error("{} stays in place, please report this: {}", summary.name(), summary.message());
                directory.readiness().setAside(summary.file(), OPERATOR_PAUSE);
            }
            case BUSY -> {
                // Each look costs a reading of the whole file, for its fingerprint.
                directory.readiness().setAside(summary.file(), POLL_INTERVAL);
                LOG.debug("{} {}", summary.name(), summary.message());
            }
        }
    }

    private void finalizeIn(String folder, RunSummary summary) {
        try {
            moveAway(summary, folder);
            fingerprints.forget(summary.file());
        } catch (IOException | RuntimeException e) {
            // Done again from the start when the file is seen next: the database knows that only this is missing.
            directory.readiness().setAside(summary.file(), RETRY_DELAY);
            LOG.error(
                    "{} cannot be moved to {} ({}); next try in {} s",
                    summary.name(),
                    folder,
                    FileNames.reason(e),
                    RETRY_DELAY.toSeconds());
        }
    }

    /**
     * Writes the reports of an imported file; the file itself stays.
     *
     * @throws IOException also when it is another file by now
     */
    public void report(RunSummary summary) throws IOException {
        Path file = summary.file();
        FileFingerprint read = fingerprints.of(file);
        if (!read.sha256().equals(summary.run().fileHash())) {
            throw new IOException("it was replaced or changed after it had been read");
        }
        Path reported = summary.reported();
        writeContacts(summary.run(), file, read.size(), reported);
        ErrorReportWriter.write(
                ErrorReportWriter.beside(reported), runs, summary.run().id());
    }

    /**
     * Goes on where processes died: ends the runs whose files had just gone to their places, where nobody looks for
     * them, and clears away what is left of those that never came.
     */
    public void recover() {
        try {
            closeOrphans();
            directory.work().removeKeptWithoutNote();
            for (Path taken : directory.work().empty()) {
                WorkFolder.removeIfEmpty(taken);
            }
        } catch (IOException e) {
            LOG.warn(
                    "{} cannot be cleaned up: {}",
                    FileNames.shown(directory.folder().resolve(WorkFolder.NAME)),
                    FileNames.reason(e));
        }
        for (Run run : runs.moving()) {
            try {
                if (hasMoved(run)) {
                    close(run);
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn(
                        "whether {} was moved to {} cannot be seen: {}",
                        KeyFile.shown(run.fileName()),
                        KeyFile.shown(run.movedTo()),
                        FileNames.reason(e));
            }
        }
    }

    private void closeOrphans() throws IOException {
        WorkFolder work = directory.work();
        // Where there is no such folder, the inbox may be a share that is not mounted.
        RunFiles.Orphans orphans = runs.files().filesGone(work.exists() ? work.inboxId() : "", work.places());
        for (Run closed : orphans.closed()) {
            LOG.warn("Run {} of {} is closed: {}", closed.id(), KeyFile.shown(closed.fileName()), closed.haltReason());
        }
        for (Run unknown : orphans.unknown()) {
            LOG.warn(
                    "Run {} of {} is unfinished, and its file is not in this inbox. Unless another inbox has it, or one"
                            + " that is not mounted, end the run with: runs discard {}",
                    unknown.id(),
                    KeyFile.shown(unknown.fileName()),
                    unknown.id());
        }
    }

    private boolean hasMoved(Run run) throws IOException {
        Path place = directory.finished().place(run.movedTo());
        // An empty file there only keeps the name for one that is still to be moved.
        return Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                && Files.size(place) > 0
                && !directory.holdsAnother(run.fileName());
    }

    private void close(Run run) {
        RunLease lease = runs.claim(run.source(), run.fileName(), run.fileHash(), run.chunkSize());
        if (lease instanceof RunLease.Unclosed unclosed) {
            runs.close(unclosed.run().id());
        } else if (lease instanceof RunLease.Granted granted) {
            // Another process closed it meanwhile, so this is a new one that nobody asked for.
            runs.discard(granted.run().id());
        }
    }

    /** The last step: from now on the same content is a new run. */
    public void close(RunSummary summary) {
        runs.close(summary.run().id());
    }

    private void moveAway(RunSummary summary, String folder) throws IOException {
        Path file = summary.file();
        Run run = summary.run();
        if (!FileNames.isTaken(file)) {
            LOG.info("{} was removed after its last record had been read", summary.name());
            end(run);
            return;
        }
        FileFingerprint read = fingerprints.lastOf(file);
        boolean taken = directory.work().holds(file);
        MoveNote note = taken ? directory.work().noteOf(file) : null;
        Path place = note != null
                ? directory.finished().place(note.place())
                : run != null && run.movedTo() != null
                        ? directory.finished().place(run.movedTo())
                        : directory.finished().placeIn(folder, file);
        if (note != null && read != null && isCopyOfLess(read, place)) {
            // The file was written to after it had been copied there, and before it could be taken out of our hands.
            place = directory.finished().placeIn(folder, file);
        }
        if (run != null && !FinishedFiles.nameOf(place).equals(run.movedTo())) {
            runs.movingTo(run.id(), FinishedFiles.nameOf(place));
        }
        if (summary.message() != null) {
            FileMove.makeFolder(place.getParent());
            Files.writeString(
                    FileNames.beside(place, ErrorReportWriter.REASON),
                    summary.message() + System.lineSeparator(),
                    StandardCharsets.UTF_8);
        }
        if (run != null && run.deadLetters() > 0) {
            ErrorReportWriter.write(ErrorReportWriter.beside(place), runs, run.id());
        }
        if (note == null && FileNames.isTaken(place) && Files.size(place) > 0) {
            // An earlier pass was cut off behind the move; this file of the same content is a new one.
            end(run);
        } else if (read != null && !read.isBeginningOf(file)) {
            LOG.warn(
                    "{} was overwritten after its last record had been read: its new content is a new run",
                    summary.name());
            end(run);
        } else {
            writeContacts(run, file, read == null ? Long.MAX_VALUE : read.size(), place);
            if (read != null && taken) {
                directory
                        .work()
                        .newNote(file, FinishedFiles.nameOf(place), read, summary.end() == RunSummary.End.FINISHED, run)
                        .write();
            }
            // The copy to another file system may have been complete when it was cut off.
            boolean copied =
                    read != null && read.size() > 0 && read.isBeginningOf(place) || !FileMove.move(file, place);
            if (copied && read != null && taken) {
                directory.work().keep(file);
            } else if (copied) {
                Files.delete(file);
            }
            if (taken) {
                WorkFolder.removeIfEmpty(file.getParent());
            }
            if (summary.isOfEarlierPass()) {
                LOG.info("{} was moved to {}", summary.name(), FinishedFiles.nameOf(place));
            }
            end(run);
        }
    }

    private static boolean isCopyOfLess(FileFingerprint read, Path place) throws IOException {
        return Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                && Files.size(place) > 0
                && !read.isBeginningOf(place);
    }

    private void end(Run run) {
        if (run != null) {
            runs.close(run.id());
        }
    }

    private void writeContacts(Run run, Path file, long size, Path place) throws IOException {
        if (contacts != null && run != null) {
            contacts.write(file, size, place, run);
        }
    }
}
