package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.accepted;
import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static de.contactsync.crm.CrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HubSpot gets in one batch, and what becomes of each contact in it. */
class HubSpotCrmTest {

    private HubSpotSimulator hubSpot;

    @BeforeEach
    void start() {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
    }

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    @Test
    void a_hundred_contacts_are_one_call_and_each_has_its_record() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 100));

            assertThat(accepted(receipts)).hasSize(100).doesNotHaveDuplicates();
            assertThat(hubSpot.stats().upserts()).isEqualTo(1);
            String id = ((DeliveryResult.Accepted) receipts.get(6)).remoteId();
            Delivery seventh = deliveries(7, 7).get(0);
            assertThat(hubSpot.records().get(id))
                    .isEqualTo(Map.of(
                            "jtl_contact_id",
                            seventh.key().tenantId() + "/" + seventh.key().contactId(),
                            "jtl_customer_id",
                            seventh.key().customerId().toString(),
                            "email",
                            "c7@example.org",
                            "lastname",
                            "Name 7",
                            "salutation",
                            "Frau",
                            "phone",
                            "+4930901820"));
        }
    }

    @Test
    void sending_again_updates_the_same_record() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> first = station.send(deliveries(1, 3));
            assertThat(station.send(deliveries(1, 3))).isEqualTo(first);
            assertThat(hubSpot.stats().contacts()).isEqualTo(3);
        }
    }

    @Test
    void what_is_removed_under_one_customer_and_sent_under_another_is_there_in_the_end() throws Exception {
        Delivery before = delivery(1, "c1@example.org", "Name 1");
        ContactKey elsewhere = new ContactKey(
                before.key().tenantId(), new UUID(0xC0, 99), before.key().contactId());
        Delivery now = new Delivery(elsewhere, before.contact(), before.hash(), null, false);
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            String id = ((DeliveryResult.Accepted) station.send(List.of(before)).get(0)).remoteId();
            assertThat(accepted(
                            station.send(List.of(new Delivery(before.key(), before.contact(), null, id, false), now))))
                    .hasSize(2);

            assertThat(hubSpot.records().values())
                    .singleElement()
                    .satisfies(record -> assertThat(record)
                            .containsEntry(
                                    "jtl_customer_id", elsewhere.customerId().toString()));
        }
    }

    @Test
    void nothing_is_sent_once_others_may_send_it() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            assertThat(station.sink
                            .send(new DeliveryBatch(deliveries(1, 3), System.nanoTime() - 1))
                            .receipts())
                    .hasSize(3)
                    .hasOnlyElementsOfType(DeliveryResult.Unsent.class);
            assertThat(hubSpot.stats().upserts()).isZero();
        }
    }

    @Test
    void seven_bad_ones_of_a_hundred_cost_no_other() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        for (int bad : new int[] {0, 13, 14, 50, 77, 98, 99}) {
            deliveries.set(bad, delivery(bad + 1, "no-address-" + bad, "Mustermann"));
        }
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(93);
            assertThat(refusal(receipts.get(13)).why().reason()).isEqualTo(Reason.SINK_REJECTED);
            assertThat(refusal(receipts.get(13)).why().httpStatus()).isEqualTo(400);
            assertThat(refusal(receipts.get(13)).why().errorCode()).isEqualTo("VALIDATION_ERROR");
            assertThat(refusal(receipts.get(13)).why().errorMessage())
                    .contains("Email address … is invalid", "correlation id 5c1d2e3f-0000-4000-8000-000000000001")
                    .doesNotContain("no-address", "Mustermann");
            assertThat(hubSpot.stats().contacts()).isEqualTo(93);
        }
    }

    @Test
    void an_unreadable_phone_number_is_counted_once_even_when_its_batch_is_halved() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 16));
        deliveries.set(3, delivery(4, "no-address", "Mustermann"));
        ContactKey key = deliveries.get(4).key();
        CustomerContact contact = new CustomerContact(null, null, null, "Groß", "call me", null, "g@example.org", null);
        deliveries.set(4, new Delivery(key, contact, contact.contentHash(), null, false));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            assertThat(accepted(station.send(deliveries))).hasSize(15);
            assertThat(station.mapping.unreadablePhoneNumbers()).isEqualTo(1);
        }
    }

    @Test
    void what_hubspot_would_refuse_for_lack_of_a_name_is_not_sent() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(List.of(delivery(1, null, " "), delivery(2, null, "Groß")));

            assertThat(refusal(receipts.get(0)).why().errorMessage())
                    .contains("e-mail address, first name and last name");
            assertThat(receipts.get(1)).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(hubSpot.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void of_two_with_one_id_the_newer_goes_for_both() throws Exception {
        Delivery newer = delivery(1, "new@example.org", "Neu");
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(List.of(delivery(1, "old@example.org", "Alt"), newer));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(hubSpot.records().values())
                    .singleElement()
                    .satisfies(record -> assertThat(record).containsEntry("lastname", "Neu"));
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(ints = {423, 502, 503, 504, 521, 523, 524})
    void what_may_pass_is_tried_again(int status) throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            hubSpot.answer(status, Map.of(), Map.of());
            long began = System.nanoTime();

            assertThat(accepted(station.send(deliveries(1, 2)))).hasSize(2);
            if (status == 423) {
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
            }
        }
    }

    @Test
    @Tag("slow")
    void a_quota_is_kept_and_costs_no_contact() throws Exception {
        try (HubSpotSimulator narrow =
                        HubSpotSimulator.start(HubSpotOptions.standard().withQuota(5, Duration.ofSeconds(1)));
                CrmFixture station = new CrmFixture(narrow)) {
            for (int i = 0; i < 8; i++) {
                assertThat(accepted(station.send(deliveries(i, i)))).hasSize(1);
            }
            assertThat(narrow.stats().throttled())
                    .as("calls beyond the quota that HubSpot tells")
                    .isZero();
            narrow.answer(429, Map.of("Retry-After", "1"), Map.of("policyName", "TEN_SECONDLY_ROLLING"));
            assertThat(accepted(station.send(deliveries(9, 9)))).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, , REFUSAL, contacts.crm.token",
        "403, , REFUSAL, scope",
        "404, , SETTINGS, contacts.crm.base-url",
        "302, , SETTINGS, redirect",
        "477, , REFUSAL, another data centre",
        "429, DAILY, REFUSAL, of this day are spent",
    })
    void what_concerns_all_ends_the_batch_and_says_what_to_do(
            int status, String policy, Outage.Kind kind, String message) throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            hubSpot.answer(status, Map.of(), policy == null ? Map.of() : Map.of("policyName", policy));

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> {
                assertThat(outage.kind()).isEqualTo(kind);
                assertThat(outage.scope()).isEqualTo(Outage.Scope.SINK);
                assertThat(outage.reason()).contains(message).doesNotContain(hubSpot.token());
            });
            assertThat(hubSpot.stats().contacts()).isZero();
        }
    }

    @Test
    void an_answer_of_200_without_results_is_no_success() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            hubSpot.answer(200, Map.of(), Map.of("status", "COMPLETE"));

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(
                            outage -> assertThat(outage.reason()).contains("says of no contact that it was written"));
        }
    }

    @Test
    void what_was_answered_before_it_went_away_is_kept() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 4));
        deliveries.set(0, delivery(1, "no address", "Mustermann"));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            // The whole batch, its halves and the bad one alone are refused; then the next one goes astray.
            hubSpot.answer(400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
            hubSpot.answer(400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
            hubSpot.answer(400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
            hubSpot.answer(400, Map.of(), Map.of("category", "VALIDATION_ERROR"));
            hubSpot.answer(477, Map.of(), Map.of());
            List<DeliveryResult> receipts = station.send(deliveries);
            assertThat(receipts.get(0)).isInstanceOf(DeliveryResult.Refused.class);
            assertThat(receipts.subList(1, 4)).containsOnly(new DeliveryResult.Unsent());
        }
    }

    @Test
    void hubspots_words_are_kept_without_what_is_the_contacts() {
        HubSpotError error = new HubSpotError(
                "CONFLICT",
                "Contact Jörg Groß (joerg@example.org, +49 (0)30 901820) exists. Existing ID: 123456789",
                "a-b",
                null,
                List.of(),
                List.of());

        assertThat(error.errorText(List.of("Jörg", "Groß")))
                .isEqualTo("Contact … … (…, …) exists. Existing ID: 123456789 (correlation id a-b)");
    }

    private void restart(HubSpotOptions options) {
        hubSpot.close();
        hubSpot = HubSpotSimulator.start(options);
    }

    @Test
    void a_first_batch_refused_for_one_property_halts_without_dead_letters() throws Exception {
        restart(HubSpotOptions.standard().withProperty("phone", HubSpotOptions.Property.text(5)));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            assertThat(station.send(deliveries(1, 30))).allMatch(DeliveryResult.Unsent.class::isInstance);
            assertThat(hubSpot.stats().upserts()).as("not 59: those of halving").isLessThan(10);
            assertThat(station.breakers.outages())
                    .anySatisfy(outage -> assertThat(outage.reason())
                            .contains("refused the first 30 contacts together, and 5 of them", "phone")
                            .doesNotContain("30 901820", "+4930901820"));
            // Each try once cost as many calls as it takes to halve a batch down to its contacts.
            long before = hubSpot.stats().upserts();
            station.ahead.addAndGet(Duration.ofMinutes(30).toNanos());
            assertThat(station.send(deliveries(1, 30))).allMatch(DeliveryResult.Unsent.class::isInstance);
            assertThat(hubSpot.stats().upserts() - before).isEqualTo(1);
            assertThat(station.breakers.outages()).isNotEmpty();
        }
    }

    @Test
    void single_contacts_that_are_refused_for_one_property_are_dead_letters_as_ever() throws Exception {
        restart(HubSpotOptions.standard().withProperty("lastname", HubSpotOptions.Property.text(6)));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(9, 29));
            assertThat(accepted(receipts)).hasSize(1);
            assertThat(refusal(receipts.get(20)).why().errors()).contains("INVALID_LENGTH", "lastname");
        }
    }
}
