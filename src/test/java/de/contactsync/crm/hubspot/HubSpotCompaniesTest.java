package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.deliveries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contacts are linked to the companies of their customers. */
class HubSpotCompaniesTest {

    private static final String READ = "/companies/batch/read";
    private static final String ASSOCIATE = "/associate/default";

    private HubSpotSimulator hubSpot;
    private CrmFixture station;

    @BeforeEach
    void start() throws Exception {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
        station = new CrmFixture(hubSpot, CrmFixture.linking(hubSpot, false));
        station.sink.prepare();
    }

    @AfterEach
    void stop() throws Exception {
        station.close();
        hubSpot.close();
    }

    /** So many contacts, shared out among so many customers. */
    private static List<Delivery> contacts(int count, int customers) {
        return deliveries(1, count).stream()
                .map(delivery -> {
                    ContactKey key = delivery.key();
                    UUID customer = new UUID(0xC0, key.contactId().getLeastSignificantBits() % customers);
                    return new Delivery(
                            new ContactKey(key.tenantId(), customer, key.contactId()),
                            delivery.contact(),
                            delivery.hash(),
                            null,
                            false);
                })
                .toList();
    }

    private void assertLinked(List<Delivery> deliveries, List<DeliveryResult> receipts) {
        for (int i = 0; i < deliveries.size(); i++) {
            String contact = ((DeliveryResult.Accepted) receipts.get(i)).remoteId();
            String customer = Mapping.companyId(deliveries.get(i));
            assertThat(hubSpot.links().get(contact))
                    .singleElement()
                    .satisfies(company ->
                            assertThat(hubSpot.companies().get(company)).containsEntry("jtl_customer_id", customer));
        }
    }

    @Test
    void contacts_of_10_customers_cost_4_calls_and_3_once_the_companies_exist() {
        long before = hubSpot.stats().calls();
        List<Delivery> deliveries = contacts(100, 10);
        assertLinked(deliveries, station.send(deliveries));
        assertThat(hubSpot.companies()).hasSize(10);
        assertThat(hubSpot.stats().calls() - before).isEqualTo(4);

        assertLinked(deliveries, station.send(deliveries));
        assertThat(hubSpot.companies()).hasSize(10);
        assertThat(hubSpot.stats().calls() - before).isEqualTo(7);
    }

    @Test
    void a_company_that_is_there_is_linked_and_left_as_it_is() {
        Delivery contact = contacts(1, 1).get(0);
        String company =
                hubSpot.createCompany(Map.of("name", "Holzwerk GmbH", "jtl_customer_id", Mapping.companyId(contact)));
        List<DeliveryResult> receipts = station.send(List.of(contact));

        assertThat(hubSpot.links())
                .containsExactly(Map.entry(((DeliveryResult.Accepted) receipts.get(0)).remoteId(), Set.of(company)));
        assertThat(hubSpot.companies().get(company)).containsEntry("name", "Holzwerk GmbH");
    }

    @Test
    void a_company_that_hubspot_refuses_costs_the_links_of_its_contacts_only() {
        List<Delivery> deliveries = contacts(20, 5);
        hubSpot.refuse(Mapping.companyId(deliveries.get(1)));
        List<DeliveryResult> receipts = station.send(deliveries);

        assertThat(receipts)
                .filteredOn(DeliveryResult.Accepted.class::isInstance)
                .hasSize(16);
        assertThat(receipts.get(1)).isInstanceOfSatisfying(DeliveryResult.Unlinked.class, unlinked -> {
            assertThat(hubSpot.records()).containsKey(unlinked.remoteId());
            assertThat(unlinked.why().httpStatus()).isEqualTo(400);
            assertThat(unlinked.why().errorMessage())
                    .contains("HubSpot has the contact", "A rule of this account refuses", "correlation id");
        });
        assertThat(hubSpot.records()).hasSize(20);
        assertThat(hubSpot.links()).hasSize(16);
    }

    @Test
    void a_company_that_hubspot_fails_on_does_not_block_others() {
        List<Delivery> deliveries = contacts(20, 5);
        hubSpot.fail(Mapping.companyId(deliveries.get(1)));
        List<DeliveryResult> receipts = station.send(deliveries);

        assertThat(receipts)
                .filteredOn(DeliveryResult.Accepted.class::isInstance)
                .hasSize(16);
        // One of the others was linked again afterwards, which shows that it is about these.
        assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
        assertThat(station.send(List.of(deliveries.get(1))).get(0))
                .isInstanceOfSatisfying(DeliveryResult.Unlinked.class, unlinked -> {
                    assertThat(unlinked.why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
                    assertThat(unlinked.why().errorMessage()).contains("HubSpot has the contact", "fails to link it");
                });
        assertThat(station.breakers.outages()).isEmpty();
    }

    @Test
    void a_company_that_hubspot_fails_to_read_costs_the_links_of_its_contacts_only() {
        List<Delivery> deliveries = contacts(20, 5);
        hubSpot.failReading(Mapping.companyId(deliveries.get(1)));
        List<DeliveryResult> receipts = station.send(deliveries);

        assertThat(receipts)
                .filteredOn(DeliveryResult.Accepted.class::isInstance)
                .hasSize(16);
        assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
        station.send(deliveries.subList(0, 1));
        assertThat(station.send(List.of(deliveries.get(1))).get(0))
                .isInstanceOfSatisfying(
                        DeliveryResult.Unlinked.class,
                        unlinked -> assertThat(unlinked.why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED));
        assertThat(hubSpot.companies())
                .as("whether it is there is not known, so it is not created")
                .hasSize(4);
        assertThat(station.breakers.outages()).isEmpty();
    }

    /** Such a failure of HubSpot was a dead letter as if it had refused the company, and passing failures stayed there. */
    @Test
    void a_company_that_hubspot_fails_on_within_a_batch_is_not_refused() {
        List<Delivery> contacts = contacts(2, 2);
        station.send(contacts.subList(0, 1));
        for (int i = 0; i < 20; i++) {
            hubSpot.answer(
                    "/companies/batch/read",
                    207,
                    Map.of(),
                    "{\"results\":[],\"errors\":[{\"category\":\"INTERNAL_ERROR\",\"message\":\"timeout\"}]}");
        }

        DeliveryResult result = new DeliveryResult.Unsent();
        for (int round = 0; round < 3 && result instanceof DeliveryResult.Unsent; round++) {
            // Its company is known, so it gets through.
            assertThat(station.send(contacts.subList(0, 1))).hasOnlyElementsOfType(DeliveryResult.Accepted.class);
            result = station.send(contacts.subList(1, 2)).get(0);
        }
        assertThat(result).isInstanceOfSatisfying(DeliveryResult.Unlinked.class, unlinked -> {
            assertThat(unlinked.why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(unlinked.why().errorMessage()).contains("timeout");
        });
    }

    @Test
    void what_hubspot_does_not_link_together_it_is_asked_to_link_in_halves() {
        List<Delivery> deliveries = contacts(8, 8);
        hubSpot.answer(ASSOCIATE, 404, Map.of(), Map.of("category", "OBJECT_NOT_FOUND"));
        hubSpot.answer(ASSOCIATE, 400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
        assertLinked(deliveries, station.send(deliveries));
    }

    @Test
    void a_link_that_is_refused_is_reported_with_its_reason() {
        hubSpot.answer(ASSOCIATE, 404, Map.of(), Map.of("category", "OBJECT_NOT_FOUND", "message", "is no more"));
        assertThat(station.send(contacts(1, 1)).get(0))
                .isInstanceOfSatisfying(
                        DeliveryResult.Unlinked.class,
                        unlinked -> assertThat(unlinked.why().errorMessage()).contains("is no more"));
    }

    @Test
    void a_single_401_behind_the_contacts_keeps_none_from_being_linked() {
        hubSpot.answer(READ, 401, Map.of(), Map.of());
        List<Delivery> deliveries = contacts(10, 3);
        assertLinked(deliveries, station.send(deliveries));
    }

    @Test
    void when_hubspot_goes_away_behind_the_contacts_they_are_sent_once_more_and_linked() throws Exception {
        hubSpot.answer(READ, 429, Map.of(), Map.of("policyName", "DAILY"));
        List<Delivery> deliveries = contacts(10, 3);
        assertThat(station.send(deliveries)).containsOnly(new DeliveryResult.Unsent());
        assertThat(hubSpot.records()).hasSize(10);

        try (CrmFixture again = new CrmFixture(hubSpot, CrmFixture.linking(hubSpot, false))) {
            assertLinked(deliveries, again.send(deliveries));
        }
        assertThat(hubSpot.records()).hasSize(10);
        assertThat(hubSpot.companies()).hasSize(3);
    }

    @Test
    void an_answer_of_200_that_names_no_link_is_no_success() {
        hubSpot.answer(ASSOCIATE, 200, Map.of(), Map.of("status", "COMPLETE"));
        assertThat(station.send(contacts(1, 1))).containsOnly(new DeliveryResult.Unsent());
        assertThat(station.breakers.outages())
                .singleElement()
                .satisfies(outage ->
                        assertThat(outage.reason()).contains("says of no company that it was written or linked"));
    }

    @Test
    void the_company_property_is_checked_at_start_and_created_on_request() throws Exception {
        try (HubSpotSimulator bare =
                HubSpotSimulator.start(HubSpotOptions.standard().withCompanyProperties(Map.of()))) {
            try (CrmFixture without = new CrmFixture(bare, CrmFixture.linking(bare, false))) {
                assertThatThrownBy(without.sink::prepare)
                        .isInstanceOf(OutageException.class)
                        .hasMessageContainingAll(
                                "no company property jtl_customer_id", "contacts.crm.create-property=true");
            }
            try (CrmFixture creating = new CrmFixture(bare, CrmFixture.linking(bare, true))) {
                creating.send(contacts(2, 1));
                assertThat(bare.links()).hasSize(2);
            }
        }
    }

    @Test
    void without_the_setting_no_company_is_looked_at() throws Exception {
        try (CrmFixture alone = new CrmFixture(hubSpot)) {
            alone.sink.prepare();
            long before = hubSpot.stats().calls();
            alone.send(contacts(3, 1));
            assertThat(hubSpot.stats().calls() - before).isEqualTo(1);
            assertThat(hubSpot.companies()).isEmpty();
        }
    }

    @Test
    void a_contact_moved_to_another_customer_leaves_only_its_old_company() throws Exception {
        Delivery before = contacts(1, 1).get(0);
        String record = ((DeliveryResult.Accepted) station.send(List.of(before)).get(0)).remoteId();
        String byHand = hubSpot.createCompany(Map.of("name", "Verband e.V."));
        hubSpot.link(record, byHand);
        Delivery moved = moved(before);

        station.send(List.of(moved));
        assertThat(hubSpot.links().get(record)).hasSize(2).contains(byHand);
        assertThat(hubSpot.links().get(record))
                .anySatisfy(company -> assertThat(hubSpot.companies().get(company))
                        .containsEntry("jtl_customer_id", Mapping.companyId(moved)));
    }

    private static Delivery moved(Delivery before) {
        return new Delivery(
                new ContactKey(
                        before.key().tenantId(),
                        new UUID(0xC0, 77),
                        before.key().contactId()),
                before.contact(),
                before.hash(),
                null,
                false);
    }

    /** It counted as delivered, and the link to the old company stayed for good. */
    @ParameterizedTest
    @ValueSource(strings = {"/contacts/companies/batch/archive", "/contacts/companies/batch/read"})
    void a_moved_contact_whose_old_link_stays_is_a_dead_letter_and_tried_again(String call) {
        Delivery before = contacts(1, 1).get(0);
        String record = ((DeliveryResult.Accepted) station.send(List.of(before)).get(0)).remoteId();
        hubSpot.answer(call, 400, Map.of(), Map.of("category", "VALIDATION_ERROR", "message", "not now"));

        assertThat(station.send(List.of(moved(before))).get(0))
                .isInstanceOfSatisfying(DeliveryResult.Unlinked.class, unlinked -> {
                    assertThat(unlinked.why().errorMessage()).contains("former customer", "not now");
                    assertThat(unlinked.remoteId())
                            .as("it is looked at again as one that was found")
                            .isNull();
                });
        assertThat(hubSpot.links().get(record)).hasSize(2);

        assertThat(station.send(List.of(moved(before)))).hasOnlyElementsOfType(DeliveryResult.Accepted.class);
        assertThat(hubSpot.links().get(record)).hasSize(1);
    }

    @Test
    void one_old_link_that_hubspot_keeps_costs_no_other_contact() {
        List<Delivery> before = contacts(3, 1);
        List<DeliveryResult> receipts = station.send(before);
        hubSpot.answer("/contacts/companies/batch/archive", 400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
        hubSpot.answer("/contacts/companies/batch/archive", 400, Map.of(), Map.of("category", "VALIDATION_ERROR"));

        List<DeliveryResult> moved =
                station.send(before.stream().map(HubSpotCompaniesTest::moved).toList());
        assertThat(moved).filteredOn(DeliveryResult.Unlinked.class::isInstance).hasSize(1);
        assertThat(receipts)
                .extracting(result -> hubSpot.links()
                        .get(((DeliveryResult.Accepted) result).remoteId())
                        .size())
                .containsExactlyInAnyOrder(2, 1, 1);
    }

    @Test
    void a_company_that_people_have_deleted_meanwhile_is_made_anew_for_the_next_contact() throws Exception {
        List<Delivery> contacts = contacts(2, 1);
        station.send(contacts.subList(0, 1));
        hubSpot.deleteCompany(hubSpot.companies().keySet().iterator().next());
        station.send(contacts.subList(0, 1));
        assertLinked(contacts.subList(1, 2), station.send(contacts.subList(1, 2)));
    }
}
