package de.contactsync.simulator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which resource a path under {@link #BASE} names. Ids are taken as they stand: whether they are uuids comes later. */
sealed interface ApiPath {

    String BASE = "/erp";

    record Contact(String customerId, String contactId) implements ApiPath {}

    record Unknown() implements ApiPath {}

    Pattern CONTACT = Pattern.compile(BASE + "/v2/customers/([^/]+)/contacts/([^/]+)");

    static ApiPath of(String path) {
        Matcher contact = CONTACT.matcher(path);
        return contact.matches() ? new Contact(contact.group(1), contact.group(2)) : new Unknown();
    }
}
