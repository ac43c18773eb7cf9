package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.accepted;
import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static de.contactsync.crm.CrmFixture.refusal;
import static de.contactsync.crm.CrmFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** E-mail addresses that only one record of HubSpot may have, and that several contacts share. */
class HubSpotSharedAddressTest {

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
    @Tag("slow")
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
    void an_address_conflict_that_only_the_write_shows_is_resolved_without_it() throws Exception {
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
