package de.contactsync.resilience;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until it is put forward, and a scheduler that goes by it. */
public final class ManualClock implements LongSupplier, Scheduler {

    private record Due(long at, FutureTask<Void> task) {}

    // Near the wrap-around of nanoTime, so that comparing readings without a difference shows.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(1));
    private final List<Due> waiting = new ArrayList<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();

    @Override
    public long getAsLong() {
        return now.get();
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        FutureTask<Void> future = new FutureTask<>(task, null);
        if (delay.isZero()) {
            worker.execute(future);
        } else {
            synchronized (waiting) {
                waiting.add(new Due(now.get() + delay.toNanos(), future));
            }
        }
        return future;
    }

    /** Puts the clock forward and runs on the way what is due, each task at its time. */
    public void advance(Duration by) {
        awaitIdle();
        long end = now.get() + by.toNanos();
        for (Due next = pollUntil(end); next != null; next = pollUntil(end)) {
            now.set(next.at());
            worker.execute(next.task());
            awaitIdle();
        }
        now.set(end);
    }

    /** How long until the next task that has not been cancelled; null when there is none. */
    public Duration untilNext() {
        awaitIdle();
        synchronized (waiting) {
            return waiting.stream()
                    .filter(due -> !due.task().isCancelled())
                    .map(due -> Duration.ofNanos(due.at() - now.get()))
                    .min(Comparator.naturalOrder())
                    .orElse(null);
        }
    }

    private Due pollUntil(long end) {
        synchronized (waiting) {
            waiting.removeIf(due -> due.task().isCancelled());
            Due first = waiting.stream()
                    .min(Comparator.comparingLong(due -> due.at() - now.get()))
                    .filter(due -> due.at() - end <= 0)
                    .orElse(null);
            waiting.remove(first);
            return first;
        }
    }

    /** Waits until the worker has done what it was given. */
    public void awaitIdle() {
        try {
            worker.submit(() -> {}).get(30, TimeUnit.SECONDS);
            worker.submit(() -> {}).get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
