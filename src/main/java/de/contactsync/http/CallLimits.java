package de.contactsync.http;

import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.core5.concurrent.Cancellable;

/**
 * One call in flight, as the thread that makes it and the sweep of {@link HttpGuard} both see it. Ends either way with
 * its connection in the pool or closed, never left behind.
 */
final class CallLimits {

    private final ExecChain.Scope scope;
    private final Duration allowed;
    private final long deadline;
    private volatile boolean headReceived;
    private volatile boolean expired;

    /** @param now {@link System#nanoTime()} of the start */
    CallLimits(ExecChain.Scope scope, Duration allowed, long now) {
        this.scope = scope;
        this.allowed = allowed;
        this.deadline = now + allowed.toNanos();
    }

    void headReceived() {
        headReceived = true;
    }

    boolean isLate(long now) {
        return expired || now - deadline >= 0;
    }

    /**
     * Ends the call from another thread; the thread that makes it then fails in its read or wait.
     *
     * @return false when that had no effect for certain: a request that cannot be cancelled and may still be waiting
     *         for a connection is met again by the next sweep
     */
    boolean expire() {
        expired = true;
        boolean cancelled = scope.originalRequest instanceof Cancellable request && request.cancel();
        discard();
        return cancelled || headReceived;
    }

    /** Closes the connection instead of reading the rest of the answer, which HttpClient would do to keep it. */
    void discard() {
        scope.execRuntime.discardEndpoint();
    }

    /** The exception to throw for {@code failure}: a call cut off by the sweep fails with whatever was in its way. */
    IOException explain(Exception failure) {
        if (expired) {
            return late(failure);
        }
        return failure instanceof IOException io ? io : new IOException("the answer cannot be read", failure);
    }

    CallDeadlineExceededException late(Throwable cause) {
        return new CallDeadlineExceededException(
                scope.route.getTargetHost() + " had not answered in full after " + allowed.toMillis() + " ms", cause);
    }

    ResponseTooLargeException tooLarge(long maxBytes) {
        return new ResponseTooLargeException(
                scope.route.getTargetHost() + " sent a body of more than " + maxBytes + " bytes");
    }
}
