package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A contact's fields as JSON. A name that begins with a slash is a JSON Pointer (RFC 6901), any other is itself. */
final class RestRecord {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** A pointer that continues behind the index of an array; the last one where there are several. */
    private static final Pattern ELEMENT = Pattern.compile("(/.*/\\d+/).+");

    /** Most elements of an array: what is more is a slip of the pen. */
    private static final int LONGEST_ARRAY = 100;

    private RestRecord() {}

    /**
     * @param key     null when the record need not hold it
     * @param fields  as {@link Mapping#map} has them
     * @param cleared what "" becomes
     * @param there   what the CRM has in a field that it is to keep; missing when it has nothing
     */
    static ObjectNode of(
            String key,
            Map<String, String> fields,
            Mapping mapping,
            JsonNode cleared,
            Function<JsonPointer, JsonNode> there) {
        ObjectNode record = CrmJson.object();
        if (key != null) {
            put(record, mapping.key(), JSON.textNode(key));
        }
        fields.forEach((name, value) -> {
            JsonNode json = value == null
                    ? there.apply(pointer(name))
                    : value.isEmpty()
                            ? cleared
                            : mapping.isLiteral(name, value) ? CrmJson.read(value) : JSON.textNode(value);
            if (!json.isMissingNode() && !isLabelOfNothing(name, fields, mapping)) {
                put(record, name, json);
            }
        });
        removeEmpty(record);
        return record;
    }

    /** Puts every field, so that a name that cannot be shows. @throws MappingException naming it */
    static void check(Mapping mapping) {
        ObjectNode record = CrmJson.object();
        Set<String> names = new LinkedHashSet<>(mapping.fieldNames());
        names.addAll(mapping.gone().keySet());
        names.add(mapping.key());
        for (String name : names) {
            try {
                put(record, name, JSON.textNode("x"));
            } catch (IllegalArgumentException e) {
                throw new MappingException(mapping.file() + ", " + name + ": a name that begins with a slash is a JSON"
                        + " Pointer such as /emails/0/value, and no other name may stand for a part of it or for what"
                        + " it is a part of");
            }
        }
    }

    /**
     * A constant beside values in an element of an array, such as {@code work} of an e-mail address, and none is there.
     */
    static boolean isLabelOfNothing(String name, Map<String, String> fields, Mapping mapping) {
        Matcher inElement = ELEMENT.matcher(name);
        if (!mapping.isConstant(name) || !inElement.matches()) {
            return false;
        }
        String element = inElement.group(1);
        List<String> values = mapping.fieldNames().stream()
                .filter(other -> other.startsWith(element) && !mapping.isConstant(other))
                .toList();
        return !values.isEmpty() && values.stream().noneMatch(fields::containsKey);
    }

    private static void put(ObjectNode record, String name, JsonNode value) {
        JsonPointer at = pointer(name);
        JsonNode container = record;
        for (; !at.tail().matches(); at = at.tail()) {
            JsonNode child = child(container, at);
            if (child == null || child.isNull()) {
                child = at.tail().mayMatchElement() ? JSON.arrayNode() : JSON.objectNode();
                set(container, at, child);
            }
            container = child;
        }
        JsonNode known = child(container, at);
        if (known != null && !known.isNull()) {
            throw new IllegalArgumentException(name);
        }
        set(container, at, value);
    }

    private static JsonNode child(JsonNode container, JsonPointer at) {
        return container instanceof ObjectNode
                ? container.get(at.getMatchingProperty())
                : container.get(at.getMatchingIndex());
    }

    private static void set(JsonNode container, JsonPointer at, JsonNode value) {
        if (container instanceof ObjectNode object) {
            object.set(at.getMatchingProperty(), value);
        } else if (container instanceof ArrayNode array
                && at.mayMatchElement()
                && at.getMatchingIndex() < LONGEST_ARRAY) {
            while (array.size() <= at.getMatchingIndex()) {
                array.addNull();
            }
            array.set(at.getMatchingIndex(), value);
        } else {
            throw new IllegalArgumentException(at.toString());
        }
    }

    /** Elements for which there is no value. */
    private static void removeEmpty(JsonNode node) {
        if (node instanceof ArrayNode array) {
            for (int i = array.size() - 1; i >= 0; i--) {
                if (array.get(i).isNull()) {
                    array.remove(i);
                }
            }
        }
        node.forEach(RestRecord::removeEmpty);
    }

    /** @throws IllegalArgumentException when the name begins with a slash and is not a JSON pointer */
    static JsonPointer pointer(String name) {
        return name.startsWith("/")
                ? JsonPointer.compile(name)
                : JsonPointer.compile("/" + name.replace("~", "~0").replace("/", "~1"));
    }
}
