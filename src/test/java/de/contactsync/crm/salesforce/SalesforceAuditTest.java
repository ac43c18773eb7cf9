package de.contactsync.crm.salesforce;

import static de.contactsync.crm.CrmFixture.deliveries;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmAudit;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.CrmFixture;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Salesforce has is read back and compared. */
class SalesforceAuditTest extends SalesforceFixture {

    private static List<Delivery> delivered(CrmFixture station, int count) {
        List<Delivery> sent = deliveries(1, count);
        List<DeliveryResult> receipts = station.send(sent);
        return IntStream.range(0, count)
                .mapToObj(i -> new Delivery(
                        sent.get(i).key(),
                        sent.get(i).contact(),
                        sent.get(i).hash(),
                        ((DeliveryResult.Accepted) receipts.get(i)).remoteId(),
                        false))
                .toList();
    }

    private static List<Verdict> verdicts(List<Finding> findings) {
        return findings.stream().map(Finding::verdict).toList();
    }

    @Test
    void a_hundred_contacts_are_compared_by_one_query() throws Exception {
        try (CrmFixture station = station()) {
            List<Delivery> delivered = delivered(station, 100);
            CrmAudit audit = station.sink.audit();
            long calls = salesforce.stats().calls();

            assertThat(verdicts(audit.compare(delivered))).hasSize(100).containsOnly(Verdict.AS_SENT);

            assertThat(audit.batchSize()).isEqualTo(100);
            assertThat(salesforce.stats().calls() - calls).isEqualTo(1);
        }
    }

    @Test
    void what_is_missing_edited_merged_or_doubled_is_distinguished() throws Exception {
        try (CrmFixture station = station()) {
            List<Delivery> delivered = delivered(station, 6);
            salesforce.edit(delivered.get(0).remoteId(), Map.of("LastName", "Jemand"));
            salesforce.delete(delivered.get(1).remoteId());
            salesforce.merge(delivered.get(5).remoteId(), delivered.get(2).remoteId());
            String key = salesforce.records().get(delivered.get(3).remoteId()).get("Jtl_Contact_Id__c");
            salesforce.edit(delivered.get(3).remoteId(), Map.of("Jtl_Contact_Id__c", ""));
            String made = salesforce.create(Map.of("LastName", "Name 4", "Jtl_Contact_Id__c", key));
            salesforce.edit(delivered.get(4).remoteId(), Map.of("Jtl_Contact_Id__c", ""));

            List<Finding> findings = station.sink.audit().compare(delivered);

            assertThat(verdicts(findings))
                    .containsExactly(
                            Verdict.EDITED,
                            Verdict.MISSING,
                            Verdict.MERGED,
                            Verdict.DOUBLED,
                            Verdict.EDITED,
                            Verdict.AS_SENT);
            assertThat(findings.get(0).differences()).containsExactly(new Difference("LastName", "Name 1", "Jemand"));
            assertThat(findings.get(3).recordId())
                    .isEqualTo(made + ", " + delivered.get(3).remoteId());
        }
    }
}
