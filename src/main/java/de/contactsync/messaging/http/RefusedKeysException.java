package de.contactsync.messaging.http;

/** What a sender of keys asked for is not done, and nothing is stored. The message says what to do. */
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
