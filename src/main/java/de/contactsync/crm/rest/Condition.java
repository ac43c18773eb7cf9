package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether an answer, or a part of one, says that it went well: {@code /status=success,ok} for a value that must be
 * there, {@code /data/id} for something that must, {@code !/error} for something that must not. {@code #} stands for the
 * whole, and {@code #=[]} for a whole that is empty.
 *
 * @param values empty: it must be absent, null, false or empty; null: it must not
 */
public record Condition(JsonPointer at, Set<String> values) {

    private static final Pattern PRESENT = Pattern.compile("#|/[^=]*");
    private static final Pattern WANTED = Pattern.compile("(#|/[^=]*)=(.+)");

    /** @throws IllegalArgumentException when it is none */
    public static Condition parse(String text) {
        Matcher wanted = WANTED.matcher(text);
        if (wanted.matches()) {
            return new Condition(
                    pointer(wanted.group(1)), Set.of(wanted.group(2).split("\\s*,\\s*")));
        }
        if (PRESENT.matcher(text).matches()) {
            return new Condition(pointer(text), null);
        }
        if (!text.startsWith("!/")) {
            throw new IllegalArgumentException("neither /pointer=value nor /pointer nor !/pointer");
        }
        return new Condition(JsonPointer.compile(text.substring(1)), Set.of());
    }

    private static JsonPointer pointer(String text) {
        return JsonPointer.compile(text.equals("#") ? "" : text);
    }

    boolean holds(JsonNode node) {
        JsonNode found = node.at(at);
        return values == null ? !isNothing(found) : isNegative() ? isNothing(found) : values.contains(text(found));
    }

    /** Of a value what it is, of an empty array or object its brackets; else something that nobody asks for. */
    private static String text(JsonNode found) {
        return found.isContainerNode() && found.isEmpty() ? found.toString() : found.asText();
    }

    /** Whether it is about what must not be there, so that it holds of nothing at all. */
    boolean isNegative() {
        return values != null && values.isEmpty();
    }

    /** As {@link #holds}, for an answer in which what must be there need not be, since it is about no success. */
    boolean isUnharmedBy(JsonNode node) {
        return node.at(at).isMissingNode() || values == null || holds(node);
    }

    /** Whether it is about an answer as a whole, which looks otherwise where something is only read. */
    boolean isOfTheWhole() {
        return at.matches();
    }

    private static boolean isNothing(JsonNode found) {
        return found.isMissingNode()
                || found.isNull()
                || found.isContainerNode() && found.isEmpty()
                || found.isValueNode() && (found.asText().isEmpty() || found.isBoolean() && !found.booleanValue());
    }
}
