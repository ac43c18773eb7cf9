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
import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.model.DeliveryResult;
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
                .filter(contact -> SalesforceCrm.isRecordId(contact.delivery().remoteId()))
                .toList();
        Map<CrmRecord, DeliveryResult> decided = new IdentityHashMap<>();
        JsonNode records = remembered.isEmpty()
                ? null
                : records(
                        remembered.stream()
                                .map(contact -> contact.delivery().remoteId())
                                .toList(),
                        ends);
        if (records == null) {
            return decided;
        }
        Map<String, JsonNode> byId = new HashMap<>();
        records.forEach(record -> byId.put(record.path("Id").asText(), record));
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
        String masterId =
                deleted == null ? null : deleted.path("MasterRecordId").asText(null);
        JsonNode records = SalesforceCrm.isRecordId(masterId) ? records(List.of(masterId), ends) : null;
        JsonNode master = records == null ? null : records.path(0);
        if (master == null || master.isMissingNode() || master.path("IsDeleted").asBoolean()) {
            return isUnderItsKey(contact, ends) ? null : RemotePresence.missing(missing, "Salesforce");
        }
        String owner = master.path(key).asText("");
        if (!owner.isEmpty() && !owner.equals("null") && !owner.equals(contact.id())) {
            return RemotePresence.merged("Salesforce", owner);
        }
        // Whatever comes of it, the upsert says what is to be said of the contact.
        calls.call(
                new CrmRequest(
                        "PATCH",
                        root + "/sobjects/" + object + "/" + masterId,
                        CrmJson.bytes(CrmJson.object().put(key, contact.id()))),
                judge,
                ends);
        return null;
    }

    private boolean isUnderItsKey(CrmRecord contact, long ends) {
        JsonNode records = missing == Missing.CREATE
                ? null
                : query("/query", "SELECT Id FROM " + object + " WHERE " + key + " = '" + contact.id() + "'", ends);
        return missing == Missing.CREATE || records != null && !records.isEmpty();
    }

    private JsonNode records(List<String> ids, long ends) {
        return query(
                "/queryAll",
                "SELECT Id, IsDeleted, MasterRecordId, " + key + " FROM " + object + " WHERE Id IN ('"
                        + String.join("', '", ids) + "')",
                ends);
    }

    /** Null where Salesforce does not answer: then the upsert goes without this. */
    private JsonNode query(String path, String soql, long ends) {
        CrmResponse answer = calls.call(
                new CrmRequest("GET", root + path, "q=" + PercentEncoding.of(soql), Map.of(), null, true), judge, ends);
        JsonNode records = CrmJson.read(answer).path("records");
        return answer.status() == 200 && records.isArray() ? records : null;
    }
}
