package de.contactsync.contact;

/**
 * A failure that concerns all keys: JTL or the database out of reach, credentials refused, no licence. The work that
 * met it stays with its source, nothing of it becomes a dead letter. The message says what to do.
 */
public class HaltException extends RuntimeException {

    public HaltException(String message) {
        super(message);
    }

    public HaltException(String message, Throwable cause) {
        super(message, cause);
    }
}
