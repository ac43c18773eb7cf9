package de.contactsync.crm.rest;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The header by which the CRM knows us.
 *
 * @param header null when there is none
 * @param value  holds {@code {token}} for one that is fetched by OAuth
 * @param secret what must not get into a message; null when there is none, or it is fetched
 */
public record RestCredential(String header, String value, String secret) {

    public static final RestCredential NONE = new RestCredential(null, null, null);

    private static final String TOKEN = "{token}";

    public static RestCredential basic(String username, String password) {
        String pair = username + ":" + password;
        return new RestCredential(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)),
                password);
    }

    /**
     * @param line  such as {@code X-Api-Key: {token}}
     * @param token null when it is fetched by OAuth
     * @throws IllegalArgumentException when it is not such a header
     */
    public static RestCredential header(String line, String token) {
        String[] parts = line.split(":", 2);
        if (parts.length != 2
                || !parts[0].matches("[A-Za-z][A-Za-z0-9-]*")
                || !parts[1].contains(TOKEN)
                || !parts[1].matches("[ -~]+")) {
            throw new IllegalArgumentException("no header with " + TOKEN + " in it");
        }
        if (token != null && !token.matches("[!-~]+")) {
            throw new IllegalArgumentException("the token has something in it that no header can hold");
        }
        String value = parts[1].strip();
        return new RestCredential(parts[0], token == null ? value : value.replace(TOKEN, token), token);
    }

    /** The value with a token that was fetched. */
    public String with(String token) {
        return value.replace(TOKEN, token);
    }

    @Override
    public String toString() {
        return "RestCredential[" + header + "]";
    }
}
