package de.contactsync.crm;

import de.contactsync.http.QuotaHeaders;
import java.util.Map;
import java.util.Set;

/** What only one kind of CRM has. */
public sealed interface CrmKind permits HubSpotSettings {

    /** As {@code contacts.crm.kind} has it; also the name of its mapping file. */
    String id();

    /** As people call it. */
    String label();

    /**
     * @param fields by their names in the CRM
     * @return null when a contact can be sent with them; else why the CRM would refuse it, and perhaps others with it
     */
    String unfit(Map<String, String> fields);

    /** Null when calls need no token that is fetched. */
    OAuthClient client();

    /**
     * Domains that calls go to as well when the token's answer says so, beside the host of {@code contacts.crm.base-url};
     * none: whatever it says, they do not.
     */
    Set<String> domains();

    /** The headers that {@link #quota} is read from, in lower case. */
    Set<String> quotaHeaders();

    /**
     * @param headers of an answer, by their names in lower case
     * @return null when they tell none
     */
    QuotaHeaders quota(Map<String, String> headers);
}
