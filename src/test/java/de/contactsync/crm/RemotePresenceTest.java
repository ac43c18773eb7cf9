package de.contactsync.crm;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.salesforce.SalesforceFixture;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records that people have merged or deleted in the CRM since they were delivered; an upsert once made second ones. */
class RemotePresenceTest extends SalesforceFixture {

    private final HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());

    @AfterEach
    void stopHubSpot() {
        hubSpot.close();
    }

    private CrmFixture hubSpot(Missing missing) throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        return new CrmFixture(
                hubSpot,
                new CrmSettings(
                        "crm",
                        usual.kind(),
                        usual.baseUrl(),
                        usual.gone(),
                        missing,
                        usual.mostGone(),
                        usual.mode(),
                        usual.match(),
                        usual.review(),
                        false));
    }

    private static String idOf(DeliveryResult result) {
        return ((DeliveryResult.Accepted) result).remoteId();
    }

    private static Delivery changed(int number, String remoteId) {
        Delivery delivery = delivery(number, "c" + number + "@example.org", "Changed");
        return new Delivery(delivery.key(), delivery.contact(), delivery.hash(), remoteId, false);
    }

    @Test
    void a_record_that_lost_a_merge_at_hubspot_is_followed() throws Exception {
        try (CrmFixture station = hubSpot(Missing.CREATE)) {
            String own = idOf(station.send(deliveries(1, 1)).get(0));
            String there = hubSpot.create(Map.of("firstname", "By hand", "jtl_contact_id", "left-over"));
            hubSpot.merge(there, own);
            DeliveryResult merged = station.send(List.of(changed(1, own))).get(0);
            assertThat(refusal(merged).why().errorMessage())
                    .contains("merged into that of another contact", "left-over");

            String empty = hubSpot.create(Map.of("firstname", "By hand"));
            String second = idOf(station.send(deliveries(2, 2)).get(0));
            hubSpot.merge(empty, second);
            assertThat(idOf(station.send(List.of(changed(2, second))).get(0))).isEqualTo(empty);
            assertThat(hubSpot.records()).containsOnlyKeys(there, empty);
            assertThat(hubSpot.records().get(empty)).containsEntry("lastname", "Changed");
        }
    }

    private static Delivery gone(int number, String remoteId) {
        Delivery delivery = delivery(number, "c" + number + "@example.org", "Name " + number);
        return new Delivery(delivery.key(), delivery.contact(), null, remoteId, false);
    }

    /** Of contacts that JTL has, by the ids of their records that are remembered. */
    private static RecordOwners remembered(Map<String, Delivery> living) {
        return (contact, ids) -> ids.stream()
                .filter(living::containsKey)
                .map(id -> living.get(id).key())
                .findFirst()
                .orElse(null);
    }

    /** The record was deleted with its history, and the contact that JTL still had got a new one. */
    @Test
    void a_merged_record_of_a_living_contact_is_not_deleted_at_hubspot() throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        CrmSettings deleting = new CrmSettings(usual.kind(), usual.baseUrl(), CrmSettings.Gone.DELETE, 0.05, false);
        try (CrmFixture station = new CrmFixture(hubSpot, deleting)) {
            List<DeliveryResult> sent = station.send(deliveries(1, 3));
            hubSpot.merge(idOf(sent.get(1)), idOf(sent.get(0)));
            station.owners = remembered(Map.of(idOf(sent.get(0)), delivery(1, null, null)));

            List<DeliveryResult> results = station.send(
                    List.of(gone(2, idOf(sent.get(1))), changed(1, idOf(sent.get(0))), gone(3, idOf(sent.get(2)))));
            assertThat(refusal(results.get(0)).why().errorMessage())
                    .contains("also that of another contact", Mapping.id(delivery(1, null, null)), "jtl_contact_id");
            assertThat(refusal(results.get(1)).why().errorMessage()).contains("merged into that of another contact");
            assertThat(results.get(2)).isEqualTo(new DeliveryResult.Accepted(null));
            assertThat(hubSpot.records()).containsOnlyKeys(idOf(sent.get(1)));
        }
    }

    @Test
    void a_merged_record_of_a_living_contact_is_not_deleted_at_salesforce() throws Exception {
        try (CrmFixture station = station(CrmSettings.Gone.DELETE)) {
            List<DeliveryResult> sent = station.send(deliveries(1, 3));
            salesforce.merge(idOf(sent.get(1)), idOf(sent.get(0)));
            station.owners = remembered(Map.of(idOf(sent.get(0)), delivery(1, null, null)));

            List<DeliveryResult> results =
                    station.send(List.of(gone(2, idOf(sent.get(1))), gone(3, idOf(sent.get(2)))));
            assertThat(refusal(results.get(0)).why().errorMessage())
                    .contains("also that of another contact", Mapping.id(delivery(1, null, null)));
            assertThat(results.get(1)).isEqualTo(new DeliveryResult.Accepted(null));
            assertThat(salesforce.records()).containsOnlyKeys(idOf(sent.get(1)));
        }
    }

    @Test
    void the_record_of_a_contact_that_jtl_has_under_another_customer_is_left() throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        CrmSettings deleting = new CrmSettings(usual.kind(), usual.baseUrl(), CrmSettings.Gone.DELETE, 0.05, false);
        try (CrmFixture station = new CrmFixture(hubSpot, deleting)) {
            String id = idOf(station.send(deliveries(1, 1)).get(0));
            station.owners =
                    (contact, ids) -> new ContactKey(contact.tenantId(), new UUID(0xC0, 99), contact.contactId());

            assertThat(station.send(List.of(gone(1, id)))).containsExactly(new DeliveryResult.Absent());
            assertThat(hubSpot.records()).containsOnlyKeys(id);
        }
    }

    /** Both counted as deleted, and neither was. */
    @Test
    void a_record_without_its_key_is_kept_and_reported_when_jtl_has_no_contact() throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        CrmSettings deleting = new CrmSettings(usual.kind(), usual.baseUrl(), CrmSettings.Gone.DELETE, 0.05, false);
        try (CrmFixture atHubSpot = new CrmFixture(hubSpot, deleting);
                CrmFixture atSalesforce = station(CrmSettings.Gone.DELETE)) {
            String here = idOf(atHubSpot.send(deliveries(1, 1)).get(0));
            hubSpot.answer(
                    "/batch/read", 207, Map.of(), "{\"results\":[],\"errors\":[{\"category\":\"OBJECT_NOT_FOUND\"}]}");
            hubSpot.answer(
                    "/batch/read",
                    200,
                    Map.of(),
                    "{\"results\":[{\"id\":\"" + here + "\",\"properties\":{\"jtl_contact_id\":null}}]}");
            String there = idOf(atSalesforce.send(deliveries(1, 1)).get(0));
            salesforce.merge(salesforce.create(Map.of("LastName", "By hand")), there);

            for (DeliveryResult result : List.of(
                    atHubSpot.send(List.of(gone(1, here))).get(0),
                    atSalesforce.send(List.of(gone(1, there))).get(0))) {
                assertThat(refusal(result).why().errorMessage())
                        .contains("has no key", "left as it was", Mapping.id(delivery(1, null, null)), "replay");
            }
            assertThat(hubSpot.records()).hasSize(1);
            assertThat(salesforce.records()).hasSize(1);
        }
    }

    /** It was taken for absence: what was to be deleted counted as not there, and audit called it missing. */
    @Test
    void a_record_that_hubspot_fails_to_read_in_a_batch_is_not_treated_as_missing() throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        CrmSettings deleting = new CrmSettings(usual.kind(), usual.baseUrl(), CrmSettings.Gone.DELETE, 0.05, false);
        try (CrmFixture station = new CrmFixture(hubSpot, deleting)) {
            String id = idOf(station.send(deliveries(1, 1)).get(0));
            String failed = "{\"status\":\"COMPLETE\",\"results\":[],\"numErrors\":1,\"errors\":"
                    + "[{\"category\":\"INTERNAL_ERROR\",\"message\":\"timeout\",\"context\":{\"ids\":[\"1\"]}}]}";
            for (int i = 0; i < 20; i++) {
                hubSpot.answer("/batch/read", 207, Map.of(), failed);
            }

            assertThat(station.sink.audit().compare(List.of(delivery(1, "c1@example.org", "Name 1"))))
                    .extracting(CrmAudit.Finding::verdict)
                    .containsExactly(CrmAudit.Verdict.UNREADABLE);
            assertThat(station.send(List.of(gone(1, id))).get(0)).isNotInstanceOf(DeliveryResult.Absent.class);
            assertThat(hubSpot.records()).containsOnlyKeys(id);
        }
    }

    @Test
    void a_record_that_was_deleted_at_hubspot_becomes_what_the_settings_say() throws Exception {
        for (Missing wish : Missing.values()) {
            try (CrmFixture station = hubSpot(wish)) {
                String id = idOf(station.send(deliveries(1, 1)).get(0));
                hubSpot.delete(id);
                DeliveryResult result = station.send(List.of(changed(1, id))).get(0);

                assertThat(result instanceof DeliveryResult.Accepted).isEqualTo(wish == Missing.CREATE);
                assertThat(result instanceof DeliveryResult.LeftOut).isEqualTo(wish == Missing.SKIP);
                assertThat(hubSpot.records()).hasSize(wish == Missing.CREATE ? 1 : 0);
                hubSpot.records().keySet().forEach(hubSpot::delete);
            }
        }
    }

    @Test
    void what_hubspot_has_under_its_key_is_written_whatever_id_is_remembered() throws Exception {
        try (CrmFixture station = hubSpot(Missing.DEAD_LETTER)) {
            String id = idOf(station.send(deliveries(1, 1)).get(0));
            assertThat(idOf(station.send(List.of(changed(1, "999999"))).get(0))).isEqualTo(id);
        }
    }

    @Test
    void a_record_that_lost_a_merge_at_salesforce_is_followed() throws Exception {
        try (CrmFixture station = station()) {
            String first = idOf(station.send(deliveries(1, 1)).get(0));
            String second = idOf(station.send(deliveries(2, 2)).get(0));
            salesforce.merge(first, second);
            assertThat(refusal(station.send(List.of(changed(2, second))).get(0))
                            .why()
                            .errorMessage())
                    .contains("merged into that of another contact");
            assertThat(salesforce.records()).containsOnlyKeys(first);
            assertThat(idOf(station.send(List.of(changed(1, first))).get(0))).isEqualTo(first);
        }
    }

    /** The record that had won the first merge had lost the second, and an upsert made another one of the person. */
    @Test
    void a_record_that_lost_several_merges_at_salesforce_is_followed_to_the_last() throws Exception {
        try (CrmFixture station = station()) {
            String own = idOf(station.send(deliveries(1, 1)).get(0));
            String second = salesforce.create(Map.of("LastName", "By hand"));
            String third = salesforce.create(Map.of("LastName", "By hand, too"));
            salesforce.merge(second, own);
            salesforce.merge(third, second);

            assertThat(idOf(station.send(List.of(changed(1, own))).get(0))).isEqualTo(third);
            assertThat(salesforce.records()).containsOnlyKeys(third);
            assertThat(salesforce.records().get(third)).containsEntry("LastName", "Changed");
        }
    }

    /** It was created anew. */
    @Test
    void a_circle_of_merges_at_salesforce_is_a_dead_letter_and_no_second_record() throws Exception {
        try (CrmFixture station = station()) {
            String own = idOf(station.send(deliveries(1, 1)).get(0));
            String other = salesforce.create(Map.of("LastName", "By hand"));
            salesforce.merge(other, own);
            salesforce.merge(own, other);

            assertThat(refusal(station.send(List.of(changed(1, own))).get(0))
                            .why()
                            .errorMessage())
                    .contains("round in a circle (" + own + " into " + other + " into " + own + ")", "replay");
            assertThat(salesforce.records()).isEmpty();
        }
    }

    /** Whoever fails to tell was taken for one that has the record still. */
    @Test
    void a_record_is_not_written_while_hubspot_fails_to_return_its_state() throws Exception {
        try (CrmFixture station = hubSpot(Missing.CREATE)) {
            String own = idOf(station.send(deliveries(1, 1)).get(0));
            String winner = hubSpot.create(Map.of("firstname", "By hand"));
            hubSpot.merge(winner, own);
            for (int attempt = 1; attempt <= 3; attempt++) {
                hubSpot.answer("/batch/read", 503, Map.of(), Map.of());
            }
            assertThat(station.send(List.of(changed(1, own)))).containsExactly(new DeliveryResult.Unsent());
            assertThat(hubSpot.records()).containsOnlyKeys(winner);

            assertThat(idOf(station.send(List.of(changed(1, own))).get(0))).isEqualTo(winner);
            assertThat(hubSpot.records()).containsOnlyKeys(winner);
        }
    }

    @Test
    void a_record_is_not_written_while_salesforce_fails_to_return_its_state() throws Exception {
        try (CrmFixture station = station()) {
            String own = idOf(station.send(deliveries(1, 1)).get(0));
            String winner = salesforce.create(Map.of("LastName", "By hand"));
            salesforce.merge(winner, own);
            for (int attempt = 1; attempt <= 3; attempt++) {
                salesforce.answer(503, "SERVER_UNAVAILABLE", "busy");
            }
            assertThat(station.send(List.of(changed(1, own)))).containsExactly(new DeliveryResult.Unsent());
            assertThat(salesforce.records()).containsOnlyKeys(winner);

            assertThat(idOf(station.send(List.of(changed(1, own))).get(0))).isEqualTo(winner);
        }
    }
}
