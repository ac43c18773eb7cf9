package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.DeliveryResult;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that people have merged in a CRM which is described by properties: one person stays one record. */
class RestMergeTest {

    private static final String READ = "contacts.crm.rest.read=GET /api/v2/persons/{remoteId}\n"
            + "contacts.crm.rest.read-key=/data/custom_fields/" + RestApiFixture.Pipedrive.FIELD + "\n";
    private static final String PERSONS = "/api/v2/persons/";

    @TempDir
    Path folder;

    private final RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();

    private static JsonNode record(String key) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", "someone")
                .set("custom_fields", JsonNodeFactory.instance.objectNode().put(RestApiFixture.Pipedrive.FIELD, key));
    }

    private static String key(int number) {
        return RestCrmFixture.TENANT + "/" + id(number);
    }

    /** As a CRM that redirects to the record that is left, or that names it. */
    private static Reply merged(boolean redirect, RestCrmServer crm) {
        return redirect
                ? Reply.of(301, null).with("Location", crm.baseUrl() + PERSONS + "8")
                : Reply.of(200, "{\"data\": {\"merged_into\": 8}}");
    }

    @ParameterizedTest
    @CsvSource({"true, ''", "false, ''", "true, ours", "false, ours"})
    void the_record_that_is_left_is_written_and_has_the_contacts_key(boolean redirect, String owner) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder, crm, READ + "contacts.crm.rest.merged-into=/data/merged_into\n")) {
            api.put("8", record(owner.isEmpty() ? "" : key(1)));
            crm.always("GET " + PERSONS + "7?", merged(redirect, crm));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "7")))
                    .containsExactly(new DeliveryResult.Accepted("8"));
            assertThat(crm.records()).hasSize(1);
            assertThat(crm.records().get("8").toString()).contains(key(1), "c1@example.org");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void the_record_of_another_contact_is_left_alone() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            api.put("8", record(key(2)));
            crm.always("GET " + PERSONS + "7?", merged(true, crm));

            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß", "7"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("merged into that of another contact", key(2));
            assertThat(crm.records()).containsOnlyKeys("8");
            assertThat(crm.records().get("8")).isEqualTo(record(key(2)));
        }
    }

    /** A circle of them made a second record. */
    @Test
    void several_merges_are_followed_and_those_that_end_nowhere_are_a_dead_letter() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            api.put("8", record(""));
            crm.always("GET " + PERSONS + "6?", Reply.of(308, null).with("Location", PERSONS + "7"));
            crm.always("GET " + PERSONS + "7?", merged(true, crm));
            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "6")))
                    .containsExactly(new DeliveryResult.Accepted("8"));

            crm.always("GET " + PERSONS + "20?", Reply.of(301, null).with("Location", PERSONS + "21"));
            crm.always("GET " + PERSONS + "21?", Reply.of(301, null).with("Location", PERSONS + "20"));
            assertThat(refusal(station.send(delivery(2, "c2@example.org", "Groß", "20"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("round in a circle (20 into 21 into 20)", "Set right there", "replay");

            for (int id = 30; id <= 36; id++) {
                crm.always("GET " + PERSONS + id + "?", Reply.of(301, null).with("Location", PERSONS + (id + 1)));
            }
            assertThat(refusal(station.send(delivery(3, "c3@example.org", "Groß", "30"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("more than 5 times (30 into 31 into", "into 36)");
            assertThat(crm.records()).containsOnlyKeys("8");

            assertThat(refusal(station.send(gone(2, "20")).get(0)).why().errorMessage())
                    .contains("round in a circle");
        }
    }

    /** A redirect to elsewhere is about everybody, and gets neither the token nor a record. */
    @ParameterizedTest
    @ValueSource(strings = {"https://crm.invalid/api/v2/persons/8", "/login", "/api/v2/persons/8/details", "::"})
    void a_redirect_to_elsewhere_is_not_followed(String location) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            api.put("8", record(""));
            crm.always("GET " + PERSONS + "7?", Reply.of(301, null).with("Location", location));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "7")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(RestCrmFixture.outage(station).reason()).contains("HTTP 301", "redirects are not followed");
            assertThat(crm.records().get("8")).isEqualTo(record(""));
        }
    }

    @Test
    void without_a_call_that_reads_the_contact_is_reported_and_no_other_waits() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
            api.put("8", record(key(2)));
            crm.always("PATCH " + PERSONS + "7?", merged(true, crm));

            assertThat(refusal(station.send(
                                            delivery(1, "c1@example.org", "Groß", "7"),
                                            delivery(2, "c2@example.org", "Groß", "8"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("contacts.crm.rest.read");
            assertThat(crm.records().get("8").toString()).contains(key(2), "c2@example.org");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** Taken for "not there", it became a second record of a person whose first had lost its key. */
    @Test
    void a_record_that_the_crm_fails_to_read_is_not_taken_for_gone() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            crm.always("GET " + PERSONS + "7?", Reply.of(503, null));
            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "7")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(crm.records()).isEmpty();
        }
    }

    /** A search that was behind made a removal count as done, and the record stayed. */
    @ParameterizedTest
    @CsvSource({"ours, true, Accepted", "'', true, Refused", "somebody's, true, Absent", "ours, false, Absent"})
    void what_is_to_be_deleted_and_not_found_is_read_by_the_id_that_is_remembered(
            String owner, boolean read, String result) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, (read ? READ : "") + """
                    contacts.on-gone=delete
                    contacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}
                    """)) {
            api.put("8", record(owner.equals("ours") ? key(1) : owner));
            crm.always("/search", Reply.of(200, "{\"data\": {\"items\": []}}"));

            DeliveryResult removed = station.send(gone(1, "8")).get(0);
            assertThat(removed.getClass().getSimpleName()).isEqualTo(result);
            assertThat(crm.records()).hasSize(result.equals("Accepted") ? 0 : 1);
            if (result.equals("Refused")) {
                assertThat(refusal(removed).why().errorMessage()).contains("no key", key(1), "replay");
            }
            assertThat(station.send(gone(1, "9")))
                    .as("is not there by its id either")
                    .containsExactly(new DeliveryResult.Absent());
        }
    }

    @Test
    void what_is_deleted_without_a_search_is_the_record_that_is_left_if_it_has_the_key() throws Exception {
        String properties = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.auth=header
            contacts.crm.rest.auth-header=x-api-token: {token}
            contacts.crm.rest.mode=single
            contacts.crm.rest.write=POST /api/v2/persons
            contacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}
            contacts.on-gone=delete
            """ + READ;
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = new RestCrmFixture(folder, crm, "id", "name: {from: lastName}", properties)) {
            api.put("8", record(key(1)));
            crm.always("GET " + PERSONS + "7?", merged(true, crm));
            assertThat(station.send(gone(2, "7"))).containsExactly(new DeliveryResult.Absent());
            assertThat(crm.records()).containsOnlyKeys("8");
            assertThat(accepted(station.send(gone(1, "7")))).hasSize(1);
            assertThat(crm.records()).isEmpty();
        }
    }
}
