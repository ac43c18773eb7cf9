package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a value stands (RFC 6901), and which part of it is meant: {@code /href [^/]+$}.
 *
 * @param part null for the whole; of an expression with a group, that counts
 */
public record ValuePointer(JsonPointer at, Pattern part) {

    /**
     * @param text a JSON Pointer, perhaps as the fragment of a URI has it (section 6); behind a blank what the part looks
     *             like
     * @throws IllegalArgumentException when it is neither
     */
    public static ValuePointer parse(String text) {
        String[] parts = text.strip().split("\\s+", 2);
        String pointer = parts[0].startsWith("#") ? parts[0].substring(1) : parts[0];
        return new ValuePointer(JsonPointer.compile(pointer), parts.length == 1 ? null : Pattern.compile(parts[1]));
    }

    /** Of several, with commas in between, as {@link #parse} each. */
    public static List<ValuePointer> parseAll(String text) {
        return Stream.of(text.split(",(?=\\s*[/#])")).map(ValuePointer::parse).toList();
    }

    /** Null when there is no such value, or no such part of it. */
    String text(JsonNode node) {
        JsonNode found = node.at(at);
        if (!found.isValueNode() || found.isNull()) {
            return null;
        }
        if (part == null) {
            return found.asText();
        }
        Matcher matcher = part.matcher(found.asText());
        return matcher.find() ? matcher.group(Math.min(1, matcher.groupCount())) : null;
    }

    /** Of several the first that is there. */
    static String text(List<ValuePointer> pointers, JsonNode node) {
        return pointers.stream()
                .map(pointer -> pointer.text(node))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
