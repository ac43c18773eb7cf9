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
                        : new CallDecision.Retry(RestHalts.answered(call, answer), answer.retryAfter());
            case QUOTA -> new CallDecision.QuotaSpent();
            case RENEW ->
                settings.client() != null
                        ? new CallDecision.TokenRefused(RestHalts.answered(call, answer)
                                + ", which contacts.crm.rest.renew names as an expired session, also with a new"
                                + " session: check the user's permissions")
                        : new CallDecision.Halt(
                                Kind.REFUSAL, RestHalts.answered(call, answer) + ": check contacts.crm.rest.auth");
            case HALT ->
                answer.status() == 401 && settings.client() != null
                        ? new CallDecision.TokenRefused(describe(call, answer, result, List.of()) + ": check "
                                + (settings.client().login() == null
                                        ? "contacts.crm.oauth"
                                        : "contacts.crm.rest.login, and whether the user signs in elsewhere too"))
                        : new CallDecision.Unexpected(
                                describe(call, answer, result, values(contacts)) + remedy(answer.status()),
                                code(answer, result, values(contacts)));
        };
    }

    CallDecision doubt(RequestTemplate call, CrmResponse answer) {
        return new CallDecision.Doubt(RestHalts.answered(call, answer), answer.retryAfter());
    }

    private static String remedy(int status) {
        return switch (status) {
            case 401 -> ": check contacts.crm.rest.auth and its credentials";
            case 403 -> ": see that we may do this there, or put 403 into contacts.crm.rest.quota if it means that";
            default ->
                status / 100 == 3
                        ? ": redirects are not followed, to keep the token from other servers; check"
                                + " contacts.crm.base-url and the path"
                        : status / 100 == 2
                                ? " and does not show whether it succeeded, so it does not count as done: check the"
                                        + " path, and set contacts.crm.rest.success to the condition of a success"
                                : ": check contacts.crm.base-url and the path; if it is about this one contact, put it"
                                        + " into contacts.crm.rest.reject";
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
        String code = code(answer, result, values);
        return new DeliveryResult.Refused(new Outcome.Failed(
                failed ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(answer.status()),
                code,
                (failed ? "The CRM fails on the contact: " : "The CRM refused the contact: ")
                        + describe(call, answer, result, values)
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
                : "; the response indicates a failure, by " + result.no()
                        + ": if it did succeed, set contacts.crm.rest.success to the condition of a success";
    }

    /** @param key of the call in the settings */
    String check(String key, RequestTemplate call, CrmResponse answer, Result result) {
        return describe(call, answer, result, List.of()) + ": check " + key + " and the user's permissions";
    }

    String keyNotShown() {
        return "The CRM does not show of a record with a contact's e-mail address whether it has the key of another"
                + " contact"
                + " (" + mapping.key() + "), so it is not taken over: set contacts.crm.rest.read to a call that shows"
                + " that field, such as GET /contacts/{remoteId}; if that shows it only of records that have a value"
                + " there, say where by contacts.crm.rest.read-key";
    }

    /** Null where it says none, or may repeat what we signed in with. */
    private String code(CrmResponse answer, Result result, List<String> values) {
        return result.code() == null || answer.status() == 401 ? null : clean(result.code(), values);
    }

    private String describe(RequestTemplate call, CrmResponse answer, Result result, List<String> values) {
        if (answer.status() == 401) {
            // It may repeat what we signed in with, also what was fetched for it.
            return RestHalts.answered(call, answer);
        }
        return RestHalts.answered(call, answer)
                + (result.code() == null ? "" : ", code " + clean(result.code(), values))
                + (result.message() == null ? "" : ", " + clean(result.message(), values));
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
}
