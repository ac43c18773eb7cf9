package de.contactsync.ledger;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The right to replay dead letters, which one process of all that share the database has at a time: a run that has no
 * records, whose owner is known to live or to be gone as that of any other run is. It leaves nothing behind.
 */
public final class ReplayLease implements AutoCloseable {

    private static final String SOURCE = "replay";
    private static final Duration PATIENCE = RunLedger.SILENCE.plusSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final RunLedger ledger;
    private final Claim claim;

    private ReplayLease(RunLedger ledger, Claim claim) {
        this.ledger = ledger;
        this.claim = claim;
    }

    /**
     * Waits for as long as it takes to see that a process elsewhere is silent.
     *
     * @param ledger is closed with the lease, held or not
     */
    public static ReplayLease take(RunLedger ledger) {
        long began = System.nanoTime();
        Claim claim = ledger.claim(SOURCE, SOURCE, "", 1);
        while (claim instanceof Claim.Busy && System.nanoTime() - began < PATIENCE.toNanos()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            claim = ledger.claim(SOURCE, SOURCE, "", 1);
        }
        return new ReplayLease(ledger, claim);
    }

    public boolean isHeld() {
        return claim instanceof Claim.Granted;
    }

    /** Host, process id and identity of the process that has it instead. */
    public String holder() {
        return claim instanceof Claim.Busy busy ? busy.owner() : "this process";
    }

    @Override
    public void close() {
        try (ledger) {
            if (claim instanceof Claim.Granted granted) {
                ledger.discard(granted.run().id());
            }
        }
    }
}
