package de.contactsync.resilience;

import java.time.Duration;

/** A quota of calls, as far as it is known, and when the next call may start within it. */
interface Rate {

    /** Between probes: before the first answer, and while everything is refused. */
    long BLIND_WAIT = Duration.ofMillis(100).toNanos();

    /** While it is not, calls are free. */
    boolean isKnown();

    void started(long now);

    /**
     * A call was answered, and not refused.
     *
     * @param waiting whether calls have had to wait lately; else nothing shows whether more would pass
     */
    void passed(long start, boolean waiting);

    /**
     * @param asked nanoseconds that the server asked for, 0 for none
     * @return the nanoseconds to wait
     */
    long refused(long start, long now, long asked);

    /** 0 when a call may start now; else the nanoseconds to wait before asking again. */
    long waitAt(long now);

    /** Nanoseconds between calls; 0 while it is unknown. */
    long spacing();

    /** The same while everything is refused. */
    long probeSpacing();

    /** Calls in a window, at least 1. */
    int limit();

    /** In nanoseconds. */
    long window();

    /** Calls in the window up to now. */
    int used(long now);

    /** What all processes together may use of it; null where only this one knows of it. */
    QuotaHeaders shareable();
}
