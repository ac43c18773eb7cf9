package de.contactsync.http;

import java.io.IOException;

/** A call was about to leave for another scheme, host or port than the configured one. Nothing has been sent. */
public final class ForeignHostException extends IOException {

    ForeignHostException(String message) {
        super(message);
    }
}
