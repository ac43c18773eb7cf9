package de.contactsync.routes;

/**
 * Thrown in a route {@code direct:sink-NAME}: this contact is not to be sent again as it is. It becomes a dead letter,
 * and is sent once more when it changes or by {@code replay}. Any other exception is tried again.
 */
public class RejectedContactException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param reason in words a clerk can act on; it becomes the {@code error_message} of the dead letter */
    public RejectedContactException(String reason) {
        super(reason);
    }

    public RejectedContactException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
