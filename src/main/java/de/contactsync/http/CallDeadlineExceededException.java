package de.contactsync.http;

import java.io.InterruptedIOException;

/** A call had not ended, from the wait for a connection to the last byte of the body, when its time was up. */
public final class CallDeadlineExceededException extends InterruptedIOException {

    CallDeadlineExceededException(String message, Throwable cause) {
        super(message);
        initCause(cause);
    }
}
