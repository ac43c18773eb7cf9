package de.contactsync.crm.rest;

import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Writes many contacts by one call, and finds the result of each in its answer. Used by one thread. */
final class RestBatch {

    private final CrmClient calls;
    private final RestSettings settings;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    /** Whether a result was ever that of a contact. */
    private boolean matched;

    RestBatch(CrmClient calls, RestSettings settings, RestRequestBuilder requests, RestMessages words) {
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
    }

    List<DeliveryResult> write(RequestTemplate write, List<CrmRecord> contacts, long ends) {
        RestResponseParser answers = settings.answers();
        CrmResponse answer =
                calls.call(requests.writeAll(write, contacts), given -> judgeBatch(write, given, contacts), ends);
        if (answers.isComplete(answer)) {
            Result whole = answers.one(write, answer);
            return whole.ok()
                    ? all(contacts, new DeliveryResult.Accepted(null))
                    : contacts.size() > 1
                            ? all(contacts, new DeliveryResult.Unsent())
                            : List.of(words.receipt(
                                    write, answer, whole, contacts.get(0), null, ErrorSanitizer.ONCE_CHANGED));
        }
        if (!answers.hasResults(answer, matched)) {
            throw calls.halt(RestHalts.noResults(write, answer));
        }
        if (answers.belongsToOthers(answer, keys(contacts))) {
            throw calls.halt(RestHalts.resultsOfOthers(write, answer));
        }
        Map<String, Result> results = answers.each(answer, keys(contacts));
        List<DeliveryResult> receipts = new ArrayList<>();
        for (CrmRecord contact : contacts) {
            Result result = results.get(contact.id());
            matched |= result != null;
            boolean smaller = contacts.size() > 1 && (result == null || result.mayPass());
            receipts.add(
                    smaller
                            ? new DeliveryResult.Unsent()
                            : result != null
                                    ? words.receipt(write, answer, result, contact, null, ErrorSanitizer.ONCE_CHANGED)
                                    : RestRefusals.silent(write, answer));
        }
        return receipts;
    }

    private static List<String> keys(List<CrmRecord> contacts) {
        return contacts.stream().map(CrmRecord::id).toList();
    }

    private static List<DeliveryResult> all(List<CrmRecord> contacts, DeliveryResult deliveryResult) {
        return Collections.nCopies(contacts.size(), deliveryResult);
    }

    private CallDecision judgeBatch(RequestTemplate write, CrmResponse answer, List<CrmRecord> contacts) {
        if (settings.answers().isComplete(answer)) {
            return words.verdict(write, answer, settings.answers().one(write, answer), contacts);
        }
        Collection<Result> results =
                settings.answers().each(answer, keys(contacts)).values();
        // Also where it is called a quota it may be about these: what becomes of others shows that.
        boolean ofAll = !results.isEmpty() && results.stream().allMatch(result -> result.meaning() == Meaning.QUOTA);
        if (ofAll || contacts.size() == 1 && results.stream().anyMatch(Result::mayPass)) {
            return words.doubt(write, answer);
        }
        for (Result result : results) {
            if (result.meaning() == Meaning.HALT || result.meaning() == Meaning.RENEW) {
                return words.verdict(write, answer, result, contacts);
            }
        }
        return new CallDecision.Answered();
    }
}
