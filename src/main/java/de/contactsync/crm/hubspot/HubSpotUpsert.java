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
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The batch upsert. An answer of 200 is not taken for success: each contact must have its result in it. */
final class HubSpotUpsert {

    /**
     * What is learnt while a batch is written.
     *
     * @param withoutEmail contacts that were sent without their address, by id
     * @param found        ids of records that were there already
     */
    record Notes(Set<String> withoutEmail, Set<String> found) {}

    private final CrmClient calls;
    private final Mapping mapping;
    private final String path;
    private final HubSpotRefusals refusals;
    private final HubSpotGivenEmails given;

    /**
     * @param contacts the path of contacts
     * @param given    is told of addresses that records have got
     */
    HubSpotUpsert(
            CrmClient calls, Mapping mapping, String contacts, HubSpotRefusals refusals, HubSpotGivenEmails given) {
        this.calls = calls;
        this.mapping = mapping;
        this.path = contacts + "/batch/upsert";
        this.refusals = refusals;
        this.given = given;
    }

    CrmResponse call(List<CrmRecord> batch, long ends) {
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        for (CrmRecord contact : batch) {
            ObjectNode input = inputs.addObject()
                    .put("id", contact.id())
                    .put("idProperty", mapping.key())
                    .put("objectWriteTraceId", contact.id());
            ObjectNode properties = input.putObject("properties");
            contact.fields().forEach(properties::put);
            properties.put(mapping.key(), contact.id());
        }
        return calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), HubSpotAnswers::judgeBatch, ends);
    }

    List<DeliveryResult> receipts(List<CrmRecord> batch, CrmResponse answer, Notes notes) {
        JsonNode body = CrmJson.read(answer);
        Map<String, String> remoteIds = new HashMap<>();
        for (JsonNode result : body.path("results")) {
            String id = result.path("properties")
                    .path(mapping.key())
                    .asText(result.path("objectWriteTraceId").asText(null));
            if (id != null) {
                remoteIds.put(id, result.path("id").asText(null));
                if (!result.path("new").asBoolean(false)) {
                    notes.found().add(result.path("id").asText());
                }
            }
        }
        Map<String, HubSpotError> errors = new HashMap<>();
        for (JsonNode error : body.path("errors")) {
            for (JsonNode id : error.path("context").path("objectWriteTraceId")) {
                errors.put(id.asText(), HubSpotError.of(error));
            }
        }
        // Where errors do not say which contact they are about, it is found as in a batch that is refused.
        if (remoteIds.isEmpty() && !HubSpotReads.hasErrors(body)) {
            if (batch.size() == 1 && body.path("results").isArray()) {
                // It may be about this contact only; whether HubSpot takes others is told by what becomes of them.
                return List.of(HubSpotRefusals.unanswered(answer.status()));
            }
            throw new UnexpectedAnswerException(
                    answer,
                    "HubSpot answered HTTP " + answer.status()
                            + " and says of no contact that it was written: check contacts.crm.base-url and"
                            + " contacts.crm.api-version");
        }
        List<DeliveryResult> receipts = new ArrayList<>();
        for (CrmRecord contact : batch) {
            String id = contact.id();
            if (remoteIds.containsKey(id) && contact.fields().containsKey("email")) {
                given.note(id, remoteIds.get(id), HubSpotEmails.address(contact), calls.now());
            }
            receipts.add(
                    remoteIds.containsKey(id)
                            ? new DeliveryResult.Accepted(remoteIds.get(id))
                            : errors.containsKey(id)
                                    ? refusals.refused(
                                            answer.status(),
                                            errors.get(id),
                                            contact.fields(),
                                            ErrorSanitizer.ONCE_CHANGED)
                                    : batch.size() > 1
                                            ? new DeliveryResult.Unsent()
                                            : refusals.refused(
                                                    answer.status(),
                                                    HubSpotError.of(
                                                            body.path("errors").path(0)),
                                                    contact.fields(),
                                                    ErrorSanitizer.ONCE_CHANGED));
        }
        return receipts;
    }
}
