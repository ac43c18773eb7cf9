package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The records of one type, contacts or companies, and their properties in a simulated account. What a merge leaves is
 * as
 * <a href="https://knowledge.hubspot.com/records/merge-records">HubSpot's page on merging</a> has it: the merged record
 * is found by both ids, the other's e-mail address becomes an additional one, values that the first lacks come from the
 * other. Not thread-safe.
 */
final class HubSpotRecords {

    record Written(String recordId, boolean created, Map<String, String> properties) {}

    private final HubSpotSchema schema;
    private final Map<String, Map<String, String>> records = new LinkedHashMap<>();
    /** The recycle bin. */
    private final Map<String, Map<String, String>> archived = new LinkedHashMap<>();
    /** Ids that were merged away, and of what record they are now. */
    private final Map<String, String> merged = new HashMap<>();
    /** When a record was created. */
    private final Map<String, Instant> createdAt = new HashMap<>();
    /** When it was written last. */
    private final Map<String, Instant> modifiedAt = new HashMap<>();
    /** When a record was created or written last, as a {@link System#nanoTime} reading; absent: long ago. */
    private final Map<String, Long> writtenAt = new HashMap<>();
    /** Record ids by value, for each property with unique values. */
    private final Map<String, Map<String, String>> unique = new HashMap<>();

    private long nextId;

    /** @param firstId of its records */
    HubSpotRecords(HubSpotSchema schema, long firstId) {
        this.schema = schema;
        this.nextId = firstId;
        schema.uniqueness().forEach((name, isUnique) -> {
            if (isUnique) {
                unique.put(name, new HashMap<>());
            }
        });
    }

    HubSpotSchema schema() {
        return schema;
    }

    Map<String, Map<String, String>> records() {
        return records;
    }

    Map<String, Map<String, String>> copy() {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        records.forEach((id, record) -> copy.put(id, Map.copyOf(record)));
        return copy;
    }

    /** @return its name */
    String createProperty(JsonNode json) throws HubSpotStore.RefusedException {
        String name = schema.create(json);
        if (schema.isUnique(name)) {
            unique.put(name, new HashMap<>());
        }
        return name;
    }

    /** The id of the record; null when there is none. @param property with unique values, or null for the id itself */
    String find(String property, String value) {
        return property == null
                ? current(value)
                : property.equals("email")
                        ? ofAddress(value)
                        : unique.getOrDefault(property, Map.of()).get(value);
    }

    /** By its first address, as the batch read has it. */
    private String ofAddress(String value) {
        String id = unique.get("email").get(value.toLowerCase(Locale.ROOT));
        return id != null && value.equalsIgnoreCase(records.get(id).get("email")) ? id : null;
    }

    /** The record of an id, also of one that was merged away; null when there is none. */
    private String current(String id) {
        String now = id;
        while (merged.containsKey(now)) {
            now = merged.get(now);
        }
        return records.containsKey(now) ? now : null;
    }

    /** A record of the recycle bin, or null. */
    Map<String, String> archived(String id) {
        return archived.get(id);
    }

    /** Into the recycle bin. */
    void archive(String id) {
        unique.values().forEach(ids -> ids.values().removeIf(id::equals));
        archived.put(id, records.remove(id));
    }

    /** Out of the recycle bin again. */
    void restore(String id) {
        Map<String, String> values = archived.remove(id);
        records.put(id, new LinkedHashMap<>());
        write(id, values);
    }

    /** @return the id of what remains, which is the first's */
    String merge(String firstId, String otherId) throws HubSpotStore.RefusedException {
        String first = current(firstId);
        String other = current(otherId);
        if (first == null || other == null || first.equals(other)) {
            throw new HubSpotStore.RefusedException(404, "OBJECT_NOT_FOUND", null, "One of the records does not exist");
        }
        Map<String, String> there = records.get(first);
        Map<String, String> lost = records.remove(other);
        unique.values().forEach(ids -> ids.values().removeIf(other::equals));
        Map<String, String> added = new LinkedHashMap<>();
        lost.forEach((name, value) -> {
            if (!there.containsKey(name)) {
                added.put(name, value);
            }
        });
        write(first, added);
        if (lost.containsKey("email") && !added.containsKey("email")) {
            addEmail(first, lost.get("email"));
        }
        for (String address : lost.getOrDefault("hs_additional_emails", "").split(";")) {
            if (!address.isEmpty()) {
                addEmail(first, address);
            }
        }
        there.merge("hs_merged_object_ids", other, (before, id) -> before + ";" + id);
        merged.put(other, first);
        return first;
    }

    /** A further address of a record. */
    void addEmail(String id, String address) {
        String plain = address.toLowerCase(Locale.ROOT);
        unique.get("email").put(plain, id);
        Map<String, String> record = records.get(id);
        String before = record.get("hs_additional_emails");
        if (before == null || !List.of(before.split(";")).contains(plain)) {
            record.put("hs_additional_emails", before == null ? plain : before + ";" + plain);
        }
    }

    /** Ids of the records whose property has this value, of those written before. */
    List<String> search(String property, String value, long before) {
        return records.entrySet().stream()
                .filter(record -> value.equalsIgnoreCase(
                        property.equals("hs_object_id")
                                ? record.getKey()
                                : record.getValue().get(property)))
                .map(Map.Entry::getKey)
                .filter(id -> !writtenAt.containsKey(id) || writtenAt.get(id) - before <= 0)
                .toList();
    }

    /** From now on the search finds all that is there. */
    void forgetAges() {
        writtenAt.clear();
    }

    /** The id of the record with this value of a property with unique values; also by an additional address. */
    String byValue(String property, String value) {
        return unique.getOrDefault(property, Map.of()).get(value);
    }

    boolean isUnique(String property) {
        return schema.isUnique(property);
    }

    /** A record that people have made. */
    String create(Map<String, String> values) {
        return write(null, values).recordId();
    }

    Written write(String known, Map<String, String> values) {
        String recordId = known == null ? Long.toString(nextId++) : known;
        Map<String, String> record = records.computeIfAbsent(recordId, id -> new LinkedHashMap<>());
        values.forEach((name, value) -> {
            if (unique.containsKey(name)) {
                unique.get(name).remove(record.get(name));
                if (!value.isEmpty()) {
                    unique.get(name).put(value, recordId);
                }
            }
            if (value.isEmpty()) {
                record.remove(name);
            } else {
                record.put(name, value);
            }
        });
        writtenAt.put(recordId, System.nanoTime());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        createdAt.putIfAbsent(recordId, now);
        modifiedAt.put(recordId, now);
        return new Written(recordId, known == null, filled(recordId));
    }

    /** A record with what HubSpot fills itself. */
    Map<String, String> filled(String id) {
        Map<String, String> record = new LinkedHashMap<>(records.containsKey(id) ? records.get(id) : archived.get(id));
        record.put("hs_object_id", id);
        record.put("createdate", createdAt.get(id).toString());
        String modified = schema.has("lastmodifieddate") ? "lastmodifieddate" : "hs_lastmodifieddate";
        record.put(modified, modifiedAt.get(id).toString());
        if (record.containsKey("email")) {
            record.put("hs_email_domain", record.get("email").replaceFirst(".*@", ""));
        }
        return record;
    }
}
