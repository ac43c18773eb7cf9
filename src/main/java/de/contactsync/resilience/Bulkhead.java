package de.contactsync.resilience;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What one tenant has in flight and waiting, in all its queues. Guarded by the lock of the {@link CallDispatcher}. */
public final class Bulkhead {

    private static final long RECENTLY = TimeUnit.SECONDS.toNanos(1);

    final List<RateLimitedQueue> queues = new ArrayList<>(2);
    private int running;
    private int waitingQueues;
    private boolean anyEnded;
    private long lastEnded;

    boolean isBusy() {
        return running + waitingQueues > 0;
    }

    boolean isFull(int mostRunning) {
        return running >= mostRunning;
    }

    /** Whether its calls end: then what it has beyond its share is free again soon. */
    boolean isMoving(long now) {
        return anyEnded && now - lastEnded < RECENTLY;
    }

    void started() {
        running++;
    }

    void ended(long now) {
        running--;
        anyEnded = true;
        lastEnded = now;
    }

    void queued() {
        waitingQueues++;
    }

    void emptied() {
        waitingQueues--;
    }
}
