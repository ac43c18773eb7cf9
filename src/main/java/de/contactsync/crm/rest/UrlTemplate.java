package de.contactsync.crm.rest;

import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.crm.mapping.Template;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Path and query with placeholders. A value stays within its segment or parameter, and within its quotes where the
 * placeholder stands in single ones.
 */
final class UrlTemplate {

    private static final Pattern DOTS = Pattern.compile("(^|[/\\\\])\\.\\.?($|[/\\\\])");

    /** Encoded it is the same. */
    private static final String PLACE = "PLACE-OF-THE-VALUE";

    private final Template path;
    /** Null when there is none. */
    private final Template query;

    private UrlTemplate(Template path, Template query) {
        this.path = path;
        this.query = query;
    }

    /** @throws IllegalArgumentException that says what is wrong with it */
    static UrlTemplate parse(String text, Set<String> known) {
        String[] parts = text.split("\\?", 2);
        UrlTemplate url = new UrlTemplate(
                Template.parse(parts[0], known), parts.length == 1 ? null : Template.parse(parts[1], known));
        String example = url.path(name -> "x") + (url.query == null ? "" : "?" + url.query(name -> "x"));
        try {
            URI uri = new URI("http://host" + example);
            if (!text.startsWith("/")
                    || text.startsWith("//")
                    || uri.getRawFragment() != null
                    || DOTS.matcher(uri.getRawPath()).find()) {
                throw new IllegalArgumentException(
                        "it must begin with one slash, behind contacts.crm.base-url, and have neither # nor . or .."
                                + " in it");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "characters other than letters and digits must be percent-encoded in it: " + e.getReason());
        }
        return url;
    }

    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(path.names());
        names.addAll(query == null ? Set.of() : query.names());
        return names;
    }

    /** Null when it can be filled; else the name of the placeholder whose value would make it mean something else. */
    String lacking(UnaryOperator<String> values) {
        for (String name : names()) {
            String value = values.apply(name);
            // Servers and proxies take segments of dots away together with the one before it.
            if (value == null
                    || value.isBlank()
                    || path.names().contains(name) && DOTS.matcher(value).find()) {
                return name;
            }
        }
        return null;
    }

    String path(UnaryOperator<String> values) {
        return path.fill(values, PercentEncoding::of, true);
    }

    /**
     * What stands in a path at the place of a placeholder.
     *
     * @param values of the others
     * @return null when the path is not of this form, or has no such place
     */
    String valueIn(String given, String name, UnaryOperator<String> values) {
        String[] around =
                path(each -> each.equals(name) ? PLACE : values.apply(each)).split(PLACE, -1);
        if (around.length != 2) {
            return null;
        }
        Matcher matcher = Pattern.compile(Pattern.quote(around[0]) + "([^/]+)" + Pattern.quote(around[1]))
                .matcher(given);
        return matcher.matches()
                ? URLDecoder.decode(matcher.group(1).replace("+", "%2B"), StandardCharsets.UTF_8)
                : null;
    }

    /** Null when there is none. */
    String query(UnaryOperator<String> values) {
        return query == null ? null : query.fill(values, PercentEncoding::of, true);
    }

    /** As it was written. */
    String path() {
        return path.fill(UrlTemplate::itself);
    }

    private static String itself(String name) {
        return "{" + name + "}";
    }

    @Override
    public String toString() {
        return path() + (query == null ? "" : "?" + query.fill(UrlTemplate::itself));
    }
}
