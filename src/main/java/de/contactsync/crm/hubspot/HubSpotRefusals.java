package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.Map;

/** What HubSpot says of a contact that it does not take, without what is the contact's. */
final class HubSpotRefusals {

    private final Mapping mapping;

    HubSpotRefusals(Mapping mapping) {
        this.mapping = mapping;
    }

    DeliveryResult refused(CrmResponse answer, Map<String, String> fields, String ending) {
        JsonNode body = CrmJson.read(answer);
        boolean partial = answer.status() / 100 == 2;
        return refused(
                HubSpotAnswers.fails(answer),
                answer.status(),
                HubSpotError.of(partial ? body.path("errors").path(0) : body),
                fields,
                ending);
    }

    /** @param ending what can be done */
    DeliveryResult refused(int status, HubSpotError error, Map<String, String> fields, String ending) {
        return refused(HubSpotAnswers.fails(status), status, error, fields, ending);
    }

    private DeliveryResult refused(
            boolean fails, int status, HubSpotError error, Map<String, String> fields, String ending) {
        String said = error.errorText(mapping.personal(fields).values());
        return new DeliveryResult.Refused(new Outcome.Failed(
                fails ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(status),
                error.category(),
                (fails ? "HubSpot fails on the contact: " : "HubSpot refused the contact: ") + said + ending,
                error.details(said, mapping.fieldNames()),
                1));
    }

    static DeliveryResult unanswered(int status) {
        return new DeliveryResult.Refused(new Outcome.Failed(
                Reason.RETRIES_EXHAUSTED,
                status,
                null,
                "HubSpot answered HTTP " + status + " and does not say whether it has written the contact"
                        + ErrorSanitizer.ONCE_CHANGED,
                null,
                1));
    }
}
