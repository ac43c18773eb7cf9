package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static de.contactsync.crm.CrmFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static DeliveryResult.Refused refusal(DeliveryResult result) {
        assertThat(result).isInstanceOf(DeliveryResult.Refused.class);
        return (DeliveryResult.Refused) result;
    }

    private static List<DeliveryResult> accepted(List<DeliveryResult> receipts) {
        return receipts.stream()
                .filter(DeliveryResult.Accepted.class::isInstance)
                .toList();
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
    void what_is_taken_back_under_one_customer_and_sent_under_another_is_there_in_the_end() throws Exception {
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

    @Test
    void an_address_that_belongs_to_another_record_is_refused_by_default() throws Exception {
        hubSpot.create(Map.of("email", "c2@example.org", "lastname", "Schon da"));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(refusal(receipts.get(1)).why().httpStatus()).isEqualTo(409);
            assertThat(refusal(receipts.get(1)).why().errorMessage())
                    .contains("Existing ID: 501", "contacts.crm.on-email-conflict")
                    .doesNotContain("c2@example.org");
        }
    }

    @Test
    void it_is_adopted_where_that_is_wanted_but_not_from_another_contact_of_jtl() throws Exception {
        String mine = hubSpot.create(Map.of("email", "c2@example.org", "lastname", "Schon da"));
        hubSpot.create(Map.of("email", "c3@example.org", "jtl_contact_id", "someone/else"));
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.ADOPT, false))) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Accepted(mine));
            assertThat(hubSpot.records().get(mine)).containsEntry("lastname", "Name 2");
            assertThat(refusal(receipts.get(2)).why().errorMessage()).contains("another contact of JTL already");
            assertThat(accepted(receipts)).hasSize(3);
        }
    }

    /** It said of a record that is nobody's that it is another contact's. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void it_is_not_adopted_by_a_contact_that_has_a_record(int sent) throws Exception {
        Delivery second = deliveries(2, 2).get(0);
        hubSpot.create(Map.of("jtl_contact_id", Mapping.id(second), "lastname", "Eigener"));
        hubSpot.create(Map.of("email", "c2@example.org", "lastname", "Von Hand"));
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.ADOPT, false))) {
            List<DeliveryResult> receipts = station.send(deliveries(2, sent));

            assertThat(refusal(receipts.get(0)).why().errorMessage())
                    .contains("the contact has another record there already: merge the two")
                    .doesNotContain("another contact of JTL");
        }
    }

    @Test
    void it_is_sent_without_the_address_where_that_is_wanted() throws Exception {
        hubSpot.create(Map.of("email", "c2@example.org", "lastname", "Schon da"));
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false))) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(receipts.get(1)).isInstanceOfSatisfying(DeliveryResult.WithoutEmail.class, without -> {
                assertThat(hubSpot.records().get(without.remoteId()))
                        .containsEntry("lastname", "Name 2")
                        .doesNotContainKey("email");
                assertThat(without.why().errorMessage()).contains("without the e-mail address");
            });
        }
    }

    @ParameterizedTest
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
    void into_an_account_that_is_refused_nothing_is_written_and_no_property_is_created() throws Exception {
        try (CrmFixture station =
                new CrmFixture(hubSpot, target -> target.account().equals("62515") ? "another one" : null)) {
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(hubSpot.stats().contacts()).isZero();
            assertThat(hubSpot.stats().calls()).isEqualTo(1);
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason()).isEqualTo("another one"));
        }
    }

    @Test
    void a_missing_key_is_found_at_the_start_and_said_with_the_remedy() throws Exception {
        try (HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                CrmFixture station = new CrmFixture(bare)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(
                            "no contact property jtl_contact_id, jtl_department, jtl_customer_id",
                            "contacts.crm.create-property=true");
            assertThat(bare.properties()).doesNotContainKey("jtl_contact_id");
        }
    }

    @Test
    void it_is_created_where_that_is_allowed() throws Exception {
        try (HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                CrmFixture station = new CrmFixture(bare, settings(bare, EmailConflict.DEAD_LETTER, true))) {
            assertThat(accepted(station.send(deliveries(1, 2)))).hasSize(2);
            assertThat(bare.properties()).containsEntry("jtl_contact_id", true).containsEntry("jtl_department", false);
        }
    }

    @Test
    void a_key_whose_values_are_not_unique_is_found_at_the_start() throws Exception {
        try (HubSpotSimulator other = HubSpotSimulator.start(HubSpotOptions.standard()
                        .withProperties(
                                Map.of("jtl_contact_id", false, "jtl_customer_id", false, "jtl_department", false)));
                CrmFixture station = new CrmFixture(other)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("jtl_contact_id has no unique values", "mapping/hubspot.yaml");
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
    void properties_hubspot_fills_itself_and_unmatched_options_are_reported_at_start() throws Exception {
        restart(HubSpotOptions.standard()
                .withProperty("fax", HubSpotOptions.Property.filledByHubSpot())
                .withProperty("phone", HubSpotOptions.Property.number())
                .withProperty("salutation", HubSpotOptions.Property.select("Herr", "MS")));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContaining("salutation does not take \"Frau\", only Herr, MS")
                    .hasMessageContaining("phone takes no text (its type is number)")
                    .hasMessageContaining("fax cannot be written there");
            assertThat(hubSpot.stats().upserts()).isZero();
        }
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

    /** Four of a customer on one address, as with info@ in any ERP system. */
    private static List<Delivery> sharing(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> delivery(number, "info" + (number - 1) / 4 + "@example.org", "Name " + number))
                .toList();
    }

    @Test
    void contacts_that_share_an_address_cost_no_halving() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            for (int from = 1; from <= 300; from += 100) {
                List<DeliveryResult> receipts = station.send(sharing(from, from + 99));
                assertThat(accepted(receipts)).hasSize(25);
                assertThat(receipts)
                        .filteredOn(DeliveryResult.Refused.class::isInstance)
                        .hasSize(75);
            }
            assertThat(hubSpot.stats().upserts()).isEqualTo(3);
        }
    }

    /** It became a dead letter for an address that nobody had. */
    @Test
    void an_address_that_the_first_of_a_batch_did_not_get_goes_to_the_next() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            Delivery first = delivery(1, "info@example.org", "Name 1");
            hubSpot.refuse(Mapping.id(first));
            List<DeliveryResult> receipts = station.send(
                    List.of(first, delivery(2, "info@example.org", "Name 2"), delivery(3, "c3@example.org", "Name 3")));
            assertThat(refusal(receipts.get(0)).why().errorMessage()).contains("A rule of this account");
            assertThat(accepted(receipts)).hasSize(2);
        }
    }

    @Test
    void where_it_is_wanted_they_are_sent_without_it_in_the_same_call() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false))) {
            List<DeliveryResult> receipts = station.send(sharing(1, 100));
            assertThat(accepted(receipts)).hasSize(25);
            assertThat(receipts)
                    .filteredOn(DeliveryResult.WithoutEmail.class::isInstance)
                    .hasSize(75);
            assertThat(station.send(sharing(1, 100))).isEqualTo(receipts);
            assertThat(hubSpot.stats().upserts()).isEqualTo(2);
            assertThat(hubSpot.stats().contacts()).isEqualTo(100);
        }
    }

    /** It was sent once more at each lookup, and halved down to one where a batch had a single one of them. */
    @Test
    void a_contact_that_lacks_only_its_address_costs_reads_until_the_conflict_ends() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false))) {
            List<DeliveryResult> receipts = station.send(sharing(1, 100));
            List<Delivery> again = new ArrayList<>();
            for (int i = 0; i < receipts.size(); i++) {
                if (receipts.get(i) instanceof DeliveryResult.WithoutEmail without) {
                    Delivery sent = sharing(1, 100).get(i);
                    again.add(new Delivery(
                            sent.key(), sent.contact(), sent.hash(), without.remoteId(), true, true, true, 0));
                }
            }
            long calls = hubSpot.stats().calls();
            long upserts = hubSpot.stats().upserts();

            assertThat(station.send(again)).hasSize(75).allMatch(DeliveryResult.WithoutEmail.class::isInstance);
            assertThat(hubSpot.stats().upserts()).isEqualTo(upserts);
            assertThat(hubSpot.stats().calls() - calls).isEqualTo(2);
        }
    }

    /** It counted as written, so that a person seemed to have removed it, and it was never sent again. */
    @Test
    void an_address_that_was_left_out_is_no_edit_and_is_sent_when_it_is_free() throws Exception {
        String other = hubSpot.create(Map.of("email", "info@example.org"));
        try (CrmFixture station = new CrmFixture(
                hubSpot,
                settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false),
                "lastname: {from: lastName, write: unless-edited}",
                "email: {from: emailAddress, write: unless-edited}")) {
            Delivery contact = delivery(1, "info@example.org", "Groß");
            DeliveryReport sent = station.report(List.of(contact));
            String record = ((DeliveryResult.WithoutEmail) sent.receipts().get(0)).remoteId();
            String hashes = sent.fieldHashes().get(contact);
            assertThat(hashes).contains("lastname=").doesNotContain("email=");

            hubSpot.edit(other, Map.of("email", "other@example.org"));
            station.report(List.of(new Delivery(
                    contact.key(), contact.contact(), contact.hash(), record, true, true, true, 0, hashes)));

            assertThat(hubSpot.records().get(record)).containsEntry("email", "info@example.org");
        }
    }

    @Test
    void an_address_that_is_only_written_into_new_records_cannot_be_left_out_of_them() {
        Mapping mapping = MappingFile.parse(
                "m.yaml", "key: k\ndefault-country: DE\nfields: {email: {from: emailAddress, write: create-only}}\n");
        settings(hubSpot, EmailConflict.DEAD_LETTER, false).kind().check(mapping);
        assertThatThrownBy(() -> settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false)
                        .kind()
                        .check(mapping))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("write: when-empty");
    }

    /** It was refused as a whole where the read did not tell whose the address is. */
    @Test
    void a_contact_that_lacks_its_address_is_sent_without_it_where_only_the_write_tells_so() throws Exception {
        hubSpot.create(Map.of("email", "c2@example.org", "lastname", "Schon da"));
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false))) {
            station.sink.prepare();
            Delivery first = delivery(2, "c2@example.org", "Name 2");
            Delivery again = new Delivery(first.key(), first.contact(), first.hash(), null, true, true, false, 0);
            hubSpot.answer("/batch/read", 200, Map.of(), "{\"results\": []}");

            assertThat(station.send(List.of(again))).allMatch(DeliveryResult.WithoutEmail.class::isInstance);
        }
    }

    /** A batch in which some share an address, and one has that of a record outside, was halved down to it. */
    @Test
    void addresses_of_other_records_are_learnt_together_with_those_that_a_batch_shares() throws Exception {
        hubSpot.create(Map.of("email", "c99@example.org"));
        List<Delivery> batch = new ArrayList<>(sharing(1, 8));
        batch.add(delivery(99, "c99@example.org", "Name 99"));
        try (CrmFixture station = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.WITHOUT_EMAIL, false))) {
            station.sink.prepare();
            long before = hubSpot.stats().calls();
            assertThat(station.send(batch)).noneMatch(DeliveryResult.Unsent.class::isInstance);
            // New contacts are tried first, as most share addresses among themselves only.
            assertThat(hubSpot.stats().calls() - before).isEqualTo(3);
        }
    }

    @Test
    void addresses_that_other_records_have_are_learnt_by_one_read() throws Exception {
        for (int number = 1; number <= 20; number++) {
            hubSpot.create(Map.of("email", "c" + number + "@example.org"));
        }
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            long before = hubSpot.stats().calls();
            assertThat(accepted(station.send(deliveries(1, 100)))).hasSize(80);
            assertThat(hubSpot.stats().calls() - before).isEqualTo(3);
        }
    }

    @Test
    void an_address_that_one_contact_hands_to_another_in_one_batch_is_no_conflict() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.send(List.of(delivery(1, "office@example.org", "Alt"), delivery(2, "c2@example.org", "Neu")));
            List<DeliveryResult> receipts = station.send(
                    List.of(delivery(1, "c1@example.org", "Alt"), delivery(2, "office@example.org", "Neu")));
            assertThat(accepted(receipts)).hasSize(2);
            assertThat(hubSpot.records().get(((DeliveryResult.Accepted) receipts.get(1)).remoteId()))
                    .containsEntry("email", "office@example.org");
        }
    }

    @Test
    void an_additional_address_of_another_record_is_a_conflict_too() throws Exception {
        String other = hubSpot.create(Map.of("email", "x@example.org"));
        hubSpot.addEmail(other, "c2@example.org");
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));
            assertThat(accepted(receipts)).hasSize(3);
            assertThat(refusal(receipts.get(1)).why().errorMessage()).contains("Existing ID: " + other);
        }
    }
}
