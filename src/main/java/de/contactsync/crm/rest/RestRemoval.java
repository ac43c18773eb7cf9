package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import java.util.List;
import java.util.Map;

/**
 * Deletes or flags the record of a contact that JTL has no longer.
 *
 * @param keyField of the CRM, which holds the keys
 */
record RestRemoval(
        CrmClient calls,
        RestSettings settings,
        Gone gone,
        RestRequestBuilder requests,
        RestMessages words,
        RecordOwners owners,
        String keyField) {

    /**
     * Whatever is remembered, only the record that has the contact's key now is touched. One that is not found by it is
     * read by the id that is remembered, where there is a call for that: a search may be behind.
     *
     * @param finder null when nothing is looked for
     */
    DeliveryResult removeOrFlag(Delivery delivery, RestFinder finder, long ends) {
        RequestTemplate template =
                gone == Gone.DELETE ? settings.delete() : settings.mode().update();
        CrmRecord contact = new CrmRecord(delivery, settings.recordKey(delivery), Map.of());
        String remoteId = RestResponseParser.usable(delivery.remoteId());
        JsonNode there = RestRequestBuilder.NOTHING;
        boolean isFound = false;
        if (finder != null) {
            DeliveryResult lacking = finder.lacking(delivery);
            if (lacking != null) {
                return lacking;
            }
            RestFinder.Found found = finder.find(contact, ErrorSanitizer.ONCE_REPLAYED, ends);
            if (found != null && found.instead() != null) {
                return found.instead();
            }
            isFound = found != null;
            remoteId = isFound ? found.id() : remoteId;
            there = isFound ? found.record() : there;
        }
        RestReader reader = new RestReader(settings, calls, requests, words);
        if (!isFound && (finder != null || template.needsRemoteId())) {
            if (remoteId == null || !reader.canRead()) {
                return finder == null ? RestRefusals.withoutRecordId(template) : new DeliveryResult.Absent();
            }
            RestReader.Reading read = reader.read(contact, remoteId, ends);
            DeliveryResult instead = read.endless() != null ? read.endless() : instead(read, contact);
            if (instead != null) {
                return instead;
            }
            remoteId = read.id();
            there = read.record();
        }
        DeliveryResult kept = RemotePresence.removable(
                "the CRM",
                delivery,
                owners.living(delivery.key(), remoteId == null ? List.of() : List.of(remoteId)),
                keyField,
                settings::recordKey);
        if (kept != null) {
            return kept;
        }
        String unshown = template.unshown(there);
        if (unshown != null) {
            return RestRefusals.unshown(template, unshown);
        }
        CrmRequest request = gone == Gone.DELETE
                ? requests.delete(template, delivery, remoteId, there)
                : requests.flag(template, delivery, remoteId, there);
        CrmResponse answer = calls.call(
                request,
                given -> isGone(template, given)
                        ? new CallDecision.Answered()
                        : words.verdict(template, given, settings.answers().one(template, given), List.of(contact)),
                ends);
        // Somebody has deleted it there already.
        return isGone(template, answer)
                ? new DeliveryResult.Absent()
                : words.receipt(
                        template,
                        answer,
                        settings.answers().one(template, answer),
                        contact,
                        remoteId,
                        ErrorSanitizer.ONCE_REPLAYED);
    }

    /** Null when the record is there and has the contact's key. */
    private DeliveryResult instead(RestReader.Reading read, CrmRecord contact) {
        return !read.isGone() && !read.result().ok()
                ? words.receipt(
                        settings.existing().read(),
                        read.answer(),
                        read.result(),
                        contact,
                        read.id(),
                        ErrorSanitizer.ONCE_REPLAYED)
                : RemotePresence.notFound(
                        "the CRM", read.isGone() ? null : requests.keyIn(read.record()), keyField, contact.id());
    }

    private boolean isGone(RequestTemplate call, CrmResponse answer) {
        return settings.existing().isGone(call, answer, settings.answers());
    }
}
