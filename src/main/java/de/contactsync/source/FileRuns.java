package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.keys.KeyFile;
import de.contactsync.keys.UnreadableKeyFileException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import de.contactsync.source.RunSummary.End;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens key files as the routes hand them over. What follows from their runs is the matter of {@link Settlement}. */
public final class FileRuns {

    private static final Logger LOG = LoggerFactory.getLogger(FileRuns.class);

    private static final String SOURCE = "file";
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);

    private final FileSettings settings;
    private final RunLedger ledger;
    private final Inbox inbox;
    private final Passes passes;

    public FileRuns(FileSettings settings, RunLedger ledger, Inbox inbox, Passes passes) {
        this.settings = settings;
        this.ledger = ledger;
        this.inbox = inbox;
        this.passes = passes;
    }

    /** Opens a file of the inbox, which may have been touched or taken away since it was listed. */
    public Pass openFromInbox(File file) {
        if (passes.isPaused() || !inbox.isReady(file.toPath())) {
            return skipped(file.toPath(), End.BUSY, null, "is still being written");
        }
        return openNow(file);
    }

    /**
     * Opens a file that was named. When another process seems to work on it, waits until that one is known to be alive:
     * of a process that was killed on another host, or in another container, nothing but its silence tells.
     */
    public Pass open(File file) {
        long end = System.nanoTime() + RunLedger.SILENCE.plusSeconds(3).toNanos();
        Pass pass = openNow(file);
        while (pass instanceof Pass.Skipped skipped && skipped.summary().end() == End.BUSY
                && file.exists() && !passes.isStopping() && System.nanoTime() < end) {
            LOG.debug("{} {}", file, skipped.summary().message());
            LockSupport.parkNanos(BUSY_PAUSE.toNanos());
            pass = openNow(file);
        }
        return pass;
    }

    /** Asks the ledger for the run of this file's content. */
    private Pass openNow(File given) {
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
            return Passes.notOpened(file.toString(), e);
        } catch (IOException | SQLException e) {
            return skipped(file, End.HALTED, null, "cannot be opened: " + e.getMessage());
        }
    }

    private Pass claim(Path file) throws IOException, SQLException {
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
                KeyRun run = new KeyRun(new KeyOrigin.InFile(file, fingerprint), granted,
                        new KeyRecords(keys, settings.tenantId()));
                handedOver = true;
                return passes.begin(run);
            }
            if (claim instanceof Claim.Unclosed unclosed) {
                return skipped(file, unclosed.problem() == null ? End.FINISHED : End.UNREADABLE, unclosed.run(),
                        unclosed.problem());
            }
            return skipped(file, End.BUSY, null,
                    "another process works on it: " + ((Claim.Busy) claim).owner() + " (host/pid/identity)");
        } finally {
            if (!handedOver) {
                keys.close();
            }
        }
    }

    private static Pass skipped(Path file, End end, Run run, String message) {
        return new Pass.Skipped(RunSummary.unread(file, end, run, message));
    }
}
