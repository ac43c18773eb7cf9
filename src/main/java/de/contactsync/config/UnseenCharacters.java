package de.contactsync.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Characters that come along when text is copied from a page or a document, and that no editor shows. */
final class UnseenCharacters {

    private static final Map<Character, String> NAMES = Map.of(
            '\u00A0', "a no-break space (U+00A0)",
            '\u202F', "a narrow no-break space (U+202F)",
            '\u200B', "a zero-width space (U+200B)",
            '\u2060', "a word joiner (U+2060)",
            '\u00AD', "a soft hyphen (U+00AD)",
            '\uFEFF', "a byte order mark (U+FEFF)");

    private static final Pattern ANY = Pattern.compile("[\\u00A0\\u202F\\u200B\\u2060\\u00AD\\uFEFF]");

    private static final Pattern AROUND = Pattern.compile("^" + ANY.pattern() + "+|" + ANY.pattern() + "+$");

    private UnseenCharacters() {}

    /** The name of the first one; empty when there is none. */
    static Optional<String> in(String text) {
        Matcher found = ANY.matcher(text);
        return found.find() ? Optional.of(NAMES.get(found.group().charAt(0))) : Optional.empty();
    }

    /** For a message, that the text begins or ends with one: nobody means that. */
    static Optional<String> around(String text) {
        String written = text.strip();
        return written.isEmpty()
                ? Optional.empty()
                : in(written.substring(0, 1))
                        .map(name -> "begins with " + name)
                        .or(() -> in(written.substring(written.length() - 1)).map(name -> "ends with " + name));
    }

    /** Without those at its ends. */
    static String bare(String text) {
        return around(text).isEmpty() ? text : AROUND.matcher(text.strip()).replaceAll("");
    }

    /** Without them. */
    static String shown(String text) {
        return ANY.matcher(text).replaceAll("");
    }
}
