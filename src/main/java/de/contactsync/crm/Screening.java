package de.contactsync.crm;

import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.Map;

/** What is known of a contact before the CRM is asked: that it is not to be sent, or would be refused. */
public record Screening(CrmKind kind, Mapping mapping) {

    /**
     * @param fields as of {@link Mapping#map}
     * @return {@link DeliveryResult.LeftOut} or {@link DeliveryResult.Refused}; null when it is sent
     */
    public DeliveryResult of(Delivery delivery, Map<String, String> fields) {
        DeliveryResult.LeftOut leftOut = mapping.leftOut(delivery);
        if (leftOut != null) {
            return leftOut;
        }
        String refusal = mapping.refusal(delivery);
        String unfit = refusal == null ? kind.unfit(fields) : refusal;
        return unfit == null
                ? null
                : new DeliveryResult.Refused(new Outcome.Failed(Reason.SINK_REJECTED, null, null, unfit, null, 1));
    }
}
