package de.contactsync.model;

/**
 * Orders calls by when they began, across all processes that store into one database: of two answers about a contact
 * the one whose call began later is the newer. Thread-safe.
 */
public interface CallClock {

    /** Never goes back within a process; for comparisons only. */
    long now();

    /**
     * Before the calls of a chunk, as it may take a round trip: sees to it that {@link #now} agrees with other
     * processes.
     */
    default void synchronize() {}
}
