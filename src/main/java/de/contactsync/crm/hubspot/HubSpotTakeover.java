package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.model.DeliveryResult;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** Gives records that are no contact's the keys of contacts, so that the upsert finds them. It may be repeated. */
final class HubSpotTakeover {

    private final CrmClient calls;
    private final HubSpotRefusals refusals;
    private final String key;
    private final String path;

    /** @param contacts the path of contacts */
    HubSpotTakeover(CrmClient calls, HubSpotRefusals refusals, String key, String contacts) {
        this.calls = calls;
        this.refusals = refusals;
        this.key = key;
        this.path = contacts + "/batch/update";
    }

    /**
     * @param wanted the id of the record that each contact is to get
     * @return of those that have not got it, what is to be said of them
     */
    Map<CrmRecord, DeliveryResult> take(Map<CrmRecord, String> wanted, long ends) {
        Map<CrmRecord, DeliveryResult> without = new IdentityHashMap<>();
        if (wanted.isEmpty()) {
            return without;
        }
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        wanted.forEach((contact, id) ->
                inputs.addObject().put("id", id).putObject("properties").put(key, contact.id()));
        CrmResponse answer =
                calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), HubSpotAnswers::judgeOne, ends);
        Set<String> taken = new HashSet<>();
        if (answer.status() / 100 == 2) {
            for (JsonNode result : CrmJson.read(answer).path("results")) {
                taken.add(result.path("id").asText());
            }
        }
        wanted.forEach((contact, id) -> {
            if (!taken.contains(id)) {
                without.put(
                        contact,
                        wanted.size() > 1
                                ? new DeliveryResult.Unsent()
                                : refusals.refused(answer, contact.fields(), ErrorSanitizer.ONCE_CHANGED));
            }
        });
        return without;
    }
}
