package de.contactsync.imports;

import java.time.Duration;

/**
 * Asks JTL only for customers that have changed.
 *
 * @param parameter the query parameter of the customers list, such as {@code lastChangeFrom}
 * @param fullEvery how often all are gone through nevertheless, which shows what would have been missed
 */
public record ChangedSince(String parameter, Duration fullEvery) {

    /** Taken off the mark: what was being written when the last run began may bear an earlier time. */
    static final Duration OVERLAP = Duration.ofMinutes(10);
}
