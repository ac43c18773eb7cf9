package de.contactsync.messaging.http;

/**
 * Where keys are taken over HTTP.
 *
 * @param token that callers have to send as a bearer; a secret
 * @param rate  requests a second, at most
 */
public record HttpSourceSettings(String host, int port, String token, int rate) {

    /** Without the token. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
