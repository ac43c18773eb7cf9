package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what Salesforce has of contacts that were delivered. */
final class SalesforceReads {

    private final SalesforceQueries queries;
    private final SalesforcePresence presence;
    private final String object;
    private final String key;

    SalesforceReads(SalesforceQueries queries, SalesforcePresence presence, String object, String key) {
        this.queries = queries;
        this.presence = presence;
        this.object = object;
        this.key = key;
    }

    /**
     * What Salesforce has of contacts that were delivered: by their keys, and by the ids that are remembered where
     * that does not lead to the same record.
     *
     * @param merges whether records of the object can be merged
     * @return in order
     */
    List<CrmReading> readAll(List<CrmRecord> delivered, boolean merges, long ends) {
        Set<String> names = new LinkedHashSet<>(List.of("Id", key));
        delivered.forEach(contact -> names.addAll(contact.fields().keySet()));
        SalesforceQueries.Reading found = queries.query(
                "/query",
                "SELECT " + String.join(", ", names) + " FROM " + object + " WHERE " + key + " IN ('"
                        + delivered.stream().map(CrmRecord::id).collect(Collectors.joining("', '")) + "')",
                ends);
        if (found.failure() != null) {
            if (delivered.size() == 1) {
                return List.of(CrmReading.of(State.UNREADABLE, null));
            }
            // It may fail on one of them.
            int half = delivered.size() / 2;
            List<CrmReading> both = new ArrayList<>(readAll(delivered.subList(0, half), merges, ends));
            both.addAll(readAll(delivered.subList(half, delivered.size()), merges, ends));
            return both;
        }
        Map<String, JsonNode> byKey = new HashMap<>();
        found.records().forEach(record -> byKey.put(record.path(key).asText(), record));
        List<String> elsewhere = delivered.stream()
                .filter(contact ->
                        SalesforceAnswers.isRecordId(contact.delivery().remoteId())
                                && !contact.delivery()
                                        .remoteId()
                                        .equals(byKey.getOrDefault(contact.id(), MissingNode.getInstance())
                                                .path("Id")
                                                .asText()))
                .map(contact -> contact.delivery().remoteId())
                .toList();
        Map<String, JsonNode> byId = new HashMap<>();
        if (merges && !elsewhere.isEmpty()) {
            SalesforceQueries.Reading remembered = queries.records(elsewhere, ends);
            if (remembered.failure() != null) {
                throw new ProcessingHaltedException("Salesforce does not say what has become of records");
            }
            remembered.records().forEach(record -> byId.put(record.path("Id").asText(), record));
        }
        List<CrmReading> readings = new ArrayList<>();
        for (CrmRecord contact : delivered) {
            readings.add(reading(
                    byKey.get(contact.id()), byId.get(contact.delivery().remoteId()), contact.id(), names, ends));
        }
        return readings;
    }

    /**
     * @param own        the record with the contact's key; null for none
     * @param remembered the one with the id that is remembered, where that is another; null for none
     */
    private CrmReading reading(JsonNode own, JsonNode remembered, String id, Set<String> names, long ends) {
        if (own != null) {
            // One that was merged away is in the recycle bin.
            boolean second = remembered != null
                    && !remembered.path("IsDeleted").asBoolean()
                    && remembered.path(key).asText("").isEmpty();
            return new CrmReading(
                    second ? State.DOUBLED : State.FOUND, own.path("Id").asText(), fields(own, names));
        }
        SalesforceQueries.Reading winner = presence.winner(remembered, ends);
        if (winner.failure() != null) {
            return CrmReading.of(State.UNREADABLE, null);
        }
        JsonNode record = winner.records().path(0);
        if (record.isMissingNode()) {
            return CrmReading.of(State.MISSING, null);
        }
        String owner = record.path(key).asText("");
        // Of one that has only lost the key nothing else was read.
        return owner.isEmpty() || owner.equals(id)
                ? new CrmReading(State.FOUND, record.path("Id").asText(), fields(record, Set.of(key)))
                : new CrmReading(State.MERGED, record.path("Id").asText(), Map.of(key, owner));
    }

    static Map<String, String> fields(JsonNode record, Set<String> names) {
        Map<String, String> fields = new HashMap<>();
        names.forEach(name -> fields.put(name, record.path(name).asText(null)));
        return fields;
    }
}
