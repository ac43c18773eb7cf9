package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The double says no where HubSpot does. */
class HubSpotSimulatorTest {

    private static final String UPSERT = "/crm/v3/objects/contacts/batch/upsert";

    private final HttpClient client = HttpClient.newHttpClient();
    private HubSpotSimulator hubSpot;

    @BeforeEach
    void start() {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
    }

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(hubSpot.baseUrl() + path))
                        .header("Authorization", "Bearer " + hubSpot.token())
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String inputs(String... inputs) {
        return "{\"inputs\":[" + String.join(",", inputs) + "]}";
    }

    private static String input(String id, String properties) {
        return "{\"id\":\"" + id + "\",\"idProperty\":\"jtl_contact_id\",\"properties\":{" + properties + "}}";
    }

    private void assertRefused(int status, String message, String body) throws Exception {
        HttpResponse<String> response = post(UPSERT, body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(message, "correlationId");
        assertThat(hubSpot.records()).as("nothing of the batch is written").isEmpty();
    }

    @Test
    void an_upsert_creates_then_updates_and_leaves_what_is_not_sent() throws Exception {
        JsonNode first = new ObjectMapper()
                .readTree(post(UPSERT, inputs(input("a", "\"lastname\":\"Groß\",\"phone\":\"1\"")))
                        .body());
        assertThat(first.at("/results/0/new").asBoolean()).isTrue();
        assertThat(first.at("/results/0/properties/jtl_contact_id").asText()).isEqualTo("a");

        JsonNode second = new ObjectMapper()
                .readTree(post(UPSERT, inputs(input("a", "\"firstname\":\"Jörg\",\"phone\":\"\"")))
                        .body());
        assertThat(second.at("/results/0/new").asBoolean()).isFalse();
        assertThat(hubSpot.records().get(second.at("/results/0/id").asText()))
                .isEqualTo(Map.of("jtl_contact_id", "a", "lastname", "Groß", "firstname", "Jörg"));
    }

    @Test
    void a_key_that_is_not_unique_is_refused() throws Exception {
        assertRefused(
                400, "by non-unique", inputs(input("a", "\"lastname\":\"x\"")).replace("jtl_contact_id", "fax"));
    }

    @Test
    void an_id_that_stands_in_a_call_twice_is_refused() throws Exception {
        assertRefused(400, "Duplicate IDs", inputs(input("a", "\"lastname\":\"x\""), input("a", "\"lastname\":\"y\"")));
    }

    @Test
    void more_than_a_hundred_are_refused() throws Exception {
        assertRefused(
                400,
                "larger than 100",
                "{\"inputs\":["
                        + IntStream.range(0, 101)
                                .mapToObj(i -> input("i" + i, "\"lastname\":\"x\""))
                                .collect(Collectors.joining(","))
                        + "]}");
    }

    @Test
    void properties_that_are_unknown_or_no_text_are_refused() throws Exception {
        assertRefused(400, "PROPERTY_DOESNT_EXIST", inputs(input("a", "\"nick\":\"x\"")));
        assertRefused(400, "not a string", inputs(input("a", "\"lastname\":null")));
    }

    @Test
    void a_new_contact_needs_an_address_or_a_name() throws Exception {
        assertRefused(400, "At least one of", inputs(input("a", "\"phone\":\"1\"")));
    }

    @Test
    void an_address_of_another_record_refuses_the_whole_batch() throws Exception {
        String existing = hubSpot.create(Map.of("email", "x@example.org"));
        HttpResponse<String> response =
                post(UPSERT, inputs(input("a", "\"lastname\":\"x\""), input("b", "\"email\":\"X@example.org\"")));
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("Existing ID: " + existing);
        assertThat(hubSpot.stats().contacts()).isEqualTo(1);
    }

    @Test
    void what_it_does_not_understand_is_answered_with_200_and_no_results() throws Exception {
        HttpResponse<String> response = post(UPSERT, "[" + input("a", "\"lastname\":\"x\"") + "]");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new ObjectMapper().readTree(response.body()).path("results")).isEmpty();
        assertThat(hubSpot.records()).isEmpty();
    }

    @Test
    void a_record_takes_no_unknown_property_either() throws Exception {
        String record = hubSpot.create(Map.of("lastname", "Groß"));
        for (String properties : new String[] {"\"nick\":\"x\"", "\"lastname\":null"}) {
            assertThat(client.send(
                                    HttpRequest.newBuilder(URI.create(
                                                    hubSpot.baseUrl() + "/crm/v3/objects/contacts/" + record))
                                            .header("Authorization", "Bearer " + hubSpot.token())
                                            .method(
                                                    "PATCH",
                                                    HttpRequest.BodyPublishers.ofString(
                                                            "{\"properties\":{" + properties + "}}"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(400);
        }
        assertThat(hubSpot.records().get(record)).isEqualTo(Map.of("lastname", "Groß"));
    }

    @Test
    void where_it_answers_by_trace_id_the_good_ones_are_written_if_each_has_its_own() throws Exception {
        hubSpot.answerByTraceId();
        assertRefused(400, "does not exist", inputs(input("a", "\"lastname\":\"x\""), input("b", "\"nick\":\"x\"")));

        HttpResponse<String> response = post(
                UPSERT,
                inputs(
                        input("a", "\"lastname\":\"x\"").replace("{\"id\"", "{\"objectWriteTraceId\":\"1\",\"id\""),
                        input("b", "\"nick\":\"x\"").replace("{\"id\"", "{\"objectWriteTraceId\":\"2\",\"id\"")));
        assertThat(response.statusCode()).isEqualTo(207);
        JsonNode body = new ObjectMapper().readTree(response.body());
        assertThat(body.at("/results")).hasSize(1);
        assertThat(body.at("/numErrors").asInt()).isEqualTo(1);
        assertThat(body.at("/errors/0/context/objectWriteTraceId/0").asText()).isEqualTo("2");
        assertThat(hubSpot.records().values()).containsExactly(Map.of("jtl_contact_id", "a", "lastname", "x"));
    }

    @Test
    void dated_paths_are_the_same_api_and_others_are_none() throws Exception {
        assertThat(post("/crm/objects/2026-03/contacts/batch/upsert", inputs(input("a", "\"lastname\":\"x\"")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(post("/crm/v2/objects/contacts/batch/upsert", "{}").statusCode())
                .isEqualTo(404);
    }

    @Test
    void without_the_token_nobody_gets_in() throws Exception {
        assertThat(client.send(
                                HttpRequest.newBuilder(URI.create(hubSpot.baseUrl() + UPSERT))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void a_quota_is_reported_and_enforced() throws Exception {
        try (HubSpotSimulator narrow =
                HubSpotSimulator.start(HubSpotOptions.standard().withQuota(1, Duration.ofMinutes(1)))) {
            HubSpotSimulator wide = hubSpot;
            hubSpot = narrow;
            HttpResponse<String> first = post(UPSERT, inputs(input("a", "\"lastname\":\"x\"")));
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("X-HubSpot-RateLimit-Interval-Milliseconds"))
                    .contains("60000");
            assertThat(first.headers().firstValue("X-HubSpot-RateLimit-Remaining"))
                    .contains("0");
            HttpResponse<String> second = post(UPSERT, "{}");
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.body()).contains("TEN_SECONDLY_ROLLING");
            hubSpot = wide;
        }
    }

    private void restart(HubSpotOptions options) {
        hubSpot.close();
        hubSpot = HubSpotSimulator.start(options);
    }

    private JsonNode read(String more) throws Exception {
        return new ObjectMapper()
                .readTree(post(
                                "/crm/v3/objects/contacts/batch/read",
                                "{\"properties\":[\"email\",\"hs_additional_emails\"]," + more + "}")
                        .body());
    }

    @Test
    void invalid_options_long_values_and_read_only_properties_fail_the_batch_by_name() throws Exception {
        restart(HubSpotOptions.standard()
                .withProperty("salutation", HubSpotOptions.Property.select("Herr", "Frau"))
                .withProperty("jobtitle", HubSpotOptions.Property.text(5))
                .withProperty("score", HubSpotOptions.Property.number()));
        assertRefused(400, "INVALID_OPTION", inputs(input("a", "\"lastname\":\"x\",\"salutation\":\"Mx\"")));
        assertRefused(400, "INVALID_LENGTH", inputs(input("a", "\"lastname\":\"x\",\"jobtitle\":\"Leitung\"")));
        assertRefused(400, "INVALID_NUMBER", inputs(input("a", "\"lastname\":\"x\",\"score\":\"many\"")));
        assertRefused(400, "READ_ONLY_VALUE", inputs(input("a", "\"lastname\":\"x\",\"hs_object_id\":\"1\"")));
        assertThat(post(UPSERT, inputs(input("a", "\"lastname\":\"x\",\"salutation\":\"Mx\"")))
                        .body())
                .contains("\"propertyName\":[\"salutation\"]");
        assertThat(post(UPSERT, inputs(input("a", "\"lastname\":\"x\",\"salutation\":\"Frau\"")))
                        .statusCode())
                .isEqualTo(200);
    }

    private String refusal(String properties) throws Exception {
        HttpResponse<String> response = post(UPSERT, inputs(input("a", "\"lastname\":\"x\"," + properties)));
        return response.statusCode() == 200
                ? ""
                : new ObjectMapper()
                        .readTree(response.body())
                        .at("/errors/0/code")
                        .asText();
    }

    /** A constant for the stage was taken, whatever it was, and one for the date of creation made a property. */
    @Test
    void its_own_properties_have_options_and_some_are_filled_by_itself() throws Exception {
        assertThat(refusal("\"lifecyclestage\":\"Kunde\"")).isEqualTo("INVALID_OPTION");
        assertThat(refusal("\"lifecyclestage\":\"customer\"")).isEmpty();
        for (String filled : List.of("createdate", "lastmodifieddate", "hs_email_domain", "hs_additional_emails")) {
            assertThat(refusal("\"" + filled + "\":\"1\"")).as(filled).isEqualTo("READ_ONLY_VALUE");
        }
        String id = hubSpot.create(Map.of("email", "b@example.org"));
        JsonNode shown = new ObjectMapper()
                .readTree(post(
                                "/crm/v3/objects/contacts/batch/read",
                                "{\"properties\":[\"hs_email_domain\"],\"propertiesWithHistory\":[],\"inputs\":[{\"id\":\""
                                        + id + "\"}]}")
                        .body())
                .at("/results/0/properties");
        assertThat(shown.path("hs_email_domain").asText()).isEqualTo("example.org");
        assertThat(Instant.parse(shown.path("createdate").asText()))
                .isBeforeOrEqualTo(Instant.parse(shown.path("lastmodifieddate").asText()));
    }

    private HttpResponse<String> property(String name, String type, String fieldType, String options) throws Exception {
        return post(
                "/crm/v3/properties/contacts",
                "{\"name\":\"" + name + "\",\"label\":\"x\",\"groupName\":\"contactinformation\",\"type\":\"" + type
                        + "\",\"fieldType\":\"" + fieldType + "\",\"options\":[" + options + "]}");
    }

    @Test
    void a_property_of_the_account_is_what_it_was_made_as() throws Exception {
        String options = "{\"label\":\"a\",\"value\":\"A\"},{\"label\":\"b\",\"value\":\"B\"}";
        assertThat(property("kinds", "enumeration", "checkbox", options).statusCode())
                .isEqualTo(201);
        assertThat(property("kinds", "string", "text", "").statusCode()).isEqualTo(409);
        assertThat(property("more", "enumeration", "select", "").body()).contains("options are missing");
        assertThat(property("more", "enumeration", "text", options).body()).contains("not valid for type");
        assertThat(property("yes", "bool", "booleancheckbox", "").statusCode()).isEqualTo(201);
        assertThat(property("since", "date", "date", "").statusCode()).isEqualTo(201);

        assertThat(refusal("\"kinds\":\"A;B\",\"yes\":\"true\",\"since\":\"2026-11-29\""))
                .isEmpty();
        assertThat(refusal("\"kinds\":\"A;C\"")).isEqualTo("INVALID_OPTION");
        assertThat(refusal("\"yes\":\"ja\"")).isEqualTo("INVALID_BOOLEAN");
        assertThat(refusal("\"since\":\"29.11.2026\"")).isEqualTo("INVALID_DATE");
    }

    @Test
    void a_batch_read_without_propertiesWithHistory_is_refused() throws Exception {
        assertThat(read("\"inputs\":[]").path("message").asText()).contains("propertiesWithHistory");
        assertThat(read("\"propertiesWithHistory\":[],\"inputs\":[]")
                        .path("status")
                        .asText())
                .isEqualTo("COMPLETE");
    }

    @Test
    void a_merged_record_is_found_by_both_ids_and_keeps_both_addresses() throws Exception {
        String first = hubSpot.create(Map.of("email", "a@example.org", "lastname", "Groß"));
        String other = hubSpot.create(Map.of("email", "b@example.org", "phone", "1"));
        assertThat(post(
                                "/crm/v3/objects/contacts/merge",
                                "{\"primaryObjectId\":\"" + first + "\",\"objectIdToMerge\":\"" + other + "\"}")
                        .statusCode())
                .isEqualTo(200);

        assertThat(hubSpot.records()).containsOnlyKeys(first);
        assertThat(hubSpot.records().get(first))
                .containsEntry("phone", "1")
                .containsEntry("hs_additional_emails", "b@example.org")
                .containsEntry("hs_merged_object_ids", other);
        JsonNode byOther = read("\"propertiesWithHistory\":[],\"inputs\":[{\"id\":\"" + other + "\"}]");
        assertThat(byOther.at("/results/0/id").asText()).isEqualTo(first);
        HttpResponse<String> taken = post(UPSERT, inputs(input("a", "\"email\":\"b@example.org\"")));
        assertThat(taken.statusCode()).isEqualTo(409);
        assertThat(taken.body()).contains("Existing ID: " + first);
    }

    @Test
    void a_deleted_record_is_in_the_recycle_bin_and_comes_back_from_there() throws Exception {
        String id = hubSpot.create(Map.of("email", "a@example.org"));
        hubSpot.delete(id);
        assertThat(read("\"propertiesWithHistory\":[],\"inputs\":[{\"id\":\"" + id + "\"}]")
                        .path("results"))
                .isEmpty();
        hubSpot.restore(id);
        assertThat(read("\"propertiesWithHistory\":[],\"inputs\":[{\"id\":\"" + id + "\"}]")
                        .path("results"))
                .hasSize(1);
    }

    @Test
    void the_search_is_behind() throws Exception {
        restart(HubSpotOptions.standard().withSearchLag(Duration.ofHours(1)));
        post(UPSERT, inputs(input("a", "\"lastname\":\"x\"")));
        String search = "{\"filterGroups\":[{\"filters\":[{\"propertyName\":\"jtl_contact_id\",\"operator\":\"EQ\","
                + "\"value\":\"a\"}]}],\"properties\":[\"lastname\"]}";
        assertThat(post("/crm/v3/objects/contacts/search", search).body()).contains("\"total\":0");
        hubSpot.catchUpSearch();
        assertThat(post("/crm/v3/objects/contacts/search", search).body())
                .contains("\"total\":1", "\"lastname\":\"x\"");
    }

    @Test
    void links_to_companies_are_read_and_taken_away() throws Exception {
        String contact = hubSpot.create(Map.of("email", "a@example.org"));
        String company = hubSpot.createCompany(Map.of("name", "Groß AG"));
        String batch = "/crm/v4/associations/contacts/companies/batch/";
        post(
                batch + "associate/default",
                inputs("{\"from\":{\"id\":\"" + contact + "\"},\"to\":{\"id\":\"" + company + "\"}}"));
        assertThat(new ObjectMapper()
                        .readTree(post(batch + "read", inputs("{\"id\":\"" + contact + "\"}"))
                                .body())
                        .at("/results/0/to/0/toObjectId")
                        .asText())
                .isEqualTo(company);
        post(
                batch + "archive",
                inputs("{\"from\":{\"id\":\"" + contact + "\"},\"to\":[{\"id\":\"" + company + "\"}]}"));
        assertThat(hubSpot.links()).isEmpty();
    }
}
