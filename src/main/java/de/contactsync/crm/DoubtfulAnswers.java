package de.contactsync.crm;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the answers in a row that may be about the records that were sent, or about the CRM as a whole. Instants are
 * readings of the breaker's clock. Thread-safe.
 */
final class DoubtfulAnswers {

    /** So many calls in a row are not about their records. */
    private static final int CONVINCING = 20;

    /** The same of those by which a CRM that was away is tried: what is to be sent next is something else then. */
    private static final int CONVINCING_PROBES = 3;

    private static final int CONVINCING_WHEN_SLOW = 4;
    private static final Duration SLOW = Duration.ofMinutes(3);

    /** By all lanes. */
    private final AtomicInteger inARow = new AtomicInteger();

    private final AtomicLong firstBegan = new AtomicLong();

    boolean isAny() {
        return inARow.get() > 0;
    }

    void clear() {
        inARow.set(0);
    }

    /**
     * Counts one more.
     *
     * @param began when its call began
     * @return whether that is about the CRM
     */
    boolean convinces(long began, long now, boolean probing) {
        int count = inARow.incrementAndGet();
        if (count == 1) {
            firstBegan.set(began);
        }
        // Calls that take long must not continue for half an hour before they count.
        boolean slow = count >= CONVINCING_WHEN_SLOW && now - firstBegan.get() >= SLOW.toNanos();
        return slow || count >= (probing ? CONVINCING_PROBES : CONVINCING);
    }
}
