package de.contactsync.config;

/** How the log is written, by the name that {@code contacts.log.format} uses. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One object a line. */
    JSON
}
