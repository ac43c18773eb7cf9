package de.contactsync.crm;

import de.contactsync.contact.CustomerContact;
import de.contactsync.contact.Delivery;
import java.util.function.Function;

/** What of a contact a field of the CRM can be filled from, by the name that the mapping file uses. */
enum Source {
    TENANT_ID("tenantId", delivery -> delivery.key().tenantId().toString()),
    CUSTOMER_ID("customerId", delivery -> delivery.key().customerId().toString()),
    CONTACT_ID("contactId", delivery -> delivery.key().contactId().toString()),
    DEPARTMENT("department", of(CustomerContact::department)),
    HONORIFIC("honorific", of(CustomerContact::honorific)),
    FIRST_NAME("firstName", of(CustomerContact::firstName)),
    LAST_NAME("lastName", of(CustomerContact::lastName)),
    PHONE_NUMBER("phoneNumber", of(CustomerContact::phoneNumber)),
    MOBILE_PHONE_NUMBER("mobilePhoneNumber", of(CustomerContact::mobilePhoneNumber)),
    EMAIL_ADDRESS("emailAddress", of(CustomerContact::emailAddress)),
    FAX("fax", of(CustomerContact::fax));

    private final String label;
    private final Function<Delivery, String> value;

    Source(String label, Function<Delivery, String> value) {
        this.label = label;
        this.value = value;
    }

    private static Function<Delivery, String> of(Function<CustomerContact, String> field) {
        return delivery -> field.apply(delivery.contact());
    }

    /** May be null, and may be empty. */
    String of(Delivery delivery) {
        return value.apply(delivery);
    }

    @Override
    public String toString() {
        return label;
    }
}
