package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The double says no where Salesforce does. */
class SalesforceSimulatorTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OBJECT = "/services/data/v62.0/sobjects/Contact/";
    private static final String UPSERT = "/services/data/v62.0/composite/sobjects/Contact/Jtl_Contact_Id__c";

    private final HttpClient client = HttpClient.newHttpClient();
    private SalesforceSimulator salesforce;
    private String token;

    @BeforeEach
    void start() throws Exception {
        restart(SalesforceOptions.standard());
    }

    @AfterEach
    void stop() {
        salesforce.close();
    }

    private void restart(SalesforceOptions options) throws Exception {
        if (salesforce != null) {
            salesforce.close();
        }
        salesforce = SalesforceSimulator.start(options);
        token = tokenFor(SalesforceOptions.CLIENT_SECRET)
                .body()
                .path("access_token")
                .asText();
    }

    private record Answered(int status, HttpResponse<String> response, JsonNode body) {}

    private Answered send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answered(response.statusCode(), response, JSON.readTree(response.body()));
    }

    private Answered tokenFor(String secret) throws Exception {
        String basic = URLEncoder.encode(SalesforceOptions.CLIENT_ID, StandardCharsets.UTF_8) + ":"
                + URLEncoder.encode(secret, StandardCharsets.UTF_8);
        return send(HttpRequest.newBuilder(URI.create(salesforce.tokenEndpoint()))
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)))
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials")));
    }

    private Answered call(String method, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(salesforce.baseUrl() + path))
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String record(String id, String more) {
        return "{\"attributes\":{\"type\":\"Contact\"},\"Jtl_Contact_Id__c\":\"" + id + "\"" + more + "}";
    }

    private static String records(String... records) {
        return "{\"allOrNone\":false,\"records\":[" + String.join(",", records) + "]}";
    }

    private void assertRefused(int status, String code, Answered answer) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().at("/0/errorCode").asText()).isEqualTo(code);
        assertThat(salesforce.records()).as("nothing of the call is written").isEmpty();
    }

    @Test
    void an_upsert_creates_then_updates_leaves_what_is_not_sent_and_clears_by_null() throws Exception {
        JsonNode first = call("PATCH", UPSERT, records(record("a", ",\"LastName\":\"Groß\",\"Phone\":\"1\"")))
                .body();
        assertThat(first.at("/0/success").asBoolean()).isTrue();
        assertThat(first.at("/0/created").asBoolean()).isTrue();

        JsonNode second = call("PATCH", UPSERT, records(record("a", ",\"FirstName\":\"Jörg\",\"Phone\":null")))
                .body();
        assertThat(second.at("/0/created").asBoolean()).isFalse();
        assertThat(second.at("/0/id")).isEqualTo(first.at("/0/id"));
        assertThat(salesforce.records())
                .isEqualTo(Map.of(
                        first.at("/0/id").asText(),
                        Map.of("Jtl_Contact_Id__c", "a", "LastName", "Groß", "FirstName", "Jörg")));
    }

    @Test
    void more_than_two_hundred_are_refused() throws Exception {
        String[] given = IntStream.range(0, 201)
                .mapToObj(i -> record("i" + i, ",\"LastName\":\"x\""))
                .toArray(String[]::new);
        assertRefused(400, "EXCEEDED_ID_LIMIT", call("PATCH", UPSERT, records(given)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Jtl_Contact_Id__c\":\"b\",\"LastName\":\"x\"}",
                "{\"attributes\":{\"type\":\"Lead\"},\"Jtl_Contact_Id__c\":\"b\",\"LastName\":\"x\"}"
            })
    void a_record_without_its_type_or_of_another_fails_the_whole_call(String bad) throws Exception {
        assertRefused(400, "INVALID_TYPE", call("PATCH", UPSERT, records(record("a", ",\"LastName\":\"x\""), bad)));
    }

    @ParameterizedTest
    @CsvSource({"nick__c, INVALID_FIELD", "Locked__c, INVALID_FIELD_FOR_INSERT_UPDATE"})
    void an_unknown_or_read_only_field_fails_the_whole_call(String field, String code) throws Exception {
        restart(SalesforceOptions.standard()
                .withField("Locked__c", new SalesforceOptions.Field("string", false, false, false)));
        assertRefused(
                400,
                code,
                call(
                        "PATCH",
                        UPSERT,
                        records(record("a", ",\"LastName\":\"x\""), record("b", ",\"" + field + "\":\"x\""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Jtl_Customer_Id__c", "Nothing__c"})
    void a_key_that_is_no_external_id_is_not_found(String key) throws Exception {
        assertRefused(
                404,
                "NOT_FOUND",
                call("PATCH", UPSERT.replace("Jtl_Contact_Id__c", key), records(record("a", ",\"LastName\":\"x\""))));
    }

    @Test
    void one_bad_record_fails_alone_and_results_keep_their_order() throws Exception {
        JsonNode body = call(
                        "PATCH",
                        UPSERT,
                        records(
                                record("a", ",\"LastName\":\"x\""),
                                record("twice", ",\"LastName\":\"x\""),
                                record("twice", ",\"LastName\":\"y\""),
                                record("b", ""),
                                record("c", ",\"LastName\":\"x\",\"Email\":\"none\""),
                                record("", ",\"LastName\":\"x\""),
                                record("d", ",\"LastName\":\"x\",\"Account\":{\"Jtl_Customer_Id__c\":\"nobody\"}")))
                .body();

        assertThat(body.findValuesAsText("statusCode"))
                .containsExactly(
                        "DUPLICATE_VALUE",
                        "DUPLICATE_VALUE",
                        "REQUIRED_FIELD_MISSING",
                        "INVALID_EMAIL_ADDRESS",
                        "MISSING_ARGUMENT",
                        "INVALID_FIELD");
        assertThat(body.at("/0/success").asBoolean()).isTrue();
        assertThat(salesforce.records().values()).containsExactly(Map.of("Jtl_Contact_Id__c", "a", "LastName", "x"));
    }

    @Test
    void where_several_records_have_the_key_none_is_written() throws Exception {
        salesforce.create(Map.of("LastName", "One", "Jtl_Contact_Id__c", "a"));
        salesforce.create(Map.of("LastName", "Two", "Jtl_Contact_Id__c", "a"));
        Answered answer = call("PATCH", UPSERT, records(record("a", ",\"LastName\":\"x\"")));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/0/errors/0/statusCode").asText()).isEqualTo("DUPLICATE_EXTERNAL_ID");
        assertThat(salesforce.records().values())
                .extracting(record -> record.get("LastName"))
                .containsExactly("One", "Two");
    }

    @Test
    void a_record_is_updated_and_deleted_once() throws Exception {
        String id = salesforce.create(Map.of("LastName", "Groß"));
        assertThat(call("PATCH", OBJECT + id, "{\"Jtl_Gone__c\":\"yes\"}").status())
                .isEqualTo(204);
        assertThat(salesforce.records().get(id)).isEqualTo(Map.of("LastName", "Groß", "Jtl_Gone__c", "yes"));
        assertThat(call("DELETE", OBJECT + id, "").status()).isEqualTo(204);
        for (String method : new String[] {"DELETE", "PATCH"}) {
            assertRefused(404, "ENTITY_IS_DELETED", call(method, OBJECT + id, "{}"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Jtl_Contact_Id__c = 't/1' | 200 | 1",
                "Jtl_Contact_Id__c = 't/2' | 200 | 0",
                "Nothing__c = 't/1' | 400 | INVALID_FIELD",
                "Jtl_Contact_Id__c LIKE 't%' | 400 | MALFORMED_QUERY"
            })
    void a_record_is_found_by_its_key(String where, int status, String expected) throws Exception {
        String id = salesforce.create(Map.of("LastName", "Groß", "Jtl_Contact_Id__c", "t/1"));
        Answered answer = call(
                "GET",
                "/services/data/v62.0/query?q="
                        + URLEncoder.encode("SELECT Id FROM Contact WHERE " + where, StandardCharsets.UTF_8),
                "");

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()
                        .at(status == 200 ? "/totalSize" : "/0/errorCode")
                        .asText())
                .isEqualTo(expected);
        assertThat(answer.body().findValuesAsText("Id")).isEqualTo(expected.equals("1") ? List.of(id) : List.of());
    }

    @Test
    void before_version_46_there_is_no_such_call() throws Exception {
        String good = records(record("a", ",\"LastName\":\"x\""));
        assertRefused(404, "NOT_FOUND", call("PATCH", UPSERT.replace("v62.0", "v45.0"), good));
        assertRefused(404, "NOT_FOUND", call("POST", UPSERT, good));
        assertThat(call("PATCH", UPSERT.replace("v62.0", "v46.0"), good).status())
                .isEqualTo(200);
    }

    @Test
    void the_daily_calls_are_reported_and_limited() throws Exception {
        restart(SalesforceOptions.standard().withDailyCalls(1));
        Answered last = call("GET", OBJECT + "describe", "");
        assertThat(last.status()).isEqualTo(200);
        assertThat(last.response().headers().firstValue("Sforce-Limit-Info")).contains("api-usage=1/1");

        Answered beyond = call("PATCH", UPSERT, records(record("a", ",\"LastName\":\"x\"")));
        assertRefused(403, "REQUEST_LIMIT_EXCEEDED", beyond);
        assertThat(beyond.response().headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void a_token_is_good_until_its_end_or_until_it_is_revoked() throws Exception {
        String good = records(record("a", ",\"LastName\":\"x\""));
        salesforce.revokeTokensAfterUpserts(2);
        assertThat(call("PATCH", UPSERT, good).status()).isEqualTo(200);
        assertThat(call("PATCH", UPSERT, good).status()).isEqualTo(200);
        assertThat(call("PATCH", UPSERT, good).body().at("/0/errorCode").asText())
                .isEqualTo("INVALID_SESSION_ID");
        token = tokenFor(SalesforceOptions.CLIENT_SECRET)
                .body()
                .path("access_token")
                .asText();
        assertThat(call("PATCH", UPSERT, good).status()).isEqualTo(200);

        restart(SalesforceOptions.standard().withTokenLifetime(Duration.ZERO));
        assertRefused(401, "INVALID_SESSION_ID", call("PATCH", UPSERT, good));
    }

    @Test
    void only_the_client_gets_a_token() throws Exception {
        assertThat(tokenFor("wrong").status()).isEqualTo(400);
        assertThat(tokenFor("wrong").body().path("error").asText()).isEqualTo("invalid_client");
        assertThat(salesforce.stats().tokens()).isEqualTo(1);
    }

    private JsonNode query(String resource, String soql) throws Exception {
        return call(
                        "GET",
                        "/services/data/v62.0/" + resource + "?q=" + URLEncoder.encode(soql, StandardCharsets.UTF_8),
                        "")
                .body();
    }

    @Test
    void the_description_lists_lengths_and_options_and_writes_obey_them() throws Exception {
        restart(SalesforceOptions.standard().withField("Salutation", SalesforceOptions.Field.picklist("Herr", "Frau")));
        JsonNode fields = call("GET", OBJECT + "describe", "").body().path("fields");
        assertThat(fields).anySatisfy(field -> {
            assertThat(field.path("name").asText()).isEqualTo("FirstName");
            assertThat(field.path("length").asInt()).isEqualTo(40);
        });
        assertThat(fields).anySatisfy(field -> {
            assertThat(field.path("restrictedPicklist").asBoolean()).isTrue();
            assertThat(field.at("/picklistValues/1/value").asText()).isEqualTo("Frau");
        });
        JsonNode results = call(
                        "PATCH",
                        UPSERT,
                        records(
                                record("a", ",\"LastName\":\"x\",\"Salutation\":\"Mx\""),
                                record("b", ",\"LastName\":\"x\",\"FirstName\":\"" + "x".repeat(41) + "\"")))
                .body();
        assertThat(results.at("/0/errors/0/statusCode").asText()).isEqualTo("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
        assertThat(results.at("/1/errors/0/statusCode").asText()).isEqualTo("STRING_TOO_LONG");
        assertThat(results.at("/1/errors/0/fields/0").asText()).isEqualTo("FirstName");
    }

    @Test
    void what_lost_a_merge_is_in_the_recycle_bin_and_names_the_one_that_won() throws Exception {
        String master = salesforce.create(Map.of("LastName", "Groß"));
        String other = salesforce.create(Map.of("LastName", "Gross", "Jtl_Contact_Id__c", "a"));
        salesforce.merge(master, other);
        String soql = "SELECT Id, IsDeleted, MasterRecordId FROM Contact WHERE Jtl_Contact_Id__c = 'a'";
        assertThat(query("query", soql).path("totalSize").asInt()).isZero();
        JsonNode found = query("queryAll", soql);
        assertThat(found.at("/records/0/Id").asText()).isEqualTo(other);
        assertThat(found.at("/records/0/IsDeleted").asBoolean()).isTrue();
        assertThat(found.at("/records/0/MasterRecordId").asText()).isEqualTo(master);
        assertThat(call("GET", OBJECT + other, "").status()).isEqualTo(404);
        assertThat(call("GET", OBJECT + master, "").body().path("LastName").asText())
                .isEqualTo("Groß");
        salesforce.undelete(other);
        assertThat(query("query", soql).path("totalSize").asInt()).isEqualTo(1);
    }
}
