package de.contactsync.app;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * What SIGTERM and Ctrl-C set off. The JVM then ends with the code that this work gives (by itself it would answer
 * 143), and within 27 s even if the work hangs: supervisors kill after 30 s, and nothing is lost by ending.
 */
public final class GracefulShutdown {

    private static final Duration LONGEST = Duration.ofSeconds(27);

    private final Thread thread;

    private GracefulShutdown(Thread thread) {
        this.thread = thread;
    }

    /**
     * @param stop    ends what is under way and gives the exit code
     * @param timeout exit code when that takes too long
     */
    public static GracefulShutdown add(IntSupplier stop, int timeout) {
        Thread thread = new Thread(
                () -> {
                    CompletableFuture.delayedExecutor(LONGEST.toSeconds(), TimeUnit.SECONDS)
                            .execute(() -> Runtime.getRuntime().halt(timeout));
                    Runtime.getRuntime().halt(stop.getAsInt());
                },
                "stop");
        RuntimeAdapter.addHook(thread);
        return new GracefulShutdown(thread);
    }

    /** The work has ended by itself. */
    public void remove() {
        try {
            RuntimeAdapter.removeHook(thread);
        } catch (IllegalStateException e) {
            // The JVM is ending already: the hook is what waits for us.
            Thread.yield();
        }
    }
}
