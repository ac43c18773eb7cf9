package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage.Kind;
import java.util.Map;
import java.util.stream.IntStream;

/** What answers of Salesforce mean for the calls that they end, and for a contact that is not taken. */
final class SalesforceAnswers {

    private static final int FAILED = 500;
    /** Also of too many calls at once, which is about no record. */
    private static final int FORBIDDEN = 403;

    private final Mapping mapping;
    private final SalesforceApiUsage usage = new SalesforceApiUsage();

    SalesforceAnswers(Mapping mapping) {
        this.mapping = mapping;
    }

    static boolean isRecordId(String id) {
        return id != null && id.matches("[A-Za-z0-9]{15,18}");
    }

    /** Whether it is not said what became of a record, be it that Salesforce fails on it or that it fails. */
    static boolean fails(int status) {
        return status >= FAILED || status == 408 || status == CrmResponse.UNANSWERED;
    }

    /** As {@link #judgeWrite}, for a call that names one record. */
    CallDecision judgeOne(CrmResponse answer) {
        return answer.status() == 404
                        && SalesforceError.of(CrmJson.read(answer)).isNotFound()
                ? new CallDecision.Answered()
                : judgeWrite(answer);
    }

    /**
     * As {@link #judge}, for a call that a single record may make fail, by itself or since others are at work on it.
     */
    CallDecision judgeWrite(CrmResponse answer) {
        CallDecision decision = judge(answer);
        return decision instanceof CallDecision.Retry retry && answer.status() != FORBIDDEN
                ? new CallDecision.Doubt(retry.trouble(), retry.pause())
                : decision;
    }

    CallDecision judge(CrmResponse answer) {
        usage.note(answer.headers().get(SalesforceSettings.LIMIT_INFO));
        int status = answer.status();
        JsonNode body = CrmJson.read(answer);
        return switch (status) {
            case 200 -> judgeResults(body);
            // Several records have the key; nothing was written.
            case 300 -> new CallDecision.Answered();
            case 400 -> judgeError(SalesforceError.of(body));
            case 401 ->
                new CallDecision.TokenRefused("Salesforce did not accept the token that it has just given out: check"
                        + " contacts.crm.base-url, and the session settings of the app behind"
                        + " contacts.crm.oauth.client-id");
            case 403 -> judgeForbidden(SalesforceError.of(body));
            case 404, 405, 406, 410, 415 ->
                new CallDecision.Unexpected("Salesforce knows no such call (HTTP " + status
                        + "): check contacts.crm.base-url, contacts.crm.api-version, contacts.crm.object and"
                        + " the key in"
                        + " " + mapping.file());
            case 408 -> new CallDecision.Retry("Salesforce timed out", null);
            case 429 -> new CallDecision.QuotaSpent();
            default ->
                fails(status)
                        ? new CallDecision.Retry("Salesforce answered HTTP " + status, answer.retryAfter())
                        : status / 100 == 3
                                ? new CallDecision.Unexpected("Salesforce answered HTTP " + status
                                        + ", a redirect, which is not followed to keep the token from other servers:"
                                        + " set contacts.crm.base-url to the My Domain of the organisation")
                                : new CallDecision.Answered();
        };
    }

    /** Of what can only be sent again the wait belongs to the call, as long as no other record got through with it. */
    private static CallDecision judgeResults(JsonNode results) {
        if (!results.isArray()) {
            return new CallDecision.Answered();
        }
        int passing = 0;
        boolean written = IntStream.range(0, results.size())
                .anyMatch(i -> results.get(i).path("success").asBoolean(false));
        for (JsonNode result : results) {
            SalesforceError error = SalesforceError.of(result.path("errors"));
            if (error.concernsOrganisation() || error.concernsFields() && !written) {
                return judgeError(error);
            }
            passing += error.isPassing() ? 1 : 0;
        }
        return passing > 0 && passing == results.size()
                ? new CallDecision.Retry("Salesforce has locked the record", null)
                : new CallDecision.Answered();
    }

    private static CallDecision judgeError(SalesforceError error) {
        return error.isPassing()
                ? new CallDecision.Retry("Salesforce cannot write now: " + error.globalErrorText(), null)
                : error.concernsOrganisation()
                        ? new CallDecision.Halt(
                                Kind.SETTINGS,
                                "Salesforce takes nothing from anybody: " + error.globalErrorText()
                                        + "; an administrator of the organisation has to see to it")
                        : error.concernsFields()
                                ? new CallDecision.Halt(
                                        Kind.SETTINGS,
                                        "Salesforce takes no contact as the mapping has them: "
                                                + error.globalErrorText()
                                                + "; see that the fields are there, and that the API user may edit"
                                                + " them")
                                : new CallDecision.Answered();
    }

    private static CallDecision judgeForbidden(SalesforceError error) {
        if (!"REQUEST_LIMIT_EXCEEDED".equals(error.code())) {
            return new CallDecision.Unexpected("Salesforce says that the API user may not do this (HTTP 403"
                    + (error.code() == null ? "" : ", " + error.code())
                    + "): it needs API access, and the rights to read,"
                    + " create, edit and for contacts.on-gone=delete to delete the object");
        }
        // The same code for too many long calls at once, which is over in a moment.
        return error.message() != null && error.message().contains("Concurrent")
                ? new CallDecision.Retry("Salesforce has too many calls at once", null)
                : new CallDecision.Halt(
                        Kind.REFUSAL,
                        "Salesforce's calls of the last 24 hours are spent (HTTP 403,"
                                + " REQUEST_LIMIT_EXCEEDED), by all programs of the organisation together");
    }

    /** @param ending what can be done */
    DeliveryResult refused(int status, SalesforceError error, Map<String, String> fields, String ending) {
        boolean fails = fails(status) || error.isPassing();
        String said = error.errorText(mapping.personal(fields).values());
        return new DeliveryResult.Refused(new Outcome.Failed(
                fails ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(status),
                error.code(),
                (fails ? "Salesforce fails on the contact: " : "Salesforce refused the contact: ") + said + ending,
                error.details(said, mapping.fieldNames()),
                1));
    }
}
