package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.jtl.SecretInLogCheck;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CRMs that take a record at a time, and what all have in common, described by properties and a mapping file alone. */
class RestTest {

    private static final String DATAVERSE = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.mode=single
            contacts.crm.rest.key={contactId}
            contacts.crm.rest.write=PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')
            contacts.crm.rest.delete=DELETE /api/data/v9.2/contacts(jtl_contactid='{key}')
            contacts.crm.rest.headers=OData-Version: 4.0 | OData-MaxVersion: 4.0
            """;
    private static final String DATAVERSE_FIELDS =
            "emailaddress1: {from: emailAddress}\nlastname: {from: lastName}\nfirstname: {from: firstName}\n";

    @TempDir
    Path folder;

    private RestCrmFixture dataverse(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "jtl_contactid", DATAVERSE_FIELDS, DATAVERSE + more);
    }

    private RestCrmFixture pipedrive(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.pipedrive(folder, crm, more);
    }

    @Test
    void a_key_in_the_url_keeps_its_place_whatever_is_in_it() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.key=it's/ü?&#x={contactId}%2F..\n")) {
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "O'Hara"))))
                    .hasSize(1);

            assertThat(crm.records()).containsOnlyKeys("it's/ü?&#x=" + id(1) + "%2F..");
            assertThat(crm.calls().get(0).path())
                    .isEqualTo("/api/data/v9.2/contacts(jtl_contactid='it%27%27s%2F%C3%BC%3F" + "%26%23x%3D" + id(1)
                            + "%252F..')");
            assertThat(crm.calls().get(0).headers()).containsEntry("odata-maxversion", "4.0");
        }
    }

    @Test
    @Tag("slow")
    void each_record_is_sent_alone_and_several_at_once() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 40));
        deliveries.set(5, delivery(6, "c6@example.org", "Lang".repeat(20)));
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.in-flight=4\n")) {
            crm.gather(4);
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(39);
            assertThat(refusal(receipts.get(5)).why().errorCode()).isEqualTo("0x80044331");
            assertThat(refusal(receipts.get(5)).why().errorMessage())
                    .contains("PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')", "exceeded the maximum")
                    .doesNotContain("c6@example.org", "LangLang");
            assertThat(crm.calls()).hasSize(40);
            assertThat(crm.mostUnderWay()).isEqualTo(4);
        }
    }

    @Test
    void what_has_no_value_is_omitted_or_cleared() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse())) {
            try (RestCrmFixture station = dataverse(crm, "")) {
                station.send(delivery(1, null, "Groß"));
            }
            try (RestCrmFixture station = dataverse(crm, "contacts.crm.rest.null=clear\n")) {
                station.send(delivery(1, null, "Groß"));
            }
            try (RestCrmFixture station =
                    dataverse(crm, "contacts.crm.rest.empty=clear\ncontacts.crm.rest.clear=text\n")) {
                station.send(delivery(1, null, "Groß"));
            }
            assertThat(crm.calls().stream().map(call -> call.body().toString()))
                    .containsExactly(
                            "{\"lastname\":\"Groß\"}",
                            "{\"emailaddress1\":null,\"lastname\":\"Groß\"}",
                            "{\"lastname\":\"Groß\",\"firstname\":\"\"}");
        }
    }

    /** Each of these was once taken for a delivery: sign-in pages and proxies answer 200 to everything. */
    @ParameterizedTest
    @CsvSource({
        "200, text/html, <html>Sign in</html>",
        "200, application/json, <html>Sign in</html>",
        "200, text/plain, OK",
        "203, application/json, {}",
        "201, nonsense, {}"
    })
    void a_2xx_that_the_crm_itself_cannot_have_sent_halts_and_keeps_the_contact(int status, String type, String body)
            throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.plan(Reply.raw(status, type, body));

            assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason()).contains("HTTP " + status, "not taken for delivered");
        }
    }

    /** Directus answered 200 to an update of no record, and "delivered 1" stood for nothing. */
    @Test
    void success_may_be_that_something_is_there() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.success=/data/id\n")) {
            crm.plan(Reply.of(200, "{\"data\": []}"));
            crm.plan(Reply.of(200, "{\"data\": {\"id\": 0}}"));

            assertThat(refusal(station.send(deliveries(1, 1)).get(0)).why().httpStatus())
                    .isEqualTo(200);
            assertThat(accepted(station.send(deliveries(2, 2)))).hasSize(1);
        }
    }

    /** "ok" may be said by anybody. */
    @ParameterizedTest
    @ValueSource(strings = {"\"ok\"", "7", "true", "null", "[null]", "[null, null]"})
    void a_2xx_with_neither_object_nor_array_halts_unless_a_setting_says_that_it_is_a_success(String body)
            throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse())) {
            Reply said = Reply.raw(200, "application/json", body);
            try (RestCrmFixture station = dataverse(crm, "")) {
                crm.plan(said);
                assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Unsent());
                assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
                assertThat(outage(station).reason())
                        .contains("HTTP 200", "does not show that it was done", "contacts.crm.rest.success");
            }
            if (!body.contains("null")) {
                try (RestCrmFixture station = dataverse(crm, "contacts.crm.rest.success=#\n")) {
                    crm.plan(said);
                    assertThat(accepted(station.send(deliveries(1, 1)))).hasSize(1);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'error': 'no such field'} | true",
                "{'error': {'code': 3}} | true",
                "{'errors': [{'message': 'no'}]} | true",
                "[{'errorCode': 'BAD'}] | true",
                "{'success': false} | true",
                "{'status': 'Error', 'message': 'no'} | true",
                "{'status': 500, 'title': 'no'} | true",
                "{'success': 0} | true",
                "{'Success': '0'} | true",
                "{'success': 'false'} | true",
                "{'is_success': 'no'} | true",
                "{'status': '400'} | true",
                "{'status': false, 'id': 7} | true",
                "{'statusCode': 422} | true",
                "{'result': 'failed'} | true",
                "{'has_errors': true} | true",
                "{'result': 412} | false",
                "{'status': 0, 'success': 1} | false",
                "{'result': 0, 'status': '200'} | false",
                "{'error': null, 'errors': [], 'success': true, 'status': 'active'} | false",
                "{'error': 0, 'ok': true} | false",
                "{'code': 'SUCCESS', 'id': 7} | false"
            })
    void a_200_that_reports_an_error_as_apis_commonly_do_is_a_refusal_without_settings(String body, boolean error)
            throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.plan(Reply.of(200, body.replace('\'', '"')));
            DeliveryResult result = station.send(deliveries(1, 1)).get(0);
            assertThat(result instanceof DeliveryResult.Refused).isEqualTo(error);
            if (error) {
                assertThat(refusal(result).why().errorMessage())
                        .contains("an answer that says no, by \"", "contacts.crm.rest.success");
            }
        }
    }

    @Test
    void a_code_in_a_list_of_the_settings_counts_with_200_as_well() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.reject=400,409,INVALID\n")) {
            crm.plan(Reply.of(200, "{\"code\": \"INVALID\"}"));
            assertThat(refusal(station.send(deliveries(1, 1)).get(0)).why().errorCode())
                    .isEqualTo("INVALID");
        }
    }

    @Test
    void a_crm_that_answers_in_another_type_is_believed_once_the_settings_say_so() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(
                        crm,
                        "contacts.crm.rest.accepts=application/json, text/plain\n"
                                + "contacts.crm.rest.content-type=application/merge-patch+json\n")) {
            crm.plan(Reply.raw(200, "text/plain;charset=utf-8", "OK"));

            assertThat(accepted(station.send(deliveries(1, 1)))).hasSize(1);
            assertThat(crm.calls().get(0).headers())
                    .containsEntry("accept", "application/json, text/plain")
                    .containsEntry("content-type", "application/merge-patch+json");
        }
    }

    /** A constant that the CRM has no option for would have made a dead letter of the whole stock. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void the_first_ones_that_are_all_refused_in_the_same_words_halt_without_dead_letters(int inFlight)
            throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.in-flight=" + inFlight + "\n")) {
            crm.always(
                    "PATCH",
                    Reply.of(400, "{\"code\": \"BAD_OPTION\", \"message\": \"Vertrieb is no kind of anybody\"}"));
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason())
                    .contains("All of the first 12 contacts", "BAD_OPTION", "Vertrieb is no kind", "mapping");

            // One of them shows whether it has been mended.
            int before = crm.calls().size();
            station.later.addAndGet(Duration.ofMinutes(30).toNanos());
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(crm.calls()).hasSize(before + 1);
            crm.forget("PATCH");
            station.later.addAndGet(Duration.ofMinutes(30).toNanos());
            assertThat(accepted(station.send(deliveries(1, 12)))).hasSize(12);
        }
    }

    /** Each was another reason, since no two messages were equal, and the whole stock became dead letters. */
    @Test
    void ids_and_values_in_the_words_of_a_refusal_do_not_make_it_another() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            for (int number = 1; number <= 12; number++) {
                crm.always(id(number), Reply.of(400, """
                        {"message": "Request %s: value \\"%s\\" of 'kind' is not allowed (row %d, %s, req_%dab)"}
                        """.formatted(
                        new UUID(number, 7), "x" + number, number, "2026-11-29T06:00:0" + number % 10, number)));
            }
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("All of the first 12 contacts", "is not allowed");
        }
    }

    @Test
    void fields_of_the_mapping_in_the_words_of_refusals_make_them_different() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            for (int number = 1; number <= 12; number++) {
                crm.always(
                        id(number),
                        Reply.of(
                                400,
                                "{\"message\": \"'%s' has a bad value\"}"
                                        .formatted(number % 2 == 0 ? "lastname" : "emailaddress1")));
            }
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void what_small_batches_are_refused_for_adds_up() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.always("PATCH", Reply.of(422, null));
            assertThat(station.send(deliveries(1, 6))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.send(deliveries(7, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason())
                    .contains("All of the first 12 contacts", "HTTP 422")
                    .doesNotContain("none became");
        }
    }

    @Test
    void refusals_for_several_reasons_or_conflicts_are_dead_letters_as_ever() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.always(id(3), Reply.of(400, "{\"message\": \"another\"}"));
            crm.always("PATCH", Reply.of(400, "{\"message\": \"one\"}"));
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);

            crm.forget("PATCH");
            crm.forget(id(3));
            crm.always("PATCH", Reply.of(409, "{\"message\": \"the address is taken\"}"));
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_wait_that_the_crm_asks_for_is_kept() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.plan(Reply.of(429, "{}").with("Retry-After", "1"));
            long began = System.nanoTime();
            assertThat(accepted(station.send(delivery(1, "c@example.org", "Groß"))))
                    .hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.quota=429,403\n")) {
            crm.plan(Reply.of(403, "{}").with("x-ratelimit-reset", "700"));
            long began = System.nanoTime();
            assertThat(accepted(station.send(delivery(1, "c@example.org", "Groß"))))
                    .hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(700), Duration.ofSeconds(20));
        }
    }

    @Test
    void calls_are_no_more_than_the_rate_allows() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.rate=5/1s\n")) {
            long began = System.nanoTime();
            assertThat(accepted(station.send(deliveries(1, 11)))).hasSize(11);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(1500));
        }
    }

    @Test
    void a_lost_answer_to_an_update_is_just_asked_for_again() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.cutAfter("PATCH");
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
            assertThat(crm.calls()).hasSize(2);
        }
    }

    private RestCrmFixture jsonRpc(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(
                folder, crm, "ref", "name: {from: lastName}\nemail: {from: emailAddress}\n", """
                contacts.crm.rest.auth=basic
                contacts.crm.rest.username=user
                contacts.crm.rest.password=rest-s3cr3t-t0ken
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=POST /jsonrpc {"jsonrpc": "2.0", "params": {"key": "{key}", "vals": "{record}"}}
                contacts.crm.rest.success=!/error
                contacts.crm.rest.id=/result/id
                contacts.crm.rest.code=/error/code
                contacts.crm.rest.message=/error/message
                contacts.crm.rest.halt=100
                """ + more);
    }

    @Test
    void an_error_inside_a_200_refuses_the_record_or_halts_as_its_code_says() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.JsonRpc());
                RestCrmFixture station = jsonRpc(crm, "")) {
            List<DeliveryResult> receipts =
                    station.send(delivery(1, "c1@example.org", "Groß"), delivery(2, "c2@example.org", null));
            assertThat(receipts.get(0)).isEqualTo(new DeliveryResult.Accepted("7"));
            assertThat(refusal(receipts.get(1)).why().errorCode()).isEqualTo("-32602");
            assertThat(refusal(receipts.get(1)).why().errorMessage()).contains("a name is required, … has none");

            crm.plan(Reply.of(200, "{\"error\": {\"code\": 100, \"message\": \"session of Mustermann expired\"}}"));
            assertThat(station.send(delivery(3, "c3@example.org", "Mustermann")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("code 100", "session of … expired");
        }
    }

    @Test
    void a_credential_that_is_refused_for_all_halts() throws Exception {
        try (SecretInLogCheck log = new SecretInLogCheck();
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.token=wrong-s3cr3t\n")) {
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());

            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
            assertThat(outage(station).reason())
                    .contains("HTTP 401", "contacts.crm.rest.auth")
                    .doesNotContain("wrong-s3cr3t");
            assertThat(crm.calls()).as("one for each contact").hasSize(3);
            assertThat(String.join("\n", log.lines())).doesNotContain("wrong-s3cr3t", "example.org");
        }
    }

    @Test
    void a_token_that_was_fetched_is_not_told_when_the_crm_repeats_it() throws Exception {
        try (SecretInLogCheck log = new SecretInLogCheck();
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = new RestCrmFixture(
                        folder, crm, "jtl_contactid", DATAVERSE_FIELDS, """
                        contacts.crm.oauth.token-endpoint=%s
                        contacts.crm.oauth.client-id=crm-client
                        contacts.crm.oauth.client-secret=crm-s3cr3t
                        contacts.crm.rest.auth=oauth
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.write=PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')
                        """.formatted(crm.tokenEndpoint()))) {
            crm.always(
                    "PATCH", Reply.of(401, "{\"message\": \"invalid credential Bearer " + RestCrmServer.TOKEN + "\"}"));
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());

            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
            assertThat(outage(station).reason())
                    .contains("HTTP 401", "contacts.crm.oauth")
                    .doesNotContain(RestCrmServer.TOKEN);
            assertThat(String.join("\n", log.lines())).doesNotContain(RestCrmServer.TOKEN, "crm-s3cr3t", "example.org");
        }
    }

    @Test
    void an_error_code_that_quotes_the_contact_is_kept_without_it() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.plan(Reply.of(400, "{\"code\": \"BAD:c1@example.org\"}"));
            assertThat(refusal(station.send(deliveries(1, 1)).get(0)).why().errorCode())
                    .isEqualTo("BAD:…");
        }
    }

    @Test
    void a_token_is_fetched_once_for_all_calls_and_again_when_it_is_refused() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = new RestCrmFixture(
                        folder, crm, "JTL_Contact_Id", "Last_Name: {from: lastName}\n", """
                        contacts.crm.oauth.token-endpoint=%s
                        contacts.crm.oauth.client-id=crm-client
                        contacts.crm.oauth.client-secret=crm-s3cr3t
                        contacts.crm.rest.auth=oauth
                        contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.in-flight=4
                        contacts.crm.rest.write=POST /crm/v8/Contacts/upsert {"data": ["{record}"], "duplicate_check_fields": ["JTL_Contact_Id"]}
                        contacts.crm.rest.results=/data
                        contacts.crm.rest.success=/status=success
                        contacts.crm.rest.id=/details/id
                        """.formatted(
                                        crm.tokenEndpoint()))) {
            assertThat(accepted(station.send(deliveries(1, 20))))
                    .hasSize(20)
                    .doesNotContain(new DeliveryResult.Accepted(null));
            assertThat(crm.tokensAsked()).isEqualTo(1);

            crm.plan(Reply.of(401, "{}"));
            assertThat(accepted(station.send(deliveries(21, 40)))).hasSize(20);
            assertThat(crm.tokensAsked()).isEqualTo(2);
        }
    }

    @Test
    void a_session_that_is_over_by_an_error_with_200_is_begun_anew() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, "JTL_Contact_Id", "Last_Name: {from: lastName}\n", """
                        contacts.crm.rest.auth=login
                        contacts.crm.rest.username=anna
                        contacts.crm.rest.password=s3cr3t
                        contacts.crm.rest.login=POST /login {"login": "{username}", "password": "{password}"}
                        contacts.crm.rest.login-token=/session
                        contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
                        contacts.crm.rest.renew=SESSION_OVER
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.write=POST /crm/v8/Contacts/upsert {"data": ["{record}"], "duplicate_check_fields": ["JTL_Contact_Id"]}
                        contacts.crm.rest.results=/data
                        contacts.crm.rest.success=/status=success
                        contacts.crm.rest.id=/details/id
                        """)) {
            assertThat(accepted(station.send(deliveries(1, 3)))).hasSize(3);
            crm.plan(Reply.of(200, "{\"data\": [{\"status\": \"error\", \"code\": \"SESSION_OVER\"}]}"));
            assertThat(accepted(station.send(deliveries(4, 6)))).hasSize(3);
            assertThat(crm.loginsAsked()).isEqualTo(2);
        }
    }

    /** As the example has it: a form with JSON in it, and a session in each body that is over by an error with 200. */
    @Test
    void a_session_that_stands_in_bodies_is_begun_anew_when_it_is_over() throws Exception {
        RestApiFixture.SuiteCrm api = new RestApiFixture.SuiteCrm();
        try (SecretInLogCheck log = new SecretInLogCheck();
                RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.example(
                        folder,
                        crm,
                        "suitecrm",
                        "contacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\ncontacts.on-gone=delete\n")) {
            DeliveryResult created = station.send(delivery(1, "c1@example.org", "O'Hara & \"Söhne\""))
                    .get(0);
            String id = ((DeliveryResult.Accepted) created).remoteId();
            assertThat(crm.records().get(id).path("last_name").asText()).isEqualTo("O'Hara & \"Söhne\"");
            api.endSessions();
            assertThat(station.send(delivery(1, "new@example.org", "Groß", id))).containsExactly(created);
            assertThat(api.logins).isEqualTo(2);
            assertThat(crm.records().get(id).path("email1").asText()).isEqualTo("new@example.org");

            api.delete(id);
            DeliveryResult anew =
                    station.send(delivery(1, "new@example.org", "Groß", id)).get(0);
            assertThat(anew).isInstanceOf(DeliveryResult.Accepted.class).isNotEqualTo(created);
            assertThat(accepted(station.send(gone(1, id)))).hasSize(1);
            assertThat(crm.records()
                            .get(((DeliveryResult.Accepted) anew).remoteId())
                            .path("deleted")
                            .asText())
                    .isEqualTo("1");
            assertThat(station.breakers.outages()).isEmpty();

            CrmSettings settings = RestCrmFixture.settings(folder, crm.baseUrl());
            assertThat(settings.kind()
                            .calls(
                                    MappingFile.read(folder, "rest", TenantNames.only(null)),
                                    delivery(1, "c1@example.org", "Groß"),
                                    CrmSettings.Gone.KEEP))
                    .hasSize(3)
                    .allSatisfy(call -> assertThat(call).contains("***").doesNotContain("s3cr3t", "session1"));
            assertThat(String.join("\n", log.lines())).doesNotContain("s3cr3t", "session1", "session2", "example.org");
        }
    }

    @Test
    void the_check_at_the_start_shows_whether_we_may_call() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.check=GET /api/data/v9.2/WhoAmI\n")) {
            crm.plan(Reply.of(403, "{\"error\": {\"code\": \"0x1\", \"message\": \"no privilege\"}}"));
            assertThat(station.send(delivery(1, "c@example.org", "Groß"))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("GET /api/data/v9.2/WhoAmI", "no privilege");
        }
    }

    @Test
    void a_record_that_the_crm_fails_on_each_time_stops_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.on-gone=delete\n")) {
            crm.always(id(2), Reply.of(500, "{\"message\": \"no way to write c2@example.org\"}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
            Outcome.Failed why = refusal(station.send(deliveries(2, 2)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorMessage())
                    .contains("fails on the contact", "HTTP 500", "no way to write …")
                    .doesNotContain("example.org");
            assertThat(station.send(gone(2, null), gone(1, null)).get(0)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(refusal(station.send(gone(2, null)).get(0)).why().reason())
                    .isEqualTo(Reason.RETRIES_EXHAUSTED);
            for (int i = 0; i < 3; i++) {
                assertThat(station.send(deliveries(2, 2)))
                        .as("nothing shows that it is about this one")
                        .containsExactly(new DeliveryResult.Unsent());
            }
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_check_that_fails_is_about_no_record_and_waits_for_the_crm() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.check=GET /api/data/v9.2/WhoAmI\n")) {
            crm.always("WhoAmI", Reply.of(500, null));
            assertThat(station.send(delivery(1, "c@example.org", "Groß"))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.PASSING);
        }
    }

    @Test
    void a_code_that_may_pass_keeps_its_record_waiting_and_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.JsonRpc());
                RestCrmFixture station = jsonRpc(crm, "contacts.crm.rest.retry=408,5xx,LOCKED\n")) {
            crm.always(id(2), Reply.of(200, "{\"error\": {\"code\": \"LOCKED\"}}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    private static List<Delivery> allGone(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> gone(number, null))
                .toList();
    }

    /** A user who may not delete would have made a dead letter of each contact. */
    @Test
    void removals_that_are_all_refused_for_one_reason_halt_and_others_are_still_sent() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.on-gone=delete\n")) {
            crm.always("DELETE", Reply.of(400, "{\"code\": \"NO_RIGHT\", \"message\": \"may not delete\"}"));
            List<Delivery> batch = new ArrayList<>(allGone(1, 15));
            batch.addAll(deliveries(21, 22));
            List<DeliveryResult> results = station.send(batch);
            assertThat(results.subList(0, 15)).containsOnly(new DeliveryResult.Unsent());
            assertThat(accepted(results)).hasSize(2);
            assertThat(outage(station).reason())
                    .contains(
                            "All of the first 10 contacts that were to be deleted",
                            "NO_RIGHT",
                            "contacts.on-gone=keep");
            assertThat(crm.lines().stream().filter(line -> line.startsWith("DELETE")))
                    .hasSize(10);

            crm.forget("DELETE");
            station.later.addAndGet(Duration.ofMinutes(61).toNanos());
            assertThat(station.send(allGone(1, 5))).containsOnly(new DeliveryResult.Absent());
        }
    }

    @Test
    void what_jtl_has_no_longer_is_deleted_or_flagged() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse())) {
            try (RestCrmFixture station = dataverse(crm, "contacts.on-gone=delete\n")) {
                station.send(deliveries(1, 2));
                assertThat(accepted(station.send(gone(1, null)))).hasSize(1);
                assertThat(station.send(gone(1, null)))
                        .as("gone there already")
                        .containsExactly(new DeliveryResult.Absent());
                assertThat(crm.records()).containsOnlyKeys(id(2));
            }
            try (RestCrmFixture station = dataverse(crm, "contacts.on-gone=flag\n")) {
                assertThat(accepted(station.send(gone(2, null)))).hasSize(1);
                assertThat(crm.records().get(id(2)).toString()).contains("\"gone\":\"yes\"", "\"lastname\":\"Name 2\"");
                station.send(deliveries(2, 2));
                assertThat(crm.records().get(id(2)).path("gone").isNull()).isTrue();
            }
            try (RestCrmFixture station = new RestCrmFixture(
                    folder, crm, "jtl_contactid", "gone: {constant: 'no'}\n", DATAVERSE + "contacts.on-gone=flag\n")) {
                station.send(deliveries(2, 2));
                assertThat(crm.records().get(id(2)).path("gone").asText())
                        .as("as the field has it")
                        .isEqualTo("no");
            }
        }
    }
}
