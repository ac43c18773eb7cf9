package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.mapping.PercentEncoding;
import java.util.Map;
import java.util.function.Function;

/**
 * A contact that JTL has under another customer is a new one to us and the same record there: where its customer has no
 * account, it does not stay with that of the former one. An account that is none of JTL's stays.
 */
final class SalesforceAccounts {

    private final CrmClient calls;
    private final Function<CrmResponse, CallDecision> judge;
    private final String root;
    private final String key;

    /**
     * @param root such as {@code /services/data/v62.0}
     * @param key  the field of an account that tells whose it is
     */
    SalesforceAccounts(CrmClient calls, Function<CrmResponse, CallDecision> judge, String root, String key) {
        this.calls = calls;
        this.judge = judge;
        this.root = root;
        this.key = key;
    }

    /**
     * @param contact  id of the record
     * @param customer as of {@link de.contactsync.crm.mapping.Mapping#companyId}
     * @return the status of what failed; 200 when nothing did
     */
    int leaveFormer(String contact, String customer, long ends) {
        String soql = "SELECT Id, Account." + key + " FROM Contact WHERE Id = '" + contact + "'";
        CrmResponse found = calls.call(
                new CrmRequest("GET", root + "/query", "q=" + PercentEncoding.of(soql), Map.of(), null, true),
                judge,
                ends);
        JsonNode owner = CrmJson.read(found).at("/records/0/Account").path(key);
        boolean former = owner.isTextual()
                && !owner.textValue().isEmpty()
                && !owner.textValue().equals(customer);
        if (found.status() != 200 || !former) {
            return found.status();
        }
        CrmResponse left = calls.call(
                new CrmRequest(
                        "PATCH",
                        root + "/sobjects/Contact/" + contact,
                        CrmJson.bytes(CrmJson.object().putNull("AccountId"))),
                judge,
                ends);
        return left.status() / 100 == 2 ? 200 : left.status();
    }
}
