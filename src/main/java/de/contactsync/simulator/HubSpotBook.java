package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The records of one type, contacts or companies, and their properties in a simulated account. Not thread-safe. */
final class HubSpotBook {

    /** What HubSpot says no to; nothing has been written then. */
    static final class RefusedException extends Exception {

        final int status;
        final String category;
        final String code;

        RefusedException(int status, String category, String code, String message) {
            super(message);
            this.status = status;
            this.category = category;
            this.code = code;
        }
    }

    record Written(String recordId, boolean created, Map<String, String> properties) {}

    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    /** Whether values are unique, by name. */
    private final Map<String, Boolean> properties = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> records = new LinkedHashMap<>();
    /** Record ids by value, for each property with unique values. */
    private final Map<String, Map<String, String>> unique = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private final Set<String> failing = new HashSet<>();
    private final List<String> needed;
    private long nextId;

    /**
     * @param own     properties beside HubSpot's; true: with unique values
     * @param needed  a new record must have one of these
     * @param firstId of its records
     */
    HubSpotBook(List<String> builtIn, Map<String, Boolean> own, List<String> needed, long firstId) {
        this.needed = needed;
        this.nextId = firstId;
        builtIn.forEach(name -> properties.put(name, name.equals("email")));
        properties.putAll(own);
        properties.forEach((name, isUnique) -> {
            if (isUnique) {
                unique.put(name, new HashMap<>());
            }
        });
    }

    Map<String, Boolean> properties() {
        return properties;
    }

    Map<String, Map<String, String>> records() {
        return records;
    }

    Map<String, Map<String, String>> copy() {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        records.forEach((id, record) -> copy.put(id, Map.copyOf(record)));
        return copy;
    }

    /** False when the name is taken. */
    boolean createProperty(String name, boolean isUnique) {
        if (properties.containsKey(name)) {
            return false;
        }
        properties.put(name, isUnique);
        if (isUnique) {
            unique.put(name, new HashMap<>());
        }
        return true;
    }

    /** The id of the record; null when there is none. @param property with unique values, or null for the id itself */
    String find(String property, String value) {
        return property == null ? records.containsKey(value) ? value : null
                : unique.getOrDefault(property, Map.of()).get(value);
    }

    boolean isUnique(String property) {
        return unique.containsKey(property);
    }

    void refuse(String key) {
        refused.add(key);
    }

    void fail(String key) {
        failing.add(key);
    }

    void permit(String key) {
        failing.remove(key);
        refused.remove(key);
    }

    /** A record that people have made. */
    String create(Map<String, String> values) {
        return write(null, values).recordId();
    }

    /** All of them or none. */
    List<Written> upsert(JsonNode inputs) throws RefusedException {
        if (inputs.size() > 100) {
            throw invalid("BATCH_TOO_LARGE", "The batch is larger than 100");
        }
        Set<String> ids = new HashSet<>();
        Map<String, String> emails = new HashMap<>();
        for (JsonNode input : inputs) {
            check(input, ids, emails);
        }
        List<Written> written = new ArrayList<>();
        for (JsonNode input : inputs) {
            Map<String, String> values = values(input.path("properties"));
            values.put(input.path("idProperty").asText(), input.path("id").asText());
            written.add(write(unique.get(input.path("idProperty").asText()).get(input.path("id").asText()), values));
        }
        return written;
    }

    private void check(JsonNode input, Set<String> ids, Map<String, String> emails) throws RefusedException {
        String idProperty = input.path("idProperty").asText("");
        String id = input.path("id").asText("");
        if (!unique.containsKey(idProperty)) {
            throw invalid("INVALID_ID_PROPERTY", "Unable to perform update/upsert by non-unique property " + idProperty);
        }
        if (!ids.add(id)) {
            throw invalid("DUPLICATE_ID", "Duplicate IDs found in batch input: " + id);
        }
        JsonNode given = input.path("properties");
        if (refused.contains(id)) {
            throw invalid("CUSTOM_RULE",
                    "A rule of this account refuses " + given.path("lastname").asText("the contact"));
        }
        checkFailing(id);
        checkProperties(given);
        Map<String, String> values = values(given);
        String email = values.getOrDefault("email", "");
        if (!email.isEmpty() && !EMAIL.matcher(email).matches()) {
            throw invalid("INVALID_EMAIL", "Property values were not valid: Email address " + email + " is invalid");
        }
        String known = unique.get(idProperty).get(id);
        if (known == null && needed.stream().allMatch(name -> values.getOrDefault(name, "").isEmpty())) {
            throw invalid("REQUIRED_FIELDS_MISSING", "At least one of " + needed + " is needed to create a record");
        }
        String other = email.isEmpty() ? null : unique.get("email").get(email);
        if (other != null && !other.equals(known)) {
            throw new RefusedException(409, "CONFLICT", "CONFLICT",
                    "Contact with email " + email + " already exists. Existing ID: " + other);
        }
        if (!email.isEmpty() && emails.putIfAbsent(email, id) != null) {
            throw new RefusedException(409, "CONFLICT", "CONFLICT",
                    "Contact with email " + email + " stands in the batch twice");
        }
    }

    private void checkFailing(String key) throws RefusedException {
        if (failing.contains(key)) {
            throw new RefusedException(500, null, null, "internal error");
        }
    }

    private void checkRecord(String recordId) throws RefusedException {
        for (String value : records.get(recordId).values()) {
            checkFailing(value);
        }
    }

    private void checkProperties(JsonNode given) throws RefusedException {
        for (Map.Entry<String, JsonNode> property : given.properties()) {
            if (!properties.containsKey(property.getKey())) {
                throw invalid("PROPERTY_DOESNT_EXIST",
                        "Property values were not valid: Property \"" + property.getKey() + "\" does not exist");
            }
            if (!property.getValue().isTextual()) {
                throw invalid("INVALID_JSON", "Invalid input JSON: a property is no string");
            }
        }
    }

    /** False when there is no such record. */
    boolean update(String recordId, JsonNode given) throws RefusedException {
        if (!records.containsKey(recordId)) {
            return false;
        }
        checkRecord(recordId);
        checkProperties(given);
        Map<String, String> values = values(given);
        for (Map.Entry<String, String> value : values.entrySet()) {
            String other = unique.getOrDefault(value.getKey(), Map.of()).get(value.getValue());
            if (other != null && !other.equals(recordId)) {
                throw new RefusedException(409, "CONFLICT", "CONFLICT", "A record has this "
                        + value.getKey() + " already. Existing ID: " + other);
            }
        }
        write(recordId, values);
        return true;
    }

    /** False when there is no such record. */
    boolean delete(String recordId) throws RefusedException {
        if (!records.containsKey(recordId)) {
            return false;
        }
        checkRecord(recordId);
        unique.values().forEach(ids -> ids.values().remove(recordId));
        records.remove(recordId);
        return true;
    }

    private Written write(String known, Map<String, String> values) {
        String recordId = known == null ? Long.toString(nextId++) : known;
        Map<String, String> record = records.computeIfAbsent(recordId, id -> new LinkedHashMap<>());
        values.forEach((name, value) -> {
            if (unique.containsKey(name)) {
                unique.get(name).remove(record.get(name));
                unique.get(name).put(value, recordId);
            }
            if (value.isEmpty()) {
                record.remove(name);
            } else {
                record.put(name, value);
            }
        });
        return new Written(recordId, known == null, Map.copyOf(record));
    }

    private static Map<String, String> values(JsonNode given) {
        Map<String, String> values = new LinkedHashMap<>();
        given.properties().forEach(value -> values.put(value.getKey(), value.getValue().asText()));
        if (values.containsKey("email")) {
            values.put("email", values.get("email").toLowerCase(Locale.ROOT));
        }
        return values;
    }

    private static RefusedException invalid(String code, String message) {
        return new RefusedException(400, "VALIDATION_ERROR", code, message);
    }
}
