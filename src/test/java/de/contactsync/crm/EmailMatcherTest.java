package de.contactsync.crm;

import static de.contactsync.crm.CrmDouble.contact;
import static de.contactsync.crm.CrmDouble.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.CrmDouble.Kind;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people have in the CRM already becomes the record of a contact that was never delivered. */
class EmailMatcherTest {

    private static final Map<String, String> MATCH = Map.of("contacts.crm.match", "email");
    private static final Map<String, String> FIELDS = Map.of(
            "lastName", "{from: lastName}",
            "firstName", "{from: firstName}",
            "emailAddress", "{from: emailAddress, transform: [trim, lower-case]}");

    @TempDir
    Path folder;

    private CrmDouble crm;

    @AfterEach
    void stop() throws Exception {
        crm.close();
    }

    private static String idOf(DeliveryResult result) {
        assertThat(result).isInstanceOf(DeliveryResult.Accepted.class);
        return ((DeliveryResult.Accepted) result).remoteId();
    }

    @ParameterizedTest
    @EnumSource
    void the_only_record_with_the_address_becomes_that_of_the_contact(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Groß", "emailAddress", "anna@example.org", "department", "IT"));
        crm.create(Map.of("lastName", "Kurz", "emailAddress", "otto@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);
        Delivery anna = contact(1, "Anna", "Groß", " Anna@Example.org");

        List<DeliveryResult> results = station.send(List.of(contact(2, null, "Neu", "neu@example.org"), anna));

        assertThat(idOf(results.get(1))).isEqualTo(there);
        assertThat(crm.records()).hasSize(3);
        assertThat(crm.records().get(there))
                .containsEntry("key", key(anna))
                .containsEntry("firstName", "Anna")
                .containsEntry("department", "IT");
        assertThat(crm.records().get(idOf(results.get(0)))).containsEntry("lastName", "Neu");
    }

    @ParameterizedTest
    @EnumSource
    void without_the_setting_nothing_is_matched(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Groß", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(Map.of(), FIELDS);

        station.send(List.of(contact(1, "Anna", "Groß", "anna@example.org")));

        assertThat(crm.records().get(there)).doesNotContainKey("key");
    }

    @ParameterizedTest
    @EnumSource
    void a_record_of_another_contact_is_left_alone(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there =
                crm.create(Map.of("key", "someone/else", "lastName", "Groß", "emailAddress", "info@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);

        DeliveryResult result = station.send(List.of(contact(1, "Anna", "Klein", "info@example.org")))
                .get(0);

        assertThat(crm.records().get(there))
                .containsEntry("key", "someone/else")
                .containsEntry("lastName", "Groß");
        if (kind == Kind.HUBSPOT) {
            assertThat(result).as("an address is one record's there").isInstanceOf(DeliveryResult.Refused.class);
        } else {
            assertThat(idOf(result)).isNotEqualTo(there);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_record_with_the_contacts_key_comes_before_one_with_its_address(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        Delivery anna = contact(1, "Anna", "Groß", "anna@example.org");
        String own = crm.create(Map.of("key", key(anna), "lastName", "Alt"));
        String other = crm.create(Map.of("lastName", "Andere", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);

        station.send(List.of(anna));

        assertThat(crm.records().get(own)).containsEntry("key", key(anna));
        assertThat(crm.records().get(other)).doesNotContainKey("key").containsEntry("lastName", "Andere");
    }

    /** At HubSpot there cannot be two. */
    @ParameterizedTest
    @EnumSource(names = {"SALESFORCE", "REST"})
    void where_two_records_have_the_address_a_person_has_to_decide(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String first = crm.create(Map.of("lastName", "Groß", "emailAddress", "anna@example.org"));
        String second = crm.create(Map.of("lastName", "Gross", "emailAddress", "Anna@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);
        Delivery anna = contact(1, "Anna", "Groß", "anna@example.org");

        DeliveryResult result = station.send(List.of(anna)).get(0);

        assertThat(result).isInstanceOf(DeliveryResult.Refused.class);
        assertThat(((DeliveryResult.Refused) result).why().errorMessage())
                .contains(first, second, "merge them there")
                .doesNotContain("anna@");
        assertThat(crm.records()).hasSize(2);

        // As the remedy says.
        crm.edit(second, Map.of("key", key(anna)));
        assertThat(idOf(station.send(List.of(anna)).get(0))).isEqualTo(second);
    }

    @ParameterizedTest
    @EnumSource
    void of_contacts_that_share_an_address_only_one_takes_the_record(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Zentrale", "emailAddress", "info@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);
        List<Delivery> sharing = IntStream.rangeClosed(1, 3)
                .mapToObj(i -> contact(i, null, "Name " + i, "info@example.org"))
                .toList();

        List<DeliveryResult> together = station.send(sharing.subList(0, 2));
        List<DeliveryResult> later = station.send(sharing.subList(2, 3));

        assertThat(idOf(together.get(0))).isEqualTo(there);
        assertThat(crm.records().get(there)).containsEntry("key", key(sharing.get(0)));
        for (DeliveryResult other : List.of(together.get(1), later.get(0))) {
            if (kind == Kind.HUBSPOT) {
                assertThat(other).isInstanceOf(DeliveryResult.Refused.class);
            } else {
                assertThat(idOf(other)).isNotEqualTo(there);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_contact_that_was_delivered_before_is_not_matched(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Groß", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);
        Delivery anna = contact(1, "Anna", "Groß", "anna@example.org");

        station.send(List.of(new Delivery(anna.key(), anna.contact(), anna.hash(), null, false, false, true, 0)));

        assertThat(crm.records().get(there)).doesNotContainKey("key");
    }

    @ParameterizedTest
    @EnumSource
    void fields_of_a_matched_record_belong_to_whom_the_mapping_says(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Alt", "firstName", "Hand", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(
                MATCH,
                Map.of(
                        "lastName", "{from: lastName}",
                        "firstName", "{from: firstName, write: when-empty}",
                        "department", "{from: department, write: create-only}",
                        "emailAddress", "{from: emailAddress}"));

        assertThat(idOf(station.send(List.of(contact(1, "Anna", "Groß", "anna@example.org")))
                        .get(0)))
                .isEqualTo(there);

        assertThat(crm.records()).hasSize(1);
        assertThat(crm.records().get(there)).containsEntry("firstName", "Hand").containsEntry("lastName", "Groß");
    }

    @ParameterizedTest
    @EnumSource
    void create_only_leaves_a_matched_record_and_update_only_writes_it(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Alt", "emailAddress", "anna@example.org"));
        Delivery anna = contact(1, "Anna", "Groß", "anna@example.org");

        DeliveryResult left = crm.station(
                        Map.of("contacts.crm.match", "email", "contacts.crm.mode", "create-only"), FIELDS)
                .send(List.of(anna))
                .get(0);
        assertThat(left).isInstanceOf(DeliveryResult.LeftOut.class);
        assertThat(crm.records().get(there)).doesNotContainKey("key");

        DeliveryResult written = crm.station(
                        Map.of("contacts.crm.match", "email", "contacts.crm.mode", "update-only"), FIELDS)
                .send(List.of(anna))
                .get(0);
        assertThat(idOf(written)).isEqualTo(there);
        assertThat(crm.records().get(there)).containsEntry("lastName", "Groß");
    }

    @ParameterizedTest
    @EnumSource
    void a_preview_shows_what_would_be_taken_over_and_changes_nothing(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there = crm.create(Map.of("lastName", "Alt", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);
        var before = crm.records();

        List<EmailMatcher.Preview> previews = station.sink
                .matcher()
                .preview(
                        List.of(
                                contact(1, "Anna", "Groß", "anna@example.org"),
                                contact(2, "Otto", "Groß", "anna@example.org"),
                                contact(3, "Uta", "Groß", "uta@example.org")),
                        new HashSet<>());

        assertThat(previews)
                .extracting(preview -> preview.reading().state())
                .containsExactly(State.FOUND, State.MISSING, State.MISSING);
        assertThat(previews.get(0).reading().recordId()).isEqualTo(there);
        assertThat(previews.get(0).written())
                .contains(crm.name("lastName"), crm.name("firstName"))
                .doesNotContain(crm.name("emailAddress"));
        assertThat(crm.records()).isEqualTo(before);
    }

    /** It counted as new, and its address as free. */
    @ParameterizedTest
    @EnumSource
    void a_preview_reports_that_the_address_is_another_contacts(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        String there =
                crm.create(Map.of("key", "someone/else", "lastName", "Groß", "emailAddress", "info@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);

        EmailMatcher.Preview preview = station.sink
                .matcher()
                .preview(List.of(contact(1, "Anna", "Klein", "info@example.org")), new HashSet<>())
                .get(0);

        assertThat(preview.reading().state()).isEqualTo(State.MERGED);
        assertThat(preview.reading().recordId()).isEqualTo(there);
        assertThat(preview.byKey()).isFalse();
    }

    /** A list often has but a few fields of a record. */
    @Test
    void a_record_whose_key_is_not_listed_is_read_before_it_is_taken_over() throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        crm.api.listed = Set.of("email");
        String others =
                crm.create(Map.of("key", "someone/else", "lastName", "Groß", "emailAddress", "info@example.org"));
        String free = crm.create(Map.of("lastName", "Alt", "emailAddress", "uta@example.org"));
        CrmFixture station = crm.station(MATCH, FIELDS);

        List<DeliveryResult> results = station.send(
                List.of(contact(1, "Anna", "Klein", "info@example.org"), contact(2, "Uta", "Neu", "uta@example.org")));

        assertThat(idOf(results.get(0))).isNotEqualTo(others);
        assertThat(crm.records().get(others))
                .containsEntry("key", "someone/else")
                .containsEntry("lastName", "Groß");
        assertThat(idOf(results.get(1))).isEqualTo(free);
        assertThat(crm.records().get(free)).containsEntry("lastName", "Neu");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /contacts/{remoteId}", "GET /contacts?jtlContactId={key}"})
    void what_does_not_show_that_it_has_no_key_is_not_taken_over(String read) throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        crm.api.listed = Set.of("email");
        String there = crm.api.put(null, JsonNodeFactory.instance.objectNode().put("email", "anna@example.org"));
        CrmFixture station = crm.station(Map.of("contacts.crm.match", "email", "contacts.crm.rest.read", read), FIELDS);

        List<DeliveryResult> results = station.send(List.of(contact(1, "Anna", "Groß", "anna@example.org")));

        assertThat(results).containsExactly(new DeliveryResult.Unsent());
        assertThat(crm.records()).containsOnlyKeys(there);
        assertThat(crm.records().get(there)).doesNotContainKey("key");
        assertThat(station.breakers.outages().toString())
                .contains("jtlContactId", "set contacts.crm.rest.read", "contacts.crm.rest.read-key")
                .doesNotContain("anna@");
    }

    /** As many leave out what has no value. */
    @Test
    void a_record_read_without_its_key_belongs_to_nobody_where_reads_show_keys() throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        crm.api.listed = Set.of("email");
        String there = crm.api.put(null, JsonNodeFactory.instance.objectNode().put("email", "anna@example.org"));
        CrmFixture station = crm.station(
                Map.of("contacts.crm.match", "email", "contacts.crm.rest.read-key", "/jtlContactId"),
                Map.of(
                        "lastName", "{from: lastName, write: when-empty}",
                        "emailAddress", "{from: emailAddress}"));

        assertThat(idOf(station.send(List.of(contact(1, "Anna", "Groß", "anna@example.org")))
                        .get(0)))
                .isEqualTo(there);
        assertThat(crm.records().get(there)).containsEntry("lastName", "Groß");
    }

    @Test
    void a_field_that_is_not_listed_is_read_and_one_that_is_not_there_either_has_no_value() throws Exception {
        crm = new CrmDouble(Kind.REST, folder);
        crm.api.listed = Set.of("email", "jtlContactId");
        String there = crm.create(Map.of("firstName", "Hand", "emailAddress", "anna@example.org"));
        CrmFixture station = crm.station(
                MATCH,
                Map.of(
                        "lastName", "{from: lastName, write: when-empty}",
                        "firstName", "{from: firstName, write: when-empty}",
                        "emailAddress", "{from: emailAddress}"));

        assertThat(idOf(station.send(List.of(contact(1, "Anna", "Groß", "anna@example.org")))
                        .get(0)))
                .isEqualTo(there);
        assertThat(crm.records().get(there)).containsEntry("firstName", "Hand").containsEntry("lastName", "Groß");
    }

    @Test
    void a_hundred_matched_contacts_cost_five_calls_at_hubspot() throws Exception {
        crm = new CrmDouble(Kind.HUBSPOT, folder);
        CrmFixture station = crm.station(MATCH, FIELDS);
        station.send(List.of(contact(999, null, "Erster", "erster@example.org")));
        IntStream.rangeClosed(1, 100)
                .forEach(i -> crm.create(Map.of("lastName", "Alt", "emailAddress", "c" + i + "@example.org")));
        long calls = crm.calls();

        List<DeliveryResult> results = station.send(IntStream.rangeClosed(1, 100)
                .mapToObj(i -> contact(i, null, "Name " + i, "c" + i + "@example.org"))
                .toList());

        assertThat(results).hasOnlyElementsOfType(DeliveryResult.Accepted.class);
        assertThat(crm.records()).hasSize(101);
        // The upsert that is refused, two reads, the keys, the upsert.
        assertThat(crm.calls() - calls).isEqualTo(5);
    }

    @Test
    @Tag("slow")
    void a_first_sync_with_shared_addresses_costs_hardly_more_than_its_batches() throws Exception {
        crm = new CrmDouble(Kind.HUBSPOT, folder);
        CrmFixture station = crm.station(MATCH, FIELDS);
        Random random = new Random(18);
        // Every fifth has the address of one that was sent some time before.
        List<Delivery> all = IntStream.range(0, 10_000)
                .mapToObj(i -> contact(
                        i, null, "Name " + i, "c" + (i % 5 == 4 ? random.nextInt(i / 5 + 1) * 5 : i) + "@example.org"))
                .toList();
        int refused = 0;
        for (int i = 0; i < all.size(); i += 100) {
            refused += (int) station.send(all.subList(i, i + 100)).stream()
                    .filter(DeliveryResult.Refused.class::isInstance)
                    .count();
        }
        assertThat(refused).isEqualTo(2_000);
        assertThat(crm.calls()).isLessThanOrEqualTo(130);
    }
}
