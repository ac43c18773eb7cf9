package de.contactsync.resilience;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs tasks later, one at a time. Tests put one in its place that obeys their own time. */
public interface Scheduler extends AutoCloseable {

    /** @throws java.util.concurrent.RejectedExecutionException when closed */
    Future<?> schedule(Duration delay, Runnable task);

    /** Interrupts what runs and forgets what waits. */
    @Override
    void close();

    static Scheduler daemon(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return new Scheduler() {
            @Override
            public Future<?> schedule(Duration delay, Runnable task) {
                return executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            }

            @Override
            public void close() {
                executor.shutdownNow();
            }
        };
    }
}
