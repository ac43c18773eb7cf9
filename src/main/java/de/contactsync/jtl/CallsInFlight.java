package de.contactsync.jtl;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Calls of one kind that a tenant's JTL has not answered yet, and for how long it has answered none of them. Thread-safe.
 */
final class CallsInFlight {

    /** A tenant that is slow is slow the next time as well. */
    private static final int TIMES_SLOWER = 2;

    private final Set<CallInFlight> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean watched = new AtomicBoolean();
    /** When JTL answered last, or the first of those in flight began. A reading of {@link System#nanoTime()}. */
    private volatile long lastSign;

    private volatile long usualTime;

    void began(CallInFlight call) {
        if (calls.isEmpty()) {
            lastSign = call.began();
        }
        calls.add(call);
    }

    void ended(CallInFlight call) {
        calls.remove(call);
    }

    /** Rises at once and falls in the course of some answers. */
    void answeredAfter(long nanos) {
        usualTime = Math.max(nanos, usualTime - usualTime / 8);
    }

    /** JTL answers, be it another call. */
    void sign(long now) {
        lastSign = now;
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    /** Whether a watch over them is to begin now; there is one at most. */
    boolean beginWatch() {
        return watched.compareAndSet(false, true);
    }

    void endWatch() {
        watched.set(false);
    }

    /** For how long no call may be answered before that is no longer waited for. */
    Duration patience(Duration least) {
        Duration slow = Duration.ofNanos(usualTime * TIMES_SLOWER);
        return slow.compareTo(least) > 0 ? slow : least;
    }

    /** Until none has been answered for so long, zero if that is so; null while there is no call. */
    Duration untilQuiet(Duration patience) {
        if (calls.isEmpty()) {
            return null;
        }
        Duration left = patience.minusNanos(System.nanoTime() - lastSign);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Ends all of them but {@code kept}. */
    void cutOff(int kept) {
        calls.stream().skip(kept).forEach(CallInFlight::cancel);
    }
}
