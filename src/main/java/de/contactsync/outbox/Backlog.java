package de.contactsync.outbox;

import java.time.Duration;
import java.util.Optional;

/**
 * What waits for one receiver, kept in the database. Thread-safe.
 *
 * @param <B> a batch of it, which one process has claimed
 */
public interface Backlog<B> {

    /**
     * Claims what was tried least, and of that the oldest. What this process had claimed before and did not record is
     * among what it takes from.
     *
     * @param most   of a batch
     * @param linger how long a batch of fewer waits for more; nothing is taken before, unless it is 0
     * @return empty when nothing is to be sent now
     * @throws de.contactsync.model.ProcessingHaltedException when the database is unavailable
     */
    B claim(int most, Duration linger);

    boolean isEmpty(B batch);

    /** Gives back what this process has claimed and not recorded. */
    void release();

    /** What this process has recorded so far; equal while nothing has come of it. */
    Object counts();

    /** What has not come to its end, here and with other processes. */
    long pending();

    /** Why this process cannot send so many, which wait: for people. */
    String whyHeld(long left);

    /** Where all that is pending waits for somebody else's answer: whose, and what was answered last; for people. */
    default Optional<String> awaitedAnswer() {
        return Optional.empty();
    }

    /** Ends {@link #awaitWork}: something was put in and committed. */
    void wake();

    /** Returns when something may have come in since it was last called, or the time is over. */
    void awaitWork(Duration most) throws InterruptedException;
}
