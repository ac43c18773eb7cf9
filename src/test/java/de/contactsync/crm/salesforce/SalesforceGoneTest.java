package de.contactsync.crm.salesforce;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes at Salesforce of contacts that JTL has no longer. */
class SalesforceGoneTest extends SalesforceFixture {

    @Test
    void a_failed_deletion_does_not_block_other_records() throws Exception {
        try (CrmFixture station = station(Gone.DELETE)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            salesforce.fail(Mapping.id(delivery(1, null, null)));
            List<Delivery> deliveries = new ArrayList<>(deliveries(2, 5));
            deliveries.add(withRemoteId(deliveries(1, 1).get(0), id));
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(4);
            assertThat(receipts.get(4)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(refusal(station.send(deliveries.subList(4, 5)).get(0))
                            .why()
                            .reason())
                    .isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(salesforce.records()).containsKey(id);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void what_jtl_has_no_longer_is_deleted_also_when_somebody_has_done_so_already() throws Exception {
        try (CrmFixture station = station(Gone.DELETE)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            Delivery gone = withRemoteId(deliveries(1, 1).get(0), id);

            assertThat(station.send(List.of(gone))).containsExactly(new DeliveryResult.Accepted(null));
            assertThat(salesforce.records()).isEmpty();
            assertThat(station.send(List.of(gone))).containsExactly(new DeliveryResult.Absent());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Gone.class,
            names = {"DELETE", "FLAG"})
    void a_contact_without_a_known_record_id_is_found_by_its_key_and_removed(Gone wish) throws Exception {
        try (CrmFixture station = station(wish)) {
            station.send(deliveries(1, 2));
            Delivery lost = withRemoteId(deliveries(1, 1).get(0), null);
            Delivery never = withRemoteId(deliveries(3, 3).get(0), null);

            assertThat(station.send(List.of(lost, never)))
                    .containsExactly(new DeliveryResult.Accepted(null), new DeliveryResult.Absent());
            assertThat(salesforce.records().values())
                    .filteredOn(record -> !record.containsKey("Jtl_Gone__c"))
                    .singleElement()
                    .satisfies(record -> assertThat(record).containsEntry("LastName", "Name 2"));
            assertThat(salesforce.records()).hasSize(wish == Gone.DELETE ? 1 : 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "{\"totalSize\":1,\"records\":[]}", "{\"totalSize\":0,\"records\":[{}]}"})
    void an_answer_without_a_record_is_not_read_as_absence(String body) throws Exception {
        try (CrmFixture station = station(Gone.DELETE)) {
            station.send(deliveries(1, 1));
            salesforce.answer(200, Map.of(), body);

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), null))))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("does not say whether it has a contact", "contacts.crm.api-version"));
            assertThat(salesforce.stats().contacts()).isEqualTo(1);
        }
    }

    @Test
    void a_refused_deletion_is_reported_with_the_remedy() throws Exception {
        try (CrmFixture station = station(Gone.DELETE)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            // Which record it is, that none was merged into it, and the deletion.
            salesforce.answer(200, Map.of(), "{\"totalSize\":1,\"records\":[{\"Id\":\"" + id + "\"}]}");
            salesforce.answer(200, Map.of(), "{\"totalSize\":0,\"records\":[]}");
            salesforce.answer(400, "DELETE_FAILED", "Your attempt to delete could not be completed");

            assertThat(refusal(station.send(List.of(
                                            withRemoteId(deliveries(1, 1).get(0), id)))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("attempt to delete", "JTL has it no longer", "replay")
                    .doesNotContain("once it has changed");
        }
    }

    @Test
    void it_is_flagged_where_that_is_wanted_and_the_flag_cleared_when_it_is_back() throws Exception {
        try (CrmFixture station = station(Gone.FLAG)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), id))))
                    .containsExactly(new DeliveryResult.Accepted(null));
            assertThat(salesforce.records().get(id))
                    .containsEntry("Jtl_Gone__c", "yes")
                    .containsKey("LastName");

            assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Accepted(id));
            assertThat(salesforce.records().get(id)).doesNotContainKey("Jtl_Gone__c");
        }
    }

    @Test
    void a_page_of_404_is_not_taken_for_a_record_that_is_gone() throws Exception {
        try (CrmFixture station = station(Gone.DELETE)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            salesforce.answer(404, Map.of(), "<html>no such site</html>");

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), id))))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(salesforce.records()).containsOnlyKeys(id);
        }
    }
}
