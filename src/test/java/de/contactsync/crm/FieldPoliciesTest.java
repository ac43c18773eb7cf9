package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmSettings.Mode;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who owns a field: JTL, or the people who work with the CRM. */
class FieldPoliciesTest {

    private static final String[] FIELDS = {
        "lastname: {from: lastName}",
        "firstname: {from: firstName, write: create-only}",
        "jobtitle: {from: department, write: when-empty}",
        "phone: {from: phoneNumber, transform: e164, write: unless-edited}"
    };

    @TempDir
    Path folder;

    private final HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    private CrmFixture station(Mode mode, String... fields) throws Exception {
        CrmSettings usual = CrmFixture.settings(hubSpot, EmailConflict.DEAD_LETTER, false);
        return new CrmFixture(
                hubSpot,
                new CrmSettings(
                        "crm",
                        usual.kind(),
                        usual.baseUrl(),
                        usual.gone(),
                        Missing.CREATE,
                        usual.mostGone(),
                        mode,
                        CrmSettings.Match.KEY,
                        review(),
                        false),
                fields);
    }

    private Path review() {
        return folder.resolve("review.csv");
    }

    private static Delivery contact(int number, String first, String last, String department, String phone) {
        CustomerContact contact = new CustomerContact(department, null, first, last, phone, null, null, null);
        return new Delivery(CrmFixture.delivery(number, null, last).key(), contact, contact.contentHash(), null, false);
    }

    /** As the outbox has it next. */
    private static Delivery next(Delivery changed, DeliveryReport report) {
        Delivery before = report.batch().deliveries().get(0);
        String remoteId = ((DeliveryResult.Accepted) report.receipts().get(0)).remoteId();
        return new Delivery(
                changed.key(),
                changed.contact(),
                changed.hash(),
                remoteId,
                false,
                false,
                true,
                1,
                report.fieldHashes().getOrDefault(before, before.fieldHashes()));
    }

    private Map<String, String> only() {
        return hubSpot.records().values().iterator().next();
    }

    private List<String> reviewed() throws Exception {
        return Files.exists(review()) ? Files.readAllLines(review()) : List.of();
    }

    @Test
    void each_field_is_left_to_whom_it_belongs() throws Exception {
        try (CrmFixture station = station(Mode.UPSERT, FIELDS)) {
            DeliveryReport created = station.report(List.of(contact(1, "Anna", "Groß", "Einkauf", "030 901820")));
            assertThat(only()).containsEntry("firstname", "Anna").containsEntry("phone", "+4930901820");

            DeliveryReport changed =
                    station.report(List.of(next(contact(1, "Anne", "Klein", "Verkauf", "030 901821"), created)));
            assertThat(only())
                    .containsEntry("lastname", "Klein")
                    .containsEntry("firstname", "Anna")
                    .containsEntry("jobtitle", "Einkauf")
                    .containsEntry("phone", "+4930901821");

            String id = hubSpot.records().keySet().iterator().next();
            hubSpot.edit(id, Map.of("phone", "+49 89 1234567", "jobtitle", ""));
            DeliveryReport edited =
                    station.report(List.of(next(contact(1, "Anne", "Klein", "Verkauf", "030 901822"), changed)));
            assertThat(only()).containsEntry("phone", "+49 89 1234567").containsEntry("jobtitle", "Verkauf");
            assertThat(reviewed()).hasSize(2);
            assertThat(reviewed().get(1)).contains(id, ",phone,", "'+49 89 1234567", "'+4930901822");

            DeliveryReport again =
                    station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901823"), edited)));
            assertThat(only()).containsEntry("phone", "+49 89 1234567").containsEntry("lastname", "Kurz");
            assertThat(reviewed()).as("once").hasSize(2);

            hubSpot.edit(id, Map.of("phone", "+4930901824"));
            DeliveryReport agreed =
                    station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901824"), again)));
            station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901825"), agreed)));
            assertThat(only()).as("ours again once both agree").containsEntry("phone", "+4930901825");
        }
    }

    @Test
    void only_what_differs_is_sent() throws Exception {
        try (CrmFixture station = station(Mode.UPSERT, FIELDS)) {
            DeliveryReport created = station.report(List.of(contact(1, "Anna", "Groß", "Einkauf", "030 901820")));
            String id = hubSpot.records().keySet().iterator().next();
            // Written as it was by a person, which is no edit; it would be written back if it were sent.
            hubSpot.edit(id, Map.of("phone", "+49 30 901820", "lastname", " Groß "));

            station.report(List.of(next(contact(1, "Anna", "Groß", "Einkauf", "030 901820"), created)));

            assertThat(only()).containsEntry("phone", "+49 30 901820").containsEntry("lastname", " Groß ");
            assertThat(reviewed()).isEmpty();
        }
    }

    @Test
    void a_value_that_was_there_before_us_stays() throws Exception {
        try (CrmFixture station = station(Mode.UPSERT, FIELDS)) {
            Delivery contact = contact(1, "Anna", "Groß", null, "030 901820");
            hubSpot.create(Map.of(
                    "jtl_contact_id",
                    contact.key().tenantId() + "/" + contact.key().contactId(),
                    "phone",
                    "112"));

            station.report(List.of(contact));

            assertThat(only()).containsEntry("phone", "112").containsEntry("lastname", "Groß");
            assertThat(reviewed()).hasSize(2);
        }
    }

    @Test
    void a_batch_costs_one_read_more() throws Exception {
        try (CrmFixture station = station(Mode.UPSERT, FIELDS)) {
            List<Delivery> all = IntStream.rangeClosed(1, 100)
                    .mapToObj(i -> contact(i, "Anna", "Name " + i, null, "030 901820"))
                    .toList();
            station.report(all.subList(0, 1));
            long calls = hubSpot.stats().calls();

            station.report(all);

            assertThat(hubSpot.stats().calls() - calls).isEqualTo(2);
        }
    }

    @Test
    void without_a_policy_nothing_is_read() throws Exception {
        try (CrmFixture station = station(Mode.UPSERT, "lastname: {from: lastName}")) {
            station.report(List.of(contact(1, null, "Groß", null, null)));
            long calls = hubSpot.stats().calls();

            station.report(List.of(contact(2, null, "Klein", null, null)));

            assertThat(hubSpot.stats().calls() - calls).isEqualTo(1);
        }
    }

    @Test
    void create_only_writes_no_record_that_is_there_and_update_only_makes_none() throws Exception {
        Delivery there = contact(1, "Anna", "Groß", null, null);
        Delivery missing = contact(2, "Otto", "Klein", null, null);
        hubSpot.create(Map.of(
                "jtl_contact_id", there.key().tenantId() + "/" + there.key().contactId(), "lastname", "Alt"));
        try (CrmFixture station = station(Mode.UPDATE_ONLY, "lastname: {from: lastName}")) {
            assertThat(station.report(List.of(there, missing)).receipts())
                    .satisfiesExactly(
                            first -> assertThat(first).isInstanceOf(DeliveryResult.Accepted.class),
                            second -> assertThat(second).isInstanceOf(DeliveryResult.Absent.class));
            assertThat(hubSpot.records()).hasSize(1);
            assertThat(only()).containsEntry("lastname", "Groß");
        }
        hubSpot.edit(hubSpot.records().keySet().iterator().next(), Map.of("lastname", "Alt"));
        try (CrmFixture station = station(Mode.CREATE_ONLY, "lastname: {from: lastName}")) {
            assertThat(station.report(List.of(there, missing)).receipts())
                    .satisfiesExactly(
                            first -> assertThat(first).isInstanceOf(DeliveryResult.Absent.class),
                            second -> assertThat(second).isInstanceOf(DeliveryResult.Accepted.class));
            assertThat(hubSpot.records()).hasSize(2);
            assertThat(only()).containsEntry("lastname", "Alt");
        }
    }
}
