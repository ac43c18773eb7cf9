package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.LostRunException;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import de.contactsync.outage.Breakers;
import de.contactsync.outage.Outage;
import de.contactsync.outage.OutageException;
import de.contactsync.source.RunSummary.End;
import java.io.IOException;
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
 * The passes that are under way, wherever their keys stand, step by step as the routes call them: begin, halt when need
 * be, finish. Everything durable is in the ledger.
 */
public final class Passes {

    private static final Logger LOG = LoggerFactory.getLogger(Passes.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    /** What the broker has lost would never be done. What is not lost is done once, however often it is handed over. */
    private static final Duration HAND_OVER_AGAIN = Duration.ofMinutes(30);
    private static final Duration TELL_AGAIN = Duration.ofMinutes(5);
    private static final String STOPPED = "the program was stopped";

    private final RunLedger ledger;
    private final Breakers breakers;
    private final Verifier verifier;
    private final Duration patience;
    private final Set<KeyRun> active = ConcurrentHashMap.newKeySet();
    private final WaitingRuns waiting = new WaitingRuns();
    private volatile boolean stopping;

    /**
     * @param verifier finds the records of a file that does not add up
     * @param patience with other processes that have got a part of a run
     */
    public Passes(RunLedger ledger, Breakers breakers, Verifier verifier, Duration patience) {
        this.patience = patience;
        this.ledger = ledger;
        this.breakers = breakers;
        this.verifier = verifier;
    }

    /** Whether the source should wait because nothing could be done now, whatever the file. */
    boolean isPaused() {
        return stopping || breakers.holdAll();
    }

    public boolean isStopping() {
        return stopping;
    }

    /** The pass that is being worked on; of several at once, any. */
    public Optional<KeyRun> underWay() {
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

    private boolean waits(KeyRun run) {
        return !stopping && (run.halted() instanceof OutageException || run.halted() == null && run.putOff() != null);
    }

    /** The pass that goes on where that of this run had to wait; null when its keys are to be read from the first. */
    KeyRun continued(Claim.Granted claim) throws IOException, SQLException {
        KeyRun before = waiting.take(claim.run().id());
        KeyRun run = before == null ? null : before.continued(claim);
        if (before != null && run == null) {
            before.close();
        }
        return run;
    }

    /** From here on the pass is under way, until {@link #finish}. */
    KeyRun begin(KeyRun run) {
        active.add(run);
        if (stopping) {
            run.halt(new HaltException(STOPPED));
        }
        if (run.resumed() > 0) {
            LOG.info("{} goes on, {} records are done already", run.name(), run.resumed());
        } else {
            LOG.debug("{} begins as run {}", run.name(), run.id());
        }
        return run;
    }

    /** A pass that a failure has kept from being begun. */
    static Pass notOpened(InboxFile file, HaltException reason) {
        return notOpened(file.toString(), file.path(), reason);
    }

    /** As the other, of keys that stand in no file. */
    static Pass notOpened(String name, HaltException reason) {
        return notOpened(name, null, reason);
    }

    private static Pass notOpened(String name, Path file, HaltException reason) {
        return new Pass.Skipped(
                new RunSummary(name, file, End.HALTED, null, -1, 0, 0, reason.getMessage(), outage(reason)));
    }

    /** @throws HaltException when the process is about to end */
    void checkGoing() {
        if (stopping) {
            throw new HaltException(STOPPED);
        }
    }

    /** Keeps a chunk from beginning that was read before the pass was halted. */
    public void checkGoing(Pass pass) {
        if (pass instanceof KeyRun run) {
            run.checkGoing();
        }
    }

    /**
     * Leaves a chunk undone. A failure that concerns all keys ends the pass early; while only the keys of one tenant wait,
     * it goes on with those of others.
     */
    public void halt(Pass pass, Exception failure) {
        if (pass instanceof KeyRun run && failure instanceof OutageException outage && !outage.concernsAll()) {
            run.putOff(outage);
        } else if (pass instanceof KeyRun run) {
            HaltException reason = failure instanceof HaltException halt
                    ? halt
                    : new HaltException("unexpected failure: " + failure, failure);
            run.halt(reason);
        }
    }

    /**
     * Waits for the processes that the chunks were handed over to. When nobody gets on with them for as long as this
     * process has patience, the pass is halted.
     */
    public void awaitHandedOver(Pass pass) {
        if (!(pass instanceof KeyRun run)) {
            return;
        }
        try {
            long done = -1;
            long since = System.nanoTime();
            long told = since;
            while (run.halted() == null && run.putOff() == null) {
                long now = System.nanoTime();
                long seen = ledger.find(run.id()).done();
                if (seen >= run.records()) {
                    return;
                }
                if (seen != done) {
                    done = seen;
                    since = now;
                    told = now;
                } else if (now - since >= patience.toNanos()
                        || now - since >= HAND_OVER_AGAIN.toNanos() && breakers.outages().isEmpty()) {
                    run.halt(new HaltException(nobody(run, seen)));
                } else if (now - told >= TELL_AGAIN.toNanos()) {
                    told = now;
                    LOG.warn("{}", nobody(run, seen));
                }
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        } catch (HaltException e) {
            run.halt(e);
        }
    }

    private static String nobody(KeyRun run, long done) {
        return (run.records() - done) + " records of " + run.name() + " lie in the queue and nobody gets on with them: see"
                + " to the processes that take keys from the queue, and whether they reach JTL";
    }

    /** Says in the ledger how the pass ended. */
    public RunSummary finish(Pass pass) {
        if (!(pass instanceof KeyRun run)) {
            return ((Pass.Skipped) pass).summary();
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

    private RunSummary finish(KeyRun run) {
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
                return summary(run, End.HALTED, ledger.supersede(run.id(), superseded), superseded);
            }
            if (run.halted() != null) {
                return halted(run, run.halted());
            }
            if (run.putOff() != null) {
                return halted(run, run.putOff());
            }
            String problem = run.unreadable() == null ? null : run.unreadable().getMessage();
            Run finished = ledger.finish(run.id(), run.records(), problem);
            if (finished.haltedAtEnd()) {
                return summary(run, End.HALTED, finished, finished.haltReason());
            }
            if (!finished.addsUp()) {
                return summary(run, End.UNBALANCED, finished, unbalanced(run, finished));
            }
            return summary(run, problem == null ? End.FINISHED : End.UNREADABLE, finished, problem);
        } catch (LostRunException e) {
            return halted(run, e);
        } catch (HaltException e) {
            return summary(run, End.HALTED, null, e.getMessage(), outage(e));
        } catch (IOException | SQLException e) {
            return halted(run, new HaltException(run.name() + " cannot be read: " + FileNames.reason(e), e));
        }
    }

    private String unbalanced(KeyRun run, Run unfinished) {
        if (!(run.origin() instanceof KeyOrigin.InFile keys)) {
            return unfinished.account(run.records()).toString();
        }
        try {
            Verification.Compared compared = verifier.check(keys.file(), unfinished);
            return compared.account() + "; " + String.join("; ", compared.problems());
        } catch (IOException | SQLException | RuntimeException e) {
            return unfinished.account(run.records()) + "; which records they are cannot be found out: "
                    + e.getMessage();
        }
    }

    private RunSummary halted(KeyRun run, HaltException reason) {
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

    private static RunSummary summary(KeyRun run, End end, Run ledgerRun, String message) {
        return summary(run, end, ledgerRun, message, null);
    }

    private static RunSummary summary(KeyRun run, End end, Run ledgerRun, String message, Outage outage) {
        return new RunSummary(run.name(), run.origin().file(), end, ledgerRun, run.expectedRecords(), run.resumed(), run.seconds(),
                message, outage);
    }

    /** Null unless that is what the pass waits for. */
    private static Outage outage(HaltException reason) {
        return reason instanceof OutageException waiting ? waiting.outage() : null;
    }
}
