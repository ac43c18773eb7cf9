package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are gone from the CRM, or whose contact is gone at JTL, where each is looked for before it is written. */
class RestMissingRecordTest {

    @TempDir
    Path folder;

    private RestCrmFixture pipedrive(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.pipedrive(folder, crm, more);
    }

    /** Who may no longer read was told 403 of all, and each record was created a second time. */
    @Test
    @Tag("slow")
    void where_all_remembered_records_are_gone_at_once_none_is_created_anew() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.gone=404,410,403\n")) {
            List<Delivery> known = remembered(1, 10);
            crm.always("PATCH /api/v2/persons", Reply.of(403, "{}"));

            assertThat(station.send(known)).containsOnly(new DeliveryResult.Unsent());
            assertThat(crm.records()).isEmpty();
            assertThat(outage(station).reason())
                    .contains("10 records", "contacts.crm.on-missing", "contacts.crm.rest.gone", "crm forget-target");

            station.later.addAndGet(Duration.ofHours(2).toNanos());
            assertThat(station.send(known)).containsOnly(new DeliveryResult.Unsent());
            assertThat(crm.records()).isEmpty();
        }
    }

    @Test
    @Tag("slow")
    void records_that_are_gone_are_created_anew_where_another_is_still_there() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            String person = ((DeliveryResult.Accepted) station.send(delivery(20, "c20@example.org", "Groß"))
                            .get(0))
                    .remoteId();
            List<Delivery> all = new ArrayList<>(remembered(1, 9));
            all.add(delivery(20, "new@example.org", "Groß", person));

            assertThat(accepted(station.send(all))).hasSize(10);
            assertThat(accepted(station.send(remembered(21, 29)))).hasSize(9);
            assertThat(station.breakers.outages()).isEmpty();
            assertThat(station.send(remembered(31, 31))).containsOnly(new DeliveryResult.Unsent());
        }
    }

    private static List<Delivery> remembered(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> delivery(number, "c" + number + "@example.org", "Name", "9" + number))
                .toList();
    }

    @Test
    void a_record_that_somebody_has_deleted_is_looked_for_and_made_anew() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            DeliveryResult result =
                    station.send(delivery(1, "c1@example.org", "Groß", "4711")).get(0);

            assertThat(crm.lines())
                    .containsExactly(
                            "PATCH /api/v2/persons/4711", "GET /api/v2/persons/search", "POST /api/v2/persons");
            assertThat(crm.records()).containsOnlyKeys(((DeliveryResult.Accepted) result).remoteId());
        }
    }

    /** Directus says 403 and servers of JSON-RPC a code of their own; each was a dead letter at every change. */
    @Test
    void what_says_that_a_record_is_gone_is_in_the_settings() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.gone=404,403,NO_SUCH_RECORD\n")) {
            crm.always("/api/v2/persons/4711", Reply.of(403, "{\"code\": \"FORBIDDEN\"}"));
            crm.always("/api/v2/persons/4712", Reply.of(400, "{\"code\": \"NO_SUCH_RECORD\"}"));

            assertThat(accepted(station.send(
                            delivery(1, "c1@example.org", "Groß", "4711"),
                            delivery(2, "c2@example.org", "Groß", "4712"))))
                    .hasSize(2);
            assertThat(crm.records()).hasSize(2);
        }
    }

    @Test
    void a_missing_record_is_skipped_or_dead_lettered_where_configured() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive())) {
            try (RestCrmFixture station = pipedrive(crm, "contacts.crm.on-missing=skip\n")) {
                assertThat(station.send(delivery(1, "c1@example.org", "Groß", "4711")))
                        .containsExactly(new DeliveryResult.LeftOut("contacts.crm.on-missing=skip"));
            }
            try (RestCrmFixture station = pipedrive(crm, "contacts.crm.on-missing=dead-letter\n")) {
                assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß", "4711"))
                                        .get(0))
                                .why()
                                .errorMessage())
                        .contains("not in the CRM any more", "contacts.crm.on-missing");
                assertThat(accepted(station.send(delivery(2, "c2@example.org", "Groß"))))
                        .as("never had one")
                        .hasSize(1);
            }
            assertThat(crm.records()).hasSize(1);
        }
    }

    @Test
    void what_is_deleted_is_the_record_with_the_contacts_key_whatever_id_is_remembered() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(
                        crm, "contacts.on-gone=delete\ncontacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}\n")) {
            api.put("7", RestCrmFixture.record("somebody's"));
            api.put("8", RestCrmFixture.record(RestCrmFixture.TENANT + "/" + id(1)));

            assertThat(station.send(gone(1, "7"), gone(2, "7"), gone(3, null)))
                    .containsExactly(
                            new DeliveryResult.Accepted("8"), new DeliveryResult.Absent(), new DeliveryResult.Absent());
            assertThat(crm.records()).containsOnlyKeys("7");
        }
    }

    /** The command sync --full forgets the ids where there is no call that reads, and created what people had deleted. */
    @Test
    void one_that_was_deleted_by_hand_is_left_alone_also_when_its_id_is_forgotten() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.on-missing=skip\n")) {
            Delivery now = delivery(1, "c1@example.org", "Name 1");
            Delivery known = new Delivery(now.key(), now.contact(), now.hash(), null, false, false, true, 0);
            assertThat(station.send(List.of(known)))
                    .containsExactly(new DeliveryResult.LeftOut("contacts.crm.on-missing=skip"));
            assertThat(crm.records()).isEmpty();
            assertThat(accepted(station.send(List.of(now)))).as("a new one").hasSize(1);
        }
    }

    /** Of contacts that JTL has, by the ids of their records that are remembered. */
    @ParameterizedTest
    @ValueSource(strings = {"delete", "flag"})
    void a_merged_record_of_a_living_contact_is_neither_deleted_nor_flagged(String wish) throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(
                        crm,
                        "contacts.on-gone=" + wish
                                + "\ncontacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}\n")) {
            api.put("8", RestCrmFixture.record(RestCrmFixture.TENANT + "/" + id(1)));
            station.owners = RestCrmFixture.ownedBy(Map.of("8", delivery(2, null, null)));
            assertThat(refusal(station.send(gone(1, "8")).get(0)).why().errorMessage())
                    .contains("also that of another contact", RestCrmFixture.TENANT + "/" + id(2));
            assertThat(crm.records().get("8")).isEqualTo(RestCrmFixture.record(RestCrmFixture.TENANT + "/" + id(1)));

            // JTL has the same contact under another customer.
            ContactKey own = delivery(1, null, null).key();
            station.owners = (contact, ids) -> new ContactKey(own.tenantId(), new UUID(0xC0, 99), own.contactId());
            assertThat(station.send(gone(1, "8"))).containsExactly(new DeliveryResult.Absent());
            assertThat(crm.records()).containsOnlyKeys("8");
        }
    }

    /** Who may not see any record finds none, and each of them counted as removed. */
    @Test
    void deletions_that_all_find_nothing_halt_when_a_delivered_record_is_missing_too() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        List<Delivery> gone = IntStream.rangeClosed(1, 12)
                .mapToObj(number -> gone(number, "8"))
                .toList();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(
                        crm, "contacts.on-gone=delete\ncontacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}\n")) {
            station.delivered = delivery(99, null, null, "99");
            assertThat(station.send(gone)).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("None of the 10 contacts", "see that we may still see");

            api.put("99", RestCrmFixture.record(RestCrmFixture.TENANT + "/" + id(99)));
            station.later.addAndGet(Duration.ofMinutes(61).toNanos());
            assertThat(station.send(gone)).containsOnly(new DeliveryResult.Absent());
        }
    }
}
