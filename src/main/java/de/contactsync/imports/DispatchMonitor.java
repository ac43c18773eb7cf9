package de.contactsync.imports;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows runs whose chunks were dispatched to other processes by the queue. */
final class DispatchMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(DispatchMonitor.class);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    /** What the broker has lost would never be done. What is not lost is done once, however often it is dispatched. */
    private static final Duration REDISPATCH_INTERVAL = Duration.ofMinutes(30);

    private static final Duration REPORT_INTERVAL = Duration.ofMinutes(5);

    /** A wait that ends early when the program stops. */
    interface Pause {
        void await(Duration time) throws InterruptedException;
    }

    private final RunStore runs;
    private final BreakerRegistry breakers;
    private final Duration patience;

    /** @param patience with other processes that have got a part of a run */
    DispatchMonitor(RunStore runs, BreakerRegistry breakers, Duration patience) {
        this.runs = runs;
        this.breakers = breakers;
        this.patience = patience;
    }

    /**
     * Waits until other processes have done all of the run. When they make no progress for as long as this process has
     * patience, the run is halted.
     */
    void await(ChunkIterator run, Pause pause) throws InterruptedException {
        long done = -1;
        long since = System.nanoTime();
        long reported = since;
        while (run.halted() == null && run.defer() == null) {
            long now = System.nanoTime();
            long seen = runs.find(run.id()).done();
            if (seen >= run.records()) {
                return;
            }
            if (seen != done) {
                done = seen;
                since = now;
                reported = now;
            } else if (now - since >= patience.toNanos()
                    || now - since >= REDISPATCH_INTERVAL.toNanos()
                            && breakers.outages().isEmpty()) {
                run.halt(new ProcessingHaltedException(noProgress(run, seen)));
            } else if (now - reported >= REPORT_INTERVAL.toNanos()) {
                reported = now;
                LOG.warn("{}", noProgress(run, seen));
            }
            pause.await(POLL_INTERVAL);
        }
    }

    private static String noProgress(ChunkIterator run, long done) {
        return "No progress on " + (run.records() - done) + " queued records of " + run.name()
                + ": check that consumers run and reach JTL";
    }
}
