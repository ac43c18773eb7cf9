package de.contactsync.crm;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/**
 * @param path       begins with a slash, percent-encoded
 * @param query      percent-encoded, or null
 * @param headers    beside those that every call has
 * @param body       JSON, or null
 * @param signed     makes the body with the token that is fetched for the call; null when that is not in it
 * @param repeatable whether it does no harm when the CRM gets it again after it may have done it
 */
public record CrmRequest(
        String method,
        String path,
        String query,
        Map<String, String> headers,
        byte[] body,
        Function<String, byte[]> signed,
        boolean repeatable) {

    /** Whose body is whole without a token. */
    public CrmRequest(
            String method, String path, String query, Map<String, String> headers, byte[] body, boolean repeatable) {
        this(method, path, query, headers, body, null, repeatable);
    }

    /** A call that does no harm when it is repeated. */
    public CrmRequest(String method, String path, byte[] body) {
        this(method, path, null, Map.of(), body, true);
    }

    /** The whole of it, without what we sign in with: only for requests that hold no contact. */
    public String text() {
        StringBuilder text = new StringBuilder(method).append(' ').append(path);
        text.append(query == null ? "" : "?" + query);
        headers.forEach((name, value) ->
                text.append(System.lineSeparator()).append(name).append(": ").append(value));
        byte[] shown = signed == null ? body : signed.apply("***");
        return text.append(shown == null ? "" : System.lineSeparator() + new String(shown, StandardCharsets.UTF_8))
                .toString();
    }

    /** Only the method: path and body may hold a contact, and Camel logs what it hands to a bean. */
    @Override
    public String toString() {
        return "CrmRequest[" + method + "]";
    }
}
