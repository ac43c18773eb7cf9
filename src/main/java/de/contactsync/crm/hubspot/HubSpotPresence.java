package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
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
    private final HubSpotReads reads;
    private final String key;
    private final String contacts;
    private final Missing missing;

    /** @param contacts path of the objects */
    HubSpotPresence(CrmClient calls, HubSpotReads reads, String key, String contacts, Missing missing) {
        this.calls = calls;
        this.reads = reads;
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
                .filter(contact -> HubSpotAnswers.isRecordId(contact.delivery().remoteId()))
                .toList();
        Map<CrmRecord, DeliveryResult> decided = new IdentityHashMap<>();
        if (remembered.isEmpty()) {
            return decided;
        }
        List<String> keys = remembered.stream().map(CrmRecord::id).toList();
        CrmResponse answer = reads.read(key, keys, List.of(key), ends);
        if (HubSpotAnswers.fails(answer)) {
            remembered.forEach(contact -> decided.put(
                    contact,
                    batch.size() > 1
                            ? new DeliveryResult.Unsent()
                            : RemotePresence.unreadable("HubSpot", answer.status())));
            return decided;
        }
        Set<String> there = new HashSet<>();
        for (JsonNode result : CrmJson.read(answer).path("results")) {
            there.add(result.path("properties").path(key).asText());
        }
        List<CrmRecord> absent = remembered.stream()
                .filter(contact -> !there.contains(contact.id()))
                .toList();
        if (!absent.isEmpty() && !HubSpotReads.hasErrors(CrmJson.read(answer))) {
            throw reads.unexpected(answer);
        }
        for (CrmRecord contact : absent) {
            DeliveryResult deliveryResult = follow(contact, ends);
            if (deliveryResult != null) {
                decided.put(contact, deliveryResult);
            }
        }
        return decided;
    }

    private DeliveryResult follow(CrmRecord contact, long ends) {
        String id = contact.delivery().remoteId();
        CrmResponse answer = reads.read(null, id, ends);
        if (HubSpotAnswers.fails(answer)) {
            return RemotePresence.unreadable("HubSpot", answer.status());
        }
        JsonNode record = HubSpotReads.record(answer);
        if (record.isMissingNode()) {
            return RemotePresence.missing(missing, "HubSpot");
        }
        String owner = record.path("properties").path(key).asText("");
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return RemotePresence.merged("HubSpot", owner);
        }
        ObjectNode body = CrmJson.object();
        body.putObject("properties").put(key, contact.id());
        CrmResponse given = calls.call(
                new CrmRequest("PATCH", contacts + "/" + record.path("id").asText(id), CrmJson.bytes(body)),
                HubSpotAnswers::judgeOne,
                ends);
        // What it is refused for the upsert says as well; without the key that would make a second record.
        return HubSpotAnswers.fails(given.status()) ? RemotePresence.unreadable("HubSpot", given.status()) : null;
    }
}
