package de.contactsync.imports;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunLostException;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.tracing.Traces;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The passes that are under way, wherever their keys stand, step by step as the routes call them: begin, halt when need
 * be, finish. Everything durable is in the database.
 */
public final class RunCoordinator {

    private static final Logger LOG = LoggerFactory.getLogger(RunCoordinator.class);

    private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);
    private static final String STOPPED = "the program was stopped";

    private final RunStore runs;
    private final BreakerRegistry breakers;
    private final RunVerifier verifier;
    private final DispatchMonitor dispatched;
    private final Set<ChunkIterator> active = ConcurrentHashMap.newKeySet();
    private final WaitingRuns waiting = new WaitingRuns();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean stopping;

    /**
     * @param verifier finds the records of a file that does not add up
     * @param patience with other processes that have got a part of a run
     */
    public RunCoordinator(RunStore runs, BreakerRegistry breakers, RunVerifier verifier, Duration patience) {
        this.dispatched = new DispatchMonitor(runs, breakers, patience);
        this.runs = runs;
        this.breakers = breakers;
        this.verifier = verifier;
    }

    /** Whether the source should wait because nothing could be done now, whatever the file. */
    boolean isPaused() {
        return stopping || breakers.openAll();
    }

    public boolean isStopping() {
        return stopping;
    }

    /** The pass that is being worked on; of several at once, any. */
    public Optional<ChunkIterator> active() {
        return active.stream().findAny();
    }

    /** Begins no further chunk; those under way end as they will. */
    public void stop() {
        stopping = true;
        stopped.countDown();
        active.forEach(run -> run.halt(new ProcessingHaltedException(STOPPED)));
    }

    /** Waits for at most {@code patience}; true when the program stops meanwhile. */
    public boolean awaitStop(Duration patience) throws InterruptedException {
        return stopped.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits until no pass is under way, for at most {@code patience}. True when none is. */
    public boolean awaitIdle(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (active) {
            long left;
            while (!active.isEmpty() && (left = end - System.nanoTime()) > 0) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(active, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return active.isEmpty();
        }
    }

    private boolean waits(ChunkIterator run) {
        return !stopping && (run.halted() instanceof OutageException || run.halted() == null && run.defer() != null);
    }

    /** The pass that continues where that of this run had to wait; null when its keys are to be read from the first. */
    ChunkIterator continued(RunLease.Granted claim) throws IOException, SQLException {
        ChunkIterator before = waiting.take(claim.run().id());
        ChunkIterator run = before == null ? null : before.continued(claim);
        if (before != null && run == null) {
            before.close();
        }
        return run;
    }

    /** From here on the run is under way, until {@link #finish}. */
    ChunkIterator begin(ChunkIterator run) {
        active.add(run);
        Traces.beginRun(run.id());
        if (stopping) {
            run.halt(new ProcessingHaltedException(STOPPED));
        }
        if (run.resumed() > 0) {
            LOG.info("{} is resumed, {} records are done already", run.name(), run.resumed());
        } else {
            LOG.debug("{} begins as run {}", run.name(), run.id());
        }
        return run;
    }

    /**
     * Opens a run for a command. When another process seems to work on it, waits until that one is known to be alive:
     * of a process that was killed on another host, or in another container, nothing but its silence tells.
     *
     * @param open    asked again and again
     * @param isThere false once there is nothing to open any more
     */
    RunExecution openPatiently(Supplier<RunExecution> open, BooleanSupplier isThere) {
        RunExecution execution = open.get();
        // Counted from the first look, however long that took, and with a last one behind it.
        long end = System.nanoTime() + RunStore.SILENCE.plusSeconds(3).toNanos();
        boolean more = true;
        while (more && RunExecution.isBusy(execution) && isThere.getAsBoolean() && !stopping) {
            RunSummary busy = ((RunExecution.Skipped) execution).summary();
            LOG.debug("{} {}", busy.name(), busy.message());
            more = !stopsWithin(BUSY_PAUSE) && System.nanoTime() - end < 0;
            execution = open.get();
        }
        return execution;
    }

    private boolean stopsWithin(Duration pause) {
        try {
            return awaitStop(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** @throws ProcessingHaltedException when the process is about to end */
    void checkActive() {
        if (stopping) {
            throw new ProcessingHaltedException(STOPPED);
        }
    }

    /** Keeps a chunk from beginning that was read before the run was halted. */
    public void checkActive(RunExecution execution) {
        if (execution instanceof ChunkIterator run) {
            run.checkActive();
        }
    }

    /**
     * Leaves a chunk undone. A failure that concerns all keys ends the run early; while only the keys of one tenant
     * wait, it continues with those of others.
     */
    public void halt(RunExecution execution, Exception failure) {
        if (execution instanceof ChunkIterator run
                && failure instanceof OutageException outage
                && !outage.concernsAll()) {
            run.defer(outage);
        } else if (execution instanceof ChunkIterator run) {
            ProcessingHaltedException reason = failure instanceof ProcessingHaltedException processingHaltedException
                    ? processingHaltedException
                    : new ProcessingHaltedException("unexpected failure: " + failure, failure);
            run.halt(reason);
        }
    }

    /** As {@link DispatchMonitor#await}, until the program stops. */
    public void awaitDispatched(RunExecution execution) {
        if (execution instanceof ChunkIterator run) {
            try {
                dispatched.await(run, this::awaitStop);
            } catch (ProcessingHaltedException e) {
                run.halt(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                run.halt(new ProcessingHaltedException(STOPPED));
            }
        }
    }

    /** Says in the database how the run ended. */
    public RunSummary finish(RunExecution execution) {
        if (!(execution instanceof ChunkIterator run)) {
            return ((RunExecution.Skipped) execution).summary();
        }
        try {
            RunSummary summary = finish(run);
            Traces.endRun(
                    run.id(),
                    summary.end().name().toLowerCase(Locale.ROOT),
                    summary.run() == null ? -1 : summary.run().done());
            return summary;
        } finally {
            // Unless it has ended above.
            Traces.endRun(run.id(), "failed", -1);
            synchronized (active) {
                active.remove(run);
                active.notifyAll();
            }
        }
    }

    private RunSummary finish(ChunkIterator run) {
        try {
            String superseded;
            if (waits(run)) {
                waiting.put(run);
                superseded = null;
            } else {
                try (run) {
                    superseded = run.halted() == null ? run.origin().superseded() : null;
                }
            }
            if (superseded != null) {
                return summary(run, End.HALTED, runs.supersede(run.id(), superseded), superseded);
            }
            if (run.halted() != null) {
                return halted(run, run.halted());
            }
            if (run.defer() != null) {
                return halted(run, run.defer());
            }
            String problem = run.unreadable() == null ? null : run.unreadable().getMessage();
            Run finished = runs.finish(run.id(), run.records(), problem);
            if (finished.haltedAtEnd()) {
                return summary(run, End.HALTED, finished, finished.haltReason());
            }
            if (!finished.isReconciled()) {
                return summary(run, End.UNBALANCED, finished, reconciliationFailure(run, finished));
            }
            return summary(run, problem == null ? End.FINISHED : End.UNREADABLE, finished, problem);
        } catch (RunLostException e) {
            return halted(run, e);
        } catch (ProcessingHaltedException e) {
            return summary(run, End.HALTED, null, e.getMessage(), RunExecution.outage(e));
        } catch (IOException | SQLException e) {
            return halted(
                    run, new ProcessingHaltedException(run.name() + " cannot be read: " + FileNames.reason(e), e));
        }
    }

    private String reconciliationFailure(ChunkIterator run, Run unfinished) {
        if (!(run.origin() instanceof RunSource.InFile keys)) {
            return unfinished.totals(run.records()).toString();
        }
        try {
            VerificationResult.Compared compared = verifier.check(keys.file(), unfinished);
            return compared.totals() + "; " + String.join("; ", compared.problems());
        } catch (IOException | SQLException | RuntimeException e) {
            return unfinished.totals(run.records()) + "; the affected records cannot be determined: "
                    + FileNames.reason(e);
        }
    }

    private RunSummary halted(ChunkIterator run, ProcessingHaltedException reason) {
        if (reason instanceof RunLostException) {
            return summary(run, End.BUSY, runs.find(run.id()), reason.getMessage());
        }
        Run halted = null;
        try {
            halted = runs.halt(run.id(), reason.getMessage());
        } catch (ProcessingHaltedException e) {
            // Nothing is lost: a run left as running by a process that ended is resumed like a halted one.
            LOG.debug("the halt could not be stored", e);
        }
        return summary(run, End.HALTED, halted, reason.getMessage(), RunExecution.outage(reason));
    }

    private static RunSummary summary(ChunkIterator run, End end, Run ledgerRun, String message) {
        return summary(run, end, ledgerRun, message, null);
    }

    private static RunSummary summary(ChunkIterator run, End end, Run ledgerRun, String message, Outage outage) {
        return new RunSummary(
                run.name(),
                run.origin().file(),
                end,
                ledgerRun,
                run.expectedRecords(),
                run.resumed(),
                run.seconds(),
                message,
                outage);
    }
}
