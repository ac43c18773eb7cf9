package de.contactsync.crm.mapping;

import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What of a contact a field of the CRM can be filled from, by the name that the mapping file uses. */
public enum FieldSource {
    TENANT_ID("tenantId", delivery -> delivery.key().tenantId().toString()),
    CUSTOMER_ID("customerId", delivery -> JtlId.text(delivery.key().customerId())),
    CONTACT_ID("contactId", delivery -> JtlId.text(delivery.key().contactId())),
    DEPARTMENT("department", of(CustomerContact::department)),
    HONORIFIC("honorific", of(CustomerContact::honorific)),
    FIRST_NAME("firstName", of(CustomerContact::firstName)),
    LAST_NAME("lastName", of(CustomerContact::lastName)),
    PHONE_NUMBER("phoneNumber", of(CustomerContact::phoneNumber)),
    MOBILE_PHONE_NUMBER("mobilePhoneNumber", of(CustomerContact::mobilePhoneNumber)),
    EMAIL_ADDRESS("emailAddress", of(CustomerContact::emailAddress)),
    FAX("fax", of(CustomerContact::fax));

    /** Names of those that hold phone numbers. */
    static final Set<String> PHONES = Set.of(PHONE_NUMBER.toString(), MOBILE_PHONE_NUMBER.toString(), FAX.toString());

    private static final Map<String, FieldSource> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(FieldSource::toString, fieldSource -> fieldSource));

    private final String label;
    private final Function<Delivery, String> value;

    FieldSource(String label, Function<Delivery, String> value) {
        this.label = label;
        this.value = value;
    }

    private static Function<Delivery, String> of(Function<CustomerContact, String> field) {
        return delivery -> field.apply(delivery.contact());
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** Null when there is none. */
    public static FieldSource named(String name) {
        return BY_NAME.get(name);
    }

    /** May be null, and may be empty. */
    public String of(Delivery delivery) {
        return value.apply(delivery);
    }

    @Override
    public String toString() {
        return label;
    }
}
