package de.contactsync.resilience;

import java.util.ArrayList;
import java.util.List;

/** What one tenant has in flight and waiting, in all its queues. Guarded by the lock of the {@link CallDispatcher}. */
public final class Bulkhead {

    final List<RateLimitedQueue> queues = new ArrayList<>(2);
    private int running;
    private int waitingQueues;

    boolean isBusy() {
        return running + waitingQueues > 0;
    }

    boolean isFull(int mostRunning) {
        return running >= mostRunning;
    }

    void started() {
        running++;
    }

    void ended() {
        running--;
    }

    void queued() {
        waitingQueues++;
    }

    void emptied() {
        waitingQueues--;
    }
}
