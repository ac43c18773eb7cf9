package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import java.util.UUID;

/**
 * What was asked of a CRM to see whether it can be used.
 *
 * @param tried    for people, such as {@code its properties were read}
 * @param notTried for people
 */
public record CrmTrial(String tried, String notTried) {

    /** A contact that no CRM can have. */
    public static final Delivery NOBODY = new Delivery(
            new ContactKey(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID()),
            new CustomerContact(null, null, null, "Nobody", null, null, "nobody@example.invalid", null),
            "none",
            null,
            false);

    @Override
    public String toString() {
        return tried + "; not tried: " + notTried;
    }
}
