package de.contactsync.imports;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunLostException;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SourceFile;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens key files as the routes hand them over. What follows from their runs is the matter of {@link FileFinalizer}.
 */
public final class FileRunOpener {

    private static final Logger LOG = LoggerFactory.getLogger(FileRunOpener.class);

    private static final String SOURCE = "file";

    private final FileSettings settings;
    private final RunStore runs;
    private final WatchedDirectory directory;
    private final Fingerprints fingerprints;
    private final LateAppendScanner additions;
    /** The runs that were begun here, by their files. */
    private final Map<Path, Long> begun = new ConcurrentHashMap<>();

    private final RunCoordinator coordinator;

    public FileRunOpener(
            FileSettings settings,
            RunStore runs,
            WatchedDirectory directory,
            Fingerprints fingerprints,
            RunCoordinator coordinator) {
        this.settings = settings;
        this.runs = runs;
        this.directory = directory;
        this.fingerprints = fingerprints;
        this.additions = new LateAppendScanner(directory, runs);
        this.coordinator = coordinator;
    }

    /** The files of the inbox that can be opened now; none while nothing could be done. */
    public List<InboxFile> ready() {
        additions.look();
        if (coordinator.isPaused()) {
            return List.of();
        }
        begun.forEach((file, run) -> {
            if (!FileNames.isTaken(file)) {
                supersede(file, run, "its file was removed before it was done");
            }
        });
        return directory.ready();
    }

    /** Closes the run that this process began of a file that is no longer there, unless it is finished. */
    private void supersede(Path file, long run, String reason) {
        try {
            if (runs.supersede(run, reason).state() != Run.State.FINISHED) {
                LOG.warn("Run {} of {} is closed: {}", run, FileNames.shown(file.getFileName()), reason);
            }
        } catch (RunLostException e) {
            LOG.debug("run {} belongs to another process", run);
        } catch (ProcessingHaltedException e) {
            LOG.debug("run {} is closed later", run, e);
            return;
        }
        begun.remove(file, run);
    }

    /** Takes a file out of the inbox and opens it; it may have been touched or taken away since it was listed. */
    public RunExecution openFromInbox(InboxFile file) {
        if (coordinator.isPaused() || !directory.readiness().isReady(file)) {
            return skipped(file, End.BUSY, null, "is still being written");
        }
        InboxFile taken = directory.take(file);
        return taken == null ? skipped(file, End.BUSY, null, "has been replaced meanwhile") : openNow(taken);
    }

    /** Opens a file that was named. */
    public RunExecution open(File given) {
        Path path = given.toPath().toAbsolutePath().normalize();
        InboxFile file = new InboxFile(path, path);
        return coordinator.openPatiently(() -> openNow(file), () -> Files.exists(path));
    }

    /** Asks the database for the run of this file's content. */
    private RunExecution openNow(InboxFile file) {
        try {
            return claim(file);
        } catch (UnreadableKeyFileException e) {
            return skipped(file, End.UNREADABLE, null, e.getMessage());
        } catch (NoSuchFileException e) {
            return skipped(file, End.BUSY, null, "is no longer there");
        } catch (AccessDeniedException e) {
            // In the inbox, permissions are mended; a file that was named ends the command.
            return skipped(
                    file,
                    directory.work().holds(file.path()) ? End.HALTED : End.UNREADABLE,
                    null,
                    "this program's user has no permission to read it");
        } catch (ProcessingHaltedException e) {
            return RunExecution.notOpened(file, e);
        } catch (IOException | SQLException | RuntimeException e) {
            return skipped(file, End.HALTED, null, "cannot be opened: " + FileNames.reason(e));
        }
    }

    private RunExecution claim(InboxFile file) throws IOException, SQLException {
        Path path = file.path();
        String name = FileNames.text(path);
        SourceFile source = sourceFile(path);
        FileFingerprint fingerprint = fingerprints.of(path);
        List<Closeable> opened = new ArrayList<>();
        try {
            InputStream held = Files.newInputStream(path);
            opened.add(held);
            KeyFile keys = KeyFile.open(name, new FirstBytes(Files.newInputStream(path), fingerprint.size()));
            opened.add(keys);
            if (!fingerprint.stamp().isStillThatOf(path)) {
                return skipped(file, End.BUSY, null, "was changed meanwhile");
            }
            RunLease lease = runs.claim(source(path), name, fingerprint.sha256(), settings.chunkSize(), source);
            if (lease instanceof RunLease.Granted granted
                    && !fingerprint.stamp().isStillThatOf(path)) {
                // The process that finished it moved it away, and ended its run, after it was opened here.
                runs.discard(granted.run().id());
                return skipped(file, End.BUSY, null, "was removed or changed meanwhile");
            }
            if (lease instanceof RunLease.Granted granted) {
                for (Run closed : runs.files().readsFile(granted.run().id(), source)) {
                    LOG.warn(
                            "Run {} of {} is closed: {}",
                            closed.id(),
                            FileNames.shown(path.getFileName()),
                            closed.haltReason());
                }
                begun.put(path, granted.run().id());
                ChunkIterator continued = coordinator.continued(granted);
                if (continued != null) {
                    return coordinator.begin(continued);
                }
                RunSource origin = new RunSource.InFile(
                        path, file.name(), fingerprint, held, directory.work().holds(path));
                ChunkIterator run = new ChunkIterator(origin, granted, new KeyRecordReader(keys, settings.tenants()));
                opened.clear();
                return coordinator.begin(run);
            }
            if (lease instanceof RunLease.Unclosed unclosed) {
                return skipped(
                        file,
                        unclosed.problem() == null ? End.FINISHED : End.UNREADABLE,
                        unclosed.run(),
                        unclosed.problem());
            }
            return skipped(file, End.BUSY, null, ((RunLease.Busy) lease).owner() + " works on it");
        } finally {
            for (Closeable stream : opened) {
                stream.close();
            }
        }
    }

    private String source(Path file) {
        return file.getParent().equals(directory.folder().resolve(ReplayFileWriter.FOLDER)) ? RunStore.REPLAY : SOURCE;
    }

    private SourceFile sourceFile(Path file) throws IOException {
        WorkFolder work = directory.work();
        return work.holds(file)
                ? new SourceFile(work.place(file.getParent()), work.inboxId())
                : new SourceFile(runs.host() + ":" + file, null);
    }

    private static RunExecution skipped(InboxFile file, End end, Run run, String message) {
        return new RunExecution.Skipped(RunSummary.unread(file, end, run, message));
    }
}
