package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that create a record: their answer may be lost, and a search may not find the record yet. */
class RestCreateTest {

    @TempDir
    Path folder;

    private RestCrmFixture pipedrive(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.pipedrive(folder, crm, more);
    }

    @Test
    void a_create_whose_answer_is_lost_is_looked_for_and_not_made_twice() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            crm.cutAfter("POST");
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
            assertThat(crm.lines())
                    .containsExactly(
                            "GET /api/v2/persons/search",
                            "POST /api/v2/persons",
                            "GET /api/v2/persons/search",
                            "GET /api/v2/persons/search",
                            "PATCH /api/v2/persons/101");
            assertThat(station.breakers.outages()).isEmpty();
            assertThat(crm.records()).hasSize(1);
        }
    }

    /** Once each of these opened the breaker, and nobody else was sent. */
    @ParameterizedTest
    @ValueSource(ints = {423, 502, 503, 504})
    void a_create_that_times_out_at_a_gateway_is_deferred_and_others_are_sent(int status) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "")) {
            crm.always("\"value\":\"c1@example.org\"", Reply.of(status, null));
            List<DeliveryResult> receipts =
                    station.send(delivery(1, "c1@example.org", "Groß"), delivery(2, "c2@example.org", "Groß"));

            assertThat(receipts.get(0)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(receipts.get(1)).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_failed_create_is_looked_up_and_not_repeated() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(crm, "")) {
            crm.always("\"value\":\"c1@example.org\"", Reply.of(500, "{\"error\": \"create of c1@example.org\"}"));
            List<DeliveryResult> receipts =
                    station.send(delivery(1, "c1@example.org", "Groß"), delivery(2, "c2@example.org", "Groß"));

            assertThat(receipts.get(0)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(accepted(receipts)).hasSize(1);
            assertThat(crm.lines())
                    .containsExactly(
                            "GET /api/v2/persons/search",
                            "POST /api/v2/persons",
                            "GET /api/v2/persons/search",
                            "GET /api/v2/persons/search",
                            "POST /api/v2/persons");
            station.send(delivery(3, "c3@example.org", "Groß"));
            Outcome.Failed why = refusal(
                            station.send(delivery(1, "c1@example.org", "Groß")).get(0))
                    .why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorMessage()).contains("POST /api/v2/persons", "create of …");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_record_that_was_created_all_the_same_is_found_behind_the_500() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(crm, "")) {
            api.put(
                    "11",
                    JsonNodeFactory.instance
                            .objectNode()
                            .set(
                                    "custom_fields",
                                    JsonNodeFactory.instance
                                            .objectNode()
                                            .put(RestApiFixture.Pipedrive.FIELD, RestCrmFixture.TENANT + "/" + id(1))));
            crm.plan(Reply.of(200, "{\"data\": {\"items\": []}}"));
            crm.plan(Reply.of(500, null));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß")))
                    .containsExactly(new DeliveryResult.Accepted("11"));
            assertThat(crm.records()).hasSize(1);
        }
    }

    @Test
    void a_create_that_is_refused_because_the_record_is_there_is_looked_for_once_more() throws Exception {
        RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = pipedrive(
                        crm, "contacts.crm.rest.code=/error\n" + "contacts.crm.rest.exists=409,duplicate\n")) {
            for (int number = 1; number <= 2; number++) {
                String person = api.put(
                        null,
                        JsonNodeFactory.instance
                                .objectNode()
                                .set(
                                        "custom_fields",
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put(
                                                        RestApiFixture.Pipedrive.FIELD,
                                                        RestCrmFixture.TENANT + "/" + id(number))));
                crm.plan(Reply.of(200, "{\"data\": {\"items\": []}}"));
                crm.plan(number == 1 ? Reply.of(409, null) : Reply.of(400, "{\"error\": \"duplicate\"}"));

                assertThat(station.send(delivery(number, "c@example.org", "Groß")))
                        .containsExactly(new DeliveryResult.Accepted(person));
            }
            crm.plan(Reply.of(200, "{\"data\": {\"items\": []}}"));
            crm.plan(Reply.of(400, "{\"error\": \"another\"}"));
            assertThat(refusal(station.send(delivery(1, "c@example.org", "Groß"))
                                    .get(0))
                            .why()
                            .errorCode())
                    .isEqualTo("another");
        }
    }

    @Test
    void a_create_leaves_out_what_it_could_only_clear_and_an_update_does_not() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station =
                        pipedrive(crm, "contacts.crm.rest.empty=clear\ncontacts.crm.rest.null=clear\n")) {
            station.send(delivery(1, null, "Groß"));
            station.send(delivery(1, null, "Groß"));
            List<RestCrmServer.Call> writes = crm.calls().stream()
                    .filter(call -> !call.method().equals("GET"))
                    .toList();
            assertThat(writes.get(0).body().toString()).doesNotContain("null");
            assertThat(writes.get(1).body().toString()).contains("null");
        }
    }

    @Test
    void nothing_is_created_again_before_the_search_could_have_found_it() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.find-lag=20s\n")) {
            crm.always("/api/v2/persons/search", Reply.of(200, "{\"data\": {\"items\": []}}"));
            crm.cutAfter("POST");
            assertThat(station.send(delivery(1, "c1@example.org", "Groß")))
                    .containsExactly(new DeliveryResult.Unsent());
            station.later.addAndGet(Duration.ofSeconds(15).toNanos());
            assertThat(station.send(delivery(1, "c1@example.org", "Groß")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(crm.records()).as("the index is behind").hasSize(1);

            crm.forget("/api/v2/persons/search");
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
            assertThat(crm.records()).hasSize(1);
        }
    }

    /** Nothing was created, and yet all contacts waited for the hour to be over. */
    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_create_without_access_is_retried_without_waiting_for_the_search(int status) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.find-lag=1h\n")) {
            crm.always("POST", Reply.of(status, "{\"error\": \"no\"}"));
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(deliveries(1, 3))
                    .noneMatch(delivery -> station.attempts.isRecent(delivery.key(), Duration.ofHours(1)));
        }
    }

    @Test
    void a_record_that_was_created_must_have_an_id_where_the_settings_say() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.id=/data/uid\n")) {
            assertThat(station.send(deliveries(1, 2))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("no id where contacts.crm.rest.id says");
            station.later.addAndGet(Duration.ofMinutes(61).toNanos());
            assertThat(accepted(station.send(deliveries(1, 1)))).as("found").hasSize(1);
            assertThat(crm.records()).hasSize(1);
        }
    }

    @Test
    void a_create_that_the_crm_refused_is_tried_again_at_once_within_the_lag() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = pipedrive(crm, "contacts.crm.rest.find-lag=1h\n")) {
            crm.always("bad@example.org", Reply.of(400, "{\"error\": \"no\"}"));
            refusal(station.send(delivery(1, "bad@example.org", "Groß")).get(0));
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
        }
    }
}
