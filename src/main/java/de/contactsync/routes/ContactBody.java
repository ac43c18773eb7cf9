package de.contactsync.routes;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Contacts as a Camel user knows them: maps with JTL's names, in JTL's order. A field that JTL sent as null is null. */
final class ContactBody {

    static final String TENANT_ID = "tenantId";
    static final String CUSTOMER_ID = "customerId";
    static final String CONTACT_ID = "contactId";
    static final String CHANGE = "change";
    static final String CONTENT_HASH = "contentHash";

    private ContactBody() {}

    /** Of one contact, with its key. */
    static Map<String, Object> of(ContactKey key, CustomerContact contact) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(TENANT_ID, key.tenantId().toString());
        body.put(CUSTOMER_ID, JtlId.text(key.customerId()));
        body.put(CONTACT_ID, JtlId.text(key.contactId()));
        body.put("department", contact.department());
        body.put("honorific", contact.honorific());
        body.put("firstName", contact.firstName());
        body.put("lastName", contact.lastName());
        body.put("phoneNumber", contact.phoneNumber());
        body.put("mobilePhoneNumber", contact.mobilePhoneNumber());
        body.put("emailAddress", contact.emailAddress());
        body.put("fax", contact.fax());
        return body;
    }

    /** One of a list, which has no headers of its own: with what else is told of it. */
    static Map<String, Object> ofList(Delivery delivery) {
        Map<String, Object> body = of(delivery.key(), delivery.contact());
        body.put(CHANGE, change(delivery));
        body.put(CONTENT_HASH, delivery.hash());
        return body;
    }

    static List<Map<String, Object>> of(List<Delivery> deliveries) {
        return deliveries.stream().map(ContactBody::ofList).toList();
    }

    static String change(Delivery delivery) {
        return delivery.gone() ? "gone" : delivery.known() ? "changed" : "created";
    }
}
