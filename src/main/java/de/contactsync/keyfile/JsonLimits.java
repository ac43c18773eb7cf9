package de.contactsync.keyfile;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What in a JSON text is beyond the limits of the parser that reads it. */
public final class JsonLimits {

    /** By its text alone Jackson tells one limit from another; nothing of what was read is in it. */
    private static final Pattern EXCEEDED =
            Pattern.compile("(\\D+) \\(\\d+\\) exceeds the maximum allowed \\((\\d+),.*", Pattern.DOTALL);

    private static final Map<String, String> KINDS = Map.of(
            "String value length", "a text of more than %s characters",
            "Number value length", "a number of more than %s digits",
            "Name length", "a field name of more than %s characters",
            "Document nesting depth", "more than %s levels of nesting",
            "Document length", "more than %s characters",
            "Token count", "more than %s values");

    private JsonLimits() {}

    /** @return such as "a number of more than 1000 digits", to be put behind "has" or "with" */
    public static String exceeded(StreamConstraintsException e) {
        Matcher said = EXCEEDED.matcher(e.getOriginalMessage());
        return said.matches() && KINDS.containsKey(said.group(1))
                ? KINDS.get(said.group(1)).formatted(said.group(2))
                : "a part that is too long or nested too deep";
    }
}
