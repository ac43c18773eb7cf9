package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which files the open runs read, and the end of those whose files were replaced or are gone. */
public final class RunFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RunFiles.class);

    private final Database database;
    private final Clock clock;
    private final RunOwnership ownership;
    private final RunStore runs;

    RunFiles(Database database, Clock clock, RunOwnership ownership, RunStore runs) {
        this.database = database;
        this.clock = clock;
        this.ownership = ownership;
        this.runs = runs;
    }

    /**
     * Remembers which file the run reads. Any other open run of that file was of content that is gone: those that no
     * other process works on are closed, and with them the dead letters of the unfinished ones.
     *
     * @return the unfinished ones that were closed
     */
    public List<Run> readsFile(long runId, SourceFile file) {
        List<Long> finished = new ArrayList<>();
        List<Run> superseded = database.inTransaction(connection -> {
            finished.clear();
            ownership.update(
                    connection,
                    runId,
                    "UPDATE import_run SET source_file = ?, inbox = ? WHERE id = ? AND owner = ?",
                    statement -> {
                        statement.setString(1, file.place());
                        statement.setString(2, file.inbox());
                        return 2;
                    });
            List<RunTable.OwnedRun> unfinished = new ArrayList<>();
            for (RunTable.OwnedRun open : RunTable.openOf(connection, database.dialect(), file.place())) {
                if (open.run().id() == runId) {
                    continue;
                }
                if (open.run().state() != Run.State.FINISHED) {
                    unfinished.add(open);
                } else if (ownership.isOursOrAbandoned(open) && ownership.takeOver(connection, open)) {
                    finished.add(open.run().id());
                }
            }
            return supersede(connection, unfinished, "its file was replaced or changed before it was done");
        });
        superseded.forEach(run -> RunRemains.ofSuperseded(database, run.id()));
        finished.forEach(runs::close);
        return superseded;
    }

    /**
     * What has become of unfinished runs whose files were taken from an inbox and are not there.
     *
     * @param closed  their inbox is the one that was looked at: their files are gone
     * @param unknown nobody works on them, and their inbox may be that of another host
     */
    public record Orphans(List<Run> closed, List<Run> unknown) {}

    /**
     * Closes the unfinished runs of files that were taken away while nobody worked on them, and their dead letters.
     *
     * @param inbox  its id
     * @param places of the files that are there
     */
    public Orphans filesGone(String inbox, Set<String> places) {
        List<Run> unknown = new ArrayList<>();
        List<Run> closed = database.inTransaction(connection -> {
            unknown.clear();
            List<RunTable.OwnedRun> gone = new ArrayList<>();
            for (RunTable.UnfinishedFile unfinished : RunTable.unfinishedTaken(connection, database.dialect())) {
                if (!places.contains(unfinished.file().place())) {
                    RunTable.OwnedRun open = unfinished.open();
                    if (inbox.equals(unfinished.file().inbox())) {
                        gone.add(open);
                    } else if (open.run().state() == Run.State.HALTED
                            || ProcessId.parse(open.owner()).isGone()) {
                        unknown.add(open.run());
                    }
                }
            }
            return supersede(connection, gone, "its file was removed before it was done");
        });
        closed.forEach(run -> RunRemains.ofSuperseded(database, run.id()));
        return new Orphans(closed, unknown);
    }

    /**
     * Closes the replays that nobody can continue with because their files are gone, or with another host. Their keys
     * have open dead letters.
     *
     * @param fileHashes of the files that are here
     */
    public void replaysGone(Set<String> fileHashes) {
        database.inTransaction(connection -> {
            List<RunTable.OwnedRun> gone = RunTable.replays(connection, database.dialect()).stream()
                    .filter(open -> !fileHashes.contains(open.run().fileHash()))
                    .toList();
            List<Run> closed = supersede(connection, gone, "the file with its keys is missing");
            LOG.debug("{} replays are closed whose files are gone", closed.size());
            return null;
        });
    }

    /** Those of them that no other process works on. */
    private List<Run> supersede(Connection connection, List<RunTable.OwnedRun> runs, String reason)
            throws SQLException {
        List<Run> closed = new ArrayList<>();
        for (RunTable.OwnedRun open : runs) {
            long id = open.run().id();
            if (ownership.isOursOrAbandoned(open)
                    && ownership.takeOver(connection, open)
                    && RunTable.supersede(
                            connection, id, reason, database.dialect().instant(clock.instant()))) {
                closed.add(RunTable.select(connection, id));
            }
        }
        return closed;
    }
}
