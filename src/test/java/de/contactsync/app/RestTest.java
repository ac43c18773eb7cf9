package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CRMs that take a record at a time, and what all have in common, described by properties and a mapping file alone. */
class RestTest {

    @TempDir
    Path folder;

    private RestCrmFixture dataverse(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.dataverse(folder, crm, more);
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
            assertThat(outage(station).reason()).contains("HTTP " + status, "nothing counts as delivered");
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
    void a_2xx_without_object_or_array_halts_unless_configured_as_success(String body) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse())) {
            Reply said = Reply.raw(200, "application/json", body);
            try (RestCrmFixture station = dataverse(crm, "")) {
                crm.plan(said);
                assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Unsent());
                assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
                assertThat(outage(station).reason())
                        .contains("HTTP 200", "does not show whether it succeeded", "contacts.crm.rest.success");
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
                        .contains("the response indicates a failure, by \"", "contacts.crm.rest.success");
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

    @Test
    @Tag("slow")
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
    @Tag("slow")
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
        return RestCrmFixture.jsonRpc(folder, crm, more);
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
                    folder,
                    crm,
                    "jtl_contactid",
                    "gone: {constant: 'no'}\n",
                    RestCrmFixture.DATAVERSE + "contacts.on-gone=flag\n")) {
                station.send(deliveries(2, 2));
                assertThat(crm.records().get(id(2)).path("gone").asText())
                        .as("as the field has it")
                        .isEqualTo("no");
            }
        }
    }
}
