package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.Crm;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.Outage.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Salesforce: collections of records, created or updated by an external id field of ours. HTTP 200 says nothing of a
 * record: each has its result in the answer, at its place.
 */
public final class SalesforceCrm implements Crm {

    private static final int MOST_OF_A_CALL = 200;
    private static final int FAILED = 500;
    /** Also of too many calls at once, which is about no record. */
    private static final int FORBIDDEN = 403;
    /** What contacts belong to, by the name of the object and of the relationship. */
    private static final String PARENT = "Account";

    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

    private final CrmClient calls;
    private final Mapping mapping;
    private final SalesforceSettings settings;
    private final Gone gone;
    private final RecordOwners owners;
    private final String root;
    private final SalesforcePresence presence;
    private final SalesforceAccounts accounts;
    private final SalesforceApiUsage usage = new SalesforceApiUsage();

    public SalesforceCrm(
            CrmClient calls,
            Mapping mapping,
            SalesforceSettings settings,
            Gone gone,
            Missing missing,
            RecordOwners owners) {
        this.owners = owners;
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.gone = gone;
        this.root = "/services/data/" + settings.apiVersion();
        this.accounts = new SalesforceAccounts(calls, this::judgeOne, root, mapping.companyKey());
        this.presence = new SalesforcePresence(calls, this::judgeOne, root, settings.object(), mapping.key(), missing);
    }

    private String object() {
        return root + "/sobjects/" + settings.object();
    }

    @Override
    public int batchSize() {
        return MOST_OF_A_CALL;
    }

    @Override
    public void prepare() {
        List<String> fields = new ArrayList<>(mapping.fieldNames());
        fields.add(mapping.key());
        if (gone == Gone.FLAG) {
            fields.addAll(mapping.gone().keySet());
        }
        long ends = System.nanoTime() + PATIENCE_OF_CHECK.toNanos();
        new SalesforceFields(calls, this::judge, object(), settings.object(), mapping.file())
                .check(mapping.key(), "key", fields, field -> mapping.misfits(field, gone), ends);
        if (settings.company() == Company.LINK) {
            new SalesforceFields(calls, this::judge, root + "/sobjects/" + PARENT, PARENT, mapping.file())
                    .check(mapping.companyKey(), "company-key", List.of(), field -> List.of(), ends);
        }
    }

    @Override
    public String account() {
        CrmResponse answer = calls.call(
                new CrmRequest(
                        "GET",
                        root + "/query",
                        "q=" + PercentEncoding.of("SELECT Id FROM Organization"),
                        Map.of(),
                        null,
                        true),
                this::judge,
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        return idIn(answer);
    }

    /** Those whose account is not there are sent once more without. */
    @Override
    public List<DeliveryResult> upsert(List<CrmRecord> batch, long ends) {
        Map<CrmRecord, DeliveryResult> decided = settings.isOfPeople() ? presence.look(batch, ends) : Map.of();
        List<CrmRecord> wanted =
                batch.stream().filter(contact -> !decided.containsKey(contact)).toList();
        return RemotePresence.together(batch, decided, wanted.isEmpty() ? List.of() : writeAll(wanted, ends));
    }

    private List<DeliveryResult> writeAll(List<CrmRecord> batch, long ends) {
        List<DeliveryResult> receipts = new ArrayList<>(write(batch, settings.company() == Company.LINK, ends));
        List<Integer> orphans = IntStream.range(0, batch.size())
                .filter(i -> receipts.get(i) instanceof DeliveryResult.Unlinked)
                .boxed()
                .toList();
        if (!orphans.isEmpty()) {
            List<DeliveryResult> alone = write(orphans.stream().map(batch::get).toList(), false, ends);
            for (int i = 0; i < orphans.size(); i++) {
                DeliveryResult.Unlinked orphan = (DeliveryResult.Unlinked) receipts.get(orphans.get(i));
                receipts.set(
                        orphans.get(i),
                        alone.get(i) instanceof DeliveryResult.Accepted accepted
                                ? unlinked(batch.get(orphans.get(i)), accepted.remoteId(), orphan.why(), ends)
                                : alone.get(i));
            }
        }
        return receipts;
    }

    private DeliveryResult unlinked(CrmRecord contact, String recordId, Outcome.Failed why, long ends) {
        int status = contact.delivery().remoteId() == null && isRecordId(recordId)
                ? accounts.leaveFormer(recordId, Mapping.companyId(contact.delivery()), ends)
                : 200;
        return status == 200 ? new DeliveryResult.Unlinked(recordId, why) : RemotePresence.untold("Salesforce", status);
    }

    private List<DeliveryResult> write(List<CrmRecord> batch, boolean linked, long ends) {
        String collection = root + "/composite/sobjects/" + settings.object() + "/" + mapping.key();
        CrmResponse answer =
                calls.call(new CrmRequest("PATCH", collection, body(batch, linked)), this::judgeWrite, ends);
        JsonNode results = CrmJson.read(answer);
        if (answer.status() != 200) {
            return batch.size() > 1
                    ? Collections.nCopies(batch.size(), new DeliveryResult.Unsent())
                    : List.of(refused(
                            answer.status(),
                            SalesforceError.of(results),
                            batch.get(0).fields(),
                            ErrorSanitizer.ONCE_CHANGED));
        }
        if (!results.isArray() || results.isEmpty() || batch.size() == 1 && results.size() > 1) {
            throw new UnexpectedAnswerException(
                    answer,
                    "Salesforce answered HTTP 200 and does not say"
                            + " of each contact whether it was written: check contacts.crm.base-url and"
                            + " contacts.crm.api-version");
        }
        if (results.size() != batch.size()) {
            // Whose they are cannot be told by their place then. To be written once more does a record no harm.
            return Collections.nCopies(batch.size(), new DeliveryResult.Unsent());
        }
        List<DeliveryResult> receipts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            boolean alone = batch.size() == 1
                    || !SalesforceError.of(results.get(i).path("errors")).isPassing();
            receipts.add(alone ? receipt(results.get(i), batch.get(i)) : new DeliveryResult.Unsent());
        }
        return receipts;
    }

    private byte[] body(List<CrmRecord> batch, boolean linked) {
        ObjectNode body = CrmJson.object().put("allOrNone", false);
        ArrayNode records = body.putArray("records");
        for (CrmRecord contact : batch) {
            ObjectNode record = records.addObject();
            record.putObject("attributes").put("type", settings.object());
            fill(record, contact.fields());
            record.put(mapping.key(), contact.id());
            if (linked) {
                record.putObject(PARENT).put(mapping.companyKey(), Mapping.companyId(contact.delivery()));
            }
        }
        return CrmJson.bytes(body);
    }

    /** Salesforce clears by null what others clear by an empty text. */
    private static void fill(ObjectNode record, Map<String, String> fields) {
        fields.forEach((name, value) -> record.put(name, value.isEmpty() ? null : value));
    }

    private DeliveryResult receipt(JsonNode result, CrmRecord contact) {
        if (result.path("success").asBoolean(false)) {
            return new DeliveryResult.Accepted(result.path("id").asText(null));
        }
        SalesforceError error = SalesforceError.of(result.path("errors"));
        if (error.isMissingParent()) {
            return new DeliveryResult.Unlinked(
                    null,
                    new Outcome.Failed(
                            Reason.SINK_REJECTED,
                            200,
                            error.code(),
                            "Salesforce has no account whose " + mapping.companyKey()
                                    + " holds the contact's tenant and customer:"
                                    + " fill that there; the contact is linked once it has changed in JTL-Wawi",
                            null,
                            1));
        }
        return refused(200, error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    @Override
    public Presence probe(long ends) {
        return find(CrmTrial.NOBODY, ends).status() == 200 ? Presence.ANSWERS : Presence.FAILS;
    }

    @Override
    public boolean shows(Delivery delivered, long ends) {
        CrmResponse found = find(delivered, ends);
        return found.status() != 200 || idIn(found) != null;
    }

    @Override
    public DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        // Never by an id that is remembered: the record may be somebody else's by now.
        CrmResponse found = find(delivery, ends);
        if (found.status() != 200) {
            return refused(
                    found.status(), SalesforceError.of(CrmJson.read(found)), Map.of(), ErrorSanitizer.ONCE_REPLAYED);
        }
        String recordId = idIn(found);
        if (recordId == null) {
            return new DeliveryResult.Absent();
        }
        List<String> ids = new ArrayList<>(List.of(recordId));
        DeliveryResult kept = settings.isOfPeople() ? presence.addMerged(ids, ends) : null;
        if (kept == null) {
            kept = RemotePresence.removable(
                    "Salesforce", delivery, owners.living(delivery.key(), ids), mapping.key(), Mapping::id);
        }
        if (kept != null) {
            return kept;
        }
        ObjectNode flags = CrmJson.object();
        fill(flags, mapping.gone());
        String record = object() + "/" + recordId;
        CrmResponse answer = calls.call(
                gone == Gone.FLAG
                        ? new CrmRequest("PATCH", record, CrmJson.bytes(flags))
                        : new CrmRequest("DELETE", record, null),
                this::judgeOne,
                ends);
        SalesforceError error = SalesforceError.of(CrmJson.read(answer));
        // Not there: somebody has deleted it already.
        return error.isNotFound()
                ? new DeliveryResult.Absent()
                : answer.status() / 100 == 2
                        ? new DeliveryResult.Accepted(null)
                        : refused(answer.status(), error, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
    }

    /**
     * The record that has the contact's key, see {@link #idIn}; or the reason why that cannot be told of this contact
     * now. By a query, since a key has a slash in it, with which a record cannot be addressed in a path for sure.
     */
    private CrmResponse find(Delivery delivery, long ends) {
        String query =
                "SELECT Id FROM " + settings.object() + " WHERE " + mapping.key() + " = '" + Mapping.id(delivery) + "'";
        CrmResponse answer = calls.call(
                new CrmRequest("GET", root + "/query", "q=" + PercentEncoding.of(query), Map.of(), null, true),
                this::judgeWrite,
                ends);
        JsonNode body = CrmJson.read(answer);
        JsonNode records = body.path("records");
        boolean none =
                records.isArray() && records.isEmpty() && body.path("totalSize").asInt(-1) == 0;
        boolean told = answer.status() == 200
                ? none || isRecordId(idIn(answer))
                : fails(answer.status()) || SalesforceError.of(body).isPassing();
        if (!told) {
            // Taken for "there is none", it would leave a record there.
            throw new UnexpectedAnswerException(
                    answer,
                    "Salesforce answered HTTP " + answer.status() + " and does not say whether it has a contact: check"
                            + " contacts.crm.base-url, contacts.crm.api-version and the key in"
                            + " " + mapping.file());
        }
        return answer;
    }

    /** Null when there is none. */
    private static String idIn(CrmResponse found) {
        return CrmJson.read(found).at("/records/0/Id").asText(null);
    }

    static boolean isRecordId(String id) {
        return id != null && id.matches("[A-Za-z0-9]{15,18}");
    }

    /** @param ending what can be done */
    private DeliveryResult refused(int status, SalesforceError error, Map<String, String> fields, String ending) {
        boolean fails = fails(status) || error.isPassing();
        return new DeliveryResult.Refused(new Outcome.Failed(
                fails ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(status),
                error.code(),
                (fails ? "Salesforce fails on the contact: " : "Salesforce refused the contact: ")
                        + error.errorText(mapping.personal(fields).values())
                        + ending,
                error.details(),
                1));
    }

    /** Whether it is not said what became of a record, be it that Salesforce fails on it or that it fails. */
    static boolean fails(int status) {
        return status >= FAILED || status == 408 || status == CrmResponse.UNANSWERED;
    }

    /** As {@link #judgeWrite}, for a call that names one record. */
    private CallDecision judgeOne(CrmResponse answer) {
        return answer.status() == 404
                        && SalesforceError.of(CrmJson.read(answer)).isNotFound()
                ? new CallDecision.Answered()
                : judgeWrite(answer);
    }

    /**
     * As {@link #judge}, for a call that a single record may make fail, by itself or since others are at work on it.
     */
    private CallDecision judgeWrite(CrmResponse answer) {
        CallDecision decision = judge(answer);
        return decision instanceof CallDecision.Retry retry && answer.status() != FORBIDDEN
                ? new CallDecision.Doubt(retry.trouble(), retry.pause())
                : decision;
    }

    private CallDecision judge(CrmResponse answer) {
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
                                ? new CallDecision.Unexpected(
                                        "Salesforce answered HTTP " + status + ", a redirect, which is not"
                                                + " followed so that the token goes nowhere else: set"
                                                + " contacts.crm.base-url to the My Domain"
                                                + " of the organisation")
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
                ? new CallDecision.Retry("Salesforce has locked what is to be written", null)
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
}
