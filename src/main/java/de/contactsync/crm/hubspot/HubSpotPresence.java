package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.RemotePresence;
import de.contactsync.model.DeliveryResult;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks, before contacts are written that HubSpot had already, whether it still has them under their keys: an upsert
 * would make a second record of one that was merged or deleted there. A merged record is had by its former id, see
 * <a href="https://knowledge.hubspot.com/records/merge-records">HubSpot's page on merging</a>.
 */
final class HubSpotPresence {

    private final CrmClient calls;
    private final String key;
    private final String contacts;
    private final Missing missing;

    /** @param contacts path of the objects */
    HubSpotPresence(CrmClient calls, String key, String contacts, Missing missing) {
        this.calls = calls;
        this.key = key;
        this.contacts = contacts;
        this.missing = missing;
    }

    /**
     * Gives a record that has lost the contact's key by a merge its key again.
     *
     * @return receipts of those that are not to be written
     */
    Map<CrmRecord, DeliveryResult> look(List<CrmRecord> batch, long ends) {
        List<CrmRecord> remembered = batch.stream()
                .filter(contact -> HubSpotCrm.isRecordId(contact.delivery().remoteId()))
                .toList();
        Map<CrmRecord, DeliveryResult> decided = new IdentityHashMap<>();
        for (CrmRecord contact :
                absent(remembered, key, remembered.stream().map(CrmRecord::id).toList(), ends)) {
            DeliveryResult deliveryResult = follow(contact, ends);
            if (deliveryResult != null) {
                decided.put(contact, deliveryResult);
            }
        }
        return decided;
    }

    private DeliveryResult follow(CrmRecord contact, long ends) {
        String id = contact.delivery().remoteId();
        JsonNode record = read(null, List.of(id), ends).path("results").path(0);
        if (record.isMissingNode()) {
            return RemotePresence.missing(missing, "HubSpot");
        }
        String owner = record.path("properties").path(key).asText("");
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return RemotePresence.merged("HubSpot", owner);
        }
        ObjectNode body = CrmJson.object();
        body.putObject("properties").put(key, contact.id());
        // Whatever comes of it, the upsert says what is to be said of the contact.
        calls.call(
                new CrmRequest("PATCH", contacts + "/" + record.path("id").asText(id), CrmJson.bytes(body)),
                HubSpotCrm::judgeOne,
                ends);
        return null;
    }

    /** Those that HubSpot says it does not have; where it does not answer the upsert goes without this. */
    private List<CrmRecord> absent(List<CrmRecord> contacts, String idProperty, List<String> ids, long ends) {
        if (contacts.isEmpty()) {
            return List.of();
        }
        JsonNode body = read(idProperty, ids, ends);
        if (body.path("numErrors").asInt() == 0 && body.path("errors").isEmpty()) {
            return List.of();
        }
        Set<String> there = new HashSet<>();
        body.path("results")
                .forEach(result -> there.add(result.path("properties").path(key).asText()));
        return contacts.stream()
                .filter(contact -> !there.contains(contact.id()))
                .toList();
    }

    private JsonNode read(String idProperty, List<String> ids, long ends) {
        ObjectNode body = CrmJson.object();
        if (idProperty != null) {
            body.put("idProperty", idProperty);
        }
        body.putArray("properties").add(key);
        body.putArray("propertiesWithHistory");
        ArrayNode inputs = body.putArray("inputs");
        ids.forEach(id -> inputs.addObject().put("id", id));
        CrmResponse answer = calls.call(
                new CrmRequest("POST", contacts + "/batch/read", CrmJson.bytes(body)), HubSpotCrm::judgeBatch, ends);
        return answer.status() / 100 == 2 ? CrmJson.read(answer) : CrmJson.object();
    }
}
