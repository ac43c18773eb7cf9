package de.contactsync.oauth;

import java.net.URI;
import java.time.Duration;

/** What one request to the token endpoint led to. No message holds the secret or a token. */
sealed interface TokenResult {

    /**
     * @param lifetime more than zero
     * @param instance as {@link AccessToken#instance}
     */
    record Granted(String value, Duration lifetime, URI instance) implements TokenResult {

        /** Never the value. */
        @Override
        public String toString() {
            return "Granted[" + lifetime + "]";
        }
    }

    /** Asking again changes nothing: somebody has to look at the configuration. */
    record Refused(String message) implements TokenResult {}

    /** There is nothing to ask with until somebody logs in, which costs the server nothing to look for. */
    record Missing(String message) implements TokenResult {}

    /**
     * @param retryAfter what the server asked us to wait, zero when it did not
     * @param mayPass    whether the next try may end otherwise
     */
    record Unavailable(String message, Duration retryAfter, boolean mayPass) implements TokenResult {

        Unavailable(String message, Duration retryAfter) {
            this(message, retryAfter, true);
        }
    }
}
