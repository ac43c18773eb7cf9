package de.contactsync.crm.hubspot;

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
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * HubSpot: batch upsert of contacts by a property of ours with unique values, never by e-mail. An answer of 200 is not
 * taken for success: each contact must have its result in it.
 */
public final class HubSpotCrm implements Crm {

    private static final int MOST_OF_A_CALL = 100;
    private static final int FAILED = 500;
    private static final Duration LOCKED = Duration.ofSeconds(2);
    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

    private final CrmClient calls;
    private final Mapping mapping;
    private final HubSpotSettings settings;
    private final Gone gone;
    private final RecordOwners owners;
    private final String contacts;
    private final HubSpotPresence presence;
    private final HubSpotReads reads;
    /** Null where contacts are not linked to any. */
    private final HubSpotCompanies companies;

    public HubSpotCrm(
            CrmClient calls,
            Mapping mapping,
            HubSpotSettings settings,
            Gone gone,
            Missing missing,
            RecordOwners owners) {
        this.owners = owners;
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.gone = gone;
        this.contacts = path("objects", "contacts");
        this.reads = new HubSpotReads(calls, contacts, mapping.key());
        this.presence = new HubSpotPresence(calls, reads, mapping.key(), contacts, missing);
        this.companies = settings.company() == Company.NONE
                ? null
                : new HubSpotCompanies(
                        calls,
                        mapping.companyKey(),
                        path("objects", "companies"),
                        (isDated() ? "/crm/associations/" + settings.apiVersion() : "/crm/v4/associations")
                                + "/contacts/companies/batch");
    }

    private boolean isDated() {
        return !settings.apiVersion().startsWith("v");
    }

    private String path(String what, String type) {
        return (isDated() ? "/crm/" + what + "/" + settings.apiVersion() : "/crm/" + settings.apiVersion() + "/" + what)
                + "/" + type;
    }

    @Override
    public int batchSize() {
        return MOST_OF_A_CALL;
    }

    @Override
    public void prepare() {
        List<String> fields = new ArrayList<>(mapping.fieldNames());
        if (gone == Gone.FLAG) {
            fields.addAll(mapping.gone().keySet());
        }
        long ends = System.nanoTime() + PATIENCE_OF_CHECK.toNanos();
        new HubSpotProperties(
                        calls,
                        mapping.file(),
                        "contact",
                        path("properties", "contacts"),
                        mapping.key(),
                        fields,
                        field -> mapping.misfits(field, gone),
                        settings.createProperty(),
                        HubSpotCrm::judge)
                .check(ends);
        if (companies != null) {
            new HubSpotProperties(
                            calls,
                            mapping.file(),
                            "company",
                            path("properties", "companies"),
                            mapping.companyKey(),
                            List.of(),
                            field -> List.of(),
                            settings.createProperty(),
                            HubSpotCrm::judge)
                    .check(ends);
        }
    }

    /**
     * What is learnt while a batch is written.
     *
     * @param withoutEmail contacts that were sent without their address, by id
     * @param found        ids of records that were there already
     */
    private record Notes(Set<String> withoutEmail, Set<String> found) {}

    @Override
    public String account() {
        String version = isDated() ? settings.apiVersion() : "v3";
        CrmResponse answer = calls.call(
                new CrmRequest("GET", "/account-info/" + version + "/details", null),
                // Who may write contacts may perhaps not ask for this.
                given -> given.status() == 403 || given.status() == 404 ? new CallDecision.Answered() : judge(given),
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        JsonNode portal = CrmJson.read(answer).path("portalId");
        return portal.isIntegralNumber() ? portal.asText() : null;
    }

    @Override
    public List<DeliveryResult> upsert(List<CrmRecord> batch, long ends) {
        Notes notes = new Notes(new HashSet<>(), new HashSet<>());
        Map<CrmRecord, DeliveryResult> decided = presence.look(batch, ends);
        List<CrmRecord> wanted =
                batch.stream().filter(contact -> !decided.containsKey(contact)).toList();
        List<DeliveryResult> written = wanted.isEmpty() ? List.of() : write(wanted, notes, ends);
        List<DeliveryResult> receipts = RemotePresence.together(batch, decided, written);
        // Fails as a whole when HubSpot is away: then the contacts are sent once more, and linked then.
        List<DeliveryResult> linked =
                companies == null ? receipts : companies.link(batch, receipts, notes.found(), ends);
        return IntStream.range(0, batch.size())
                .mapToObj(i ->
                        notes.withoutEmail().contains(batch.get(i).id()) ? withoutEmail(linked.get(i)) : linked.get(i))
                .toList();
    }

    /** @param result of the contact without its address */
    private static DeliveryResult withoutEmail(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted accepted
                ? withoutEmail(accepted.remoteId(), null)
                : result instanceof DeliveryResult.Unlinked unlinked
                        ? withoutEmail(unlinked.remoteId(), unlinked.why())
                        : result;
    }

    /** @param unlinked why the contact has no link to its company either; null when it has */
    private static DeliveryResult withoutEmail(String remoteId, Outcome.Failed unlinked) {
        return new DeliveryResult.WithoutEmail(
                remoteId,
                new Outcome.Failed(
                        Reason.SINK_REJECTED,
                        409,
                        "CONFLICT",
                        "HubSpot has the contact without the e-mail address that JTL-Wawi has for it, since that"
                                + " belongs to another"
                                + " record there; an address that it had before stays. Merge the two records, or"
                                + " change one of the"
                                + " addresses: it is sent again whenever JTL is asked for the contact",
                        null,
                        1),
                unlinked);
    }

    private List<DeliveryResult> write(List<CrmRecord> batch, Notes notes, long ends) {
        if (HubSpotEmails.areInDoubt(batch)) {
            return writeApart(batch, reads.owners(HubSpotEmails.addresses(batch), ends), notes, ends);
        }
        CrmResponse answer = call(batch, ends);
        if (answer.status() / 100 == 2) {
            return receipts(batch, answer, notes);
        }
        if (batch.size() == 1) {
            HubSpotError error = HubSpotError.of(CrmJson.read(answer));
            return List.of(
                    answer.status() == 409
                            ? conflict(batch.get(0), error, notes, ends)
                            : refused(answer.status(), error, batch.get(0).fields(), ErrorSanitizer.ONCE_CHANGED));
        }
        Map<String, HubSpotReads.Owner> owners =
                answer.status() == 409 ? reads.owners(HubSpotEmails.addresses(batch), ends) : Map.of();
        return HubSpotEmails.of(batch, owners).conflicts().isEmpty()
                ? new ArrayList<>(Collections.nCopies(batch.size(), new DeliveryResult.Unsent()))
                : writeApart(batch, owners, notes, ends);
    }

    /** Those whose address is another's by themselves, without a call where it would be refused anyway. */
    private List<DeliveryResult> writeApart(
            List<CrmRecord> batch, Map<String, HubSpotReads.Owner> owners, Notes notes, long ends) {
        HubSpotEmails emails = HubSpotEmails.of(batch, owners);
        Map<String, DeliveryResult> known = new HashMap<>();
        List<CrmRecord> together = new ArrayList<>();
        List<CrmRecord> behind = new ArrayList<>();
        for (CrmRecord contact : batch) {
            HubSpotReads.Owner owner = emails.conflicts().get(contact.id());
            CrmRecord without = owner == null ? contact : without(contact);
            if (emails.later().contains(contact.id())) {
                known.put(contact.id(), new DeliveryResult.Unsent());
            } else if (owner == null) {
                together.add(contact);
            } else if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                    && settings.unfit(without.fields()) == null) {
                if (contact.delivery().lacksOnlyEmail()) {
                    known.put(contact.id(), withoutEmail(contact.delivery().remoteId(), null));
                } else {
                    together.add(without);
                    notes.withoutEmail().add(contact.id());
                }
            } else if (owner.recordId() == null) {
                behind.add(contact);
            } else {
                known.put(contact.id(), conflict(contact, owner.error(), notes, ends));
            }
        }
        if (!together.isEmpty()) {
            CrmResponse answer = call(together, ends);
            List<DeliveryResult> receipts = answer.status() / 100 == 2
                    ? receipts(together, answer, notes)
                    : together.size() > 1
                            ? Collections.nCopies(together.size(), new DeliveryResult.Unsent())
                            : List.of(refused(answer, together.get(0).fields(), ErrorSanitizer.ONCE_CHANGED));
            for (int i = 0; i < together.size(); i++) {
                known.put(together.get(i).id(), receipts.get(i));
            }
        }
        // One whose address another of the batch was to get can have it when that one was not taken.
        Set<String> taken = HubSpotEmails.addresses(together.stream()
                .filter(contact -> known.get(contact.id()) instanceof DeliveryResult.Accepted)
                .toList());
        for (CrmRecord contact : behind) {
            known.put(
                    contact.id(),
                    taken.containsAll(HubSpotEmails.addresses(List.of(contact)))
                            ? conflict(
                                    contact,
                                    emails.conflicts().get(contact.id()).error(),
                                    notes,
                                    ends)
                            : new DeliveryResult.Unsent());
        }
        return batch.stream().map(contact -> known.get(contact.id())).toList();
    }

    private static CrmRecord without(CrmRecord contact) {
        Map<String, String> others = new HashMap<>(contact.fields());
        others.remove("email");
        return new CrmRecord(contact.delivery(), contact.id(), others);
    }

    @Override
    public Presence probe(long ends) {
        return fails(reads.read(mapping.key(), Mapping.id(CrmTrial.NOBODY), ends)
                        .status())
                ? Presence.FAILS
                : Presence.ANSWERS;
    }

    @Override
    public boolean shows(Delivery delivered, long ends) {
        CrmResponse known = reads.read(mapping.key(), Mapping.id(delivered), ends);
        return fails(known.status()) || HubSpotReads.record(known).path("id").isTextual();
    }

    @Override
    public DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        // Never by an id that is remembered: the record may be somebody else's by now.
        CrmResponse known = reads.read(mapping.key(), Mapping.id(delivery), ends);
        if (fails(known.status())) {
            return refused(known, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
        }
        String recordId = HubSpotReads.record(known).path("id").asText(null);
        if (recordId == null) {
            return new DeliveryResult.Absent();
        }
        DeliveryResult kept = RemotePresence.removable(
                "HubSpot",
                delivery,
                owners.living(delivery.key(), HubSpotReads.ids(known)),
                mapping.key(),
                Mapping::id);
        if (kept != null) {
            return kept;
        }
        ObjectNode flags = CrmJson.object();
        mapping.gone().forEach(flags.putObject("properties")::put);
        String record = contacts + "/" + recordId;
        CrmResponse answer = calls.call(
                gone == Gone.FLAG
                        ? new CrmRequest("PATCH", record, CrmJson.bytes(flags))
                        : new CrmRequest("DELETE", record, null),
                HubSpotCrm::judgeOne,
                ends);
        // 404, in HubSpot's own words: somebody has deleted it there already.
        return answer.status() == 404
                ? new DeliveryResult.Absent()
                : answer.status() / 100 == 2
                        ? new DeliveryResult.Accepted(null)
                        : refused(answer, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
    }

    static boolean isRecordId(String id) {
        return id != null && id.matches("\\d{1,20}");
    }

    private CrmResponse call(List<CrmRecord> batch, long ends) {
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        for (CrmRecord contact : batch) {
            ObjectNode input = inputs.addObject()
                    .put("id", contact.id())
                    .put("idProperty", mapping.key())
                    .put("objectWriteTraceId", contact.id());
            ObjectNode properties = input.putObject("properties");
            contact.fields().forEach(properties::put);
            properties.put(mapping.key(), contact.id());
        }
        return calls.call(
                new CrmRequest("POST", contacts + "/batch/upsert", CrmJson.bytes(body)), HubSpotCrm::judgeBatch, ends);
    }

    private List<DeliveryResult> receipts(List<CrmRecord> batch, CrmResponse answer, Notes notes) {
        JsonNode body = CrmJson.read(answer);
        Map<String, String> remoteIds = new HashMap<>();
        for (JsonNode result : body.path("results")) {
            String id = result.path("properties")
                    .path(mapping.key())
                    .asText(result.path("objectWriteTraceId").asText(null));
            if (id != null) {
                remoteIds.put(id, result.path("id").asText(null));
                if (!result.path("new").asBoolean(false)) {
                    notes.found().add(result.path("id").asText());
                }
            }
        }
        Map<String, HubSpotError> errors = new HashMap<>();
        for (JsonNode error : body.path("errors")) {
            for (JsonNode id : error.path("context").path("objectWriteTraceId")) {
                errors.put(id.asText(), HubSpotError.of(error));
            }
        }
        // Where errors do not say which contact they are about, it is found as in a batch that is refused.
        if (remoteIds.isEmpty() && !HubSpotReads.saysThatSomeFailed(body)) {
            if (batch.size() == 1 && body.path("results").isArray()) {
                // It may be about this contact only; whether HubSpot takes others is told by what becomes of them.
                return List.of(unanswered(answer.status()));
            }
            throw new UnexpectedAnswerException(
                    answer,
                    "HubSpot answered HTTP " + answer.status()
                            + " and says of no contact that it was written: check contacts.crm.base-url and"
                            + " contacts.crm.api-version");
        }
        List<DeliveryResult> receipts = new ArrayList<>();
        for (CrmRecord contact : batch) {
            String id = contact.id();
            receipts.add(
                    remoteIds.containsKey(id)
                            ? new DeliveryResult.Accepted(remoteIds.get(id))
                            : errors.containsKey(id)
                                    ? refused(
                                            answer.status(),
                                            errors.get(id),
                                            contact.fields(),
                                            ErrorSanitizer.ONCE_CHANGED)
                                    : batch.size() > 1
                                            ? new DeliveryResult.Unsent()
                                            : refused(
                                                    answer.status(),
                                                    HubSpotError.of(
                                                            body.path("errors").path(0)),
                                                    contact.fields(),
                                                    ErrorSanitizer.ONCE_CHANGED));
        }
        return receipts;
    }

    private static DeliveryResult unanswered(int status) {
        return new DeliveryResult.Refused(new Outcome.Failed(
                Reason.RETRIES_EXHAUSTED,
                status,
                null,
                "HubSpot answered HTTP " + status + " and does not say whether it has written the contact"
                        + ErrorSanitizer.ONCE_CHANGED,
                null,
                1));
    }

    private DeliveryResult conflict(CrmRecord contact, HubSpotError error, Notes notes, long ends) {
        if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                && contact.fields().containsKey("email")) {
            CrmRecord without = without(contact);
            if (settings.unfit(without.fields()) != null) {
                return refused(409, error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
            }
            notes.withoutEmail().add(contact.id());
            return retryOnce(without, notes, ends);
        }
        if (settings.emailConflict() == EmailConflict.ADOPT && error.existingId() != null) {
            return adopt(contact, error, notes, ends);
        }
        return refused(
                409,
                error,
                contact.fields(),
                "; contacts.crm.on-email-conflict says what else can be done about it" + ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult adopt(CrmRecord contact, HubSpotError error, Notes notes, long ends) {
        CrmResponse there = reads.read(null, error.existingId(), ends);
        if (fails(there.status())) {
            return refused(there, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
        }
        String owner = HubSpotReads.record(there)
                .path("properties")
                .path(mapping.key())
                .asText("");
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return refused(
                    409,
                    error,
                    contact.fields(),
                    "; that record is another contact of JTL already" + ErrorSanitizer.ONCE_CHANGED);
        }
        ObjectNode body = CrmJson.object();
        body.putObject("properties").put(mapping.key(), contact.id());
        CrmResponse adopted = calls.call(
                new CrmRequest("PATCH", contacts + "/" + error.existingId(), CrmJson.bytes(body)),
                HubSpotCrm::judgeOne,
                ends);
        return adopted.status() / 100 == 2
                ? retryOnce(contact, notes, ends)
                : refused(adopted, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult retryOnce(CrmRecord contact, Notes notes, long ends) {
        CrmResponse answer = call(List.of(contact), ends);
        return answer.status() / 100 == 2
                ? receipts(List.of(contact), answer, notes).get(0)
                : refused(answer, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult refused(CrmResponse answer, Map<String, String> fields, String ending) {
        return refused(answer.status(), HubSpotError.of(CrmJson.read(answer)), fields, ending);
    }

    /** @param ending what can be done */
    private DeliveryResult refused(int status, HubSpotError error, Map<String, String> fields, String ending) {
        return new DeliveryResult.Refused(new Outcome.Failed(
                fails(status) ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                CrmResponse.httpStatus(status),
                error.category(),
                (fails(status) ? "HubSpot fails on the contact: " : "HubSpot refused the contact: ")
                        + error.errorText(mapping.personal(fields).values())
                        + ending,
                error.details(),
                1));
    }

    /** Whether it is not said what became of a record, be it that HubSpot fails on it or that it fails. */
    static boolean fails(int status) {
        return status >= FAILED || status == 408 || status == 423 || status == CrmResponse.UNANSWERED;
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
                                        + "; the next start says what is missing")
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
            case 423 -> new CallDecision.Retry("HubSpot has locked what is to be written (HTTP 423)", LOCKED);
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
                                ? new CallDecision.Unexpected(
                                        "HubSpot answered HTTP " + status + ", a redirect, which is not"
                                                + " followed so that the token goes nowhere else: check"
                                                + " contacts.crm.base-url")
                                : new CallDecision.Answered();
        };
    }
}
