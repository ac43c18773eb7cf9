package de.contactsync.crm.hubspot;

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
        return refused(answer.status(), HubSpotError.of(CrmJson.read(answer)), fields, ending);
    }

    /** @param ending what can be done */
    DeliveryResult refused(int status, HubSpotError error, Map<String, String> fields, String ending) {
        String said = error.errorText(mapping.personal(fields).values());
        return new DeliveryResult.Refused(new Outcome.Failed(
                HubSpotAnswers.fails(status) ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(status),
                error.category(),
                (HubSpotAnswers.fails(status) ? "HubSpot fails on the contact: " : "HubSpot refused the contact: ")
                        + said
                        + ending,
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
