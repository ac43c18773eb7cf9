package de.contactsync.crm;

import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.NullHandling;
import de.contactsync.model.Delivery;
import de.contactsync.resilience.QuotaHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What only one kind of CRM has. */
public interface CrmKind {

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
     * Domains that calls go to as well when the token's answer says so, beside the host of
     * {@code contacts.crm.base-url}; none: whatever it says, they do not.
     */
    Set<String> domains();

    /** The headers that {@link #quota} is read from, in lower case. */
    Set<String> quotaHeaders();

    /**
     * @param headers of an answer, by their names in lower case
     * @return null when they tell none
     */
    QuotaHeaders quota(Map<String, String> headers);

    /**
     * How long a refused call is to wait where there is no {@code Retry-After}.
     *
     * @param headers as for {@link #quota}
     * @return null when the answer asks for no wait
     */
    default Duration pause(Map<String, String> headers) {
        return null;
    }

    /** The header by which the CRM knows us. */
    default String credentialHeader() {
        return "Authorization";
    }

    /** Further headers that a call may have, in lower case. */
    default Set<String> requestHeaders() {
        return Set.of();
    }

    /** What contacts become in the CRM; null where there is only one. */
    default String object() {
        return null;
    }

    /**
     * Digests of what is fixed in the calls that write, by what people call them: it may name the database or
     * organization that the records are in. Empty where no setting describes them.
     */
    default Map<String, String> writingCalls() {
        return Map.of();
    }

    /** Whether it names its {@linkplain Crm#account account}. */
    default boolean namesAccount() {
        return false;
    }

    /** Whether a record is read by the id that is remembered before it is written. */
    default boolean readsBeforeItWrites() {
        return true;
    }

    /** Whether what a record is sent without may be cleared there, as by PUT, or stands in a list that is replaced. */
    default boolean sendsWholeRecords() {
        return false;
    }

    /** What it answers with. */
    default AcceptedTypes accepts() {
        return AcceptedTypes.JSON;
    }

    /** The media type of what it is sent. */
    default String contentType() {
        return "application/json";
    }

    /** Most calls under way. */
    default int maxConcurrentCalls() {
        return 1;
    }

    /** How long a batch that is not full waits for more where nobody says that there will be none. */
    default Duration linger() {
        return Duration.ofSeconds(2);
    }

    /**
     * A field whose value only one record may have.
     *
     * @param leftOut whether others are sent without it; else they are refused
     */
    record UniqueField(String name, boolean leftOut) {}

    /** Beside the key; null when there is none. */
    default UniqueField uniqueField() {
        return null;
    }

    /** Whether it is the {@link #uniqueField}. */
    default boolean isUnique(String field) {
        return uniqueField() != null && uniqueField().name().equals(field);
    }

    /** What becomes of fields without a value. */
    default NullHandling nullHandling() {
        return NullHandling.OMITTED;
    }

    /** What tells the record of a contact from all others. */
    default String recordKey(Delivery delivery) {
        return Mapping.id(delivery);
    }

    /** Whether a field is left out although it has a value, as a label beside values of which there are none. */
    default boolean isLeftOut(String name, Map<String, String> fields, Mapping mapping) {
        return false;
    }

    /** @throws de.contactsync.crm.mapping.MappingException when the kind cannot use it */
    default void check(Mapping mapping) {}

    /** Whether fields that the CRM lacks are made in it at the start. */
    default boolean createsWhatIsMissing() {
        return false;
    }

    /**
     * The calls by which a contact would be sent, for people, with none of its data in them; empty where nobody asks.
     */
    default List<String> calls(Mapping mapping, Delivery delivery, Gone gone) {
        return List.of();
    }
}
