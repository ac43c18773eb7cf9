package de.contactsync.keyfile;

/**
 * A key file that cannot be read, or not to its end. The message says, for the person who made the file, what was
 * found and what was expected. Entries that were delivered before it stay good.
 */
public class UnreadableKeyFileException extends RuntimeException {

    public UnreadableKeyFileException(String message) {
        super(message);
    }

    public UnreadableKeyFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
