package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Decides whether this process may work on a run that is open, and begins it anew where it has to. */
final class RunClaims {

    private final Database database;
    private final Clock clock;
    private final RunOwnership ownership;
    private final Instant started;

    RunClaims(Database database, Clock clock, RunOwnership ownership) {
        this.database = database;
        this.clock = clock;
        this.ownership = ownership;
        this.started = clock.instant();
    }

    /** False when there is an open one. */
    boolean begin(
            Connection connection, String source, String fileName, String fileHash, int chunkSize, SourceFile file)
            throws SQLException {
        return RunTable.insertUnlessOpen(
                connection,
                database.dialect(),
                source,
                fileName,
                fileHash,
                chunkSize,
                clock.instant(),
                ownership.owner(),
                file);
    }

    /**
     * A run that was halted at its end restarts in a process that began later, and so may have other settings; it is
     * to be given to {@link #begun}.
     *
     * @param again when it does so in any process, given when it was halted; may give null for never
     * @return empty when none is open
     */
    Optional<RunLease> claimOpen(Connection connection, String fileName, String fileHash, UnaryOperator<Instant> again)
            throws SQLException {
        Optional<RunTable.OwnedRun> found = RunTable.findOpen(connection, database.dialect(), fileName, fileHash, null);
        return found.isEmpty() ? Optional.empty() : Optional.of(claim(connection, found.get(), again));
    }

    RunLease claim(Connection connection, RunTable.OwnedRun open, UnaryOperator<Instant> again) throws SQLException {
        boolean anew = open.run().haltedAtEnd();
        if (anew && !open.endedAt().isBefore(started)) {
            Instant next = again.apply(open.endedAt());
            if (next == null || next.isAfter(clock.instant())) {
                return new RunLease.Busy(ProcessId.parse(open.owner()).shown());
            }
        }
        if (!ownership.isOursOrAbandoned(open)) {
            return new RunLease.Busy(ProcessId.parse(open.owner()).shown());
        }
        if (!ownership.takeOver(connection, open)) {
            return new RunLease.Busy("another process");
        }
        if (anew) {
            return new RunLease.Granted(open.run(), new BitSet());
        }
        return open.run().state() == Run.State.FINISHED
                ? new RunLease.Unclosed(open.run(), open.run().haltReason())
                : new RunLease.Granted(
                        open.run(), RunTable.doneChunks(connection, open.run().id()));
    }

    /**
     * Of a run that restarts, takes away what was done in it, but the contacts. It stays halted at its end until all is
     * gone, so that whoever claims it next continues with that.
     *
     * @throws RunLostException when it belongs to another process by now
     */
    RunLease begun(RunLease lease) {
        if (!(lease instanceof RunLease.Granted granted) || !granted.run().haltedAtEnd()) {
            return lease;
        }
        long runId = granted.run().id();
        Database.Work<?> own = connection -> {
            ownership.update(
                    connection,
                    runId,
                    "UPDATE import_run SET heartbeat = heartbeat + 1 WHERE id = ? AND owner = ?",
                    statement -> 0);
            return null;
        };
        RunRemains.withdrawLetters(database, granted.run(), own);
        RunRemains.forgetMissing(database, runId, own);
        return database.inTransaction(connection -> {
            own.in(connection);
            RunTable.restart(connection, runId);
            return new RunLease.Granted(RunTable.select(connection, runId), new BitSet());
        });
    }
}
