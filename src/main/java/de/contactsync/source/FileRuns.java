package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.keys.KeyFile;
import de.contactsync.keys.UnreadableKeyFileException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.LostRunException;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import de.contactsync.outage.Breakers;
import de.contactsync.outage.Outage;
import de.contactsync.outage.OutageException;
import de.contactsync.source.FileSummary.End;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
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
 * The passes over key files, step by step as the routes call them: open, halt when need be, finish. Everything durable
 * is in the ledger; what follows from it is the matter of {@link Settlement}.
 */
public final class FileRuns {

    private static final Logger LOG = LoggerFactory.getLogger(FileRuns.class);

    private static final String SOURCE = "file";
    private static final String STOPPED = "the program was stopped";
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);

    private final FileSettings settings;
    private final RunLedger ledger;
    private final Inbox inbox;
    private final Breakers breakers;
    private final Verifier verifier;
    private final Set<FileRun> active = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    public FileRuns(FileSettings settings, RunLedger ledger, Inbox inbox, Breakers breakers) {
        this.settings = settings;
        this.ledger = ledger;
        this.inbox = inbox;
        this.breakers = breakers;
        this.verifier = new Verifier(ledger.evidence(), settings.tenantId());
    }

    /** Whether the source should wait because nothing could be done now, whatever the file. */
    boolean isPaused() {
        return stopping || breakers.holdAll();
    }

    public boolean isStopping() {
        return stopping;
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
            return new FilePass.Skipped(new FileSummary(
                    file, End.HALTED, null, -1, 0, 0, e.getMessage(), outage(e)));
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
                FileRun run = new FileRun(
                        file, fingerprint, granted, new KeyRecords(keys, settings.tenantId()));
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

    /**
     * Leaves a chunk undone. A failure that concerns all keys ends the pass early; while only the keys of one tenant wait,
     * it goes on with those of others.
     */
    public void halt(FilePass pass, Exception failure) {
        if (pass instanceof FileRun run && failure instanceof OutageException outage && !outage.concernsAll()) {
            run.putOff(outage);
        } else if (pass instanceof FileRun run) {
            HaltException reason = failure instanceof HaltException halt
                    ? halt
                    : new HaltException("unexpected failure: " + failure, failure);
            run.halt(reason);
        }
    }

    /** Says in the ledger how the pass ended. */
    public FileSummary finish(FilePass pass) {
        if (!(pass instanceof FileRun run)) {
            return ((FilePass.Skipped) pass).summary();
        }
        try {
            return finish(run);
        } finally {
            synchronized (active) {
                active.remove(run);
                active.notifyAll();
            }
        }
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
            if (run.putOff() != null) {
                return halted(run, run.putOff());
            }
            String problem = run.unreadable() == null ? null : run.unreadable().getMessage();
            Run finished = ledger.finish(run.id(), run.records(), problem);
            if (!finished.addsUp()) {
                return summary(run, End.UNBALANCED, finished, unbalanced(run, finished));
            }
            return summary(run, problem == null ? End.FINISHED : End.UNREADABLE, finished, problem);
        } catch (LostRunException e) {
            return halted(run, e);
        } catch (HaltException e) {
            return summary(run, End.HALTED, null, e.getMessage(), outage(e));
        } catch (IOException | SQLException e) {
            return halted(run, new HaltException(run.file() + " cannot be read: " + e.getMessage(), e));
        }
    }

    private String unbalanced(FileRun run, Run unfinished) {
        try {
            Verification.Compared compared = verifier.check(run.file(), unfinished);
            return compared.account() + "; " + String.join("; ", compared.problems());
        } catch (IOException | SQLException | RuntimeException e) {
            return unfinished.account(run.records()) + "; which records they are cannot be found out: "
                    + e.getMessage();
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
        return summary(run, End.HALTED, halted, reason.getMessage(), outage(reason));
    }

    private static Outage outage(HaltException reason) {
        return reason instanceof OutageException waiting ? waiting.outage() : null;
    }

    private static FileSummary summary(FileRun run, End end, Run ledgerRun, String message) {
        return summary(run, end, ledgerRun, message, null);
    }

    private static FileSummary summary(FileRun run, End end, Run ledgerRun, String message, Outage outage) {
        return new FileSummary(run.file(), end, ledgerRun, run.expectedRecords(), run.resumed(), run.seconds(),
                message, outage);
    }

    private static FilePass skipped(Path file, End end, Run run, String message) {
        return new FilePass.Skipped(FileSummary.unread(file, end, run, message));
    }
}
