package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.model.Delivery;
import java.util.Map;

/**
 * A delivery as the CRM gets it.
 *
 * @param id     tells records apart: it must not be in a call twice
 * @param fields by their names in the CRM
 * @param takes  the id of a record that is no contact's so far, and becomes this one's; null for none
 * @param kept   the record as the CRM has it, of which fields that are null are sent back; null where that is not known
 */
public record CrmRecord(Delivery delivery, String id, Map<String, String> fields, String takes, JsonNode kept) {

    /** One that takes over no record. */
    public CrmRecord(Delivery delivery, String id, Map<String, String> fields) {
        this(delivery, id, fields, null, null);
    }

    /** The same with other fields. */
    public CrmRecord with(Map<String, String> others) {
        return new CrmRecord(delivery, id, others, takes, kept);
    }

    /** The same, which leaves some fields as the CRM has them. */
    CrmRecord keeping(JsonNode record) {
        return new CrmRecord(delivery, id, fields, takes, record);
    }

    /** The same, which becomes what a record is that is no contact's so far. */
    CrmRecord taking(String recordId) {
        return new CrmRecord(delivery, id, fields, recordId, kept);
    }

    /** The same, known by the id that the CRM has given it. @param remoteId null when it has given none */
    CrmRecord at(String remoteId) {
        Delivery known = new Delivery(
                delivery.key(),
                delivery.contact(),
                delivery.hash(),
                remoteId == null ? delivery.remoteId() : remoteId,
                delivery.refused(),
                delivery.lacksOnlyEmail(),
                true,
                0,
                delivery.fieldHashes());
        return new CrmRecord(known, id, fields, takes, kept);
    }

    /** Without what is in the fields: a contact must not reach a log by way of a message. */
    @Override
    public String toString() {
        return "CrmRecord[" + id + "]";
    }
}
