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
    /** No quota that is known has longer windows. */
    private static final Duration LONG_REFUSAL = Duration.ofMinutes(1);
    /** While one list tries again after a pause, the others wait for what becomes of it. */
    private static final Duration TRIAL = Duration.ofMinutes(1);

    private Object retrying;
    private int failuresInARow;
    private boolean paused;
    private int pauses;
    private long until;
    private Duration next = FIRST;
    private int refusalsInARow;
    private long lastRefused;
    private long allowedFrom;

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

    /** How often lists were paused so far. */
    synchronized int pauses() {
        return pauses;
    }

    /**
     * Whether a list that was allowed earlier is not to be asked for any more.
     *
     * @param before what {@link #pauses} said before it was allowed
     */
    synchronized boolean pausedSince(int before) {
        return paused && pauses != before;
    }

    /** Whether a list that failed may be asked for once more: one at a time, as further failures need no proof. */
    synchronized boolean mayRetry(Object list) {
        if (retrying == null) {
            retrying = list;
        }
        return retrying == list;
    }

    /**
     * A list was refused for the quota. Those that were in flight together are refused together: that is one refusal.
     *
     * @param began      when its call began
     * @param retryAfter what the server asked for, or null
     * @return whether lists are to rest: JTL refuses them for long, or again and again after the time it asked for
     */
    synchronized boolean refused(long began, long now, Duration retryAfter) {
        if (paused) {
            return true;
        }
        if (retryAfter == null) {
            return false;
        }
        if (refusalsInARow == 0 || began - lastRefused > 0) {
            refusalsInARow++;
            lastRefused = now;
        }
        allowedFrom = now + retryAfter.toNanos();
        if (retryAfter.compareTo(LONG_REFUSAL) > 0) {
            refusalsInARow = FEW;
        }
        return refusalsInARow >= FEW;
    }

    synchronized void passed() {
        retrying = null;
        refusalsInARow = 0;
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
        boolean refusedForLonger = refusalsInARow >= FEW && allowedFrom - now > next.toNanos();
        Duration pause = refusedForLonger ? Duration.ofNanos(allowedFrom - now) : next;
        paused = true;
        pauses++;
        refusalsInARow = 0;
        until = now + pause.toNanos();
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return pause;
    }
}
