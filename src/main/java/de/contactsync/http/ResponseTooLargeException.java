package de.contactsync.http;

import java.io.IOException;

/** The body of an answer is longer than allowed, counted in bytes after decompression. Its rest was not read. */
public final class ResponseTooLargeException extends IOException {

    ResponseTooLargeException(String message) {
        super(message);
    }
}
