package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Looks, before contacts are written that Salesforce had already, whether their records are still there: an upsert
 * would make a second record of one that lost a merge, which is in the recycle bin and names the other, see
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm">merge()</a>.
 */
final class SalesforcePresence {

    /** Of those that were merged into one, one after another. */
    private static final int MOST_MERGES = 5;

    private final CrmClient calls;
    private final Function<CrmResponse, CallDecision> judge;
    private final String root;
    private final String object;
    private final String key;
    private final Missing missing;

    /** @param root such as {@code /services/data/v62.0} */
    SalesforcePresence(
            CrmClient calls,
            Function<CrmResponse, CallDecision> judge,
            String root,
            String object,
            String key,
            Missing missing) {
        this.calls = calls;
        this.judge = judge;
        this.root = root;
        this.object = object;
        this.key = key;
        this.missing = missing;
    }

    /**
     * Gives a record that has won a merge the contact's key, if it has none.
     *
     * @return receipts of those that are not to be written
     */
    Map<CrmRecord, DeliveryResult> look(List<CrmRecord> batch, long ends) {
        List<CrmRecord> remembered = batch.stream()
                .filter(contact ->
                        SalesforceAnswers.isRecordId(contact.delivery().remoteId()))
                .toList();
        Map<CrmRecord, DeliveryResult> decided = new IdentityHashMap<>();
        if (remembered.isEmpty()) {
            return decided;
        }
        Reading reading = records(
                remembered.stream()
                        .map(contact -> contact.delivery().remoteId())
                        .toList(),
                ends);
        if (reading.failure() != null) {
            remembered.forEach(contact ->
                    decided.put(contact, batch.size() > 1 ? new DeliveryResult.Unsent() : reading.failure()));
            return decided;
        }
        Map<String, JsonNode> byId = new HashMap<>();
        reading.records().forEach(record -> byId.put(record.path("Id").asText(), record));
        for (CrmRecord contact : remembered) {
            JsonNode record = byId.get(contact.delivery().remoteId());
            if (record == null || record.path("IsDeleted").asBoolean()) {
                DeliveryResult result = follow(contact, record, ends);
                if (result != null) {
                    decided.put(contact, result);
                }
            }
        }
        return decided;
    }

    /** @param deleted null when it is not even in the recycle bin */
    private DeliveryResult follow(CrmRecord contact, JsonNode deleted, long ends) {
        Reading last = winner(deleted, ends);
        if (last.failure() != null) {
            return last.failure();
        }
        JsonNode master = last.records().path(0);
        if (master.isMissingNode()) {
            return missing(contact, ends);
        }
        String owner = keyIn(master);
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return RemotePresence.merged("Salesforce", owner);
        }
        CrmResponse given = calls.call(
                new CrmRequest(
                        "PATCH",
                        root + "/sobjects/" + object + "/" + master.path("Id").asText(),
                        CrmJson.bytes(CrmJson.object().put(key, contact.id()))),
                judge,
                ends);
        // What it is refused for the upsert says as well; without the key that would make a second record.
        return isFailure(given) ? RemotePresence.unreadable("Salesforce", given.status()) : null;
    }

    /** What there is of a record that is remembered: itself, or the one that it was merged into; empty for neither. */
    Reading left(String id, long ends) {
        Reading reading = records(List.of(id), ends);
        return reading.failure() == null ? winner(reading.records().get(0), ends) : reading;
    }

    /** Empty when there is none in a record that was read. */
    String keyIn(JsonNode record) {
        return record.path(key).isNull() ? "" : record.path(key).asText("");
    }

    /** The record that a deleted one was merged into in the end; empty when there is none. */
    private Reading winner(JsonNode deleted, long ends) {
        JsonNode master = deleted;
        List<String> ids = new ArrayList<>();
        // The one that has won a merge may have lost the next.
        while (master != null && master.path("IsDeleted").asBoolean()) {
            ids.add(master.path("Id").asText());
            String masterId = master.path("MasterRecordId").asText(null);
            if (!SalesforceAnswers.isRecordId(masterId)) {
                return Reading.NONE;
            }
            DeliveryResult endless = RemotePresence.endless("Salesforce", ids, masterId);
            if (endless != null) {
                return new Reading(null, endless);
            }
            Reading reading = records(List.of(masterId), ends);
            if (reading.failure() != null) {
                return reading;
            }
            master = reading.records().get(0);
        }
        return master == null ? Reading.NONE : new Reading(CrmJson.array(master), null);
    }

    /** Null when it is to be created, or is there under its key. */
    private DeliveryResult missing(CrmRecord contact, long ends) {
        if (missing == Missing.CREATE) {
            return null;
        }
        Reading own = query("/query", "SELECT Id FROM " + object + " WHERE " + key + " = '" + contact.id() + "'", ends);
        return own.failure() != null
                ? own.failure()
                : own.records().isEmpty() ? RemotePresence.missing(missing, "Salesforce") : null;
    }

    /**
     * Adds the ids of the records that were merged into one, as far as the recycle bin has them.
     *
     * @param ids of the one that is there
     * @return why that cannot be told; null when it was
     */
    DeliveryResult addMerged(List<String> ids, long ends) {
        List<String> winners = List.copyOf(ids);
        for (int merges = 0; !winners.isEmpty() && merges < MOST_MERGES; merges++) {
            Reading lost = query(
                    "/queryAll",
                    "SELECT Id FROM " + object + " WHERE MasterRecordId IN ('" + String.join("', '", winners) + "')",
                    ends);
            if (lost.failure() != null) {
                return lost.failure();
            }
            winners = lost.records()
                    .valueStream()
                    .map(record -> record.path("Id").asText())
                    .filter(id -> SalesforceAnswers.isRecordId(id) && !ids.contains(id))
                    .toList();
            ids.addAll(winners);
        }
        return null;
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
        Reading found = query(
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
            Reading remembered = records(elsewhere, ends);
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
        Reading winner = winner(remembered, ends);
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
                : CrmReading.of(State.MERGED, record.path("Id").asText());
    }

    static Map<String, String> fields(JsonNode record, Set<String> names) {
        Map<String, String> fields = new HashMap<>();
        names.forEach(name -> fields.put(name, record.path(name).asText(null)));
        return fields;
    }

    /** @param failure why that cannot be told; null when there are records, or none */
    record Reading(JsonNode records, DeliveryResult failure) {

        static final Reading NONE = new Reading(CrmJson.array(NullNode.getInstance()), null);
    }

    private Reading records(List<String> ids, long ends) {
        return query(
                "/queryAll",
                "SELECT Id, IsDeleted, MasterRecordId, " + key + " FROM " + object + " WHERE Id IN ('"
                        + String.join("', '", ids) + "')",
                ends);
    }

    Reading query(String path, String soql, long ends) {
        CrmResponse answer = calls.call(
                new CrmRequest("GET", root + path, "q=" + PercentEncoding.of(soql), Map.of(), null, true), judge, ends);
        JsonNode records = CrmJson.read(answer).path("records");
        if (answer.status() == 200 && records.isArray()) {
            return new Reading(records, null);
        }
        if (isFailure(answer)) {
            return new Reading(null, RemotePresence.unreadable("Salesforce", answer.status()));
        }
        throw new UnexpectedAnswerException(
                answer,
                "Salesforce answered HTTP " + answer.status() + " and does not say what has become of records:"
                        + " check contacts.crm.base-url, contacts.crm.api-version and the rights of the API user");
    }

    private static boolean isFailure(CrmResponse answer) {
        return SalesforceAnswers.fails(answer.status())
                || answer.status() / 100 != 2
                        && SalesforceError.of(CrmJson.read(answer)).isPassing();
    }
}
