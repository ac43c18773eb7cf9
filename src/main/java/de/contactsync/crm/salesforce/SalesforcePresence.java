package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.RemotePresence;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
    private final SalesforceQueries queries;

    /** @param root such as {@code /services/data/v62.0} */
    SalesforcePresence(
            CrmClient calls,
            Function<CrmResponse, CallDecision> judge,
            String root,
            String object,
            String key,
            Missing missing,
            SalesforceQueries queries) {
        this.calls = calls;
        this.judge = judge;
        this.root = root;
        this.object = object;
        this.key = key;
        this.missing = missing;
        this.queries = queries;
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
        SalesforceQueries.Reading reading = queries.records(
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
        SalesforceQueries.Reading last = winner(deleted, ends);
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
        return SalesforceQueries.isFailure(given) ? RemotePresence.unreadable("Salesforce", given.status()) : null;
    }

    /** What there is of a record that is remembered: itself, or the one that it was merged into; empty for neither. */
    SalesforceQueries.Reading left(String id, long ends) {
        SalesforceQueries.Reading reading = queries.records(List.of(id), ends);
        return reading.failure() == null ? winner(reading.records().get(0), ends) : reading;
    }

    /** Empty when there is none in a record that was read. */
    String keyIn(JsonNode record) {
        return record.path(key).isNull() ? "" : record.path(key).asText("");
    }

    /** The record that a deleted one was merged into in the end; empty when there is none. */
    SalesforceQueries.Reading winner(JsonNode deleted, long ends) {
        JsonNode master = deleted;
        List<String> ids = new ArrayList<>();
        // The one that has won a merge may have lost the next.
        while (master != null && master.path("IsDeleted").asBoolean()) {
            ids.add(master.path("Id").asText());
            String masterId = master.path("MasterRecordId").asText(null);
            if (!SalesforceAnswers.isRecordId(masterId)) {
                return SalesforceQueries.Reading.NONE;
            }
            DeliveryResult endless = RemotePresence.endless("Salesforce", ids, masterId);
            if (endless != null) {
                return new SalesforceQueries.Reading(null, endless);
            }
            SalesforceQueries.Reading reading = queries.records(List.of(masterId), ends);
            if (reading.failure() != null) {
                return reading;
            }
            master = reading.records().get(0);
        }
        return master == null
                ? SalesforceQueries.Reading.NONE
                : new SalesforceQueries.Reading(CrmJson.array(master), null);
    }

    /** Null when it is to be created, or is there under its key. */
    private DeliveryResult missing(CrmRecord contact, long ends) {
        if (missing == Missing.CREATE) {
            return null;
        }
        SalesforceQueries.Reading own = queries.query(
                "/query", "SELECT Id FROM " + object + " WHERE " + key + " = '" + contact.id() + "'", ends);
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
            SalesforceQueries.Reading lost = queries.query(
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
}
