package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmDouble.Kind;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who owns a field: JTL, or the people who work with the CRM. */
class FieldPoliciesTest {

    private static final Map<String, String> FIELDS = Map.of(
            "lastName", "{from: lastName}",
            "firstName", "{from: firstName, write: create-only}",
            "department", "{from: department, write: when-empty}",
            "phoneNumber", "{from: phoneNumber, transform: e164, write: unless-edited}");

    private static final Map<String, String> NO_POLICY = Map.of("lastName", "{from: lastName}");

    @TempDir
    Path folder;

    private CrmDouble crm;

    @AfterEach
    void stop() throws Exception {
        crm.close();
    }

    private CrmFixture station(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        return crm.station(Map.of(), FIELDS);
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

    private String id() {
        assertThat(crm.records()).hasSize(1);
        return crm.records().keySet().iterator().next();
    }

    private Map<String, String> only() {
        return crm.records().get(id());
    }

    private List<String> reviewed() throws Exception {
        return Files.exists(crm.review()) ? Files.readAllLines(crm.review()) : List.of();
    }

    @ParameterizedTest
    @EnumSource
    void each_field_is_left_to_whom_it_belongs(Kind kind) throws Exception {
        CrmFixture station = station(kind);
        DeliveryReport created = station.report(List.of(contact(1, "Anna", "Groß", "Einkauf", "030 901820")));
        assertThat(only()).containsEntry("firstName", "Anna").containsEntry("phoneNumber", "+4930901820");

        DeliveryReport changed =
                station.report(List.of(next(contact(1, "Anne", "Klein", "Verkauf", "030 901821"), created)));
        assertThat(only())
                .containsEntry("lastName", "Klein")
                .containsEntry("firstName", "Anna")
                .containsEntry("department", "Einkauf")
                .containsEntry("phoneNumber", "+4930901821");

        String id = id();
        crm.edit(id, Map.of("phoneNumber", "+49 89 1234567", "department", ""));
        DeliveryReport edited =
                station.report(List.of(next(contact(1, "Anne", "Klein", "Verkauf", "030 901822"), changed)));
        assertThat(only()).containsEntry("phoneNumber", "+49 89 1234567").containsEntry("department", "Verkauf");
        assertThat(reviewed()).hasSize(2);
        assertThat(reviewed().get(1))
                .contains(id, "," + crm.name("phoneNumber") + ",", "'+49 89 1234567", "'+4930901822");

        DeliveryReport again =
                station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901823"), edited)));
        assertThat(only()).containsEntry("phoneNumber", "+49 89 1234567").containsEntry("lastName", "Kurz");
        assertThat(reviewed()).as("once").hasSize(2);

        crm.edit(id, Map.of("phoneNumber", "+4930901824"));
        DeliveryReport agreed =
                station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901824"), again)));
        station.report(List.of(next(contact(1, "Anne", "Kurz", "Verkauf", "030 901825"), agreed)));
        assertThat(only()).as("ours again once both agree").containsEntry("phoneNumber", "+4930901825");
    }

    /** Such a CRM was taken for a person: the field was never written again. */
    @ParameterizedTest
    @CsvSource({
        "capitalS, CAPITALS, Neu",
        "capitalS, capitals, Neu",
        "capitalS, Capitals, Capitals",
        "Groß, GROSS, Neu",
        "Groß, GROß, Neu",
        "Groß, Gross, Gross"
    })
    void a_crm_that_puts_all_into_capitals_is_no_person(String sent, String there, String afterwards) throws Exception {
        crm = new CrmDouble(Kind.HUBSPOT, folder);
        CrmFixture station = crm.station(Map.of(), Map.of("lastName", "{from: lastName, write: unless-edited}"));
        DeliveryReport created = station.report(List.of(contact(1, null, sent, null, null)));
        crm.edit(id(), Map.of("lastName", there));

        station.report(List.of(next(contact(1, null, "Neu", null, null), created)));

        assertThat(only()).containsEntry("lastName", afterwards);
        assertThat(reviewed()).hasSize(afterwards.equals("Neu") ? 0 : 2);
    }

    private void editPhoneWhileItHasNoValue(Map<String, String> settings) throws Exception {
        CrmFixture station = crm.station(
                settings,
                Map.of(
                        "lastName", "{from: lastName, write: unless-edited}",
                        "phoneNumber", "{from: phoneNumber, transform: e164, write: unless-edited}"));
        DeliveryReport created = station.report(List.of(contact(1, "Anna", "Groß", null, "030 901820")));
        DeliveryReport without = station.report(List.of(next(contact(1, "Anna", "Kurz", null, null), created)));
        crm.edit(id(), Map.of("phoneNumber", "112"));

        station.report(List.of(next(contact(1, "Anna", "Lang", null, "030 901821"), without)));
    }

    /** It was forgotten, and a person's value counted as ours once there was one to be written again. */
    @ParameterizedTest
    @EnumSource
    void a_field_that_has_no_value_for_once_is_still_known(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        editPhoneWhileItHasNoValue(Map.of());

        assertThat(only()).containsEntry("phoneNumber", "112").containsEntry("lastName", "Lang");
        assertThat(reviewed()).hasSize(2);
    }

    /** There, the field is among those that are sent back, and was forgotten all the same. */
    @Test
    void a_field_without_a_value_for_once_is_still_known_where_the_crm_keeps_its_own() throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        editPhoneWhileItHasNoValue(Map.of("contacts.crm.rest.null", "keep"));

        assertThat(only()).containsEntry("phoneNumber", "112").containsEntry("lastName", "Lang");
    }

    @ParameterizedTest
    @EnumSource(names = {"HUBSPOT", "SALESFORCE"})
    void policies_cost_at_most_one_read_for_each_batch_of_changes(Kind kind) throws Exception {
        long without = callsOfChanges(kind, "{from: lastName}");
        long with = callsOfChanges(kind, "{from: lastName, write: unless-edited}");

        assertThat(with - without).isBetween(1L, 3L);
    }

    /** Of 60 contacts, in three batches, that were delivered before and have changed. */
    private long callsOfChanges(Kind kind, String lastName) throws Exception {
        if (crm != null) {
            crm.close();
        }
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), Map.of("lastName", lastName));
        List<DeliveryReport> created = IntStream.range(0, 60)
                .mapToObj(i -> station.report(List.of(contact(i, null, "Name " + i, null, null))))
                .toList();
        long before = crm.calls();
        for (int batch = 0; batch < 3; batch++) {
            station.report(IntStream.range(batch * 20, batch * 20 + 20)
                    .mapToObj(i -> next(contact(i, null, "Neu " + i, null, null), created.get(i)))
                    .toList());
        }
        return crm.calls() - before;
    }

    /** Also that it is gone at JTL does not clear what a person has entered. */
    @ParameterizedTest
    @EnumSource
    void a_value_that_jtl_has_no_longer_stays_where_a_person_has_changed_it(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(
                Map.of(),
                Map.of(
                        "lastName", "{from: lastName}",
                        "phoneNumber", "{from: phoneNumber, overwrite-with-empty: true, write: unless-edited}"));
        DeliveryReport created = station.report(List.of(contact(1, null, "Groß", null, "030 901820")));
        crm.edit(id(), Map.of("phoneNumber", "112"));

        DeliveryReport kept = station.report(List.of(next(contact(1, null, "Kurz", null, null), created)));
        assertThat(only()).containsEntry("phoneNumber", "112").containsEntry("lastName", "Kurz");

        crm.edit(id(), Map.of("phoneNumber", ""));
        DeliveryReport agreed = station.report(List.of(next(contact(1, null, "Groß", null, null), kept)));
        DeliveryReport written = station.report(List.of(next(contact(1, null, "Groß", null, "110"), agreed)));
        assertThat(only()).containsEntry("phoneNumber", "110");
        station.report(List.of(next(contact(1, null, "Groß", null, null), written)));
        assertThat(only()).doesNotContainKey("phoneNumber");
    }

    @ParameterizedTest
    @EnumSource(names = {"HUBSPOT", "SALESFORCE"})
    void only_what_differs_is_sent(Kind kind) throws Exception {
        CrmFixture station = station(kind);
        DeliveryReport created = station.report(List.of(contact(1, "Anna", "Groß", "Einkauf", "030 901820")));
        // Written as it was by a person, which is no edit; it would be written back if it were sent.
        crm.edit(id(), Map.of("phoneNumber", "+49 30 901820", "lastName", " Groß "));

        station.report(List.of(next(contact(1, "Anna", "Groß", "Einkauf", "030 901820"), created)));

        assertThat(only()).containsEntry("phoneNumber", "+49 30 901820").containsEntry("lastName", " Groß ");
        assertThat(reviewed()).isEmpty();
        assertThat(station.attempts).as("nothing new to be known").hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_value_that_was_there_before_us_stays(Kind kind) throws Exception {
        CrmFixture station = station(kind);
        Delivery contact = contact(1, "Anna", "Groß", null, "030 901820");
        crm.create(Map.of("key", CrmDouble.key(contact), "phoneNumber", "112", "lastName", "Alt"));

        station.report(List.of(contact));

        assertThat(only()).containsEntry("phoneNumber", "112").containsEntry("lastName", "Groß");
        assertThat(reviewed()).hasSize(2);
    }

    /** It counted as a person's, and was never updated again, where the process was killed before the answer. */
    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void a_value_that_was_written_and_not_answered_is_ours(Kind kind) throws Exception {
        CrmFixture station = station(kind);
        Delivery first = contact(1, "Anna", "Groß", null, "030 901820");
        station.report(List.of(first));
        Delivery second =
                unanswered(contact(1, "Anna", "Groß", null, "030 901821"), false, station.attempts.get(first));
        DeliveryReport created = station.report(List.of(second));
        assertThat(only()).as("created").containsEntry("phoneNumber", "+4930901821");

        Delivery third = next(contact(1, "Anna", "Groß", null, "030 901822"), created);
        station.report(List.of(third));
        Delivery fourth = unanswered(contact(1, "Anna", "Groß", null, "030 901823"), true, station.attempts.get(third));
        station.report(List.of(fourth));
        assertThat(only()).as("updated").containsEntry("phoneNumber", "+4930901823");

        // None of the two has arrived.
        crm.edit(id(), Map.of("phoneNumber", "+4930901821"));
        Delivery fifth = unanswered(contact(1, "Anna", "Groß", null, "030 901824"), true, station.attempts.get(fourth));
        station.report(List.of(fifth));
        assertThat(only()).as("as it was").containsEntry("phoneNumber", "+4930901824");
        assertThat(reviewed()).isEmpty();

        crm.edit(id(), Map.of("phoneNumber", "112"));
        Delivery sixth = unanswered(contact(1, "Anna", "Groß", null, "030 901825"), true, station.attempts.get(fifth));
        DeliveryReport kept = station.report(List.of(sixth));
        assertThat(only()).as("a person's").containsEntry("phoneNumber", "112");
        assertThat(reviewed()).hasSize(2);
        assertThat(station.attempts).doesNotContainKey(sixth);

        crm.edit(id(), Map.of("phoneNumber", "+4930901824"));
        station.report(List.of(next(contact(1, "Anna", "Groß", null, "030 901826"), kept)));
        assertThat(only()).as("which a person has put back").containsEntry("phoneNumber", "+4930901824");
    }

    /** What was delivered before the field got the policy is ours, and what a person puts in its place is not. */
    @ParameterizedTest
    @EnumSource
    void a_value_from_before_the_policy_is_ours_also_after_a_write_that_was_not_answered(Kind kind) throws Exception {
        CrmFixture station = station(kind);
        String id = crm.create(Map.of(
                "key", CrmDouble.key(contact(1, null, "Groß", null, null)), "lastName", "Groß", "phoneNumber", "110"));
        Delivery first = unanswered(contact(1, null, "Groß", null, "111"), true, null);
        station.report(List.of(first));
        crm.edit(id, Map.of("phoneNumber", "110"));
        Delivery second = unanswered(contact(1, null, "Groß", null, "113"), true, station.attempts.get(first));
        station.report(List.of(second));
        assertThat(only()).as("not arrived").containsEntry("phoneNumber", "113");

        crm.edit(id, Map.of("phoneNumber", "112"));
        station.report(List.of(unanswered(contact(1, null, "Groß", null, "114"), true, station.attempts.get(second))));
        assertThat(only()).as("a person's").containsEntry("phoneNumber", "112");
    }

    /** As the outbox has it after a write whose answer was lost. */
    private static Delivery unanswered(Delivery changed, boolean delivered, String attempted) {
        return new Delivery(
                changed.key(), changed.contact(), changed.hash(), null, false, false, delivered, 1, attempted);
    }

    /** To write it might destroy what a person has entered. */
    @Test
    void what_is_not_shown_halts_with_the_call_that_would_show_it() throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        CrmFixture station = crm.station(Map.of("contacts.crm.rest.read", ""), FIELDS);
        Delivery contact = contact(1, "Anna", "Groß", null, "030 901820");
        crm.create(Map.of("key", CrmDouble.key(contact), "phoneNumber", "112", "lastName", "Alt"));

        assertThat(station.send(List.of(contact))).containsExactly(new DeliveryResult.Unsent());

        assertThat(only()).containsEntry("lastName", "Alt");
        assertThat(station.breakers.outages())
                .singleElement()
                .satisfies(outage -> assertThat(outage.reason())
                        .contains("does not show what it has in firstName", "contacts.crm.rest.read"));
    }

    @ParameterizedTest
    @CsvSource({"HUBSPOT, 2", "SALESFORCE, 2", "REST, 300"})
    @Tag("slow")
    void a_batch_costs_one_read_more(Kind kind, long expected) throws Exception {
        CrmFixture station = station(kind);
        List<Delivery> all = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> contact(i, "Anna", "Name " + i, null, "030 901820"))
                .toList();
        station.report(List.of(contact(101, "Anna", "Name 101", null, "030 901820")));
        long calls = crm.calls();

        station.report(all);

        assertThat(crm.calls() - calls).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"HUBSPOT, 1", "SALESFORCE, 1", "REST, 2"})
    void without_a_policy_nothing_is_read(Kind kind, long expected) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), NO_POLICY);
        station.report(List.of(contact(1, null, "Groß", null, null)));
        long calls = crm.calls();

        station.report(List.of(contact(2, null, "Klein", null, null)));

        assertThat(crm.calls() - calls).isEqualTo(expected);
        assertThat(station.attempts).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void create_only_writes_no_record_that_is_there_and_update_only_makes_none(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        Delivery there = contact(1, "Anna", "Groß", null, null);
        Delivery missing = contact(2, "Otto", "Klein", null, null);
        String id = crm.create(Map.of("key", CrmDouble.key(there), "lastName", "Alt"));
        CrmFixture updating = crm.station(Map.of("contacts.crm.mode", "update-only"), NO_POLICY);
        assertThat(updating.report(List.of(there, missing)).receipts())
                .satisfiesExactly(
                        first -> assertThat(first).isInstanceOf(DeliveryResult.Accepted.class),
                        second -> assertThat(second).isInstanceOf(DeliveryResult.LeftOut.class));
        assertThat(only()).containsEntry("lastName", "Groß");

        crm.edit(id, Map.of("lastName", "Alt"));
        CrmFixture creating = crm.station(Map.of("contacts.crm.mode", "create-only"), NO_POLICY);
        assertThat(creating.report(List.of(there, missing)).receipts())
                .satisfiesExactly(
                        first -> assertThat(first).isInstanceOf(DeliveryResult.LeftOut.class),
                        second -> assertThat(second).isInstanceOf(DeliveryResult.Accepted.class));
        assertThat(crm.records()).hasSize(2);
        assertThat(crm.records().get(id)).containsEntry("lastName", "Alt");
    }
}
