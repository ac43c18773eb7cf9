package de.contactsync.simulator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The contacts of a simulated organisation. What is deleted, or lost a merge, goes to the recycle bin, where
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_queryall.htm">queryAll</a>
 * finds it with {@code IsDeleted}, and with {@code MasterRecordId} after
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm">a merge</a>. Not
 * thread-safe.
 */
final class SalesforceRecords {

    private static final Set<String> COLUMNS = Set.of("Id", "IsDeleted", "MasterRecordId", "AccountId");

    private final Map<String, SalesforceOptions.Field> fields = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> records = new LinkedHashMap<>();
    /** What is in the recycle bin, with {@code MasterRecordId} where a merge put it there. */
    private final Map<String, Map<String, String>> deleted = new LinkedHashMap<>();

    private long nextId = 1;

    SalesforceRecords(Map<String, SalesforceOptions.Field> own) {
        fields.putAll(SalesforceOptions.BUILT_IN);
        fields.putAll(own);
    }

    Map<String, SalesforceOptions.Field> fields() {
        return fields;
    }

    Map<String, Map<String, String>> records() {
        return records;
    }

    /** A record that people have made. */
    String create(Map<String, String> values) {
        String id = String.format("003000000%06dAAA", nextId++);
        records.put(id, new LinkedHashMap<>(values));
        return id;
    }

    /**
     * Ids of the records whose field has this value.
     *
     * @param all also in the recycle bin
     */
    List<String> find(String field, String value, boolean all) throws SalesforceStore.RefusedException {
        checkColumn(field);
        Map<String, Map<String, String>> searched = new LinkedHashMap<>(records);
        if (all) {
            searched.putAll(deleted);
        }
        return searched.entrySet().stream()
                .filter(entry -> {
                    String found = field.equals("Id")
                            ? entry.getKey()
                            : entry.getValue().get(field);
                    // SOQL compares texts whatever their case, and ids in their long form as they are.
                    return field.equals("Email") ? value.equalsIgnoreCase(found) : value.equals(found);
                })
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The value of a column of a record; null where there is none. */
    String value(String id, String column) throws SalesforceStore.RefusedException {
        checkColumn(column);
        return column.equals("Id")
                ? id
                : column.equals("IsDeleted")
                        ? Boolean.toString(deleted.containsKey(id))
                        : (records.containsKey(id) ? records : deleted).get(id).get(column);
    }

    private void checkColumn(String field) throws SalesforceStore.RefusedException {
        if (!fields.containsKey(field) && !COLUMNS.contains(field)) {
            throw new SalesforceStore.RefusedException(
                    400, "INVALID_FIELD", "No such column '" + field + "' on entity 'Contact'");
        }
    }

    void delete(String id) {
        deleted.put(id, records.remove(id));
    }

    /** As people merge two contacts. */
    void merge(String masterId, String otherId) {
        Map<String, String> lost = records.remove(otherId);
        lost.put("MasterRecordId", masterId);
        deleted.put(otherId, lost);
    }

    /** Out of the recycle bin again. */
    void undelete(String id) {
        Map<String, String> record = deleted.remove(id);
        record.remove("MasterRecordId");
        records.put(id, record);
    }

    /** What is in the recycle bin, by id. */
    Map<String, Map<String, String>> deleted() {
        return deleted;
    }
}
