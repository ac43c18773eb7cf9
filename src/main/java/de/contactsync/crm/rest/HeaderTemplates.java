package de.contactsync.crm.rest;

import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.crm.mapping.Template;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Headers with placeholders: a value is percent-encoded, so that it can end neither its header nor a quoted string. */
public final class HeaderTemplates {

    public static final HeaderTemplates NONE = new HeaderTemplates(Map.of());

    /** What the call itself is about, and what steers Camel. */
    private static final String TAKEN =
            "(?i)authorization|host|connection|content-.*|transfer-encoding|expect|upgrade|te|trailer|camel.*";

    private final Map<String, Template> headers;

    private HeaderTemplates(Map<String, Template> headers) {
        this.headers = headers;
    }

    /**
     * @param text      such as {@code Prefer: return=minimal | If-Match: *}
     * @param ofContact whether a call is about one contact, so that its ids may stand in a header
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static HeaderTemplates parse(String text, boolean ofContact) {
        Map<String, Template> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line : text.split("\\|", -1)) {
            String[] parts = line.strip().split("\\s*:\\s*", 2);
            if (parts.length != 2 || !parts[0].matches("[A-Za-z][A-Za-z0-9-]*") || !parts[1].matches("[ -~]+")) {
                throw new IllegalArgumentException("expected headers such as Prefer: return=minimal, in ASCII, with |"
                        + " between one and the next");
            }
            if (parts[0].matches(TAKEN)) {
                throw new IllegalArgumentException(
                        parts[0] + " cannot be set here; contacts.crm.rest.auth says how to" + " sign in");
            }
            headers.put(parts[0], Template.parse(parts[1], ofContact ? RestPlaceholders.KEYS : Set.of()));
        }
        return new HeaderTemplates(headers);
    }

    /** In lower case. */
    Set<String> names() {
        return headers.keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    /** As they were written, in one order. */
    String fixed() {
        return headers.entrySet().stream()
                .map(header -> header.getKey().toLowerCase(Locale.ROOT) + ": " + header.getValue())
                .collect(Collectors.joining("|"));
    }

    Map<String, String> fill(UnaryOperator<String> values) {
        Map<String, String> filled = new TreeMap<>();
        headers.forEach((name, value) -> filled.put(name, value.fill(values, PercentEncoding::of, false)));
        return filled;
    }
}
