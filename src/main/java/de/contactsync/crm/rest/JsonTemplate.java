package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.mapping.Template;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * JSON whose texts hold placeholders: {@code "{record}"} becomes the record, or as the name of a field its fields beside
 * the others, {@code "{records}"} the array of all,
 * {@code "{remoteId:number}"} a number, any other is put into its text. What is filled is a tree, so that no value can
 * change what is around it.
 */
final class JsonTemplate {

    static final String RECORD = "{record}";
    static final String RECORDS = "{records}";

    private static final String NUMBER = ":number}";
    private static final String WHOLE = "-?\\d{1,18}";

    private final JsonNode json;
    private final Set<String> known;

    private JsonTemplate(JsonNode json, Set<String> known) {
        this.json = json;
        this.known = known;
    }

    /**
     * @param known   placeholders within texts
     * @param records {@link #RECORD} or {@link #RECORDS}, whichever there is; null for neither
     * @throws IllegalArgumentException that says what is wrong with it
     */
    static JsonTemplate parse(String text, Set<String> known, String records) {
        JsonNode json = CrmJson.read(text);
        if (json.isMissingNode()) {
            throw new IllegalArgumentException("the body is not JSON");
        }
        check(json, known, records);
        if (records != null && !holds(json, records)) {
            throw new IllegalArgumentException(
                    "the body has no place for what is to be written: put \"" + records + "\" there");
        }
        return new JsonTemplate(json, known);
    }

    private static void check(JsonNode json, Set<String> known, String records) {
        if (json.isTextual() && !json.textValue().equals(records)) {
            Template.parse(plain(json.textValue()), known);
        }
        json.forEach(child -> check(child, known, records));
    }

    private static boolean holds(JsonNode json, String records) {
        if (json.isTextual()) {
            return json.textValue().equals(records);
        }
        if (records.equals(RECORD) && json.has(RECORD)) {
            return true;
        }
        for (JsonNode child : json) {
            if (holds(child, records)) {
                return true;
            }
        }
        return false;
    }

    private static String plain(String text) {
        return text.startsWith("{") && text.endsWith(NUMBER) ? text.replace(NUMBER, "}") : text;
    }

    boolean isObject() {
        return json.isObject() || json.isTextual() && json.textValue().equals(RECORD);
    }

    /** As it was written, without the blanks around its values. */
    @Override
    public String toString() {
        return json.toString();
    }

    /** Of all placeholders within its texts. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        addNames(json, names);
        return names;
    }

    private void addNames(JsonNode node, Set<String> names) {
        if (node.isTextual()
                && !node.textValue().equals(RECORD)
                && !node.textValue().equals(RECORDS)) {
            names.addAll(Template.parse(plain(node.textValue()), known).names());
        }
        node.forEach(child -> addNames(child, names));
    }

    /** Whether a placeholder of this name is in it. */
    boolean needs(String name) {
        return json.toString().contains("{" + name);
    }

    /** @param records what stands for {@link #RECORD} or {@link #RECORDS} */
    JsonNode fill(UnaryOperator<String> values, JsonNode records) {
        return fill(json, values, records);
    }

    private JsonNode fill(JsonNode node, UnaryOperator<String> values, JsonNode records) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        if (node.isObject()) {
            ObjectNode object = factory.objectNode();
            node.properties().forEach(field -> {
                if (field.getKey().equals(RECORD) && records instanceof ObjectNode record) {
                    object.setAll(record);
                } else {
                    object.set(field.getKey(), fill(field.getValue(), values, records));
                }
            });
            return object;
        }
        if (node.isArray()) {
            ArrayNode array = factory.arrayNode();
            node.forEach(child -> array.add(fill(child, values, records)));
            return array;
        }
        if (!node.isTextual()) {
            return node;
        }
        String text = node.textValue();
        if (text.equals(RECORD) || text.equals(RECORDS)) {
            return records;
        }
        String plain = plain(text);
        String filled = Template.parse(plain, known).fill(values);
        return !plain.equals(text) && filled.matches(WHOLE)
                ? factory.numberNode(Long.parseLong(filled))
                : factory.textNode(filled);
    }
}
