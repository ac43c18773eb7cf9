package de.contactsync.crm;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The media types (RFC 9110, section 8.3.1) that a CRM answers with. A body of another type comes from whoever stands
 * between it and us, such as a sign-in page or a proxy, whatever the status says.
 *
 * @param names in lower case, without parameters
 */
public record AcceptedTypes(Set<String> names) {

    private static final String JSON_NAME = "application/json";
    private static final Pattern NAME = Pattern.compile("[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+");
    /** With the structured syntax suffix of RFC 6839. */
    private static final Pattern ANY_JSON = Pattern.compile("application/json|text/json|[^;]+\\+json");
    /** Made by a proxy from what the CRM said, RFC 9110, section 15.3.4. */
    private static final int TRANSFORMED = 203;

    public static final AcceptedTypes JSON = new AcceptedTypes(Set.of(JSON_NAME));

    /**
     * @param list such as {@code application/json,text/plain}
     * @throws IllegalArgumentException when one of them is not a media type
     */
    public static AcceptedTypes parse(String list) {
        Collection<String> names =
                Arrays.stream(list.split(",")).map(AcceptedTypes::name).toList();
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("\"" + name + "\" is not a media type such as text/plain");
            }
        }
        return new AcceptedTypes(Set.copyOf(new LinkedHashSet<>(names)));
    }

    private static String name(String type) {
        return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** For the header {@code Accept}. */
    String header() {
        return String.join(", ", names.stream().sorted().toList());
    }

    /**
     * @param type of the body, null when the answer has none
     * @return null when the CRM itself can have sent this; else what it is instead, for people
     */
    String foreign(int status, String type, byte[] body) {
        if (status == TRANSFORMED) {
            return "what a proxy has altered";
        }
        if (body.length == 0) {
            return null;
        }
        String given = type == null ? JSON_NAME : name(type);
        if (!NAME.matcher(given).matches()) {
            return "a content type that is none";
        }
        boolean json = ANY_JSON.matcher(given).matches();
        if (!names.contains(given) && !(json && names.contains(JSON_NAME))) {
            return given + " instead of " + header();
        }
        String flaw = json ? CrmJson.flaw(body) : null;
        return flaw == null ? null : given + " " + flaw;
    }
}
