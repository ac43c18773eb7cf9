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
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes contacts by the batch upsert, and those whose e-mail address is another record's as the settings say. An
 * answer of 200 is not taken for success: each contact must have its result in it.
 */
final class HubSpotWriter {

    private final CrmClient calls;
    private final Mapping mapping;
    private final HubSpotSettings settings;
    private final String contacts;
    private final HubSpotReads reads;
    private final HubSpotRefusals refusals;

    /** @param contacts the path of contacts */
    HubSpotWriter(
            CrmClient calls,
            Mapping mapping,
            HubSpotSettings settings,
            String contacts,
            HubSpotReads reads,
            HubSpotRefusals refusals) {
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.contacts = contacts;
        this.reads = reads;
        this.refusals = refusals;
    }

    /**
     * What is learnt while a batch is written.
     *
     * @param withoutEmail contacts that were sent without their address, by id
     * @param found        ids of records that were there already
     */
    record Notes(Set<String> withoutEmail, Set<String> found) {}

    List<DeliveryResult> write(List<CrmRecord> batch, Notes notes, long ends) {
        if (HubSpotEmails.areInDoubt(batch)) {
            return writeApart(batch, reads.owners(HubSpotEmails.addresses(batch), ends), notes, ends);
        }
        CrmResponse answer = call(batch, ends);
        if (answer.status() / 100 == 2) {
            return receipts(batch, answer, notes);
        }
        if (batch.size() == 1) {
            HubSpotError error = HubSpotError.of(CrmJson.read(answer));
            return List.of(
                    answer.status() == 409
                            ? conflict(batch.get(0), error, notes, ends)
                            : refusals.refused(
                                    answer.status(), error, batch.get(0).fields(), ErrorSanitizer.ONCE_CHANGED));
        }
        Map<String, HubSpotReads.Owner> owners =
                answer.status() == 409 ? reads.owners(HubSpotEmails.addresses(batch), ends) : Map.of();
        return HubSpotEmails.of(batch, owners).conflicts().isEmpty()
                ? new ArrayList<>(Collections.nCopies(batch.size(), new DeliveryResult.Unsent()))
                : writeApart(batch, owners, notes, ends);
    }

    /** Those whose address is another's by themselves, without a call where it would be refused anyway. */
    private List<DeliveryResult> writeApart(
            List<CrmRecord> batch, Map<String, HubSpotReads.Owner> owners, Notes notes, long ends) {
        HubSpotEmails emails = HubSpotEmails.of(batch, owners);
        Map<String, DeliveryResult> known = new HashMap<>();
        List<CrmRecord> together = new ArrayList<>();
        List<CrmRecord> behind = new ArrayList<>();
        for (CrmRecord contact : batch) {
            HubSpotReads.Owner owner = emails.conflicts().get(contact.id());
            CrmRecord without = owner == null ? contact : without(contact);
            if (emails.later().contains(contact.id())) {
                known.put(contact.id(), new DeliveryResult.Unsent());
            } else if (owner == null) {
                together.add(contact);
            } else if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                    && settings.unfit(without.fields()) == null) {
                if (contact.delivery().lacksOnlyEmail()) {
                    known.put(contact.id(), withoutEmail(contact.delivery().remoteId(), null));
                } else {
                    together.add(without);
                    notes.withoutEmail().add(contact.id());
                }
            } else if (owner.recordId() == null) {
                behind.add(contact);
            } else {
                known.put(contact.id(), conflict(contact, owner.error(), notes, ends));
            }
        }
        if (!together.isEmpty()) {
            CrmResponse answer = call(together, ends);
            List<DeliveryResult> receipts = answer.status() / 100 == 2
                    ? receipts(together, answer, notes)
                    : together.size() > 1
                            ? Collections.nCopies(together.size(), new DeliveryResult.Unsent())
                            : List.of(refusals.refused(answer, together.get(0).fields(), ErrorSanitizer.ONCE_CHANGED));
            for (int i = 0; i < together.size(); i++) {
                known.put(together.get(i).id(), receipts.get(i));
            }
        }
        // One whose address another of the batch was to get can have it when that one was not taken.
        Set<String> taken = HubSpotEmails.addresses(together.stream()
                .filter(contact -> known.get(contact.id()) instanceof DeliveryResult.Accepted)
                .toList());
        for (CrmRecord contact : behind) {
            known.put(
                    contact.id(),
                    taken.containsAll(HubSpotEmails.addresses(List.of(contact)))
                            ? conflict(
                                    contact,
                                    emails.conflicts().get(contact.id()).error(),
                                    notes,
                                    ends)
                            : new DeliveryResult.Unsent());
        }
        return batch.stream().map(contact -> known.get(contact.id())).toList();
    }

    private static CrmRecord without(CrmRecord contact) {
        Map<String, String> others = new HashMap<>(contact.fields());
        others.remove("email");
        return new CrmRecord(contact.delivery(), contact.id(), others);
    }

    private CrmResponse call(List<CrmRecord> batch, long ends) {
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
        return calls.call(
                new CrmRequest("POST", contacts + "/batch/upsert", CrmJson.bytes(body)),
                HubSpotAnswers::judgeBatch,
                ends);
    }

    private List<DeliveryResult> receipts(List<CrmRecord> batch, CrmResponse answer, Notes notes) {
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
        if (remoteIds.isEmpty() && !HubSpotReads.saysThatSomeFailed(body)) {
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

    private DeliveryResult conflict(CrmRecord contact, HubSpotError error, Notes notes, long ends) {
        if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                && contact.fields().containsKey("email")) {
            CrmRecord without = without(contact);
            if (settings.unfit(without.fields()) != null) {
                return refusals.refused(409, error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
            }
            notes.withoutEmail().add(contact.id());
            return retryOnce(without, notes, ends);
        }
        if (settings.emailConflict() == EmailConflict.ADOPT && error.existingId() != null) {
            return adopt(contact, error, notes, ends);
        }
        return refusals.refused(
                409,
                error,
                contact.fields(),
                "; contacts.crm.on-email-conflict says what else can be done about it" + ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult adopt(CrmRecord contact, HubSpotError error, Notes notes, long ends) {
        CrmResponse there = reads.read(null, error.existingId(), ends);
        if (HubSpotAnswers.fails(there.status())) {
            return refusals.refused(there, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
        }
        String owner = HubSpotReads.record(there)
                .path("properties")
                .path(mapping.key())
                .asText("");
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return refusals.refused(
                    409,
                    error,
                    contact.fields(),
                    "; that record is another contact of JTL already" + ErrorSanitizer.ONCE_CHANGED);
        }
        ObjectNode body = CrmJson.object();
        body.putObject("properties").put(mapping.key(), contact.id());
        CrmResponse adopted = calls.call(
                new CrmRequest("PATCH", contacts + "/" + error.existingId(), CrmJson.bytes(body)),
                HubSpotAnswers::judgeOne,
                ends);
        return adopted.status() / 100 == 2
                ? retryOnce(contact, notes, ends)
                : refusals.refused(adopted, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult retryOnce(CrmRecord contact, Notes notes, long ends) {
        CrmResponse answer = call(List.of(contact), ends);
        return answer.status() / 100 == 2
                ? receipts(List.of(contact), answer, notes).get(0)
                : refusals.refused(answer, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    /** @param result of the contact without its address */
    static DeliveryResult withoutEmail(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted accepted
                ? withoutEmail(accepted.remoteId(), null)
                : result instanceof DeliveryResult.Unlinked unlinked
                        ? withoutEmail(unlinked.remoteId(), unlinked.why())
                        : result;
    }

    /** @param unlinked why the contact has no link to its company either; null when it has */
    private static DeliveryResult withoutEmail(String remoteId, Outcome.Failed unlinked) {
        return new DeliveryResult.WithoutEmail(
                remoteId,
                new Outcome.Failed(
                        Reason.SINK_REJECTED,
                        409,
                        "CONFLICT",
                        "HubSpot has the contact without the e-mail address that JTL-Wawi has for it, since that"
                                + " belongs to another"
                                + " record there; an address that it had before stays. Merge the two records, or"
                                + " change one of the"
                                + " addresses: it is sent again whenever JTL is asked for the contact",
                        null,
                        1),
                unlinked);
    }
}
