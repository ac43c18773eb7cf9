package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.Crm;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * HubSpot: batch upsert of contacts by a property of ours with unique values, never by e-mail. An answer of 200 is not
 * taken for success: each contact must have its result in it.
 */
public final class HubSpotCrm implements Crm {

    private static final int MOST_OF_A_CALL = 100;
    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

    private final CrmClient calls;
    private final Mapping mapping;
    private final HubSpotSettings settings;
    private final Gone gone;
    private final RecordOwners owners;
    private final String contacts;
    private final HubSpotPresence presence;
    private final HubSpotReads reads;
    private final HubSpotReadings readings;
    private final HubSpotRefusals refusals;
    private final HubSpotWriter writer;
    /** Null where contacts are not linked to any. */
    private final HubSpotCompanies companies;

    public HubSpotCrm(
            CrmClient calls,
            Mapping mapping,
            HubSpotSettings settings,
            Gone gone,
            Missing missing,
            Match match,
            RecordOwners owners) {
        this.owners = owners;
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.gone = gone;
        this.contacts = path("objects", "contacts");
        this.reads = new HubSpotReads(calls, contacts, mapping.key());
        this.readings = new HubSpotReadings(reads, mapping.key());
        this.refusals = new HubSpotRefusals(mapping);
        this.writer = new HubSpotWriter(calls, mapping, settings, match, contacts, reads, refusals);
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
                        HubSpotAnswers::judge)
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
                            HubSpotAnswers::judge)
                    .check(ends);
        }
    }

    @Override
    public String account() {
        String version = isDated() ? settings.apiVersion() : "v3";
        CrmResponse answer = calls.call(
                new CrmRequest("GET", "/account-info/" + version + "/details", null),
                // Who may write contacts may perhaps not ask for this.
                given -> given.status() == 403 || given.status() == 404
                        ? new CallDecision.Answered()
                        : HubSpotAnswers.judge(given),
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        JsonNode portal = CrmJson.read(answer).path("portalId");
        return portal.isIntegralNumber() ? portal.asText() : null;
    }

    @Override
    public List<DeliveryResult> upsert(List<CrmRecord> batch, long ends) {
        HubSpotUpsert.Notes notes = new HubSpotUpsert.Notes(new HashSet<>(), new HashSet<>());
        Map<CrmRecord, DeliveryResult> decided = presence.look(batch, ends);
        List<CrmRecord> wanted =
                batch.stream().filter(contact -> !decided.containsKey(contact)).toList();
        List<DeliveryResult> written = wanted.isEmpty() ? List.of() : writer.write(wanted, notes, ends);
        List<DeliveryResult> receipts = RemotePresence.together(batch, decided, written);
        // Fails as a whole when HubSpot is away: then the contacts are sent once more, and linked then.
        List<DeliveryResult> linked =
                companies == null ? receipts : companies.link(batch, receipts, notes.found(), ends);
        return IntStream.range(0, batch.size())
                .mapToObj(i -> notes.withoutEmail().contains(batch.get(i).id())
                        ? HubSpotWriter.withoutEmail(linked.get(i))
                        : linked.get(i))
                .toList();
    }

    @Override
    public Presence probe(long ends) {
        return HubSpotAnswers.fails(reads.read(mapping.key(), Mapping.id(CrmTrial.NOBODY), ends))
                ? Presence.FAILS
                : Presence.ANSWERS;
    }

    @Override
    public boolean shows(Delivery delivered, long ends) {
        CrmResponse known = reads.read(mapping.key(), Mapping.id(delivered), ends);
        return HubSpotAnswers.fails(known)
                || HubSpotReads.record(known).path("id").isTextual();
    }

    @Override
    public List<CrmReading> read(List<CrmRecord> delivered, long ends) {
        return readings.readAll(delivered, ends);
    }

    @Override
    public List<CrmReading> readByEmail(List<CrmRecord> contacts, long ends) {
        return readings.readByEmail(contacts, mapping.emailField(), ends);
    }

    @Override
    public DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        CrmResponse known = reads.read(mapping.key(), Mapping.id(delivery), ends);
        boolean byId = HubSpotReads.record(known).isMissingNode() && HubSpotAnswers.isRecordId(delivery.remoteId());
        if (byId && !HubSpotAnswers.fails(known)) {
            known = reads.read(null, delivery.remoteId(), ends);
        }
        if (HubSpotAnswers.fails(known)) {
            return refusals.refused(known, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
        }
        JsonNode there = HubSpotReads.record(known);
        // Whatever is remembered, the record may be somebody else's by now.
        String shown = there.isMissingNode()
                ? null
                : there.path("properties").path(mapping.key()).asText("");
        DeliveryResult notFound = RemotePresence.notFound("HubSpot", shown, mapping.key(), Mapping.id(delivery));
        if (notFound != null) {
            return notFound;
        }
        String recordId = there.path("id").asText();
        DeliveryResult kept = RemotePresence.removable(
                "HubSpot",
                delivery,
                owners.living(delivery.key(), HubSpotReads.ids(known)),
                mapping.key(),
                Mapping::id);
        if (kept != null) {
            return kept;
        }
        writer.forgetEmail(Mapping.id(delivery));
        ObjectNode flags = CrmJson.object();
        mapping.gone().forEach(flags.putObject("properties")::put);
        String record = contacts + "/" + recordId;
        CrmResponse answer = calls.call(
                gone == Gone.FLAG
                        ? new CrmRequest("PATCH", record, CrmJson.bytes(flags))
                        : new CrmRequest("DELETE", record, null),
                HubSpotAnswers::judgeOne,
                ends);
        // 404, in HubSpot's own words: somebody has deleted it there already.
        return answer.status() == 404
                ? new DeliveryResult.Absent()
                : answer.status() / 100 == 2
                        ? new DeliveryResult.Accepted(null)
                        : refusals.refused(answer, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
    }
}
