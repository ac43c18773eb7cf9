package de.contactsync.model;

/**
 * A failure that concerns all keys: JTL or the database unavailable, credentials refused, no licence. The work that
 * met it stays with its source, nothing of it becomes a dead letter. The message says what to do.
 */
public class ProcessingHaltedException extends RuntimeException {

    public ProcessingHaltedException(String message) {
        super(message);
    }

    public ProcessingHaltedException(String message, Throwable cause) {
        super(message, cause);
    }
}
