package de.contactsync.simulator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which resource a path under {@link #BASE} names. Ids are taken as they stand: whether they are uuids comes later. */
sealed interface ApiPath {

    String BASE = "/erp";

    /** Something that belongs to a customer. */
    sealed interface OfCustomer extends ApiPath {

        String customerId();
    }

    record Contact(String customerId, String contactId) implements OfCustomer {}

    /** All contacts of a customer. */
    record Contacts(String customerId) implements OfCustomer {}

    /** All customers, page by page. */
    record Customers() implements ApiPath {}

    record Unknown() implements ApiPath {}

    Pattern CONTACTS = Pattern.compile(BASE + "/v2/customers/([^/]+)/contacts(?:/([^/]+))?");

    static ApiPath of(String path) {
        if (path.equals(BASE + "/v2/customers")) {
            return new Customers();
        }
        Matcher contacts = CONTACTS.matcher(path);
        if (!contacts.matches()) {
            return new Unknown();
        }
        return contacts.group(2) == null
                ? new Contacts(contacts.group(1))
                : new Contact(contacts.group(1), contacts.group(2));
    }
}
