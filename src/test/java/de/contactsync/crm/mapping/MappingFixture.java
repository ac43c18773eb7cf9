package de.contactsync.crm.mapping;

import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import java.util.Map;
import java.util.UUID;

/** Contacts for the tests of mappings, and what a mapping makes of them. */
final class MappingFixture {

    static final ContactKey KEY = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));

    private MappingFixture() {}

    static Delivery delivery(CustomerContact contact) {
        return new Delivery(KEY, contact, "hash", null, false);
    }

    static Delivery withPhone(String phone) {
        return delivery(new CustomerContact(null, null, null, null, phone, null, null, null));
    }

    static Map<String, String> map(Mapping mapping, Delivery delivery) {
        return mapping.map(delivery, NullHandling.OMITTED, Gone.KEEP);
    }

    /** A mapping with a key and a country of its own. */
    static Mapping parsed(String more) {
        return MappingFile.parse("mapping/rest.yaml", "key: id\ndefault-country: DE\n" + more);
    }
}
