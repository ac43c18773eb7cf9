package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which runs there are, how far they are, and who works on them. A run belongs to one process at a time: its owner
 * moves the run's heartbeat every few seconds, and whoever sees it stand still for {@link #SILENCE} of his own time, or
 * knows the owner to be gone, may take over. No clocks are compared. Every write of a chunk checks the ownership, so
 * a process that wakes up late writes nothing.
 */
public final class RunStore implements AutoCloseable {

    /** How long a heartbeat must stand still before another process takes over. */
    public static final Duration SILENCE = Duration.ofSeconds(15);

    /** The {@code source} of a run of keys that have dead letters. */
    public static final String REPLAY = "replay";

    private static final Logger LOG = LoggerFactory.getLogger(RunStore.class);
    private static final Duration BEAT = Duration.ofSeconds(3);

    /** The heartbeat of another process's run as this process first saw it. */
    private record Sighting(long heartbeat, long nanoTime) {}

    private final Database database;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final String owner;
    private final Instant started;
    private final Map<Long, Sighting> sightings = new ConcurrentHashMap<>();
    private final ScheduledExecutorService heart;
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
        this.owner = owner;
        this.started = clock.instant();
        this.heart = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "run-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        heart.scheduleWithFixedDelay(this::heartbeat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    public String owner() {
        return owner;
    }

    /** The host that this process runs on, by its own name. */
    public String host() {
        return ProcessId.parse(owner).host();
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
        return begun(database.inTransaction(connection -> {
            begin(connection, source, fileName, fileHash, chunkSize, file);
            Optional<RunTable.OwnedRun> open =
                    RunTable.findOpen(connection, database.dialect(), fileName, fileHash, file.place());
            // Empty when another process closed it between the two statements.
            return open.isEmpty()
                    ? new RunLease.Busy("another process")
                    : claim(connection, open.get(), halted -> null);
        }));
    }

    /** False when there is an open one. */
    boolean begin(
            Connection connection, String source, String fileName, String fileHash, int chunkSize, SourceFile file)
            throws SQLException {
        return RunTable.insertUnlessOpen(
                connection, database.dialect(), source, fileName, fileHash, chunkSize, clock.instant(), owner, file);
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

    private RunLease claim(Connection connection, RunTable.OwnedRun open, UnaryOperator<Instant> again)
            throws SQLException {
        boolean anew = open.run().haltedAtEnd();
        if (anew && !open.endedAt().isBefore(started)) {
            Instant next = again.apply(open.endedAt());
            if (next == null || next.isAfter(clock.instant())) {
                return new RunLease.Busy(ProcessId.parse(open.owner()).shown());
            }
        }
        if (!isOursOrAbandoned(open)) {
            return new RunLease.Busy(ProcessId.parse(open.owner()).shown());
        }
        if (!takeOver(connection, open)) {
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
            update(
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
                statement.setString(5, owner);
                statement.setLong(6, total);
                statement.setLong(7, total);
                finished = statement.executeUpdate() == 1;
                if (!finished && !RunTable.isOf(connection, runId, owner)) {
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
        takeBackMissing(run);
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
    private void takeBackMissing(Run run) {
        if (run.state() == Run.State.FINISHED && run.haltReason() == null) {
            outboxes.forEach(outbox -> outbox.takeBackMissing(run.id(), run.total()));
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
                statement.setString(2, owner);
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
            if (!RunTable.isOf(connection, runId, owner)) {
                throw new RunLostException(runId);
            }
            RunTable.supersede(connection, runId, reason, database.dialect().instant(clock.instant()));
            return RunTable.select(connection, runId);
        });
        RunRemains.ofSuperseded(database, runId);
        return run;
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
            update(
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
                } else if (isOursOrAbandoned(open) && takeOver(connection, open)) {
                    finished.add(open.run().id());
                }
            }
            return supersede(connection, unfinished, "its file was replaced or changed before it was done");
        });
        superseded.forEach(run -> RunRemains.ofSuperseded(database, run.id()));
        finished.forEach(this::close);
        return superseded;
    }

    /** Discards the dead letter of the last record of this text that was not valid: it was half a record. */
    public void discardInvalid(long runId, String raw) {
        database.inTransaction(connection -> {
            RunTable.discardInvalid(connection, runId, raw);
            return null;
        });
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
            return supersede(connection, gone, "its file was taken away before it was done");
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
            List<Run> closed = supersede(connection, gone, "the file of its keys is gone");
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
            if (isOursOrAbandoned(open)
                    && takeOver(connection, open)
                    && RunTable.supersede(
                            connection, id, reason, database.dialect().instant(clock.instant()))) {
                closed.add(RunTable.select(connection, id));
            }
        }
        return closed;
    }

    /** Marks the run halted: the same file continues from here. */
    public Run halt(long runId, String reason) {
        return database.inTransaction(connection -> {
            halt(connection, runId, reason);
            return RunTable.select(connection, runId);
        });
    }

    private void halt(Connection connection, long runId, String reason) throws SQLException {
        update(
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
        takeBackMissing(find(runId));
        database.inTransaction(connection -> {
            update(connection, runId, "UPDATE import_run SET closed_at = ? WHERE id = ? AND owner = ?", statement -> {
                statement.setObject(1, database.dialect().instant(clock.instant()));
                return 1;
            });
            try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_chunk WHERE run_id = ?")) {
                statement.setLong(1, runId);
                return statement.executeUpdate();
            }
        });
    }

    /** For whoever checks what this ledger has written down. */
    public AuditQueries audit() {
        return new AuditQueries(database);
    }

    public Run find(long runId) {
        return database.inTransaction(connection -> RunTable.select(connection, runId));
    }

    /**
     * Hands the run's dead letters to {@code reader} in the order of the file, each once, without holding them all;
     * discarded ones are left out.
     */
    public void deadLetters(long runId, Consumer<DeadLetter> reader) {
        RunTable.LetterPage page = new RunTable.LetterPage(List.of(), Long.MIN_VALUE, 0);
        do {
            RunTable.LetterPage behind = page;
            page = database.inTransaction(connection -> RunTable.deadLetters(connection, runId, behind));
            page.letters().forEach(reader);
        } while (!page.letters().isEmpty());
    }

    @Override
    public void close() {
        heart.shutdownNow();
    }

    private void heartbeat() {
        try {
            database.inTransaction(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("UPDATE import_run SET heartbeat = heartbeat + 1"
                                + " WHERE owner = ? AND closed_at IS NULL AND state <> 'halted'")) {
                    statement.setString(1, owner);
                    return statement.executeUpdate();
                }
            });
        } catch (RuntimeException e) {
            // The run's own writes meet the same failure and halt it; a missed beat harms nobody.
            LOG.debug("heartbeat failed", e);
        }
    }

    private boolean isOursOrAbandoned(RunTable.OwnedRun open) {
        return open.owner().equals(owner) || mayTakeOver(open);
    }

    private boolean mayTakeOver(RunTable.OwnedRun open) {
        if (open.run().state() == Run.State.HALTED
                || ProcessId.parse(open.owner()).isGone()) {
            return true;
        }
        long now = nanoTime.getAsLong();
        Sighting seen = sightings.compute(
                open.run().id(),
                (id, old) ->
                        old != null && old.heartbeat == open.heartbeat() ? old : new Sighting(open.heartbeat(), now));
        return now - seen.nanoTime >= SILENCE.toNanos();
    }

    private boolean takeOver(Connection connection, RunTable.OwnedRun open) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE import_run SET owner = ?, heartbeat = heartbeat + 1,"
                        + " state = CASE WHEN state = 'halted' AND total IS NULL THEN 'running' ELSE state END"
                        + " WHERE id = ? AND owner = ? AND heartbeat = ?")) {
            statement.setString(1, owner);
            statement.setLong(2, open.run().id());
            statement.setString(3, open.owner());
            statement.setLong(4, open.heartbeat());
            return statement.executeUpdate() == 1;
        }
    }

    @FunctionalInterface
    private interface Binder {
        /** Sets the leading parameters and returns how many they are. */
        int bind(PreparedStatement statement) throws SQLException;
    }

    private Run update(long runId, String sql, Binder leading) {
        return database.inTransaction(connection -> {
            update(connection, runId, sql, leading);
            return RunTable.select(connection, runId);
        });
    }

    private void update(Connection connection, long runId, String sql, Binder leading) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int bound = leading.bind(statement);
            statement.setLong(bound + 1, runId);
            statement.setString(bound + 2, owner);
            if (statement.executeUpdate() == 0) {
                throw new RunLostException(runId);
            }
        }
    }
}
