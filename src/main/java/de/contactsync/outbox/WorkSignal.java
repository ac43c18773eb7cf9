package de.contactsync.outbox;

import java.time.Duration;

/** Wakes whoever waits for work. Thread-safe. */
final class WorkSignal {

    private boolean given;

    synchronized void give() {
        given = true;
        notifyAll();
    }

    /** Returns when it was given since it was last awaited, or the time is over. */
    synchronized void await(Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        while (!given && System.nanoTime() - end < 0) {
            wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        given = false;
    }
}
