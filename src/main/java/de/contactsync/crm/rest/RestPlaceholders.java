package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.mapping.FieldSource;
import de.contactsync.crm.mapping.Template;
import de.contactsync.model.Delivery;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What stands for the placeholders of a request. */
final class RestPlaceholders {

    static final String KEY = "key";
    static final String REMOTE_ID = "remoteId";

    /** What never changes of a contact. */
    static final Set<String> IDS = Set.of("tenantId", "customerId", "contactId");

    /** Of any contact, and never empty. */
    static final Set<String> KEYS = with(IDS, KEY);
    /** Of a contact of JTL. */
    static final Set<String> CONTACT = with(FieldSource.names(), KEY);
    /** Of one that has a record in the CRM. */
    static final Set<String> RECORD = with(CONTACT, REMOTE_ID);
    /** Of one that JTL may have no longer. */
    static final Set<String> GONE = with(KEYS, REMOTE_ID);

    /** The same, with what a record that was found or read has. */
    static final Set<String> FOUND_RECORD = with(RECORD, Template.FOUND);

    static final Set<String> FOUND_GONE = with(GONE, Template.FOUND);

    /** What only one record has. */
    static final Set<String> RECORDS = Set.of(KEY, "contactId", REMOTE_ID);

    /** Of the settings, or one that is fetched. */
    static final String TOKEN = "token";

    /** What we sign in with, for a CRM that takes it in the body of a call; never in a URL. */
    static final Set<String> SECRETS = Set.of(TOKEN, "username", "password");

    private RestPlaceholders() {}

    static Set<String> withSecrets(Set<String> names) {
        Set<String> all = new HashSet<>(names);
        all.addAll(SECRETS);
        return Set.copyOf(all);
    }

    private static Set<String> with(Set<String> names, String another) {
        Set<String> all = new HashSet<>(names);
        all.add(another);
        return Set.copyOf(all);
    }

    /**
     * @param remoteId null when the record is not known
     * @param there    the record as the CRM has it; missing when that is not known
     */
    static UnaryOperator<String> of(Delivery delivery, String key, String remoteId, JsonNode there) {
        return name -> switch (name) {
            case KEY -> key;
            case REMOTE_ID -> remoteId;
            default ->
                name.startsWith(Template.FOUND_AT)
                        ? found(name, there)
                        : FieldSource.named(name).of(delivery);
        };
    }

    /** Null when it has no such value. */
    static String found(String name, JsonNode there) {
        JsonNode value = there.at(name.substring(Template.FOUND_AT.length()));
        return value.isValueNode() && !value.isNull() ? value.asText() : null;
    }
}
