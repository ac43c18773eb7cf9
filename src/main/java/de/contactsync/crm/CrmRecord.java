package de.contactsync.crm;

import de.contactsync.model.Delivery;
import java.util.Map;

/**
 * A delivery as the CRM gets it.
 *
 * @param id     tells records apart: it must not be in a call twice
 * @param fields by their names in the CRM
 */
public record CrmRecord(Delivery delivery, String id, Map<String, String> fields) {

    /** Without what is in the fields: a contact must not reach a log by way of a message. */
    @Override
    public String toString() {
        return "Outgoing[" + id + "]";
    }
}
