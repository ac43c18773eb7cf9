package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * Which runs there are, how far they are, and how they end. Every write of a chunk checks to which process the run
 * belongs, see {@link RunOwnership}, so a process that wakes up late writes nothing.
 */
public final class RunStore implements AutoCloseable {

    /** How long a heartbeat must stand still before another process takes over. */
    public static final Duration SILENCE = Duration.ofSeconds(15);

    /** The {@code source} of a run of keys that have dead letters. */
    public static final String REPLAY = "replay";

    private final Database database;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final RunOwnership ownership;
    private final RunFiles files;
    private final RunClaims claims;
    private final List<OutboxWriter> outboxes = new CopyOnWriteArrayList<>();
    private final List<RunListener> listeners = new CopyOnWriteArrayList<>();
    private volatile String deadLetterChannel;

    public RunStore(Database database, Clock clock) {
        this(database, clock, System::nanoTime, ProcessId.self().toString());
    }

    public RunStore(Database database, Clock clock, LongSupplier nanoTime, String owner) {
        this.database = database;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.ownership = new RunOwnership(database, nanoTime, owner);
        this.files = new RunFiles(database, clock, ownership, this);
        this.claims = new RunClaims(database, clock, ownership);
    }

    public String owner() {
        return ownership.owner();
    }

    /** The host that this process runs on, by its own name. */
    public String host() {
        return ProcessId.parse(ownership.owner()).host();
    }

    /** As {@link System#nanoTime}. */
    public LongSupplier nanoTime() {
        return nanoTime;
    }

    /** As {@link #claim(String, String, String, int, SourceFile)}, of keys that stand in no file. */
    public RunLease claim(String source, String fileName, String fileHash, int chunkSize) {
        return claim(source, fileName, fileHash, chunkSize, new SourceFile(null, null));
    }

    /**
     * Asks for the open run of this content of a file, or of this content and name, or begins one.
     *
     * @param fileHash  of the content
     * @param chunkSize used only when the run is new: an old one keeps its own, so that its chunks stay the same
     */
    public RunLease claim(String source, String fileName, String fileHash, int chunkSize, SourceFile file) {
        return claims.begun(database.inTransaction(connection -> {
            claims.begin(connection, source, fileName, fileHash, chunkSize, file);
            Optional<RunTable.OwnedRun> open =
                    RunTable.findOpen(connection, database.dialect(), fileName, fileHash, file.place());
            // Empty when another process closed it between the two statements.
            return open.isEmpty()
                    ? new RunLease.Busy("another process")
                    : claims.claim(connection, open.get(), halted -> null);
        }));
    }

    /** @param outbox notified of the end of each run, and of what it did not find */
    public void addOutbox(OutboxWriter outbox) {
        outboxes.add(outbox);
    }

    public void addListener(RunListener listener) {
        listeners.add(listener);
    }

    /** Null when dead letters are passed to nobody. */
    public String deadLetterChannel() {
        return deadLetterChannel;
    }

    /** @param channel to which each dead letter is passed that is written from now on */
    public void passDeadLettersTo(String channel) {
        deadLetterChannel = channel;
    }

    /** Marks the run of a source that was read to its end finished, see {@link #finish(long, long, String)}. */
    public Run finish(long runId, long total) {
        return finish(runId, total, null);
    }

    /**
     * Marks the run finished if it reconciles to {@code total}, the records its source held. If it does not, the run
     * comes back as it is, and {@link Run#isReconciled()} is false. If too many of its contacts are gone at JTL to be
     * right, it is halted, and says so.
     *
     * @param problem why the source could not be read to its end, or null; {@link RunLease.Unclosed} gives it back
     */
    public Run finish(long runId, long total, String problem) {
        Run run = database.inTransaction(connection -> {
            boolean finished;
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE import_run SET state = 'finished', total = ?, finished_at = ?, halt_reason = ?"
                            + " WHERE id = ? AND owner = ? AND done = ?"
                            + " AND stored + not_found + rejected + invalid + failed + duplicates = ?")) {
                statement.setLong(1, total);
                statement.setObject(2, database.dialect().instant(clock.instant()));
                statement.setString(3, problem);
                statement.setLong(4, runId);
                statement.setString(5, ownership.owner());
                statement.setLong(6, total);
                statement.setLong(7, total);
                finished = statement.executeUpdate() == 1;
                if (!finished && !RunTable.isOf(connection, runId, ownership.owner())) {
                    throw new RunLostException(runId);
                }
            }
            if (finished && problem == null) {
                haltIfTooManyAreMissing(connection, runId, total);
            }
            Run ended = RunTable.select(connection, runId);
            if (finished && ended.state() == Run.State.FINISHED) {
                for (RunListener listener : listeners) {
                    listener.finished(connection, ended);
                }
            }
            return ended;
        });
        removeMissing(run);
        return run;
    }

    private void haltIfTooManyAreMissing(Connection connection, long runId, long total) throws SQLException {
        for (OutboxWriter outbox : outboxes) {
            String tooMany = outbox.tooManyMissing(connection, runId, total);
            if (tooMany != null) {
                halt(connection, runId, tooMany);
                return;
            }
        }
    }

    /** Of a run that was finished, and whose source was read to its end; what was removed already is not done again. */
    private void removeMissing(Run run) {
        if (run.state() == Run.State.FINISHED && run.haltReason() == null) {
            outboxes.forEach(outbox -> outbox.removeMissing(run.id(), run.total()));
        }
    }

    /** Writes down where a finished file is about to be moved, so that the move can be repeated. */
    public void movingTo(long runId, String place) {
        update(runId, "UPDATE import_run SET moved_to = ? WHERE id = ? AND owner = ?", statement -> {
            statement.setString(1, place);
            return 1;
        });
    }

    /** Takes back a run in which nothing has been done yet; any other stays. */
    public void discard(long runId) {
        database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "DELETE FROM import_run WHERE id = ? AND owner = ? AND done = 0 AND state = 'running'")) {
                statement.setLong(1, runId);
                statement.setString(2, ownership.owner());
                return statement.executeUpdate();
            }
        });
    }

    /**
     * Closes an unfinished run that nobody will continue with, and its dead letters with it.
     *
     * @return the run as it is then; a finished one stays as it is
     */
    public Run supersede(long runId, String reason) {
        Run run = database.inTransaction(connection -> {
            if (!RunTable.isOf(connection, runId, ownership.owner())) {
                throw new RunLostException(runId);
            }
            RunTable.supersede(connection, runId, reason, database.dialect().instant(clock.instant()));
            return RunTable.select(connection, runId);
        });
        RunRemains.ofSuperseded(database, runId);
        return run;
    }

    /** Discards the dead letter of the last record of this text that was not valid: it was half a record. */
    public void discardInvalid(long runId, String raw) {
        database.inTransaction(connection -> {
            RunTable.discardInvalid(connection, runId, raw);
            return null;
        });
    }

    /** Marks the run halted: the same file continues from here. */
    public Run halt(long runId, String reason) {
        return database.inTransaction(connection -> {
            halt(connection, runId, reason);
            return RunTable.select(connection, runId);
        });
    }

    private void halt(Connection connection, long runId, String reason) throws SQLException {
        ownership.update(
                connection,
                runId,
                "UPDATE import_run SET state = 'halted', halt_reason = ? WHERE id = ? AND owner = ?",
                statement -> {
                    statement.setString(1, reason);
                    return 1;
                });
        for (RunListener listener : listeners) {
            listener.halted(connection, RunTable.select(connection, runId));
        }
    }

    /** Finished runs whose file was about to be moved when they were cut off, here or in another process. */
    public List<Run> moving() {
        return database.inTransaction(RunTable::moving);
    }

    /** The last step of all: the same content given again is a new run from now on. */
    public void close(long runId) {
        KeySnapshotStore.empty(database, runId);
        // Whoever finished it may have been killed before he came to that.
        removeMissing(find(runId));
        database.inTransaction(connection -> {
            ownership.update(
                    connection, runId, "UPDATE import_run SET closed_at = ? WHERE id = ? AND owner = ?", statement -> {
                        statement.setObject(1, database.dialect().instant(clock.instant()));
                        return 1;
                    });
            try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_chunk WHERE run_id = ?")) {
                statement.setLong(1, runId);
                return statement.executeUpdate();
            }
        });
    }

    RunClaims claims() {
        return claims;
    }

    public RunFiles files() {
        return files;
    }

    /** For whoever checks what this ledger has written down. */
    public AuditQueries audit() {
        return new AuditQueries(database);
    }

    public Run find(long runId) {
        return database.inTransaction(connection -> RunTable.select(connection, runId));
    }

    @Override
    public void close() {
        ownership.close();
    }

    private Run update(long runId, String sql, RunOwnership.Binder leading) {
        return database.inTransaction(connection -> {
            ownership.update(connection, runId, sql, leading);
            return RunTable.select(connection, runId);
        });
    }
}
