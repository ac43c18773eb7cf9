package de.contactsync.crm.rest;

import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RefusalBrake;
import de.contactsync.crm.mapping.FieldSource;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is made of an answer for the program and for people: no word of it holds a secret or a contact. */
final class RestMessages {

    private final RestSettings settings;
    private final Mapping mapping;

    RestMessages(RestSettings settings, Mapping mapping) {
        this.settings = settings;
        this.mapping = mapping;
    }

    /** @param contacts that were sent; empty when the call is about none */
    CallDecision verdict(RequestTemplate call, CrmResponse answer, Result result, List<CrmRecord> contacts) {
        return switch (result.meaning()) {
            case OK, REJECT -> new CallDecision.Answered();
            case RETRY ->
                !contacts.isEmpty()
                        ? doubt(call, answer)
                        : new CallDecision.Retry(answered(call, answer), answer.retryAfter());
            case QUOTA -> new CallDecision.QuotaSpent();
            case RENEW ->
                settings.client() != null
                        ? new CallDecision.TokenRefused(
                                answered(call, answer) + ", which contacts.crm.rest.renew takes for a session"
                                        + " that is over, also with a new one: check what we may do there")
                        : new CallDecision.Halt(
                                Kind.REFUSAL, answered(call, answer) + ": check contacts.crm.rest.auth");
            case HALT ->
                answer.status() == 401 && settings.client() != null
                        ? new CallDecision.TokenRefused(said(call, answer, result, List.of()) + ": check "
                                + (settings.client().login() == null
                                        ? "contacts.crm.oauth"
                                        : "contacts.crm.rest.login, and whether the user signs in elsewhere too"))
                        : new CallDecision.Unexpected(
                                said(call, answer, result, values(contacts)) + remedy(answer.status()));
        };
    }

    CallDecision doubt(RequestTemplate call, CrmResponse answer) {
        return new CallDecision.Doubt(answered(call, answer), answer.retryAfter());
    }

    private static String remedy(int status) {
        return switch (status) {
            case 401 -> ": check contacts.crm.rest.auth and what it needs";
            case 403 -> ": see that we may do this there, or put 403 into contacts.crm.rest.quota if it means that";
            default ->
                status / 100 == 3
                        ? ": a redirect is not followed, so that the token goes nowhere else; check"
                                + " contacts.crm.base-url and the path"
                        : status / 100 == 2
                                ? " and does not show that it was done, so it is not taken for done: check the path, and set"
                                        + " contacts.crm.rest.success to what a success looks like"
                                : ": check contacts.crm.base-url and the path; if it is about this one contact, put it into"
                                        + " contacts.crm.rest.reject";
        };
    }

    /**
     * @param knownId of the record, where the answer need not tell
     * @param next    what becomes of the contact when it is refused, see {@link ErrorSanitizer}
     */
    DeliveryResult receipt(
            RequestTemplate call, CrmResponse answer, Result result, CrmRecord contact, String knownId, String next) {
        if (result.ok()) {
            return new DeliveryResult.Accepted(result.id() != null ? result.id() : knownId);
        }
        boolean failed = result.mayPass();
        List<String> values = values(List.of(contact));
        String code = result.code() == null || answer.status() == 401 ? null : clean(result.code(), values);
        return new DeliveryResult.Refused(new Outcome.Failed(
                failed ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(answer.status()),
                code,
                (failed ? "The CRM fails on the contact: " : "The CRM refused the contact: ")
                        + said(call, answer, result, values)
                        + no(result)
                        + next,
                failed
                        ? null
                        : RefusalBrake.details(
                                code == null
                                        ? List.of(Integer.toString(answer.status()))
                                        : List.of(Integer.toString(answer.status()), code),
                                List.of(),
                                result.message() == null ? null : clean(result.message(), values),
                                fieldNames()),
                1));
    }

    /** It may be how the CRM reports that all is well, which nobody has told us. */
    private static String no(Result result) {
        return result.no() == null
                ? ""
                : "; this is an answer that says no, by " + result.no() + ": if it was done all the same, set"
                        + " contacts.crm.rest.success to what a success looks like";
    }

    /** What an answer says of a contact, or nothing, in a batch that was taken. */
    DeliveryResult silent(RequestTemplate call, CrmResponse answer) {
        return refused(
                answer.status(),
                null,
                "The CRM answered " + call + " with HTTP " + answer.status() + " and says nothing of the contact"
                        + ErrorSanitizer.ONCE_CHANGED);
    }

    DeliveryResult lacking(RequestTemplate call, String name) {
        return refused(
                null,
                null,
                "The contact has no " + name + " that can stand in " + call + ": give it one in"
                        + " JTL-Wawi, it is sent once it has changed");
    }

    /** @param name of a placeholder that stands for something of the record in the CRM */
    DeliveryResult unshown(RequestTemplate call, String name) {
        return refused(
                null,
                null,
                "The CRM does not show of the contact's record what {" + name + "} in " + call
                        + " stands for: have the calls that find and read it show that" + ErrorSanitizer.ONCE_REPLAYED);
    }

    DeliveryResult ambiguous(RequestTemplate find, Collection<String> ids) {
        return refused(
                null,
                null,
                ids.size() + " records of the CRM have the contact's key, among them "
                        + ids.stream()
                                .limit(3)
                                .map(id -> id.replaceAll("[^\\w-]", "?"))
                                .toList() + ": merge them there"
                        + ErrorSanitizer.ONCE_CHANGED);
    }

    DeliveryResult ambiguousStep(RequestTemplate find, int records) {
        return refused(
                null,
                null,
                find + " found " + records + " records of the contact, and none of them is as JTL has it: leave one of"
                        + " them there" + ErrorSanitizer.ONCE_CHANGED);
    }

    /** @param step in the mapping file */
    String noRemoteId(String step) {
        return step
                + " needs {remoteId}, and the answer to what was written has no id: set contacts.crm.rest.id to where"
                + " it stands, or let the step do with {key}";
    }

    /** @param step in the mapping file */
    String createdWithoutId(String step, RequestTemplate create, CrmResponse answer) {
        return answered(create, answer) + " and no id where " + step + ", id says: correct that, or the path";
    }

    DeliveryResult neverTold(RequestTemplate call) {
        return refused(
                null,
                null,
                "JTL has the contact no longer, and which record it is, which " + call + " needs, was never told");
    }

    DeliveryResult moved(RequestTemplate call) {
        return refused(
                null,
                null,
                "The CRM redirects " + call
                        + " to another record, as after a merge: set contacts.crm.rest.read to a call"
                        + " that reads a record, and the contact follows" + ErrorSanitizer.ONCE_CHANGED);
    }

    DeliveryResult mergedWithoutKey() {
        return refused(
                null,
                null,
                "In the CRM the contact's record was merged into one that has no key: give it the key of this contact"
                        + " there" + ErrorSanitizer.ONCE_CHANGED);
    }

    /** @param key of the call in the settings */
    String check(String key, RequestTemplate call, CrmResponse answer, Result result) {
        return said(call, answer, result, List.of()) + ": check " + key + " and what we may do there";
    }

    CallDecision withoutId(RequestTemplate call, CrmResponse answer) {
        // Also where it is about this one: with a setting that is wrong, others would only be created as well.
        return new CallDecision.Halt(
                Kind.SETTINGS,
                answered(call, answer)
                        + " and no id where contacts.crm.rest.id says, so it is not taken for done: check"
                        + " it and the path");
    }

    /** Also of an array that is empty. */
    String noResults(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and says of no contact that it was"
                + " written: check the path and contacts.crm.rest.results";
    }

    String resultsOfOthers(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and results of which none can be matched with a record that was sent: check"
                + " contacts.crm.rest.results and contacts.crm.rest.result-key";
    }

    String nothingFound(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and has nothing where"
                + " contacts.crm.rest.found says that records are: check both";
    }

    String allMissing(int records) {
        return "None of the last " + records + " records that we know is in the CRM any more, so no more are created"
                + " anew: see that we may still read them there, and check contacts.crm.rest.gone and .find. If people"
                + " have deleted them, contacts.crm.on-missing=skip leaves it at that, and after"
                + " crm forget-target NAME the command sync --full creates them anew";
    }

    String foundWithoutId(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " and a record that has no id where"
                + " contacts.crm.rest.found-id says: check it";
    }

    /** @param name of a placeholder, such as found:/version */
    String foundWithout(RequestTemplate call, CrmResponse answer, String name, String setting) {
        return answered(call, answer) + " and a record without what {" + name + "} in contacts.crm.rest.update stands"
                + " for: have " + setting + " show it, or correct the pointer, which begins at the record";
    }

    String foundAnother(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer)
                + " and a record whose key is that of another contact, so it may not look for what"
                + " it is given: check contacts.crm.rest.find and set contacts.crm.rest.found-key, so that only records"
                + " with the contact's key count as found";
    }

    /** @param setting that has the call */
    String foundForNobody(String setting, RequestTemplate call, CrmResponse answer, int records) {
        return answered(call, answer) + " and " + (records == 1 ? "a record" : records + " records")
                + " for a made-up contact, so it does not look for what it is given and finds the records of others:"
                + " correct the name of the parameter or filter in " + setting;
    }

    String keyNotShown() {
        return "The CRM does not show of a record with a contact's e-mail address whether it has the key of another contact"
                + " (" + mapping.key() + "), so it is not taken over: set contacts.crm.rest.read to a call that shows"
                + " that field, such as GET /contacts/{remoteId}; if that shows it only of records that have a value"
                + " there, say where by contacts.crm.rest.read-key";
    }

    String notUpdated(RequestTemplate call, CrmResponse answer) {
        return answered(call, answer) + " for a record that it had just found:"
                + " check contacts.crm.rest.update and contacts.crm.rest.found-id";
    }

    private String said(RequestTemplate call, CrmResponse answer, Result result, List<String> values) {
        if (answer.status() == 401) {
            // It may repeat what we signed in with, also what was fetched for it.
            return answered(call, answer);
        }
        return answered(call, answer)
                + (result.code() == null ? "" : ", code " + clean(result.code(), values))
                + (result.message() == null ? "" : ", " + clean(result.message(), values));
    }

    private static String answered(RequestTemplate call, CrmResponse answer) {
        return answer.status() == CrmResponse.UNANSWERED
                ? "the CRM did not answer " + call
                : "the CRM answered " + call + " with HTTP " + answer.status();
    }

    private String clean(String text, List<String> values) {
        List<String> hidden = new ArrayList<>(values);
        if (settings.client() != null) {
            hidden.add(settings.client().secret());
        }
        hidden.addAll(settings.secrets().values());
        if (settings.credential().secret() != null) {
            hidden.add(settings.credential().secret());
        }
        return ErrorSanitizer.redact(hidden, text);
    }

    /** As the CRM may call them: of a JSON Pointer the last part as well. */
    private Set<String> fieldNames() {
        return mapping.fieldNames().stream()
                .flatMap(name -> Stream.of(name, name.substring(name.lastIndexOf('/') + 1)))
                .collect(Collectors.toSet());
    }

    private List<String> values(List<CrmRecord> contacts) {
        List<String> values = new ArrayList<>();
        for (CrmRecord contact : contacts) {
            values.addAll(mapping.personal(contact.fields()).values());
            if (contact.delivery().contact() != null) {
                Arrays.stream(FieldSource.values())
                        .forEach(fieldSource -> values.add(fieldSource.of(contact.delivery())));
            }
        }
        return values.stream().filter(Objects::nonNull).distinct().toList();
    }

    private static DeliveryResult refused(Integer status, String code, String message) {
        return new DeliveryResult.Refused(new Outcome.Failed(Reason.SINK_REJECTED, status, code, message, null, 1));
    }
}
