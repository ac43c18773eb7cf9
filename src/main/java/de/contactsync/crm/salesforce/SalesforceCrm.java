package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.Crm;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmReading;
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
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Salesforce: collections of records, created or updated by an external id field of ours. HTTP 200 says nothing of a
 * record: each has its result in the answer, at its place.
 */
public final class SalesforceCrm implements Crm {

    private static final int MOST_OF_A_CALL = 200;
    private static final int MOST_OF_A_READ = 100;
    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

    private final CrmClient calls;
    private final Mapping mapping;
    private final SalesforceSettings settings;
    private final Gone gone;
    private final RecordOwners owners;
    private final String root;
    private final SalesforcePresence presence;
    private final SalesforceReads reads;
    private final SalesforceAnswers answers;
    private final SalesforceWriter writer;
    private final SalesforceEmails emails;

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
        this.answers = new SalesforceAnswers(mapping);
        SalesforceAccounts accounts = new SalesforceAccounts(calls, answers::judgeOne, root, mapping.companyKey());
        this.writer = new SalesforceWriter(calls, mapping, settings, root, accounts, answers);
        SalesforceQueries queries =
                new SalesforceQueries(calls, answers::judgeOne, root, settings.object(), mapping.key());
        this.presence = new SalesforcePresence(
                calls, answers::judgeOne, root, settings.object(), mapping.key(), missing, queries);
        this.reads = new SalesforceReads(queries, presence, settings.object(), mapping.key());
        this.emails = new SalesforceEmails(calls, answers, queries, mapping, root, settings.object());
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
        new SalesforceFields(calls, answers::judge, object(), settings.object(), mapping.file())
                .check(mapping.key(), "key", fields, field -> mapping.misfits(field, gone), ends);
        if (settings.company() == Company.LINK) {
            new SalesforceFields(
                            calls,
                            answers::judge,
                            root + "/sobjects/" + SalesforceWriter.PARENT,
                            SalesforceWriter.PARENT,
                            mapping.file())
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
                answers::judge,
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        return idIn(answer);
    }

    /** Those whose account is not there are sent once more without. */
    @Override
    public List<DeliveryResult> upsert(List<CrmRecord> batch, long ends) {
        Map<CrmRecord, DeliveryResult> decided = emails.take(batch, ends);
        if (settings.isOfPeople()) {
            decided.putAll(presence.look(batch, ends));
        }
        List<CrmRecord> wanted =
                batch.stream().filter(contact -> !decided.containsKey(contact)).toList();
        return RemotePresence.together(batch, decided, wanted.isEmpty() ? List.of() : writer.writeAll(wanted, ends));
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

    /** A query holds the keys of so many in its URL, which must not get longer than 16,384 bytes. */
    @Override
    public int readBatchSize() {
        return MOST_OF_A_READ;
    }

    @Override
    public List<CrmReading> read(List<CrmRecord> delivered, long ends) {
        return reads.readAll(delivered, settings.isOfPeople(), ends);
    }

    @Override
    public List<CrmReading> readByEmail(List<CrmRecord> contacts, long ends) {
        return emails.read(contacts, ends);
    }

    @Override
    public DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        CrmResponse found = find(delivery, ends);
        if (found.status() != 200) {
            return answers.refused(
                    found.status(), SalesforceError.of(CrmJson.read(found)), Map.of(), ErrorSanitizer.ONCE_REPLAYED);
        }
        String recordId = idIn(found);
        if (recordId == null) {
            SalesforceQueries.Reading left = settings.isOfPeople() && SalesforceAnswers.isRecordId(delivery.remoteId())
                    ? presence.left(delivery.remoteId(), ends)
                    : SalesforceQueries.Reading.NONE;
            if (left.failure() != null) {
                return left.failure();
            }
            // Whatever is remembered, the record may be somebody else's by now.
            JsonNode record = left.records().path(0);
            String shown = record.isMissingNode() ? null : presence.keyIn(record);
            DeliveryResult notFound = RemotePresence.notFound("Salesforce", shown, mapping.key(), Mapping.id(delivery));
            if (notFound != null) {
                return notFound;
            }
            recordId = record.path("Id").asText();
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
        SalesforceWriter.fill(flags, mapping.gone());
        String record = object() + "/" + recordId;
        CrmResponse answer = calls.call(
                gone == Gone.FLAG
                        ? new CrmRequest("PATCH", record, CrmJson.bytes(flags))
                        : new CrmRequest("DELETE", record, null),
                answers::judgeOne,
                ends);
        SalesforceError error = SalesforceError.of(CrmJson.read(answer));
        // Not there: somebody has deleted it already.
        return error.isNotFound()
                ? new DeliveryResult.Absent()
                : answer.status() / 100 == 2
                        ? new DeliveryResult.Accepted(null)
                        : answers.refused(answer.status(), error, Map.of(), ErrorSanitizer.ONCE_REPLAYED);
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
                answers::judgeWrite,
                ends);
        JsonNode body = CrmJson.read(answer);
        JsonNode records = body.path("records");
        boolean none =
                records.isArray() && records.isEmpty() && body.path("totalSize").asInt(-1) == 0;
        boolean certain = answer.status() == 200
                ? none || SalesforceAnswers.isRecordId(idIn(answer))
                : SalesforceAnswers.fails(answer.status())
                        || SalesforceError.of(body).isPassing();
        if (!certain) {
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
}
