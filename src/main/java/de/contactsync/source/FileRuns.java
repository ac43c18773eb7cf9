package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.keys.KeyFile;
import de.contactsync.keys.UnreadableKeyFileException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.LostRunException;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import de.contactsync.source.FileSummary.End;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a key file, step by step as the routes call them: open, halt when need be, finish, and settle. Everything
 * durable is in the ledger; moving a file or writing a report follows from there and is repeated when it was cut off.
 */
public final class FileRuns {

    private static final Logger LOG = LoggerFactory.getLogger(FileRuns.class);

    static final String SOURCE = "file";
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration MOVE_AGAIN = Duration.ofSeconds(30);
    static final String STOPPED = "the program was stopped";

    private final FileSettings settings;
    private final RunLedger ledger;
    private final Inbox inbox;
    private final Pause pause = new Pause();
    private final Set<FileRun> active = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    public FileRuns(FileSettings settings, RunLedger ledger, Inbox inbox) {
        this.settings = settings;
        this.ledger = ledger;
        this.inbox = inbox;
    }

    /** Whether the source should wait because the last pass was halted. */
    boolean isPaused() {
        return stopping || pause.isOn();
    }

    /** The pass that is being worked on; of several at once, any. */
    public Optional<FileRun> underWay() {
        return active.stream().findAny();
    }

    /** Begins no further chunk; those under way end as they will. */
    public void stop() {
        stopping = true;
        active.forEach(run -> run.halt(new HaltException(STOPPED)));
    }

    /** Waits until no pass is under way, for at most {@code patience}. True when none is. */
    public boolean awaitIdle(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (active) {
            while (!active.isEmpty() && System.nanoTime() < end) {
                try {
                    active.wait(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return active.isEmpty();
        }
    }

    /** Opens a file of the inbox, which may have been touched or taken away since it was listed. */
    public FilePass openFromInbox(File file) {
        if (isPaused() || !inbox.isReady(file.toPath())) {
            return skipped(file.toPath(), End.BUSY, null, "is still being written");
        }
        return openNow(file);
    }

    /**
     * Opens a file that was named. When another process seems to work on it, waits until that one is known to be alive:
     * of a process that was killed on another host, or in another container, nothing but its silence tells.
     */
    public FilePass open(File file) {
        long end = System.nanoTime() + RunLedger.SILENCE.plusSeconds(3).toNanos();
        FilePass pass = openNow(file);
        while (pass instanceof FilePass.Skipped skipped && skipped.summary().end() == End.BUSY
                && file.exists() && !stopping && System.nanoTime() < end) {
            LOG.debug("{} {}", file, skipped.summary().message());
            LockSupport.parkNanos(BUSY_PAUSE.toNanos());
            pass = openNow(file);
        }
        return pass;
    }

    /** Asks the ledger for the run of this file's content. */
    private FilePass openNow(File given) {
        Path file = given.toPath().toAbsolutePath().normalize();
        try {
            return claim(file);
        } catch (UnreadableKeyFileException e) {
            return skipped(file, End.UNREADABLE, null, e.getMessage());
        } catch (NoSuchFileException e) {
            return skipped(file, End.BUSY, null, "is no longer there");
        } catch (AccessDeniedException e) {
            return skipped(file, End.UNREADABLE, null, "this program's user has no permission to read it");
        } catch (HaltException e) {
            return skipped(file, End.HALTED, null, e.getMessage());
        } catch (IOException | SQLException e) {
            return skipped(file, End.HALTED, null, "cannot be opened: " + e.getMessage());
        }
    }

    private FilePass claim(Path file) throws IOException, SQLException {
        FileFingerprint fingerprint = FileFingerprint.of(file);
        KeyFile keys = KeyFile.open(file);
        boolean handedOver = false;
        try {
            Claim claim = ledger.claim(
                    SOURCE, file.getFileName().toString(), fingerprint.sha256(), settings.chunkSize());
            if (claim instanceof Claim.Granted granted && !fingerprint.stamp().isStillThatOf(file)) {
                // The process that finished it moved it away, and ended its run, after it was opened here.
                ledger.discard(granted.run().id());
                return skipped(file, End.BUSY, null, "was taken away or changed meanwhile");
            }
            if (claim instanceof Claim.Granted granted) {
                FileRun run = new FileRun(file, fingerprint, granted, settings.tenantId(), keys);
                handedOver = true;
                active.add(run);
                if (stopping) {
                    run.halt(new HaltException(STOPPED));
                }
                if (granted.resumed()) {
                    LOG.info("{} goes on, {} records are done already", file, run.resumed());
                } else {
                    LOG.debug("{} begins as run {}", file, run.id());
                }
                return run;
            }
            if (claim instanceof Claim.Unclosed unclosed) {
                return skipped(file, unclosed.problem() == null ? End.FINISHED : End.UNREADABLE, unclosed.run(),
                        unclosed.problem());
            }
            return skipped(file, End.BUSY, null,
                    "another process works on it: " + ((Claim.Busy) claim).owner() + " (host/pid/start)");
        } finally {
            if (!handedOver) {
                keys.close();
            }
        }
    }

    /** Keeps a chunk from beginning that was read before the pass was halted. */
    public void checkGoing(FilePass pass) {
        if (pass instanceof FileRun run) {
            run.checkGoing();
        }
    }

    /** Ends the pass early because of a failure that concerns all keys. */
    public void halt(FilePass pass, Exception failure) {
        if (pass instanceof FileRun run) {
            HaltException reason = failure instanceof HaltException halt
                    ? halt
                    : new HaltException("unexpected failure: " + failure, failure);
            run.halt(reason);
        }
    }

    /** Says in the ledger how the pass ended. */
    public FileSummary finish(FilePass pass) {
        FileSummary summary;
        if (pass instanceof FileRun run) {
            summary = finish(run);
            synchronized (active) {
                active.remove(run);
                active.notifyAll();
            }
        } else {
            summary = ((FilePass.Skipped) pass).summary();
        }
        if (summary.end() == End.HALTED || summary.end() == End.UNBALANCED) {
            pause.extend();
        } else if (summary.end() != End.BUSY) {
            pause.end();
        }
        return summary;
    }

    private FileSummary finish(FileRun run) {
        try {
            run.close();
            if (run.halted() == null && run.changedMeanwhile()) {
                run.halt(new HaltException(
                        "the file was changed while it was read: its new content will be a new run"));
            }
            if (run.halted() != null) {
                return halted(run, run.halted());
            }
            String problem = run.unreadable() == null ? null : run.unreadable().getMessage();
            Run finished = ledger.finish(run.id(), run.records(), problem);
            if (!finished.addsUp()) {
                return summary(run, End.UNBALANCED, finished,
                        run.records() + " records were read, " + finished.done() + " have an outcome");
            }
            return summary(run, problem == null ? End.FINISHED : End.UNREADABLE, finished, problem);
        } catch (LostRunException e) {
            return halted(run, e);
        } catch (HaltException e) {
            return summary(run, End.HALTED, null, e.getMessage());
        } catch (IOException | SQLException e) {
            return halted(run, new HaltException(run.file() + " cannot be read: " + e.getMessage(), e));
        }
    }

    private FileSummary halted(FileRun run, HaltException reason) {
        if (reason instanceof LostRunException) {
            return summary(run, End.BUSY, ledger.find(run.id()), reason.getMessage());
        }
        Run halted = null;
        try {
            halted = ledger.halt(run.id(), reason.getMessage());
        } catch (HaltException e) {
            // Nothing is lost: a run left as running by a process that ended is resumed like a halted one.
            LOG.debug("the halt could not be written down", e);
        }
        return summary(run, End.HALTED, halted, reason.getMessage());
    }

    /** What a file of the inbox deserves after its pass: reports, its move, and the end of its run. */
    public void settle(FileSummary summary) {
        switch (summary.end()) {
            case FINISHED -> {
                LOG.info("{}: {}", summary.file(), account(summary.run()));
                settleIn(Inbox.DONE, summary);
            }
            case UNREADABLE -> {
                // Not the message: it quotes the file, which may be a list of people.
                LOG.error("{} cannot be read as a key file; it goes to {}, with a file .error.txt that says why",
                        summary.file(), Inbox.FAILED);
                settleIn(Inbox.FAILED, summary);
            }
            case HALTED -> {
                if (stopping) {
                    LOG.info("{} stays where it is and goes on at the next start", summary.file());
                } else {
                    LOG.error("{} stays where it is, going on in {} s: {}",
                            summary.file(), pause.seconds(), summary.message());
                    // Others come first then: what halts one file need not halt them.
                    inbox.setAside(summary.file(), Duration.ofSeconds(pause.seconds()).plus(LOOK_AGAIN));
                }
            }
            case UNBALANCED -> {
                LOG.error("{} stays where it is, please report this: {}", summary.file(), summary.message());
                inbox.setAside(summary.file(), MOVE_AGAIN);
            }
            case BUSY -> {
                // Each look costs a reading of the whole file, for its fingerprint.
                inbox.setAside(summary.file(), LOOK_AGAIN);
                LOG.debug("{} {}", summary.file(), summary.message());
            }
        }
    }

    private void settleIn(String folder, FileSummary summary) {
        try {
            moveAway(summary, folder);
        } catch (IOException | HaltException e) {
            // Done again from the start when the file is seen next: the ledger knows that only this is missing.
            inbox.setAside(summary.file(), MOVE_AGAIN);
            LOG.error("{} cannot be moved to {} ({}): see to permissions and room there, trying again in {} s",
                    summary.file(), folder, e, MOVE_AGAIN.toSeconds());
        }
    }

    /** Writes the error report beside an imported file; the file itself stays. */
    public void report(FileSummary summary) throws IOException {
        Path report = ErrorReport.beside(summary.file());
        if (summary.run().deadLetters() > 0) {
            ErrorReport.write(report, ledger, summary.run().id());
        } else {
            // One of an earlier run would speak of lines that are mended.
            Files.deleteIfExists(report);
        }
    }

    /** The last step: from now on the same content is a new run. */
    public void close(FileSummary summary) {
        ledger.close(summary.run().id());
    }

    private void moveAway(FileSummary summary, String folder) throws IOException {
        Path file = summary.file();
        Run run = summary.run();
        Path place = run != null && run.movedTo() != null ? Path.of(run.movedTo()) : inbox.placeIn(folder, file);
        if (run != null && run.movedTo() == null) {
            ledger.movingTo(run.id(), place.toString());
        }
        if (summary.message() != null) {
            Files.createDirectories(place.getParent());
            Files.writeString(place.resolveSibling(place.getFileName() + ".error.txt"),
                    summary.message() + System.lineSeparator(), StandardCharsets.UTF_8);
        }
        if (run != null && run.deadLetters() > 0) {
            ErrorReport.write(ErrorReport.beside(place), ledger, run.id());
        }
        // When it stands there already, an earlier pass was cut off behind the move; this file is a new one.
        if (!Files.exists(place) && isStill(run, file)) {
            inbox.move(file, place);
        }
        if (run != null) {
            ledger.close(run.id());
        }
    }

    /** Whether the file is still the one that was read, and not a newer one that was put in its place meanwhile. */
    private static boolean isStill(Run run, Path file) throws IOException {
        try {
            if (run == null || FileFingerprint.of(file).sha256().equals(run.fileHash())) {
                return true;
            }
            LOG.info("{} was replaced behind its last record: it stays, as a run of its own", file);
        } catch (NoSuchFileException e) {
            LOG.info("{} was taken away behind its last record", file);
        }
        return false;
    }

    private static String account(Run run) {
        return "%d records = %d stored + %d not found + %d rejected + %d invalid + %d failed + %d duplicates".formatted(
                run.total(), run.stored(), run.notFound(), run.rejected(), run.invalid(), run.failed(),
                run.duplicates());
    }

    private static FileSummary summary(FileRun run, End end, Run ledgerRun, String message) {
        return new FileSummary(run.file(), end, ledgerRun, run.resumed(), run.seconds(), message);
    }

    private static FilePass skipped(Path file, End end, Run run, String message) {
        return new FilePass.Skipped(new FileSummary(file, end, run, run == null ? 0 : run.done(), 0, message));
    }
}
