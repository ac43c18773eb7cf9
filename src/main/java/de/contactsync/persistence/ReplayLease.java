package de.contactsync.persistence;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The right to replay dead letters, which one process of all that share the database has at a time: a run that has no
 * records, whose owner is known to live or to be gone as that of any other run is. It leaves nothing behind.
 */
public final class ReplayLease implements AutoCloseable {

    private static final String SOURCE = RunStore.REPLAY;
    private static final Duration PATIENCE = RunStore.SILENCE.plusSeconds(5);
    /** A row of another process: no event says that it has changed. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final RunStore runs;
    private final RunLease lease;

    private ReplayLease(RunStore runs, RunLease lease) {
        this.runs = runs;
        this.lease = lease;
    }

    /** Waits for as long as it takes to see that a process elsewhere is silent. */
    public static ReplayLease take(RunStore runs) {
        long began = System.nanoTime();
        RunLease lease = runs.claim(SOURCE, SOURCE, "", 1);
        while (lease instanceof RunLease.Busy
                && System.nanoTime() - began < PATIENCE.toNanos()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(POLL_INTERVAL.toNanos());
            lease = runs.claim(SOURCE, SOURCE, "", 1);
        }
        return new ReplayLease(runs, lease);
    }

    public boolean isHeld() {
        return lease instanceof RunLease.Granted;
    }

    /** For people, the process that has it instead. */
    public String holder() {
        return lease instanceof RunLease.Busy busy ? busy.owner() : "this process";
    }

    @Override
    public void close() {
        if (lease instanceof RunLease.Granted granted) {
            runs.discard(granted.run().id());
        }
    }
}
