package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.PercentEncoding;
import de.contactsync.model.DeliveryResult;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Asks Salesforce for records, also for those in the recycle bin. */
final class SalesforceQueries {

    /** @param failure why that cannot be told; null when there are records, or none */
    record Reading(JsonNode records, DeliveryResult failure) {

        static final Reading NONE = new Reading(CrmJson.array(NullNode.getInstance()), null);
    }

    private final CrmClient calls;
    private final Function<CrmResponse, CallDecision> judge;
    private final String root;
    private final String object;
    private final String key;

    /** @param root such as {@code /services/data/v62.0} */
    SalesforceQueries(
            CrmClient calls, Function<CrmResponse, CallDecision> judge, String root, String object, String key) {
        this.calls = calls;
        this.judge = judge;
        this.root = root;
        this.object = object;
        this.key = key;
    }

    /** Of these ids, with their keys and what has become of them. */
    Reading records(List<String> ids, long ends) {
        return query(
                "/queryAll",
                "SELECT Id, IsDeleted, MasterRecordId, " + key + " FROM " + object + " WHERE Id IN ('"
                        + String.join("', '", ids) + "')",
                ends);
    }

    Reading query(String path, String soql, long ends) {
        CrmResponse answer = calls.call(
                new CrmRequest("GET", root + path, "q=" + PercentEncoding.of(soql), Map.of(), null, true), judge, ends);
        JsonNode records = CrmJson.read(answer).path("records");
        if (answer.status() == 200 && records.isArray()) {
            return new Reading(records, null);
        }
        if (isFailure(answer)) {
            return new Reading(null, RemotePresence.unreadable("Salesforce", answer.status()));
        }
        throw new UnexpectedAnswerException(
                answer,
                "Salesforce answered HTTP " + answer.status() + " and does not say what has become of records:"
                        + " check contacts.crm.base-url, contacts.crm.api-version and the rights of the API user");
    }

    /** Whether it is not said what became of a record. */
    static boolean isFailure(CrmResponse answer) {
        return SalesforceAnswers.fails(answer.status())
                || answer.status() / 100 != 2
                        && SalesforceError.of(CrmJson.read(answer)).isPassing();
    }
}
