package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes collections of records by an external id field of ours. HTTP 200 says nothing of a record: each has its result
 * in the answer, at its place.
 */
final class SalesforceWriter {

    /** What contacts belong to, by the name of the object and of the relationship. */
    static final String PARENT = "Account";

    private final CrmClient calls;
    private final Mapping mapping;
    private final SalesforceSettings settings;
    private final String root;
    private final SalesforceAccounts accounts;
    private final SalesforceAnswers answers;

    /** @param root of all paths */
    SalesforceWriter(
            CrmClient calls,
            Mapping mapping,
            SalesforceSettings settings,
            String root,
            SalesforceAccounts accounts,
            SalesforceAnswers answers) {
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.root = root;
        this.accounts = accounts;
        this.answers = answers;
    }

    List<DeliveryResult> writeAll(List<CrmRecord> batch, long ends) {
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
        int status = contact.delivery().remoteId() == null && SalesforceAnswers.isRecordId(recordId)
                ? accounts.leaveFormer(recordId, Mapping.companyId(contact.delivery()), ends)
                : 200;
        return status == 200
                ? new DeliveryResult.Unlinked(recordId, why)
                : RemotePresence.unreadable("Salesforce", status);
    }

    private List<DeliveryResult> write(List<CrmRecord> batch, boolean linked, long ends) {
        String collection = root + "/composite/sobjects/" + settings.object() + "/" + mapping.key();
        CrmResponse answer =
                calls.call(new CrmRequest("PATCH", collection, body(batch, linked)), answers::judgeWrite, ends);
        JsonNode results = CrmJson.read(answer);
        if (answer.status() != 200) {
            return batch.size() > 1
                    ? Collections.nCopies(batch.size(), new DeliveryResult.Unsent())
                    : List.of(answers.refused(
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
    static void fill(ObjectNode record, Map<String, String> fields) {
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
        return answers.refused(200, error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }
}
