package de.contactsync.crm.rest;

import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.Collection;

/** Contacts that are refused for what is found or lacking, not for what the CRM says of them. */
final class RestRefusals {

    private RestRefusals() {}

    /** What an answer says of a contact, or nothing, in a batch that was taken. */
    static DeliveryResult silent(RequestTemplate call, CrmResponse answer) {
        return refused(
                answer.status(),
                "The CRM answered " + call + " with HTTP " + answer.status() + " and says nothing of the contact"
                        + ErrorSanitizer.ONCE_CHANGED);
    }

    static DeliveryResult lacking(RequestTemplate call, String name) {
        return refused(
                null,
                "The contact has no " + name + " that can stand in " + call + ": give it one in"
                        + " JTL-Wawi, it is sent once it has changed");
    }

    /** @param name of a placeholder that stands for something of the record in the CRM */
    static DeliveryResult unshown(RequestTemplate call, String name) {
        return refused(
                null,
                "The CRM does not show of the contact's record what {" + name + "} in " + call
                        + " stands for: have the calls that find and read it show that" + ErrorSanitizer.ONCE_REPLAYED);
    }

    static DeliveryResult ambiguous(RequestTemplate find, Collection<String> ids) {
        return refused(
                null,
                ids.size() + " records of the CRM have the contact's key, among them "
                        + ids.stream()
                                .limit(3)
                                .map(id -> id.replaceAll("[^\\w-]", "?"))
                                .toList() + ": merge them there"
                        + ErrorSanitizer.ONCE_CHANGED);
    }

    static DeliveryResult ambiguousStep(RequestTemplate find, int records) {
        return refused(
                null,
                find + " found " + records + " records of the contact, and none of them is as JTL has it: leave one of"
                        + " them there" + ErrorSanitizer.ONCE_CHANGED);
    }

    static DeliveryResult withoutRecordId(RequestTemplate call) {
        return refused(
                null,
                "JTL no longer has the contact, and the id of its record, which " + call
                        + " needs, is not known: delete or flag the record in the CRM by hand");
    }

    static DeliveryResult moved(RequestTemplate call) {
        return refused(
                null,
                "The CRM redirects " + call
                        + " to another record, as after a merge: set contacts.crm.rest.read to a call"
                        + " that reads a record, and the contact follows" + ErrorSanitizer.ONCE_CHANGED);
    }

    static DeliveryResult mergedWithoutKey() {
        return refused(
                null,
                "In the CRM the contact's record was merged into one that has no key: give it the key of this contact"
                        + " there" + ErrorSanitizer.ONCE_CHANGED);
    }

    private static DeliveryResult refused(Integer status, String message) {
        return new DeliveryResult.Refused(new Outcome.Failed(Reason.SINK_REJECTED, status, null, message, null, 1));
    }
}
