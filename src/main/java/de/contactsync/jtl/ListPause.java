package de.contactsync.jtl;

import java.time.Duration;

/**
 * Whether lists of contacts are worth a call for a tenant. They are a fast way only: after a few failures in a row they
 * rest, then one of them tries again. Instants are readings of a monotonic clock. Thread-safe.
 */
final class ListPause {

    private static final int FEW = 3;
    private static final Duration FIRST = Duration.ofMinutes(5);
    private static final Duration LONGEST = Duration.ofHours(1);
    /** While one list tries again after a pause, the others wait for what becomes of it. */
    private static final Duration TRIAL = Duration.ofMinutes(1);

    private Object retrying;
    private int failuresInARow;
    private boolean paused;
    private long until;
    private Duration next = FIRST;

    /** Whether a list may be asked for now; after a pause, true for one. */
    synchronized boolean mayBeAsked(long now) {
        if (!paused) {
            return true;
        }
        if (until - now > 0) {
            return false;
        }
        until = now + TRIAL.toNanos();
        return true;
    }

    synchronized boolean isPaused() {
        return paused;
    }

    /** Whether a list that failed may be asked for once more: one at a time, as further failures need no proof. */
    synchronized boolean mayRetry(Object list) {
        if (retrying == null) {
            retrying = list;
        }
        return retrying == list;
    }

    synchronized void passed() {
        retrying = null;
        failuresInARow = 0;
        paused = false;
        next = FIRST;
    }

    /**
     * @param certain whether one failure is enough
     * @return the length of the pause that begins now; null when none does
     */
    synchronized Duration failed(long now, boolean certain) {
        boolean inPause = paused && until - now > TRIAL.toNanos();
        failuresInARow++;
        if (paused || failuresInARow >= FEW) {
            retrying = null;
        }
        if (inPause || !certain && failuresInARow < FEW) {
            return null;
        }
        Duration pause = next;
        paused = true;
        until = now + pause.toNanos();
        next = pause.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : pause.multipliedBy(2);
        return pause;
    }
}
