package de.contactsync.resilience;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a task at the earliest of the instants that it is set to. Guarded by the lock of the {@link CallDispatcher}. */
public final class Alarm {

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
        after(Duration.ofNanos(wake - now), task);
    }

    void rang() {
        set = false;
    }

    /**
     * Runs the task later, on a timer and not on the threads of the calls, which may all be busy for long.
     *
     * @param task short, and waits for nothing
     */
    public static void after(Duration wait, Runnable task) {
        CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                .execute(task);
    }
}
