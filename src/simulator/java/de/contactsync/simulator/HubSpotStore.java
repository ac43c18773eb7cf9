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

/**
 * What HubSpot says to what is to be written to the records of one type, as <a
 * href="https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts/batch/upsert-contacts">the batch
 * upsert</a> and <a href="https://developers.hubspot.com/docs/api-reference/error-handling">the page on errors</a> have
 * it. Not thread-safe.
 */
final class HubSpotStore {

    /** What HubSpot says no to; nothing has been written then. */
    static final class RefusedException extends Exception {

        final int status;
        final String category;
        final String code;
        /** What it is about; null where HubSpot does not say. */
        final String property;

        RefusedException(int status, String category, String code, String message) {
            this(status, category, code, message, null);
        }

        RefusedException(int status, String category, String code, String message, String property) {
            super(message);
            this.status = status;
            this.category = category;
            this.code = code;
            this.property = property;
        }
    }

    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    private final Set<String> refused = new HashSet<>();
    /** The status by which calls with the key fail. */
    private final Map<String, Integer> failing = new HashMap<>();

    private final Set<String> unreadable = new HashSet<>();
    private final HubSpotRecords store;
    private final List<String> needed;

    /** @param needed a new record must have one of these */
    HubSpotStore(HubSpotRecords store, List<String> needed) {
        this.store = store;
        this.needed = needed;
    }

    void refuse(String key) {
        refused.add(key);
    }

    void fail(String key, int status) {
        failing.put(key, status);
    }

    /** From now on no read that names this key succeeds. */
    void failReading(String key) {
        unreadable.add(key);
    }

    void checkReadable(String key) throws RefusedException {
        if (unreadable.contains(key)) {
            throw new RefusedException(500, null, null, "internal error");
        }
    }

    void permit(String key) {
        failing.remove(key);
        refused.remove(key);
    }

    /** All of them or none. */
    List<HubSpotRecords.Written> upsert(JsonNode inputs) throws RefusedException {
        if (inputs.size() > 100) {
            throw invalid("BATCH_TOO_LARGE", "The batch is larger than 100");
        }
        Set<String> ids = new HashSet<>();
        Map<String, String> emails = new HashMap<>();
        for (JsonNode input : inputs) {
            check(input, ids, emails);
        }
        List<HubSpotRecords.Written> written = new ArrayList<>();
        for (JsonNode input : inputs) {
            Map<String, String> values = values(input.path("properties"));
            values.put(input.path("idProperty").asText(), input.path("id").asText());
            written.add(store.write(
                    store.byValue(
                            input.path("idProperty").asText(), input.path("id").asText()),
                    values));
        }
        return written;
    }

    private void check(JsonNode input, Set<String> ids, Map<String, String> emails) throws RefusedException {
        String idProperty = input.path("idProperty").asText("");
        String id = input.path("id").asText("");
        if (!store.isUnique(idProperty)) {
            throw invalid(
                    "INVALID_ID_PROPERTY", "Unable to perform update/upsert by non-unique property " + idProperty);
        }
        if (!ids.add(id)) {
            throw invalid("DUPLICATE_ID", "Duplicate IDs found in batch input: " + id);
        }
        JsonNode given = input.path("properties");
        if (refused.contains(id)) {
            throw invalid(
                    "CUSTOM_RULE",
                    "A rule of this account refuses " + given.path("lastname").asText("the contact"));
        }
        checkFailing(id);
        checkProperties(given);
        Map<String, String> values = values(given);
        String email = values.getOrDefault("email", "");
        if (!email.isEmpty() && !EMAIL.matcher(email).matches()) {
            throw invalid("INVALID_EMAIL", "Property values were not valid: Email address " + email + " is invalid");
        }
        String known = store.byValue(idProperty, id);
        if (known == null
                && needed.stream()
                        .allMatch(name -> values.getOrDefault(name, "").isEmpty())) {
            throw invalid("REQUIRED_FIELDS_MISSING", "At least one of " + needed + " is needed to create a record");
        }
        String other = email.isEmpty() ? null : store.byValue("email", email);
        if (other != null && !other.equals(known)) {
            throw new RefusedException(
                    409,
                    "CONFLICT",
                    "CONFLICT",
                    "Contact with email " + email + " already exists. Existing ID: " + other);
        }
        if (!email.isEmpty() && emails.putIfAbsent(email, id) != null) {
            throw new RefusedException(
                    409, "CONFLICT", "CONFLICT", "Contact with email " + email + " stands in the batch twice");
        }
    }

    private void checkFailing(String key) throws RefusedException {
        if (failing.containsKey(key)) {
            throw new RefusedException(failing.get(key), null, null, "internal error");
        }
    }

    private void checkRecord(String recordId) throws RefusedException {
        for (String value : store.records().get(recordId).values()) {
            checkFailing(value);
        }
    }

    private void checkProperties(JsonNode given) throws RefusedException {
        for (Map.Entry<String, JsonNode> property : given.properties()) {
            if (!store.schema().has(property.getKey())) {
                throw invalid(
                        "PROPERTY_DOESNT_EXIST",
                        "Property values were not valid: Property \"" + property.getKey() + "\" does not exist");
            }
            if (!property.getValue().isTextual()) {
                throw invalid("INVALID_JSON", "Invalid input JSON: a property is not a string");
            }
            store.schema().check(property.getKey(), property.getValue().textValue());
        }
    }

    /** False when there is no such record. */
    boolean update(String id, JsonNode given) throws RefusedException {
        String recordId = checkUpdate(id, given);
        if (recordId == null) {
            return false;
        }
        store.write(recordId, values(given));
        return true;
    }

    /** @return the id of the record; null when there is none */
    String checkUpdate(String id, JsonNode given) throws RefusedException {
        String recordId = store.find(null, id);
        if (recordId == null) {
            return null;
        }
        checkRecord(recordId);
        checkProperties(given);
        Map<String, String> values = values(given);
        for (Map.Entry<String, String> value : values.entrySet()) {
            String other = store.byValue(value.getKey(), value.getValue());
            if (other != null && !other.equals(recordId)) {
                throw new RefusedException(
                        409,
                        "CONFLICT",
                        "CONFLICT",
                        "A record has this " + value.getKey() + " already. Existing ID: " + other);
            }
        }
        return recordId;
    }

    /** False when there is no such record. */
    boolean delete(String given) throws RefusedException {
        String recordId = store.find(null, given);
        if (recordId == null) {
            return false;
        }
        checkRecord(recordId);
        store.archive(recordId);
        return true;
    }

    private static Map<String, String> values(JsonNode given) {
        Map<String, String> values = new LinkedHashMap<>();
        given.properties()
                .forEach(value -> values.put(value.getKey(), value.getValue().asText()));
        if (values.containsKey("email")) {
            values.put("email", values.get("email").toLowerCase(Locale.ROOT));
        }
        return values;
    }

    private static RefusedException invalid(String code, String message) {
        return new RefusedException(400, "VALIDATION_ERROR", code, message);
    }
}
