package de.contactsync.messaging.http;

/** What came is no key, or too many of them; nothing of it is stored. The message says what to do. */
final class RefusedKeysException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status that a caller over HTTP is answered with */
    RefusedKeysException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
