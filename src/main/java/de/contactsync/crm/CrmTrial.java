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

    /** A contact that no CRM can have. Each field has a value, since a server may take an empty one for no filter. */
    public static final Delivery NOBODY = nobody(UUID.randomUUID());

    private static Delivery nobody(UUID id) {
        String name = "nobody-" + id;
        // There is no area code that begins so.
        String number = "+49000" + Math.floorMod(id.hashCode(), 10_000_000);
        return new Delivery(
                new ContactKey(UUID.randomUUID(), UUID.randomUUID(), id),
                new CustomerContact(name, name, name, name, number, number, name + "@example.invalid", number),
                "none",
                null,
                false);
    }

    @Override
    public String toString() {
        return tried + "; not tried: " + notTried;
    }
}
