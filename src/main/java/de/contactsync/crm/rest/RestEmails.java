package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.RecordOwners;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds records by the e-mail addresses of contacts. Thread-safe. */
final class RestEmails {

    private final RestFinder finder;
    private final RestMode.FindThenWrite mode;
    private final Mapping mapping;
    private final RecordOwners owners;

    /** @param finder by e-mail address */
    RestEmails(RestFinder finder, RestMode.FindThenWrite mode, Mapping mapping, RecordOwners owners) {
        this.finder = finder;
        this.mode = mode;
        this.mapping = mapping;
        this.owners = owners;
    }

    /** As {@link de.contactsync.crm.Crm#readByEmail}. */
    CrmReading read(CrmRecord contact, RestAuditReads reads, long ends) {
        String address = EmailMatcher.address(contact, mapping);
        List<RestFinder.Found> found = find(contact, address, ends);
        if (found == null) {
            return CrmReading.of(State.UNREADABLE, null);
        }
        JsonPointer foundKey = mode.foundKey();
        List<CrmReading> records = new ArrayList<>();
        for (RestFinder.Found each : found) {
            Map<String, String> fields = reads.fields(contact, each.record(), foundKey);
            if (foundKey != null) {
                fields.put(mapping.key(), each.record().at(foundKey).asText(""));
            }
            ContactKey other = owners.other(contact.delivery().key(), each.id());
            if (other != null) {
                fields.putIfAbsent(mapping.key(), other.toString());
            }
            String shown = fields.getOrDefault(mapping.emailField(), address);
            if (address.equalsIgnoreCase(Objects.requireNonNullElse(shown, "").strip())) {
                records.add(new CrmReading(State.FOUND, each.id(), fields));
            }
        }
        return EmailMatcher.together(records, mapping.key());
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
