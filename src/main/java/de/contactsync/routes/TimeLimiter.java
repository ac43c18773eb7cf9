package de.contactsync.routes;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Runs code of others, such as a route of the user or a mail server's client, for a limited time. What takes longer is
 * interrupted, and left behind on its thread if it does not mind that. Thread-safe.
 */
public final class TimeLimiter implements AutoCloseable {

    /** What is being worked on when the program is stopped may go on for so long. */
    private static final Duration GRACE = Duration.ofSeconds(3);

    /** So many that ignore the interrupt are left behind; until one of them ends, no further one is begun. */
    private static final int MOST_LEFT_BEHIND = 4;

    /** It did not end in time, and may yet do what it was to do. */
    public static final class HangsException extends Exception {
        private static final long serialVersionUID = 1L;

        HangsException(String message) {
            super(message);
        }
    }

    /** It was not begun, which says nothing about it. */
    public static final class NotBegunException extends Exception {
        private static final long serialVersionUID = 1L;

        NotBegunException(String message) {
            super(message);
        }
    }

    private final Duration limit;
    private final ExecutorService threads;
    private final AtomicInteger active = new AtomicInteger();
    private final Set<CompletableFuture<?>> inHand = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param what  for people and as the name of threads
     * @param limit of each piece of work
     */
    public TimeLimiter(String what, Duration limit) {
        this.limit = limit;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, what);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Runs it and waits for its end.
     *
     * @param where it is just now, for people; asked only when it takes too long; null when that is not known
     * @throws HangsException        when it takes too long
     * @throws NotBegunException     when too many that hang are left behind
     * @throws CancellationException when the program is being stopped
     * @throws Exception             that it throws
     */
    public <T> T call(Callable<T> work, Supplier<String> where) throws Exception {
        if (active.get() >= MOST_LEFT_BEHIND) {
            throw new NotBegunException("is not called, because " + MOST_LEFT_BEHIND
                    + " earlier calls still hang although they were interrupted: fix what it waits for, or restart the"
                    + " program");
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        inHand.add(result);
        Run<T> run = new Run<>(work, result);
        threads.execute(run);
        if (closed) {
            endSoon(result);
        }
        boolean ended = false;
        try {
            T value = result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            ended = true;
            return value;
        } catch (TimeoutException e) {
            String place = where.get();
            throw new HangsException(
                    "has not ended within " + shown() + (place == null ? "" : ", and hangs at " + place));
        } catch (ExecutionException e) {
            ended = true;
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            inHand.remove(result);
            if (!ended) {
                run.interrupt();
            }
        }
    }

    private final class Run<T> implements Runnable {

        private final Callable<T> work;
        private final CompletableFuture<T> result;
        private Thread thread;
        private boolean interrupted;

        Run(Callable<T> work, CompletableFuture<T> result) {
            this.work = work;
            this.result = result;
        }

        @Override
        public void run() {
            if (!begin()) {
                return;
            }
            T value = null;
            Throwable failure = null;
            try {
                value = work.call();
            } catch (Throwable e) {
                // Errors as well: a StackOverflowError of somebody's route is no reason to end our threads.
                failure = e;
            }
            // Before the caller knows of the end: he may begin the next at once.
            end();
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(failure);
            }
        }

        private synchronized boolean begin() {
            if (!interrupted) {
                thread = Thread.currentThread();
                active.incrementAndGet();
            }
            return !interrupted;
        }

        private synchronized void end() {
            thread = null;
            active.decrementAndGet();
        }

        synchronized void interrupt() {
            interrupted = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private String shown() {
        return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }

    private static void endSoon(CompletableFuture<?> result) {
        CompletableFuture.delayedExecutor(GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> result.completeExceptionally(new CancellationException("the program is being stopped")));
    }

    /** What is being worked on may end within a few seconds. */
    @Override
    public void close() {
        closed = true;
        inHand.forEach(TimeLimiter::endSoon);
    }
}
