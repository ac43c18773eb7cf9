package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.RecordOwners;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds records by the e-mail addresses of contacts. Thread-safe. */
final class RestEmails {

    private final RestFinder finder;
    private final RestMode.FindThenWrite mode;
    private final CrmClient calls;
    private final RestSettings settings;
    private final Mapping mapping;
    private final RecordOwners owners;
    private final RestMessages words;

    /** @param finder by e-mail address */
    RestEmails(
            RestFinder finder,
            RestMode.FindThenWrite mode,
            CrmClient calls,
            RestSettings settings,
            Mapping mapping,
            RecordOwners owners,
            RestMessages words) {
        this.finder = finder;
        this.mode = mode;
        this.calls = calls;
        this.settings = settings;
        this.mapping = mapping;
        this.owners = owners;
        this.words = words;
    }

    /** As {@link de.contactsync.crm.Crm#readByEmail}. */
    CrmReading read(CrmRecord contact, RestAuditReads reads, long ends) {
        String address = EmailMatcher.address(contact, mapping);
        List<RestFinder.Found> found = find(contact, address, ends);
        if (found == null) {
            return CrmReading.of(State.UNREADABLE, null);
        }
        List<CrmReading> records = new ArrayList<>();
        for (RestFinder.Found each : found) {
            Map<String, String> listed = reads.fields(contact, each.record(), mode.foundKey());
            if (!hasAddress(listed, address)) {
                continue;
            }
            CrmReading record = reading(contact, each.id(), each.record(), listed, reads, ends);
            if (record.state() == State.UNREADABLE) {
                return record;
            }
            if (record.state() != State.MISSING && hasAddress(record.fields(), address)) {
                records.add(record);
            }
        }
        return EmailMatcher.together(records, mapping.key());
    }

    private boolean hasAddress(Map<String, String> fields, String address) {
        String shown = fields.getOrDefault(mapping.emailField(), address);
        return address.equalsIgnoreCase(Objects.requireNonNullElse(shown, "").strip());
    }

    /**
     * As it is listed, or read where the list leaves out its key or a field of the contact. Nobody's is only what shows
     * that it has no key: a list often has but a few fields of a record.
     */
    private CrmReading reading(
            CrmRecord contact,
            String id,
            JsonNode record,
            Map<String, String> listed,
            RestAuditReads reads,
            long ends) {
        String key = mapping.key();
        boolean lacks = !listed.containsKey(key)
                || !listed.keySet().containsAll(contact.fields().keySet());
        CrmReading reading = lacks && reads.canReadById()
                ? reads.readById(contact, id, ends)
                : new CrmReading(State.FOUND, id, listed, false, reads.shown(record, mode.foundKey()));
        if (reading.state() != State.FOUND) {
            return reading;
        }
        if (owners.other(contact.delivery().key(), reading.recordId()) != null) {
            return CrmReading.of(State.MERGED, reading.recordId());
        }
        Map<String, String> fields = new HashMap<>(reading.fields());
        if (listed.containsKey(key) || reading.whole() && settings.existing().readKey() != null) {
            fields.putIfAbsent(key, listed.get(key));
        }
        if (!fields.containsKey(key)) {
            throw calls.halt(words.keyNotShown());
        }
        return new CrmReading(State.FOUND, reading.recordId(), fields, reading.whole(), reading.record());
    }

    /** The record as it is found, for what is kept of it. @param id of a record with the contact's address */
    JsonNode record(CrmRecord contact, String id, long ends) {
        List<RestFinder.Found> found = find(contact, EmailMatcher.address(contact, mapping), ends);
        return found == null
                ? RestRequestBuilder.NOTHING
                : found.stream()
                        .filter(each -> each.id().equals(id))
                        .map(RestFinder.Found::record)
                        .findFirst()
                        .orElse(RestRequestBuilder.NOTHING);
    }

    /** Null when the CRM refuses to tell. @param address as it is sent */
    private List<RestFinder.Found> find(CrmRecord contact, String address, long ends) {
        Delivery delivery = contact.delivery();
        CustomerContact known = delivery.contact();
        CustomerContact as = new CustomerContact(
                known.department(),
                known.honorific(),
                known.firstName(),
                known.lastName(),
                known.phoneNumber(),
                known.mobilePhoneNumber(),
                address,
                known.fax());
        return finder.findAll(
                new CrmRecord(
                        new Delivery(delivery.key(), as, delivery.hash(), null, false), contact.id(), contact.fields()),
                ends);
    }
}
