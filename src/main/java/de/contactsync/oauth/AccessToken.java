package de.contactsync.oauth;

import java.net.URI;
import java.util.Map;
import java.util.Objects;

/**
 * A bearer token (RFC 6750). Times are readings of the monotonic clock {@link System#nanoTime()}, in nanoseconds: a
 * wall clock that is set right must neither end a token nor keep it alive.
 *
 * @param value     visible ASCII, fit for a header
 * @param issuedAt  when it was asked for; the server's own time of issue is later, if anything
 * @param expiresAt from here on it is not to be used
 * @param instance  scheme, host and port that calls with it go to, where the answer names them as {@code instance_url};
 *                  null where it does not. A server's word: whoever calls it decides whether it may be called
 */
public record AccessToken(String value, long issuedAt, long expiresAt, URI instance) implements Credential {

    public AccessToken {
        Objects.requireNonNull(value, "value");
    }

    public boolean isUsable(long now) {
        // A difference, as readings of nanoTime may wrap around.
        return now - expiresAt < 0;
    }

    /** Value of the header {@code Authorization}. */
    public String authorization() {
        return "Bearer " + value;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Authorization", authorization());
    }

    @Override
    public String secret() {
        return value;
    }

    /** Never the value. */
    @Override
    public String toString() {
        return "AccessToken[…]";
    }
}
