package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.contact.Receipt;
import de.contactsync.crm.CrmSettings.Missing;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Looks, before contacts are written that Salesforce had already, whether their records are still there: an upsert would
 * make a second record of one that lost a merge, which is in the recycle bin and names the other, see
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm">merge()</a>.
 */
final class SalesforcePresence {

    private final CrmCalls calls;
    private final Function<CrmAnswer, Verdict> judge;
    private final String root;
    private final String object;
    private final String key;
    private final Missing missing;

    /** @param root such as {@code /services/data/v62.0} */
    SalesforcePresence(CrmCalls calls, Function<CrmAnswer, Verdict> judge, String root, String object, String key,
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
    Map<Outgoing, Receipt> look(List<Outgoing> batch, long ends) {
        List<Outgoing> remembered = batch.stream()
                .filter(contact -> Salesforce.isRecordId(contact.delivery().remoteId())).toList();
        Map<Outgoing, Receipt> decided = new IdentityHashMap<>();
        JsonNode records = remembered.isEmpty() ? null : records(
                remembered.stream().map(contact -> contact.delivery().remoteId()).toList(), ends);
        if (records == null) {
            return decided;
        }
        Map<String, JsonNode> byId = new HashMap<>();
        records.forEach(record -> byId.put(record.path("Id").asText(), record));
        for (Outgoing contact : remembered) {
            JsonNode record = byId.get(contact.delivery().remoteId());
            if (record == null || record.path("IsDeleted").asBoolean()) {
                Receipt receipt = follow(contact, record, ends);
                if (receipt != null) {
                    decided.put(contact, receipt);
                }
            }
        }
        return decided;
    }

    /** @param deleted null when it is not even in the recycle bin */
    private Receipt follow(Outgoing contact, JsonNode deleted, long ends) {
        String masterId = deleted == null ? null : deleted.path("MasterRecordId").asText(null);
        JsonNode records = Salesforce.isRecordId(masterId) ? records(List.of(masterId), ends) : null;
        JsonNode master = records == null ? null : records.path(0);
        if (master == null || master.isMissingNode() || master.path("IsDeleted").asBoolean()) {
            return isUnderItsKey(contact, ends) ? null : Presence.missing(missing, "Salesforce");
        }
        String owner = master.path(key).asText("");
        if (!owner.isEmpty() && !owner.equals("null") && !owner.equals(contact.id())) {
            return Presence.merged("Salesforce", owner);
        }
        // Whatever comes of it, the upsert says what is to be said of the contact.
        calls.call(new CrmRequest("PATCH", root + "/sobjects/" + object + "/" + masterId,
                CrmJson.bytes(CrmJson.object().put(key, contact.id()))), judge, ends);
        return null;
    }

    private boolean isUnderItsKey(Outgoing contact, long ends) {
        JsonNode records = missing == Missing.CREATE ? null : query("/query", "SELECT Id FROM " + object + " WHERE " + key
                + " = '" + contact.id() + "'", ends);
        return missing == Missing.CREATE || records != null && !records.isEmpty();
    }

    private JsonNode records(List<String> ids, long ends) {
        return query("/queryAll", "SELECT Id, IsDeleted, MasterRecordId, " + key + " FROM " + object + " WHERE Id IN ('"
                + String.join("', '", ids) + "')", ends);
    }

    /** Null where Salesforce does not answer: then the upsert goes without this. */
    private JsonNode query(String path, String soql, long ends) {
        CrmAnswer answer = calls.call(new CrmRequest("GET", root + path, "q=" + PercentEncoding.of(soql), Map.of(), null, true),
                judge, ends);
        JsonNode records = CrmJson.read(answer).path("records");
        return answer.status() == 200 && records.isArray() ? records : null;
    }
}
