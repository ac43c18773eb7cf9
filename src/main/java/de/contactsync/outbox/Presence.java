package de.contactsync.outbox;

/** What becomes of a call of a sink that changes nothing. */
public enum Presence {
    ANSWERS,
    FAILS,
    /** There is no such call. */
    UNKNOWN
}
