package de.contactsync.resilience;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Runs a task at the earliest of the instants that it is set to. Guarded by the lock of the {@link CallDispatcher}. */
final class Alarm {

    private final Runnable task;
    private boolean set;
    private long instant;

    /** @param task calls {@link #rang} */
    Alarm(Runnable task) {
        this.task = task;
    }

    void set(long wake, long now) {
        if (set && instant - wake <= 0) {
            return;
        }
        set = true;
        instant = wake;
        // Not on the threads of the calls, which may all be busy for long.
        Executor later = CompletableFuture.delayedExecutor(wake - now, TimeUnit.NANOSECONDS, Runnable::run);
        later.execute(task);
    }

    void rang() {
        set = false;
    }
}
