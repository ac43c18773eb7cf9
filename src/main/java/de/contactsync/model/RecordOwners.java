package de.contactsync.model;

import java.util.Collection;
import java.util.List;

/** To which contacts the records of a sink belong, as remembered of their deliveries. */
@FunctionalInterface
public interface RecordOwners {

    /** For a sink of which nothing is remembered. */
    RecordOwners NONE = (contact, recordIds) -> null;

    /**
     * @param contact   that JTL has no longer under this customer
     * @param recordIds the ids of its record, also those that were merged into it
     * @return a contact that JTL has and whose record has one of these ids, or the same contact under another
     *         customer; null for none
     */
    ContactKey living(ContactKey contact, Collection<String> recordIds);

    /** Any contact that JTL has and the sink was given, with the id of its record; null when there is none. */
    default Delivery anyDelivered() {
        return null;
    }

    /**
     * @param contact  whose record is about to be written
     * @param recordId of that record
     * @return another contact that JTL has and whose record has this id; null for none
     */
    default ContactKey other(ContactKey contact, String recordId) {
        ContactKey owner = living(contact, List.of(recordId));
        return owner == null || owner.isSameContact(contact) ? null : owner;
    }
}
