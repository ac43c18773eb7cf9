package de.contactsync.crm.mapping;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Text with placeholders such as {@code {contactId}}. Braces around anything but letters or a known name are text.
 * Whoever fills it sees to it that a value cannot leave its place.
 */
public final class Template {

    /** Among the names that may stand in a text: a placeholder {@code {found:/version}} may, with any pointer. */
    public static final String FOUND = "found:/POINTER";

    /** With which such a placeholder begins. */
    public static final String FOUND_AT = "found:";

    private static final String LETTERS = "[A-Za-z]+";

    private static final String FOUND_PLACE = FOUND_AT + "/(?:[^{}:]|:(?!number\\}))*";

    /**
     * @param name   null for a text
     * @param quoted whether an odd number of single quotes stand before it
     */
    private record Part(String text, String name, boolean quoted) {}

    private final List<Part> parts;
    private final Set<String> names = new LinkedHashSet<>();
    private final Phrases phrases;

    private Template(List<Part> parts) {
        this.parts = List.copyOf(parts);
        parts.stream().filter(part -> part.name != null).forEach(part -> names.add(part.name));
        this.phrases = Phrases.of(parts.stream()
                .map(part -> new Phrases.Part(part.text, part.name))
                .toList());
    }

    /** What never changes, whatever braces are in it. */
    static Template text(String text) {
        return new Template(List.of(new Part(text, null, false)));
    }

    /** @throws IllegalArgumentException when a placeholder is not one of {@code known} */
    public static Template parse(String text, Set<String> known) {
        List<Part> parts = new ArrayList<>();
        Matcher placeholder = placeholder(known).matcher(text);
        int end = 0;
        while (placeholder.find()) {
            String name = placeholder.group(1);
            if (!known.contains(name.startsWith(FOUND_AT) ? FOUND : name)) {
                throw new IllegalArgumentException("{" + name + "} cannot stand here, "
                        + (known.isEmpty()
                                ? "nor any other placeholder"
                                : "only {" + String.join("}, {", new TreeSet<>(known)) + "}"));
            }
            boolean quoted = text.substring(0, placeholder.start())
                                    .chars()
                                    .filter(c -> c == '\'')
                                    .count()
                            % 2
                    == 1;
            parts.add(new Part(text.substring(end, placeholder.start()), null, false));
            parts.add(new Part(null, name, quoted));
            end = placeholder.end();
        }
        parts.add(new Part(text.substring(end), null, false));
        return new Template(parts);
    }

    private static Pattern placeholder(Set<String> known) {
        return Pattern.compile(
                Stream.concat(Stream.of(LETTERS, FOUND_PLACE), known.stream().map(Pattern::quote))
                        .collect(Collectors.joining("|", "\\{(", ")\\}")));
    }

    /** As {@link #parse}, where a brace that belongs to no placeholder can only be a slip. */
    static Template parseStrictly(String text, Set<String> known) {
        Template template = parse(text, known);
        if (template.parts.stream().anyMatch(part -> part.name == null && part.text.matches("(?s).*[{}].*"))) {
            throw new IllegalArgumentException("unbalanced brace in \"" + text + "\": a placeholder is a name"
                    + " between { and }, such as {" + new TreeSet<>(known).first() + "}");
        }
        return template;
    }

    /** As it was written. */
    @Override
    public String toString() {
        return fill(name -> "{" + name + "}");
    }

    public Set<String> names() {
        return names;
    }

    /** As {@link #fill}, without what stands around a value that is missing, see {@link Phrases}. */
    String join(UnaryOperator<String> values) {
        return phrases.fill(values);
    }

    /** As it is, for a place where nothing has a meaning. */
    public String fill(UnaryOperator<String> values) {
        return fill(values, value -> value, false);
    }

    /**
     * @param values      by the names of placeholders
     * @param escape      what a value becomes where it is put
     * @param doubleQuote whether a single quote within single quotes is doubled first, as OData has it
     */
    public String fill(UnaryOperator<String> values, UnaryOperator<String> escape, boolean doubleQuote) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            if (part.name == null) {
                filled.append(part.text);
            } else {
                String value = values.apply(part.name);
                value = value == null ? "" : value;
                filled.append(escape.apply(doubleQuote && part.quoted ? value.replace("'", "''") : value));
            }
        }
        return filled.toString();
    }
}
