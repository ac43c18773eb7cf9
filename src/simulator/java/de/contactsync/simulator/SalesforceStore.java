package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a simulated organisation says to what is to be written to its contacts: the codes are those of <a
 * href="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm">the
 * core data types of an API call</a>. Not thread-safe.
 */
final class SalesforceStore {

    /** The call as a whole was refused; nothing has been written. */
    static final class RefusedException extends Exception {

        final int status;
        final String code;

        RefusedException(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    /** What became of one record. @param code null when it was written */
    record Result(String id, boolean created, String code, String message, List<String> fields) {

        static Result failed(String code, String message, String... fields) {
            return new Result(null, false, code, message, List.of(fields));
        }
    }

    private static final int MOST_OF_A_CALL = 200;
    private static final String LOCKED = "UNABLE_TO_LOCK_ROW";
    private static final String LOCKED_MESSAGE = "unable to obtain exclusive access to this record or 1 records";
    static final String ACCOUNT = "Account";
    static final String ACCOUNT_KEY = "Jtl_Customer_Id__c";
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    private final SalesforceRecords store;
    private final Map<String, SalesforceOptions.Field> fields;
    private final Map<String, Map<String, String>> records;
    private final Set<String> refused = new HashSet<>();
    private final Map<String, Integer> failing = new HashMap<>();
    private final Map<String, Integer> locked = new HashMap<>();
    /** Ids by the value of their key. */
    private final Map<String, String> accounts = new HashMap<>();

    private boolean duplicateRule;
    private long nextAccount = 1;

    SalesforceStore(SalesforceRecords store) {
        this.store = store;
        this.fields = store.fields();
        this.records = store.records();
    }

    void refuse(String key) {
        refused.add(key);
    }

    void permit(String key) {
        refused.remove(key);
    }

    void fail(String key, int status) {
        failing.put(key, status);
    }

    void lock(String key, int times) {
        locked.put(key, times);
    }

    void refuseDuplicates() {
        duplicateRule = true;
    }

    /** Null when there is none, or it has none. */
    String accountKey(String accountId) {
        return accounts.entrySet().stream()
                .filter(account -> account.getValue().equals(accountId))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    void createAccount(String key) {
        accounts.put(key, String.format("001000000%06dAAA", nextAccount++));
    }

    /** Each by itself. */
    List<Result> upsert(String key, JsonNode given) throws RefusedException {
        if (!given.isArray() || given.isEmpty()) {
            throw new RefusedException(400, "JSON_PARSER_ERROR", "records are missing");
        }
        if (given.size() > MOST_OF_A_CALL) {
            throw new RefusedException(
                    400,
                    "EXCEEDED_ID_LIMIT",
                    "record limit reached. cannot submit more than 200 records into this call");
        }
        if (!fields.containsKey(key) || !fields.get(key).external()) {
            throw new RefusedException(
                    404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + key);
        }
        Map<String, Integer> times = new HashMap<>();
        for (JsonNode record : given) {
            if (!record.path("attributes").path("type").asText().equals("Contact")) {
                throw new RefusedException(400, "INVALID_TYPE", "The type of each record must be Contact");
            }
            values(record);
            checkFailing(record.path(key).asText());
            times.merge(record.path(key).asText(), 1, Integer::sum);
        }
        List<Result> results = new ArrayList<>();
        for (JsonNode record : given) {
            String id = record.path(key).asText("");
            results.add(
                    id.isEmpty()
                            ? Result.failed("MISSING_ARGUMENT", key + " not specified")
                            : times.get(id) > 1
                                    ? Result.failed("DUPLICATE_VALUE", "Duplicate external id specified: " + id, key)
                                    : upsert(key, id, record));
        }
        return results;
    }

    private Result upsert(String key, String id, JsonNode record) throws RefusedException {
        List<String> known = store.find(key, id, false);
        if (known.size() > 1) {
            return Result.failed("DUPLICATE_EXTERNAL_ID", "more than one record found for external id field: " + known);
        }
        Map<String, String> values = values(record);
        String account = record.path(ACCOUNT).path(ACCOUNT_KEY).asText(null);
        if (account != null && !accounts.containsKey(account)) {
            return Result.failed(
                    "INVALID_FIELD",
                    "Foreign key external ID: " + account.toLowerCase(Locale.ROOT) + " not found for field "
                            + ACCOUNT_KEY + " in entity Account");
        }
        if (account != null) {
            values.put("AccountId", accounts.get(account));
        }
        return write(known.isEmpty() ? null : known.get(0), id, values);
    }

    private boolean isLocked(String id) {
        return locked.getOrDefault(id, 0) > 0 && locked.merge(id, -1, Integer::sum) >= 0;
    }

    private Result write(String recordId, String id, Map<String, String> values) {
        if (isLocked(id)) {
            return Result.failed(LOCKED, LOCKED_MESSAGE);
        }
        Map<String, String> after = new LinkedHashMap<>(recordId == null ? Map.of() : records.get(recordId));
        values.forEach((name, value) -> {
            if (value == null) {
                after.remove(name);
            } else {
                after.put(name, value);
            }
        });
        String name = after.getOrDefault("LastName", "");
        if (name.isBlank()) {
            return Result.failed("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName");
        }
        for (Map.Entry<String, String> value : values.entrySet()) {
            Result wrong = value.getValue() == null ? null : check(value.getKey(), value.getValue());
            if (wrong != null) {
                return wrong;
            }
        }
        String email = after.get("Email");
        if (email != null && !EMAIL.matcher(email).matches()) {
            return Result.failed("INVALID_EMAIL_ADDRESS", "Email: invalid email address: " + email, "Email");
        }
        if (refused.contains(id)) {
            return Result.failed("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A rule of this organisation refuses " + name);
        }
        if (duplicateRule
                && email != null
                && records.entrySet().stream()
                        .anyMatch(other -> !other.getKey().equals(recordId)
                                && email.equals(other.getValue().get("Email")))) {
            return Result.failed("DUPLICATES_DETECTED", "Use one of these records?");
        }
        if (recordId == null) {
            return new Result(store.create(after), true, null, null, List.of());
        }
        records.put(recordId, after);
        return new Result(recordId, false, null, null, List.of());
    }

    /** Null when the field can take it. */
    private Result check(String name, String value) {
        SalesforceOptions.Field field = fields.get(name);
        if (field == null) {
            return null;
        }
        if (value.length() > field.length()) {
            return Result.failed(
                    "STRING_TOO_LONG",
                    name + ": data value too large: " + value + " (max length=" + field.length() + ")",
                    name);
        }
        return field.options().isEmpty() || field.options().contains(value)
                ? null
                : Result.failed(
                        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                        name + ": bad value for restricted picklist field: " + value,
                        name);
    }

    /** Null when there is no such record. */
    Result update(String recordId, JsonNode given) throws RefusedException {
        Map<String, String> values = values(given);
        if (!records.containsKey(recordId)) {
            return null;
        }
        checkFailing(keyOf(recordId));
        return write(recordId, keyOf(recordId), values);
    }

    /** False when there is no such record. */
    boolean delete(String recordId) throws RefusedException {
        if (!records.containsKey(recordId)) {
            return false;
        }
        checkFailing(keyOf(recordId));
        if (isLocked(keyOf(recordId))) {
            throw new RefusedException(400, LOCKED, LOCKED_MESSAGE);
        }
        store.delete(recordId);
        return true;
    }

    private void checkFailing(String key) throws RefusedException {
        if (failing.containsKey(key)) {
            throw new RefusedException(failing.get(key), "UNKNOWN_EXCEPTION", "An unexpected error occurred");
        }
    }

    /** What the record is known by outside; empty for one that people have made. */
    private String keyOf(String recordId) {
        return fields.entrySet().stream()
                .filter(field -> field.getValue().external())
                .map(field -> records.get(recordId).get(field.getKey()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    }

    /** Null where the field is to be cleared. */
    private Map<String, String> values(JsonNode record) throws RefusedException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> value : record.properties()) {
            SalesforceOptions.Field field = fields.get(value.getKey());
            boolean account = value.getKey().equals(ACCOUNT)
                    && value.getValue().has(ACCOUNT_KEY)
                    && value.getValue().size() == 1;
            if (account || value.getKey().equals("attributes")) {
                continue;
            }
            if (value.getKey().equals("AccountId")) {
                values.put("AccountId", value.getValue().textValue());
                continue;
            }
            if (field == null) {
                throw new RefusedException(
                        400, "INVALID_FIELD", "No such column '" + value.getKey() + "' on sobject of type Contact");
            }
            if (!field.editable()) {
                throw new RefusedException(
                        400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: " + value.getKey());
            }
            if (!value.getValue().isNull() && !value.getValue().isTextual()
                    || field.type().equals("boolean")) {
                throw new RefusedException(
                        400,
                        "JSON_PARSER_ERROR",
                        "Cannot deserialize instance of " + field.type() + " from "
                                + value.getValue().getNodeType());
            }
            values.put(value.getKey(), value.getValue().textValue());
        }
        return values;
    }
}
