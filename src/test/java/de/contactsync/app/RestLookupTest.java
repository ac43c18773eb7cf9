package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.RequestTemplate;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CRMs in which a record is looked for before it is written, described by properties and a mapping file alone. */
class RestLookupTest {

    @TempDir
    Path folder;

    private RestCrmFixture pipedrive(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.pipedrive(folder, crm, more);
    }

    @Test
    void a_record_that_is_not_found_is_created_and_from_then_on_updated() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            DeliveryResult created =
                    station.send(delivery(1, "c1@example.org", "Groß")).get(0);
            String person = ((DeliveryResult.Accepted) created).remoteId();
            assertThat(station.send(delivery(1, "new@example.org", "Groß"))).containsExactly(created);
            assertThat(station.send(delivery(1, "newer@example.org", "Groß", person)))
                    .containsExactly(created);

            assertThat(crm.lines())
                    .containsExactly(
                            "GET /api/v2/persons/search",
                            "POST /api/v2/persons",
                            "GET /api/v2/persons/search",
                            // For a made-up contact, since the search does not show the key.
                            "GET /api/v2/persons/search",
                            "PATCH /api/v2/persons/" + person,
                            "PATCH /api/v2/persons/" + person);
            assertThat(crm.records().get(person).toString())
                    .isEqualTo("{\"custom_fields\":{\""
                            + RestApiFixture.Pipedrive.FIELD + "\":\"" + RestCrmFixture.TENANT + "/" + id(1)
                            + "\"},\"name\":\"Groß\",\"emails\":[{\"value\":\"newer@example.org\",\"primary\":true}]}");
        }
    }

    private static final String PLAIN = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.mode=find-then-write
            contacts.crm.rest.find=GET /contacts?jtlContactId={key}
            contacts.crm.rest.found=/items
            contacts.crm.rest.found-key=/jtlContactId
            contacts.crm.rest.create=POST /contacts
            contacts.crm.rest.update=PATCH /contacts/{remoteId} {"version": "{found:/version:number}", "{record}": ""}
            """;

    private RestCrmFixture plain(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "jtlContactId", "lastName: {from: lastName}\n", PLAIN + more);
    }

    /** A CRM that refuses an update without the version that was read had to be given another interface. */
    @Test
    void an_update_repeats_values_of_the_found_record_also_for_a_known_id() throws Exception {
        RestApiFixture.Plain api = new RestApiFixture.Plain();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = plain(crm, "")) {
            String key = RestCrmFixture.TENANT + "/" + id(1);
            String record = api.put(
                    null,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("jtlContactId", key)
                            .put("version", 7));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß", record))))
                    .hasSize(1);
            assertThat(crm.lines()).containsExactly("GET /contacts", "PATCH /contacts/" + record);
            assertThat(crm.calls().get(1).body().toString())
                    .isEqualTo("{\"version\":7,\"jtlContactId\":\"" + key + "\",\"lastName\":\"Groß\"}");
        }
    }

    /** An empty version went out, and the CRM refused each contact. */
    @Test
    void nothing_is_written_when_the_found_record_lacks_what_an_update_repeats() throws Exception {
        RestApiFixture.Plain api = new RestApiFixture.Plain();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = plain(crm, "")) {
            api.put(
                    null,
                    JsonNodeFactory.instance.objectNode().put("jtlContactId", RestCrmFixture.TENANT + "/" + id(1)));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß"))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason())
                    .contains("{found:/version}", "contacts.crm.rest.update", "contacts.crm.rest.find");
            assertThat(crm.lines()).containsExactly("GET /contacts");
        }
    }

    @Test
    void a_part_of_a_value_is_the_id_of_a_record() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Plain());
                RestCrmFixture station = plain(
                        crm,
                        "contacts.crm.rest.update=PATCH /contacts/{remoteId}\n"
                                + "contacts.crm.rest.found-id=/href /contact/(\\\\w+)\ncontacts.crm.rest.id=/none,/href [^/,]+$\n")) {
            crm.plan(Reply.of(200, "{\"items\": []}"));
            crm.plan(Reply.of(201, "{\"href\": \"https://crm/a/contact/4711\"}"));
            assertThat(station.send(delivery(1, "c1@example.org", "Groß")))
                    .containsExactly(new DeliveryResult.Accepted("4711"));

            crm.plan(Reply.of(
                    200,
                    "{\"items\": [{\"href\": \"https://crm/a/contact/4712\", \"jtlContactId\": \""
                            + RestCrmFixture.TENANT + "/" + id(2) + "\"}]}"));
            station.send(delivery(2, "c2@example.org", "Klein"));
            assertThat(crm.lines()).endsWith("PATCH /contacts/4712");
        }
    }

    /** Each counted as no record, so that one was created. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1}", "[null]", "{}", "\"none\"", "[1]"})
    void what_is_found_and_is_no_list_of_records_halts(String items) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.found-key=/item/key\n")) {
            crm.always("search", Reply.of(200, "{\"data\": {\"items\": " + items + "}}"));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß"))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("contacts.crm.rest.found");
            assertThat(crm.records()).isEmpty();
        }
    }

    @Test
    void a_remembered_record_that_now_belongs_to_another_is_not_overwritten() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(
                        crm,
                        "contacts.crm.rest.read=GET"
                                + " /api/v2/persons/{remoteId}\ncontacts.crm.rest.read-key=/data/custom_fields/"
                                + RestApiFixture.Pipedrive.FIELD + "\n")) {
            api.put("7", RestCrmFixture.record("somebody's"));
            api.put("8", RestCrmFixture.record(RestCrmFixture.TENANT + "/" + id(2)));
            List<DeliveryResult> receipts = station.send(
                    delivery(1, "c1@example.org", "Groß", "7"), delivery(2, "c2@example.org", "Groß", "8"));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Accepted("8"));
            assertThat(crm.records().get("7")).isEqualTo(RestCrmFixture.record("somebody's"));
            assertThat(crm.records()).hasSize(3);
        }
    }

    @Test
    void a_record_that_the_crm_fails_on_each_time_stops_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            crm.always("term=" + RestCrmFixture.TENANT + "%2F" + id(1), Reply.of(500, "{\"error\": \"search\"}"));
            crm.always("/api/v2/persons/4711", Reply.of(500, "{\"error\": \"update\"}"));
            List<DeliveryResult> receipts = station.send(
                    delivery(1, "c1@example.org", "Groß"),
                    delivery(2, "c2@example.org", "Groß", "4711"),
                    delivery(3, "c3@example.org", "Groß"));

            assertThat(accepted(receipts)).hasSize(1);
            station.send(delivery(4, "c4@example.org", "Groß"));
            receipts =
                    station.send(delivery(1, "c1@example.org", "Groß"), delivery(2, "c2@example.org", "Groß", "4711"));
            assertThat(refusal(receipts.get(0)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(refusal(receipts.get(0)).why().errorMessage()).contains("GET /api/v2/persons/search", "search");
            assertThat(refusal(receipts.get(1)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(refusal(receipts.get(1)).why().errorMessage()).contains("PATCH /api/v2/persons", "update");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void of_two_records_with_its_key_neither_is_taken() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(crm, "")) {
            for (String person : List.of("11", "12")) {
                api.put(
                        person,
                        JsonNodeFactory.instance
                                .objectNode()
                                .set(
                                        "custom_fields",
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put(
                                                        RestApiFixture.Pipedrive.FIELD,
                                                        RestCrmFixture.TENANT + "/" + id(1))));
            }
            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("2 records", "[11, 12]", "merge them");
            assertThat(crm.lines()).containsOnly("GET /api/v2/persons/search");
        }
    }

    @Test
    void what_was_found_must_have_the_key_where_that_can_be_seen() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.found-key=/item/key\n")) {
            crm.plan(Reply.of(200, "{\"data\": {\"items\": [{\"item\": {\"id\": 5, \"key\": \"another\"}}]}}"));
            station.send(delivery(1, "c1@example.org", "Groß"));

            assertThat(crm.lines())
                    .as("the second one for a made-up contact")
                    .containsExactly(
                            "GET /api/v2/persons/search", "GET /api/v2/persons/search", "POST /api/v2/persons");
        }
    }

    @Test
    void an_answer_without_the_array_of_what_was_found_creates_nothing() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            crm.plan(Reply.of(200, "{\"items\": []}"));
            assertThat(station.send(delivery(1, "c1@example.org", "Groß")))
                    .containsExactly(new DeliveryResult.Unsent());

            assertThat(crm.records()).isEmpty();
            assertThat(outage(station).reason()).contains("contacts.crm.rest.found");
        }
    }

    private RestCrmFixture weclapp(RestCrmServer crm) throws Exception {
        return weclapp(crm, "");
    }

    private RestCrmFixture weclapp(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(
                folder,
                crm,
                "customerNumber",
                "firstName: {from: firstName}\nlastName: {from: lastName}\nemail: {from: emailAddress}\n",
                """
                contacts.crm.token=rest-s3cr3t-t0ken
                contacts.crm.rest.auth=header
                contacts.crm.rest.auth-header=AuthenticationToken: {token}
                contacts.crm.rest.mode=find-then-write
                contacts.crm.rest.key={contactId}
                contacts.crm.rest.empty=keep
                contacts.crm.rest.find=GET /webapp/api/v2/party?customerNumber-eq={key}
                contacts.crm.rest.found=/result
                contacts.crm.rest.create=POST /webapp/api/v2/party
                contacts.crm.rest.update=PUT /webapp/api/v2/party/id/{remoteId}
                """ + more);
    }

    @Test
    void a_record_that_has_the_key_of_another_contact_is_never_written() throws Exception {
        RestApiFixture.Weclapp api = new RestApiFixture.Weclapp();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = weclapp(crm)) {
            // As of a server that does not know what is fetched and lists all it has.
            crm.plan(Reply.of(200, "{\"result\": [{\"id\": \"8\", \"customerNumber\": \"" + id(1) + "\"}]}"));
            assertThat(station.send(delivery(2, null, "Groß"))).containsExactly(new DeliveryResult.Unsent());

            assertThat(crm.lines()).containsExactly("GET /webapp/api/v2/party");
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason())
                    .contains("contacts.crm.rest.find ", "contacts.crm.rest.found-key")
                    .doesNotContain(id(1));
        }
    }

    @Test
    void a_record_that_was_found_and_has_no_key_yet_is_taken() throws Exception {
        RestApiFixture.Weclapp api = new RestApiFixture.Weclapp();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = weclapp(crm)) {
            api.put("8", JsonNodeFactory.instance.objectNode());
            crm.plan(Reply.of(200, "{\"result\": [{\"id\": \"8\", \"customerNumber\": \"\"}]}"));
            assertThat(station.send(delivery(2, null, "Groß"))).containsExactly(new DeliveryResult.Accepted("8"));
        }
    }

    @Test
    void what_a_put_would_null_is_sent_back_where_that_is_wanted() throws Exception {
        RestApiFixture.Weclapp api = new RestApiFixture.Weclapp();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = weclapp(crm)) {
            api.put(
                    "8",
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("customerNumber", id(1))
                            .put("firstName", "Jörg")
                            .put("lastName", "Gross")
                            .put("email", "j@example.org"));
            assertThat(station.send(delivery(1, null, "Groß", "8"))).containsExactly(new DeliveryResult.Accepted("8"));

            assertThat(crm.records().get("8").toString())
                    .as("empty is kept, null is not")
                    .isEqualTo("{\"customerNumber\":\"" + id(1) + "\",\"firstName\":\"Jörg\",\"lastName\":\"Groß\"}");
        }
    }

    /** The flag once was all that a PUT left of the record. */
    @Test
    void what_a_put_would_null_is_sent_back_with_a_flag_too() throws Exception {
        RestApiFixture.Weclapp api = new RestApiFixture.Weclapp();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = weclapp(crm, "contacts.on-gone=flag\ncontacts.crm.rest.null=keep\n")) {
            api.put(
                    "8",
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("customerNumber", id(1))
                            .put("firstName", "Jörg")
                            .put("email", "j@example.org"));
            assertThat(accepted(station.send(gone(1, "8")))).hasSize(1);
            assertThat(crm.records().get("8").toString())
                    .contains("\"gone\":\"yes\"", "\"firstName\":\"Jörg\"", "\"email\":\"j@example.org\"");
        }
    }

    @Test
    void a_value_that_the_url_needs_and_the_contact_has_not_costs_no_call() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(
                        crm,
                        "contacts.crm.rest.find=GET /api/v2/persons/search?term="
                                + "{emailAddress}&fields=custom_fields&exact_match=true\n")) {
            assertThat(refusal(station.send(delivery(1, " ", "Groß")).get(0))
                            .why()
                            .errorMessage())
                    .contains("no emailAddress");
            assertThat(crm.calls()).isEmpty();

            station.send(delivery(1, "a&fields=name#/../\r\nX: ü@example.org", "Groß"));
            assertThat(crm.calls().get(0).query())
                    .isEqualTo("term=a%26fields%3Dname%23%2F..%2F%0D%0AX%3A%20%C3%BC%40"
                            + "example.org&fields=custom_fields&exact_match=true");
        }
    }

    /** Of contacts that JTL has, by the ids of their records that are remembered. */
    @Test
    void a_record_known_for_two_contacts_that_hides_its_key_is_not_written() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(crm, "")) {
            api.put("8", RestCrmFixture.record("x"));
            station.owners = RestCrmFixture.ownedBy(Map.of("8", delivery(2, null, null)));
            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß", "8"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains(id(2), "contacts.crm.rest.read");
            assertThat(accepted(station.send(delivery(2, "c2@example.org", "Klein", "8"))))
                    .hasSize(1);
            assertThat(crm.records().get("8").toString()).contains("Klein");
        }
    }

    @Test
    void secrets_stand_in_bodies_by_placeholders_and_no_preview_shows_them() throws Exception {
        String properties = """
                contacts.crm.token=rest-s3cr3t-t0ken
                contacts.crm.rest.auth=header
                contacts.crm.rest.auth-header=x-api-token: {token}
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=POST /api/v2/persons {"params": {"key": "{token}", "name": "{lastName}"}, "record": "{record}"}
                """;
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = new RestCrmFixture(folder, crm, "id", "name: {from: lastName}", properties)) {
            station.send(delivery(1, "c1@example.org", "Groß"));
            assertThat(crm.calls().get(0).body().at("/params/key").asText()).isEqualTo("rest-s3cr3t-t0ken");

            CrmSettings settings = RestCrmFixture.settings(folder, crm.baseUrl());
            assertThat(settings.kind()
                            .calls(
                                    MappingFile.read(folder, "rest", TenantNames.only(null)),
                                    delivery(1, "c1@example.org", "Groß"),
                                    CrmSettings.Gone.KEEP))
                    .singleElement()
                    .satisfies(call -> assertThat(call).contains("\"***\"").doesNotContain("s3cr3t"));
        }
    }

    @Test
    void a_secret_cannot_stand_in_a_url() {
        assertThatThrownBy(() -> RequestTemplate.writing("POST /api/persons?api_token={token}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{token} cannot stand here");
    }

    @Test
    void a_refusal_names_the_constant_that_it_is_about() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = new RestCrmFixture(
                        folder, crm, "id", "name: {from: lastName}\nkind: {constant: Vertrieb}", """
                contacts.crm.token=rest-s3cr3t-t0ken
                contacts.crm.rest.auth=header
                contacts.crm.rest.auth-header=x-api-token: {token}
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=POST /api/v2/persons
                contacts.crm.rest.message=/error
                """)) {
            crm.plan(Reply.of(400, "{\"error\": \"Vertrieb is no kind for Groß, rest-s3cr3t-t0ken\"}"));
            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("Vertrieb is no kind for …")
                    .doesNotContain("Groß", "s3cr3t");
        }
    }
}
