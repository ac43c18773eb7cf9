package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmAudit;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.CrmFixture;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What HubSpot has is read back and compared. */
class HubSpotAuditTest {

    private HubSpotSimulator hubSpot;
    private CrmFixture station;

    @BeforeEach
    void start() throws Exception {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
        station = new CrmFixture(hubSpot);
    }

    @AfterEach
    void stop() throws Exception {
        station.close();
        hubSpot.close();
    }

    /** @return with the ids of their records */
    private List<Delivery> delivered(List<Delivery> sent) {
        List<Delivery> delivered = new ArrayList<>();
        for (int i = 0; i < sent.size(); i += 100) {
            List<Delivery> batch = sent.subList(i, Math.min(sent.size(), i + 100));
            List<DeliveryResult> receipts = station.send(batch);
            for (int j = 0; j < batch.size(); j++) {
                delivered.add(withId(batch.get(j), ((DeliveryResult.Accepted) receipts.get(j)).remoteId()));
            }
        }
        return delivered;
    }

    private static Delivery withId(Delivery delivery, String remoteId) {
        return new Delivery(delivery.key(), delivery.contact(), delivery.hash(), remoteId, false);
    }

    private static String sent(Finding finding) {
        return finding.key().tenantId() + "/" + finding.key().contactId();
    }

    private static List<Verdict> verdicts(List<Finding> findings) {
        return findings.stream().map(Finding::verdict).toList();
    }

    @Test
    void ten_thousand_contacts_are_compared_by_a_hundred_reads_and_nothing_is_changed() {
        List<Delivery> delivered = delivered(deliveries(1, 10_000));
        CrmAudit audit = station.sink.audit();
        var before = hubSpot.records();
        long calls = hubSpot.stats().calls();

        for (int i = 0; i < delivered.size(); i += audit.batchSize()) {
            assertThat(verdicts(audit.compare(delivered.subList(i, i + audit.batchSize()))))
                    .hasSize(audit.batchSize())
                    .containsOnly(Verdict.AS_SENT);
        }

        assertThat(hubSpot.stats().calls() - calls).isEqualTo(100);
        assertThat(hubSpot.records()).isEqualTo(before);
        assertThat(audit.notShown()).isEmpty();
    }

    @Test
    void what_is_missing_edited_merged_or_doubled_is_distinguished() {
        List<Delivery> delivered = delivered(deliveries(1, 6));
        hubSpot.edit(delivered.get(0).remoteId(), Map.of("lastname", "Jemand", "phone", ""));
        hubSpot.delete(delivered.get(1).remoteId());
        hubSpot.merge(delivered.get(5).remoteId(), delivered.get(2).remoteId());
        // A person has made another record, and given it the key.
        String made = hubSpot.create(Map.of("lastname", "Name 4"));
        String key = hubSpot.records().get(delivered.get(3).remoteId()).get("jtl_contact_id");
        hubSpot.edit(delivered.get(3).remoteId(), Map.of("jtl_contact_id", ""));
        hubSpot.edit(made, Map.of("jtl_contact_id", key));
        String lost = hubSpot.records().get(delivered.get(4).remoteId()).get("jtl_contact_id");
        hubSpot.edit(delivered.get(4).remoteId(), Map.of("jtl_contact_id", ""));

        List<Finding> findings = station.sink.audit().compare(delivered);

        assertThat(verdicts(findings))
                .containsExactly(
                        Verdict.EDITED,
                        Verdict.MISSING,
                        Verdict.MERGED,
                        Verdict.DOUBLED,
                        Verdict.EDITED,
                        Verdict.AS_SENT);
        assertThat(findings.get(0).differences())
                .containsExactly(
                        new Difference("lastname", "Name 1", "Jemand"), new Difference("phone", "+4930901820", null));
        assertThat(findings.get(2).differences())
                .containsExactly(new Difference("jtl_contact_id", sent(findings.get(2)), sent(findings.get(5))));
        assertThat(findings.get(3).recordId())
                .isEqualTo(made + ", " + delivered.get(3).remoteId());
        assertThat(findings.get(4).differences()).containsExactly(new Difference("jtl_contact_id", lost, null));
        assertThat(findings.toString()).doesNotContain("Jemand");
    }

    @Test
    void what_only_hubspot_writes_otherwise_is_no_edit() {
        List<Delivery> delivered = delivered(List.of(delivery(1, "Anna.Gross@Example.org ", " Groß")));
        hubSpot.edit(
                delivered.get(0).remoteId(),
                Map.of("phone", "+49 (30) 901-820", "email", "ANNA.gross@example.org", "lastname", "Groß "));

        assertThat(verdicts(station.sink.audit().compare(delivered))).containsExactly(Verdict.AS_SENT);
    }

    @Test
    void an_address_that_another_record_has_is_no_edit() {
        List<Delivery> delivered = delivered(deliveries(1, 3));
        delivered.forEach(each -> hubSpot.edit(each.remoteId(), Map.of("email", "")));
        hubSpot.edit(delivered.get(1).remoteId(), Map.of("lastname", "Jemand"));
        List<Delivery> lacking = new ArrayList<>(
                delivered.stream().map(HubSpotAuditTest::withoutEmail).toList());
        lacking.add(delivered.get(2));

        List<Finding> findings = station.sink.audit().compare(lacking.subList(0, 2));

        assertThat(verdicts(findings)).containsExactly(Verdict.WITHOUT_EMAIL, Verdict.EDITED);
        assertThat(findings.get(1).differences()).containsExactly(new Difference("lastname", "Name 2", "Jemand"));
        assertThat(verdicts(station.sink.audit().compare(lacking.subList(2, 3))))
                .containsExactly(Verdict.WITHOUT_EMAIL);
        assertThat(verdicts(station.sink.audit().compare(lacking.subList(3, 4))))
                .containsExactly(Verdict.EDITED);
    }

    private static Delivery withoutEmail(Delivery delivery) {
        return new Delivery(
                delivery.key(), delivery.contact(), delivery.hash(), delivery.remoteId(), false, true, true, 0);
    }

    @Test
    void a_contact_that_hubspot_fails_on_hides_no_other() {
        List<Delivery> delivered = delivered(deliveries(1, 4));
        hubSpot.failReading(hubSpot.records().get(delivered.get(2).remoteId()).get("jtl_contact_id"));

        assertThat(verdicts(station.sink.audit().compare(delivered)))
                .containsExactly(Verdict.AS_SENT, Verdict.AS_SENT, Verdict.UNREADABLE, Verdict.AS_SENT);
    }

    @Test
    void an_answer_that_says_nothing_is_not_taken_for_missing() {
        List<Delivery> delivered = delivered(deliveries(1, 2));
        hubSpot.answer("/batch/read", 200, Map.of(), "{}");

        assertThatThrownBy(() -> station.sink.audit().compare(delivered))
                .isInstanceOf(OutageException.class)
                .hasMessageContaining("does not say whether it has a contact");
    }
}
