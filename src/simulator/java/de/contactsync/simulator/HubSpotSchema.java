package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.simulator.HubSpotOptions.Property;
import de.contactsync.simulator.HubSpotStore.RefusedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The properties of one type of records: HubSpot's own, of which it fills some itself, and those of the account. Which
 * field types go with a type, and what a new property must have, is after <a
 * href="https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide">the properties guide</a>; that an
 * account can restrict the length of a text, after <a
 * href="https://developers.hubspot.com/docs/api-reference/crm-property-validations-v3/guide">the guide of property
 * validations</a>. Not thread-safe.
 */
final class HubSpotSchema {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, Set<String>> FIELD_TYPES = Map.of(
            "bool", Set.of("booleancheckbox", "calculation_equation"),
            "enumeration", Set.of("booleancheckbox", "checkbox", "radio", "select", "calculation_equation"),
            "date", Set.of("date"),
            "datetime", Set.of("date"),
            "string", Set.of("file", "text", "textarea", "calculation_equation", "html", "phonenumber"),
            "number", Set.of("number", "calculation_equation"),
            "object_coordinates", Set.of("text"),
            "json", Set.of("text"));

    private static final String NUMBER = "-?\\d+(\\.\\d+)?";
    private static final String DATE = "\\d{4}-\\d{2}-\\d{2}";
    private static final String MILLIS = "-?\\d+";

    private final Map<String, Property> properties = new LinkedHashMap<>();
    private final Set<String> unique = new HashSet<>();

    /**
     * @param own     HubSpot's, of which {@code email} has unique values
     * @param texts   of the account; true: with unique values
     * @param details of the account that are not plain text, or are in place of another
     */
    HubSpotSchema(Map<String, Property> own, Map<String, Boolean> texts, Map<String, Property> details) {
        properties.putAll(new TreeMap<>(own));
        unique.add("email");
        texts.forEach((name, isUnique) -> put(name, Property.TEXT, isUnique));
        properties.putAll(details);
    }

    private void put(String name, Property property, boolean isUnique) {
        properties.put(name, property);
        if (isUnique) {
            unique.add(name);
        }
    }

    boolean has(String name) {
        return properties.containsKey(name);
    }

    boolean isUnique(String name) {
        return unique.contains(name) && has(name);
    }

    /** Whether values are unique, by name. */
    Map<String, Boolean> uniqueness() {
        Map<String, Boolean> all = new LinkedHashMap<>();
        properties.keySet().forEach(name -> all.put(name, isUnique(name)));
        return all;
    }

    /** @param value empty: it is cleared */
    void check(String name, String value) throws RefusedException {
        Property property = properties.get(name);
        if (property.readOnly()) {
            throw wrong("READ_ONLY_VALUE", name, "\"" + name + "\" is a read only property; its value cannot be set.");
        }
        if (value.isEmpty()) {
            return;
        }
        switch (property.type()) {
            case "enumeration" -> checkOptions(name, property, value);
            case "bool" -> require(value.matches("true|false"), "INVALID_BOOLEAN", name, value, "boolean");
            case "number" -> require(value.matches(NUMBER), "INVALID_NUMBER", name, value, "number");
            case "date" -> require(value.matches(DATE + "|" + MILLIS), "INVALID_DATE", name, value, "date");
            case "datetime" ->
                require(value.matches(DATE + "T.+Z|" + MILLIS), "INVALID_DATE", name, value, "date and time");
            default -> {
                if (value.length() > property.maxLength()) {
                    throw wrong(
                            "INVALID_LENGTH", name, "The value of " + name + " is longer than " + property.maxLength());
                }
            }
        }
    }

    private static void require(boolean valid, String code, String name, String value, String kind)
            throws RefusedException {
        if (!valid) {
            throw wrong(code, name, value + " was not a valid " + kind + ".");
        }
    }

    /** Of several checkboxes several may be given. */
    private static void checkOptions(String name, Property property, String value) throws RefusedException {
        List<String> chosen = property.fieldType().equals("checkbox") ? List.of(value.split(";")) : List.of(value);
        if (!property.options().containsAll(chosen)) {
            throw wrong("INVALID_OPTION", name, value + " was not one of the allowed options: " + property.options());
        }
    }

    private static RefusedException wrong(String code, String property, String message) {
        return new RefusedException(
                400,
                "VALIDATION_ERROR",
                code,
                "Property values were not valid: [{\"isValid\":false,"
                        + "\"message\":\"" + message.replace("\"", "\\\"") + "\",\"error\":\"" + code + "\",\"name\":\""
                        + property
                        + "\"}]",
                property);
    }

    ObjectNode all() {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode results = body.putArray("results");
        properties.keySet().forEach(name -> results.add(one(name)));
        return body;
    }

    ObjectNode one(String name) {
        Property property = properties.get(name);
        ObjectNode result = JSON.createObjectNode()
                .put("name", name)
                .put("label", name.replace('_', ' '))
                .put("type", property.type())
                .put("fieldType", property.fieldType())
                .put("hasUniqueValue", isUnique(name) && !name.equals("email"));
        ArrayNode choices = result.putArray("options");
        property.options()
                .forEach(option -> choices.addObject()
                        .put("label", "Label of " + option)
                        .put("value", option)
                        .put("hidden", false));
        result.putObject("modificationMetadata")
                .put("archivable", true)
                .put("readOnlyDefinition", false)
                .put("readOnlyValue", property.readOnly());
        return result;
    }

    /** @return its name */
    String create(JsonNode json) throws RefusedException {
        for (String needed : List.of("name", "label", "groupName", "type", "fieldType")) {
            if (!json.path(needed).isTextual()) {
                throw new RefusedException(400, "VALIDATION_ERROR", "REQUIRED", needed + " is missing");
            }
        }
        String name = json.path("name").asText();
        String type = json.path("type").asText();
        String fieldType = json.path("fieldType").asText();
        if (!FIELD_TYPES.getOrDefault(type, Set.of()).contains(fieldType)) {
            throw new RefusedException(
                    400,
                    "VALIDATION_ERROR",
                    "INVALID_TYPE",
                    "fieldType " + fieldType + " is not valid for type " + type);
        }
        List<String> options = new ArrayList<>();
        json.path("options").forEach(option -> options.add(option.path("value").asText()));
        if (type.equals("enumeration") && options.isEmpty()) {
            throw new RefusedException(400, "VALIDATION_ERROR", "REQUIRED", "options are missing");
        }
        if (new HashSet<>(options).size() < options.size()) {
            throw new RefusedException(400, "VALIDATION_ERROR", "INVALID_OPTIONS", "Two options have the same value");
        }
        if (has(name)) {
            throw new RefusedException(409, "OBJECT_ALREADY_EXISTS", null, "A property of this name exists");
        }
        put(
                name,
                new Property(type, fieldType, options, false, HubSpotOptions.LONGEST_TEXT),
                json.path("hasUniqueValue").asBoolean(false));
        return name;
    }
}
