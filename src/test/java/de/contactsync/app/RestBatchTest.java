package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A CRM that takes many records at once, described by properties and a mapping file alone. */
class RestBatchTest {

    private static final String ZOHO = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.auth=header
            contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
            contacts.crm.rest.mode=batch
            contacts.crm.rest.key={contactId}
            contacts.crm.rest.write=POST /crm/v8/Contacts/upsert {"data": "{records}", "duplicate_check_fields": ["JTL_Contact_Id"]}
            contacts.crm.rest.results=/data
            contacts.crm.rest.success=/status=success
            contacts.crm.rest.id=/details/id
            """;
    private static final String ZOHO_FIELDS = "Email: {from: emailAddress}\nLast_Name: {from: lastName}\n";

    @TempDir
    Path folder;

    private RestCrmFixture zoho(RestCrmServer crm) throws Exception {
        return zoho(crm, "");
    }

    private RestCrmFixture zoho(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "JTL_Contact_Id", ZOHO_FIELDS, ZOHO + more);
    }

    /** Of 60 contacts each became a dead letter, after 119 calls. */
    @Test
    void a_list_of_results_that_is_always_empty_halts_and_refuses_no_contact() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.always("upsert", Reply.of(200, "{\"data\": []}"));

            assertThat(station.send(deliveries(1, 60))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("contacts.crm.rest.results");
            assertThat(crm.calls()).hasSize(1);
        }
    }

    @Test
    void results_that_are_an_object_halt_with_what_to_check() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.always("upsert", Reply.of(200, "{\"data\": {\"a\": 1}}"));

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("contacts.crm.rest.results");
        }
    }

    @Test
    void a_batch_is_one_call_and_each_record_has_its_result() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        deliveries.set(3, delivery(4, "c4@example.org", null));
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            assertThat(station.sink.batchSize()).isEqualTo(100);
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(99).doesNotHaveDuplicates();
            assertThat(refusal(receipts.get(3)).why().errorCode()).isEqualTo("MANDATORY_NOT_FOUND");
            assertThat(refusal(receipts.get(3)).why().errorMessage())
                    .contains("required field not found for …")
                    .doesNotContain("example.org", RestCrmServer.TOKEN);
            assertThat(crm.calls()).hasSize(1);
            assertThat(crm.records().get(((DeliveryResult.Accepted) receipts.get(6)).remoteId()))
                    .isEqualTo(JsonNodeFactory.instance
                            .objectNode()
                            .put("JTL_Contact_Id", id(7))
                            .put("Email", "c7@example.org")
                            .put("Last_Name", "Name 7"));
            assertThat(station.send(deliveries)).isEqualTo(receipts);
        }
    }

    @Test
    @Tag("slow")
    void a_batch_that_is_refused_as_a_whole_is_halved_down_to_the_bad_record() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        deliveries.set(3, delivery(4, "c4@example.org", null));
        deliveries.set(77, delivery(78, "c78@example.org", ""));
        RestApiFixture.Zoho api = new RestApiFixture.Zoho();
        api.allOrNothing = true;
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = zoho(crm)) {
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(98);
            assertThat(refusal(receipts.get(3)).why().httpStatus()).isEqualTo(400);
            assertThat(refusal(receipts.get(77)).why().errorMessage()).contains("required field not found");
        }
    }

    @Test
    void a_batch_that_the_crm_fails_on_is_halved_down_to_the_bad_record() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.always(id(2), Reply.of(500, "{\"code\": \"INTERNAL_ERROR\"}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(accepted(receipts)).hasSize(2);
            station.send(deliveries(4, 4));
            Outcome.Failed why = refusal(station.send(deliveries(2, 2)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorCode()).isEqualTo("INTERNAL_ERROR");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_record_whose_result_says_that_it_may_pass_waits_and_the_others_get_through() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.retry=408,5xx,RECORD_LOCKED\n")) {
            crm.plan(Reply.of(207, """
                    {"data": [
                        {"status": "error", "code": "RECORD_LOCKED"}, {"status": "success", "details": {"id": "2000"}}]}
                    """));
            crm.always(id(1), Reply.of(207, "{\"data\": [{\"status\": \"error\", \"code\": \"RECORD_LOCKED\"}]}"));

            assertThat(station.send(deliveries(1, 2)))
                    .containsExactly(new DeliveryResult.Unsent(), new DeliveryResult.Accepted("2000"));
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** The whole batch was held up for it, again and again. */
    @ParameterizedTest
    @ValueSource(strings = {"429", "RATE_LIMIT"})
    void a_record_whose_result_speaks_of_a_quota_waits_and_the_others_get_through(String code) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.quota=429,RATE_LIMIT\n")) {
            String limited = "{\"status\": \"error\", \"code\": \"" + code + "\"}";
            crm.plan(Reply.of(
                    207,
                    "{\"data\": [%s, {\"status\": \"success\", \"details\": {\"id\": \"2000\"}}]}".formatted(limited)));
            crm.always(id(1), Reply.of(207, "{\"data\": [" + limited + "]}"));

            assertThat(station.send(deliveries(1, 2)))
                    .containsExactly(new DeliveryResult.Unsent(), new DeliveryResult.Accepted("2000"));
            assertThat(station.breakers.outages()).isEmpty();
            crm.forget(id(1));
            assertThat(accepted(station.send(deliveries(1, 1)))).hasSize(1);
        }
    }

    /** Once nothing but these was left, the wait for their quota kept what had become of all others from being recorded. */
    @Test
    void records_that_always_report_a_quota_delay_no_others() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.quota=429,RATE_LIMIT\n")) {
            String limited = "{\"status\": \"error\", \"code\": \"RATE_LIMIT\"}";
            crm.plan(Reply.of(
                    207,
                    "{\"data\": [%s, {\"status\": \"success\", \"details\": {\"id\": \"2000\"}}, %s]}"
                            .formatted(limited, limited)));
            for (int attempt = 1; attempt <= 3; attempt++) {
                crm.plan(Reply.of(207, "{\"data\": [" + limited + ", " + limited + "]}"));
            }
            crm.always(id(1), Reply.of(207, "{\"data\": [" + limited + "]}"));
            crm.always(id(3), Reply.of(207, "{\"data\": [" + limited + "]}"));

            assertThat(station.send(deliveries(1, 3)))
                    .containsExactly(
                            new DeliveryResult.Unsent(),
                            new DeliveryResult.Accepted("2000"),
                            new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
            assertThat(crm.calls())
                    .as("the last one is sent again to see that the CRM takes others")
                    .hasSize(1 + 3 + 2 + 1);
        }
    }

    @Test
    @Tag("slow")
    void a_batch_of_which_each_record_speaks_of_a_quota_is_sent_once_more_as_a_whole() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.quota=429,RATE_LIMIT\n")) {
            crm.plan(Reply.of(207, """
                    {"data": [
                        {"status": "error", "code": "RATE_LIMIT"}, {"status": "error", "code": "RATE_LIMIT"}]}
                    """).with("Retry-After", "1"));

            assertThat(accepted(station.send(deliveries(1, 2)))).hasSize(2);
            assertThat(crm.calls()).hasSize(2);
        }
    }

    /** Once the whole batch was halved down to single records, which the CRM had written already. */
    @Test
    void a_batch_refused_by_its_status_is_read_record_by_record_where_there_are_results() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.plan(Reply.of(400, """
                    {"data": [
                        {"status": "error", "code": "X", "message": "no"}, {"status": "success", "details": {"id": "2000"}}]}
                    """));
            List<DeliveryResult> receipts = station.send(deliveries(1, 2));

            assertThat(refusal(receipts.get(0)).why().errorCode()).isEqualTo("X");
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Accepted("2000"));
            assertThat(crm.calls()).hasSize(1);
        }
    }

    /** It was halved down to the bad record, since no setting said how a success looks. */
    @Test
    void a_refused_batch_is_read_for_errors_without_a_setting_that_says_what_a_success_is() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, "JTL_Contact_Id", "Last_Name: {from: lastName}\n", """
                        contacts.crm.rest.auth=none
                        contacts.crm.rest.mode=batch
                        contacts.crm.rest.key={contactId}
                        contacts.crm.rest.write=POST /batch {"data": "{records}"}
                        contacts.crm.rest.results=/results
                        contacts.crm.rest.result-key=/key
                        """)) {
            crm.plan(Reply.of(422, """
                    {"results": [
                        {"key": "%s", "id": "1"}, {"key": "%s", "error": "too long", "code": "X"}, {"key": "%s"}]}
                    """.formatted(id(1), id(2), id(3))));
            crm.plan(Reply.of(
                    200,
                    "{\"results\": [{\"key\": \"%s\", \"id\": \"1\"}, {\"key\": \"%s\"}]}".formatted(id(1), id(3))));
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(refusal(receipts.get(1)).why().errorCode()).isEqualTo("X");
            assertThat(accepted(receipts)).hasSize(2);
            assertThat(crm.calls().get(1).body().path("data"))
                    .as("a refusal says of no record that it was written")
                    .hasSize(2);
            assertThat(crm.calls()).hasSize(2);
        }
    }

    @Test
    void a_refused_batch_without_an_error_in_its_results_is_halved() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, "JTL_Contact_Id", "Last_Name: {from: lastName}\n", """
                        contacts.crm.rest.auth=none
                        contacts.crm.rest.mode=batch
                        contacts.crm.rest.write=POST /batch {"data": "{records}"}
                        contacts.crm.rest.results=/results
                        """)) {
            crm.always("Name 2", Reply.of(400, "{\"results\": [{\"id\": 1}, {\"id\": 2}]}"));
            crm.always("Name 1", Reply.of(200, "{\"results\": [{\"id\": 1}]}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 2));

            assertThat(receipts.get(0)).isEqualTo(new DeliveryResult.Accepted("1"));
            assertThat(refusal(receipts.get(1)).why().httpStatus()).isEqualTo(400);
        }
    }

    @Test
    void a_sign_in_page_in_place_of_results_halts() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.always("upsert", Reply.raw(200, "text/html", "<html>Sign in</html>"));

            assertThat(station.send(deliveries(1, 2))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("text/html instead of application/json");
        }
    }

    @Test
    void of_an_answer_with_too_few_results_nothing_is_believed() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.plan(Reply.of(200, "{\"data\": [{\"status\": \"success\", \"details\": {\"id\": \"666\"}}]}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 2));

            assertThat(accepted(receipts)).hasSize(2).doesNotContain(new DeliveryResult.Accepted("666"));
            assertThat(crm.calls()).as("the two, and then each alone").hasSize(3);

            crm.plan(Reply.of(200, "{\"data\": []}"));
            assertThat(refusal(station.send(deliveries(3, 3)).get(0)).why().errorMessage())
                    .contains("says nothing of the contact");
        }
    }

    @Test
    void results_can_be_matched_by_the_key_and_those_that_are_missing_are_sent_again() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.result-key=/details/key\n")) {
            crm.plan(Reply.of(207, """
                    {"data": [
                        {"status": "success", "details": {"key": "%s", "id": "3000"}},
                        {"status": "error", "code": "X", "message": "no", "details": {"key": "%s"}}]}
                    """.formatted(id(3), id(1))));
            crm.plan(Reply.of(
                    200,
                    "{\"data\": [{\"status\": \"success\", \"details\": {\"key\": \"%s\", \"id\": \"2000\"}}]}"
                            .formatted(id(2))));
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(refusal(receipts.get(0)).why().errorCode()).isEqualTo("X");
            assertThat(receipts.subList(1, 3))
                    .containsExactly(new DeliveryResult.Accepted("2000"), new DeliveryResult.Accepted("3000"));
            assertThat(crm.calls().get(1).body().path("data")).hasSize(1);
        }
    }

    @Test
    void results_that_name_no_sent_record_halt_before_all_become_dead_letters() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.result-key=/details/nowhere\n")) {
            assertThat(station.send(deliveries(1, 4))).containsOnly(new DeliveryResult.Unsent());

            assertThat(crm.calls()).hasSize(1);
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason()).contains("contacts.crm.rest.result-key");
        }
    }

    @Test
    void a_refusal_that_does_not_say_whose_it_is_is_found_by_halving() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.crm.rest.result-key=/details/key\n")) {
            String nobodys = "{\"status\": \"error\", \"code\": \"X\"}";
            crm.plan(Reply.of(207, "{\"data\": [" + nobodys + "," + nobodys + "]}"));
            crm.plan(Reply.of(207, "{\"data\": [" + nobodys + "]}"));
            crm.plan(Reply.of(207, "{\"data\": [" + nobodys + "]}"));

            assertThat(station.send(deliveries(1, 2)))
                    .allSatisfy(result ->
                            assertThat(refusal(result).why().errorCode()).isEqualTo("X"));
        }
    }

    @Test
    void more_results_than_the_one_record_that_was_sent_are_of_something_else() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.plan(Reply.of(200, "{\"data\": [{\"status\": \"success\"}, {\"status\": \"success\"}]}"));

            assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("contacts.crm.rest.results");
        }
    }

    @Test
    void a_flag_whose_call_is_not_there_is_not_taken_for_a_record_that_is_not() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm, "contacts.on-gone=flag\n")) {
            crm.plan(Reply.of(404, "{\"message\": \"no such page\"}"));

            assertThat(station.send(gone(1, null))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("HTTP 404", "contacts.crm.base-url and the path");
        }
    }

    @Test
    void an_answer_without_the_array_of_results_is_no_success() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station = zoho(crm)) {
            crm.plan(Reply.of(200, "{\"status\": \"COMPLETE\"}"));

            assertThat(station.send(deliveries(1, 2))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason()).contains("contacts.crm.rest.results");
        }
    }
}
