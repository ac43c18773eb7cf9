package de.contactsync.crm.rest;

import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmResponse;
import de.contactsync.resilience.Outage.Kind;

/** Why nothing more can be sent, for people: answers that show that settings are wrong. */
final class RestHalts {

    private RestHalts() {}

    /** @param step in the mapping file */
    static String noRemoteId(String step) {
        return step
                + " needs {remoteId}, but the response to the write has no id: set contacts.crm.rest.id to its"
                + " place, or use {key} in the step";
    }

    /** @param step in the mapping file */
    static String createdWithoutId(String step, RequestTemplate create, CrmResponse answer) {
        return answered(create, answer) + " and no id where " + step + ", id says: correct that, or the path";
    }

    static CallDecision withoutId(RequestTemplate call, CrmResponse answer) {
        // Also where it is about this one: with a setting that is wrong, others would only be created as well.
        return new CallDecision.Halt(
                Kind.SETTINGS,
                answered(call, answer)
                        + " and no id where contacts.crm.rest.id says, so it does not count as done: check"
                        + " it and the path");
    }

    /** Also of an array that is empty. */
    static String noResults(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and says of no contact that it was"
                + " written: check the path and contacts.crm.rest.results";
    }

    static String resultsOfOthers(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and results of which none can be matched with a record that was sent: check"
                + " contacts.crm.rest.results and contacts.crm.rest.result-key";
    }

    static String nothingFound(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and has nothing where"
                + " contacts.crm.rest.found says that records are: check both";
    }

    static String allMissing(int records) {
        return "None of the last " + records + " records that we know is in the CRM any more, so no more are created"
                + " anew: see that we may still read them there, and check contacts.crm.rest.gone and .find. If people"
                + " have deleted them, contacts.crm.on-missing=skip leaves it at that, and after"
                + " crm forget-target NAME the command sync --full creates them anew";
    }

    static String foundWithoutId(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and a record that has no id where"
                + " contacts.crm.rest.found-id says: check it";
    }

    /** @param name of a placeholder, such as found:/version */
    static String foundWithout(RequestTemplate call, CrmResponse answer, String name, String setting) {
        return answered(call, answer) + " and a record without what {" + name + "} in contacts.crm.rest.update stands"
                + " for: have " + setting + " show it, or correct the pointer, which begins at the record";
    }

    static String foundAnother(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer)
                + " and a record whose key is that of another contact, so it may not look for what"
                + " it is given: check contacts.crm.rest.find and set contacts.crm.rest.found-key, so that only records"
                + " with the contact's key count as found";
    }

    /** @param setting that has the call */
    static String foundForNobody(String setting, RequestTemplate call, CrmResponse answer, int records) {
        return answered(call, answer) + " and " + (records == 1 ? "a record" : records + " records")
                + " for a made-up contact, so it does not look for what it is given and finds the records of others:"
                + " correct the name of the parameter or filter in " + setting;
    }

    static String notUpdated(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " for a record that it had just found:"
                + " check contacts.crm.rest.update and contacts.crm.rest.found-id";
    }

    static String answered(RequestTemplate call, CrmResponse answer) {
        return answer.status() == CrmResponse.UNANSWERED
                ? "the CRM did not answer " + call
                : "the CRM answered " + call + " with HTTP " + answer.status();
    }
}
