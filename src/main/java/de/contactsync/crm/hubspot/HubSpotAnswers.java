package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import de.contactsync.resilience.Outage.Kind;
import java.time.Duration;

/** What answers of HubSpot mean for the calls that they end, whatever is called. */
final class HubSpotAnswers {

    private static final int FAILED = 500;
    /** Of a batch in which some failed. */
    private static final int PARTIAL = 207;

    private static final String NOT_THERE = "OBJECT_NOT_FOUND";
    private static final Duration LOCKED = Duration.ofSeconds(2);

    private HubSpotAnswers() {}

    static boolean isRecordId(String id) {
        return id != null && id.matches("\\d{1,20}");
    }

    /** Whether it is not said what became of a record, be it that HubSpot fails on it or that it fails. */
    static boolean fails(int status) {
        return status >= FAILED || status == 408 || status == 423 || status == CrmResponse.UNANSWERED;
    }

    /**
     * As {@link #fails(int)}. Of a batch read in which HubSpot fails on some of the records, the status is that of a
     * success; only that a record is not there is an answer.
     */
    static boolean fails(CrmResponse answer) {
        return fails(answer.status()) || answer.status() == PARTIAL && failure(CrmJson.read(answer)) != null;
    }

    /** What went wrong with a batch that is read; with the first of its records where only some failed. */
    static HubSpotError readError(CrmResponse answer) {
        JsonNode body = CrmJson.read(answer);
        HubSpotError failure = answer.status() == PARTIAL ? failure(body) : null;
        return failure == null ? HubSpotError.of(body) : failure;
    }

    /** The first error that says something else than that a record is not there; null for none. */
    private static HubSpotError failure(JsonNode body) {
        return body.path("errors")
                .valueStream()
                .map(HubSpotError::of)
                .filter(error -> !NOT_THERE.equals(error.category()))
                .findFirst()
                .orElse(null);
    }

    /** As {@link #judgeBatch}, for a batch that is read. */
    static CallDecision judgeRead(CrmResponse answer) {
        HubSpotError failure = answer.status() == PARTIAL ? failure(CrmJson.read(answer)) : null;
        return failure == null
                ? judgeBatch(answer)
                : new CallDecision.Doubt(
                        "HubSpot failed on records of a batch that is read, " + failure.category(), null);
    }

    /** As {@link #judge}, for a call that a single bad record may make fail. */
    static CallDecision judgeBatch(CrmResponse answer) {
        return judge(answer) instanceof CallDecision.Retry retry
                ? new CallDecision.Doubt(retry.trouble(), retry.pause())
                : judge(answer);
    }

    /** As {@link #judgeBatch}, for a call that names records by their ids: HubSpot may say that one is not there. */
    static CallDecision judgeOne(CrmResponse answer) {
        return answer.status() == 404 && HubSpotError.of(CrmJson.read(answer)).category() != null
                ? new CallDecision.Answered()
                : judgeBatch(answer);
    }

    static CallDecision judge(CrmResponse answer) {
        int status = answer.status();
        return switch (status) {
            case 400 -> {
                HubSpotError error = HubSpotError.of(CrmJson.read(answer));
                yield error.concernsAll()
                        ? new CallDecision.Halt(
                                Kind.SETTINGS,
                                "HubSpot takes nothing as the mapping has it: " + error.globalErrorText()
                                        + "; the next start names what is missing")
                        : new CallDecision.Answered();
            }
            case 401 ->
                new CallDecision.TokenRefused(
                        "HubSpot did not accept the token: check contacts.crm.token; of an app with"
                                + " contacts.crm.oauth, that the account has it installed");
            case 403 ->
                new CallDecision.Unexpected("HubSpot says that the token lacks a scope: it needs"
                        + " crm.objects.contacts.read and .write, crm.schemas.contacts.read, and .write to"
                        + " create properties; with"
                        + " contacts.crm.company=link the same of companies");
            case 404, 405, 406, 415 ->
                new CallDecision.Unexpected("HubSpot knows no such call (HTTP " + status
                        + "): check contacts.crm.base-url and contacts.crm.api-version");
            case 408 -> new CallDecision.Retry("HubSpot timed out", null);
            case 423 -> new CallDecision.Retry("HubSpot has locked the record (HTTP 423)", LOCKED);
            case 429 ->
                "DAILY".equals(HubSpotError.of(CrmJson.read(answer)).policyName())
                        ? new CallDecision.Halt(Kind.REFUSAL, "HubSpot's calls of this day are spent (HTTP 429)")
                        : new CallDecision.QuotaSpent();
            case 477 ->
                new CallDecision.Halt(
                        Kind.REFUSAL,
                        "HubSpot is moving the account to another data centre (HTTP 477), which may take a day");
            default ->
                fails(status)
                        ? new CallDecision.Retry("HubSpot answered HTTP " + status, null)
                        : status / 100 == 3
                                ? new CallDecision.Unexpected("HubSpot answered HTTP " + status
                                        + ", a redirect, which is not followed to keep the token from other servers:"
                                        + " check contacts.crm.base-url")
                                : new CallDecision.Answered();
        };
    }
}
