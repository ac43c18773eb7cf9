package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as proof that a CRM has done what it was asked for. */
class RestProofTest {

    @TempDir
    Path folder;

    /** Directus answers an administrator's PATCH of a record that is not there with 204, and writes nothing. */
    @Test
    void a_204_does_not_pass_for_a_success_that_names_the_record() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station =
                        RestCrmFixture.pipedrive(folder, crm, "contacts.crm.rest.success=/data/id\n")) {
            crm.always("/api/v2/persons/4711", Reply.of(204, null));

            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß", "4711"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("HTTP 204");
        }
    }

    @Test
    void a_204_can_say_that_a_record_is_gone() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder, crm, "contacts.crm.rest.success=/data/id\ncontacts.crm.rest.gone=404,204\n")) {
            crm.always("/api/v2/persons/4711", Reply.of(204, null));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß", "4711"))))
                    .hasSize(1);
            assertThat(crm.records()).as("was looked for and created").hasSize(1);
        }
    }

    @Test
    void a_204_is_all_that_a_delete_has_to_say() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder,
                        crm,
                        "contacts.crm.rest.success=/data/id\ncontacts.on-gone=delete\n"
                                + "contacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}\n")) {
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
            String id = crm.records().keySet().iterator().next();
            crm.always("/api/v2/persons/" + id, Reply.of(204, null));

            assertThat(accepted(station.send(gone(1, id)))).hasSize(1);
        }
    }

    /** Nearly all of them once counted as delivered. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // settings | status | body | delivered
                "            | 200 | []                    | false",
                "success=#=[] | 200 | []                    | true",
                "success=#=[] | 200 | {}                    | false",
                "            | 200 | {}                    | true",
                "            | 200 |                       | true",
                "            | 204 |                       | true",
                "id=/id      | 200 | []                    | false",
                "id=/id      | 200 | {}                    | false",
                "id=/id      | 200 |                       | false",
                "id=/id      | 201 |                       | false",
                "id=/id      | 204 |                       | true",
                "id=/id      | 200 | {\"id\": 7}            | true",
                "success=!/error | 200 | []                | false",
                "success=!/error | 200 | {}                | false",
                "success=!/error | 200 |                   | false",
                "success=!/error | 204 |                   | true",
                "success=!/error | 200 | {\"result\": true} | true",
                "results=/data | 200 | {}                  | false",
                "results=/data | 200 |                     | false",
                "results=/data | 200 | {\"data\": []}       | false",
                "results=/data | 200 | {\"data\": [null]}   | false",
                "            | 200 | [null]                | false",
                "results=/data | 200 | {\"data\": [{}]}     | true",
            })
    void an_answer_that_says_nothing_is_no_success_where_the_settings_say_what_it_says(
            String setting, int status, String body, boolean delivered) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = single(crm, setting == null ? "" : "contacts.crm.rest." + setting + "\n")) {
            crm.plan(Reply.of(status, body));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(delivered ? 1 : 0);
            if (!delivered) {
                assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
                assertThat(outage(station).reason()).contains("HTTP " + status, "does not count as done");
            }
        }
    }

    /** Once, what stood behind the first value was not read: an error page, or the error that undid it all. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"id\": 7}<html>rolled back</html>", "{\"id\": 7}{\"error\": \"rolled back\"}"})
    void an_answer_with_anything_behind_its_json_is_none(String body) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = single(crm, "")) {
            crm.plan(Reply.raw(200, "application/json", body));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .isEmpty();
            assertThat(outage(station).reason()).contains("that cannot be read", "nothing counts as delivered");
        }
    }

    @Test
    void an_answer_beyond_a_limit_of_the_parser_is_reported_with_the_limit() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = single(crm, "")) {
            crm.plan(Reply.raw(200, "application/json", "{\"id\": " + "7".repeat(2_000) + "}"));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .isEmpty();
            assertThat(outage(station).reason())
                    .contains("application/json with a number of more than 1000 digits", "nothing counts as delivered");
        }
    }

    /** PostgREST and others answer an update of no record so. */
    @Test
    void an_empty_list_is_no_proof_of_an_update() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
            crm.always("/api/v2/persons/4711", Reply.of(200, "[]"));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "4711")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("PATCH /api/v2/persons", "contacts.crm.rest.success");
        }
    }

    /** Odoo has no DELETE, and whatever was said to a POST that deletes was taken for done. */
    @ParameterizedTest
    @CsvSource({"[], false", "null, false", "0, false", "'{\"result\": true}', true", ", true"})
    void a_post_that_deletes_must_be_answered_as_a_delete(String body, boolean done) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder,
                        crm,
                        "contacts.on-gone=delete\n"
                                + "contacts.crm.rest.delete=POST /rpc/unlink {\"id\": \"{remoteId:number}\"}\n")) {
            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß"))))
                    .hasSize(1);
            crm.always("/rpc/unlink", Reply.of(200, body));

            assertThat(station.send(gone(1, null)).get(0) instanceof DeliveryResult.Accepted)
                    .isEqualTo(done);
        }
    }

    /** JSON-RPC, as of Odoo and Tryton, has one URL for everything; that a record is gone was a dead letter then. */
    @Test
    void a_code_says_that_a_record_is_gone_whose_id_stands_in_the_body() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder,
                        crm,
                        "contacts.crm.rest.update=POST /rpc {\"id\": \"{remoteId:number}\", \"values\": \"{record}\"}\n"
                                + "contacts.crm.rest.gone=404,MissingError\n"
                                + "contacts.crm.rest.code=/fault/name\ncontacts.crm.rest.success=!/fault\n")) {
            crm.always("/rpc", Reply.of(200, "{\"fault\": {\"name\": \"MissingError\"}}"));

            assertThat(accepted(station.send(delivery(1, "c1@example.org", "Groß", "4711"))))
                    .hasSize(1);
            assertThat(crm.records()).as("was looked for and created").hasSize(1);
        }
    }

    @Test
    void a_404_from_the_one_url_of_all_records_says_that_the_url_is_wrong() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(
                        folder,
                        crm,
                        "contacts.crm.rest.update=POST /rpc {\"id\": \"{remoteId:number}\", \"values\":"
                                + " \"{record}\"}\n")) {
            crm.always("/rpc", Reply.of(404, null));

            assertThat(station.send(delivery(1, "c1@example.org", "Groß", "4711")))
                    .containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("contacts.crm.base-url");
            assertThat(crm.records()).isEmpty();
        }
    }

    /** Once a dead letter said HTTP 0. */
    @Test
    void a_contact_at_which_the_crm_hangs_up_each_time_has_no_status() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
            crm.always("\"value\":\"c1@example.org\"", Reply.none());
            List<DeliveryResult> results = List.of();
            for (int number = 2; number < 5; number++) {
                results = station.send(
                        delivery(1, "c1@example.org", "Groß"), delivery(number, "c" + number + "@example.org", "Groß"));
            }

            Outcome.Failed why = refusal(results.get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.httpStatus()).isNull();
        }
    }

    /** The name and the password of Basic are no secret in their Base64, and a fetched token is in no setting. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "basic\ncontacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t",
                "oauth\ncontacts.crm.oauth.client-id=crm-client\ncontacts.crm.oauth.client-secret=crm-s3cr3t\n"
                        + "contacts.crm.oauth.token-endpoint=TOKEN"
            })
    void an_answer_that_repeats_what_we_signed_in_with_is_quoted_without_it(String auth) throws Exception {
        String echoed = "Basic YW5uYTpzM2NyM3Q= or Bearer " + RestCrmServer.TOKEN + " may not write";
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = new RestCrmFixture(
                        folder,
                        crm,
                        "key",
                        "name: {from: lastName}\n",
                        "contacts.crm.rest.mode=single\ncontacts.crm.rest.write=PUT /api/{key}\ncontacts.crm.rest.auth="
                                + auth.replace("TOKEN", crm.tokenEndpoint()) + "\n")) {
            crm.always("PUT", Reply.of(400, "{\"message\": \"" + echoed + "\"}"));

            assertThat(refusal(station.send(delivery(1, "c1@example.org", "Groß"))
                                    .get(0))
                            .why()
                            .errorMessage())
                    .contains("may not write")
                    .doesNotContain(auth.startsWith("basic") ? "YW5uYTpzM2NyM3Q" : RestCrmServer.TOKEN);
        }
    }

    /** The CRM was left alone for an hour then, as for a password that is wrong. */
    @Test
    void a_session_that_is_taken_away_again_soon_is_a_failure_that_passes() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, "JTL_Contact_Id", "Last_Name: {from: lastName}\n", """
                            contacts.crm.rest.auth=login
                            contacts.crm.rest.username=anna
                            contacts.crm.rest.password=s3cr3t
                            contacts.crm.rest.login=POST /login {"login": "{username}", "password": "{password}"}
                            contacts.crm.rest.login-token=/session
                            contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
                            contacts.crm.rest.mode=single
                            contacts.crm.rest.write=POST /crm/v8/Contacts/upsert {"data": ["{record}"], "duplicate_check_fields": ["JTL_Contact_Id"]}
                            contacts.crm.rest.results=/data
                            contacts.crm.rest.success=/status=success
                            """)) {
            for (int number = 1; number <= 2; number++) {
                if (number == 2) {
                    crm.plan(Reply.of(401, "{}"));
                }
                assertThat(accepted(station.send(delivery(number, "c@example.org", "Groß"))))
                        .hasSize(1);
            }
            assertThat(crm.loginsAsked()).isEqualTo(2);

            crm.plan(Reply.of(401, "{}"));
            assertThat(station.send(delivery(3, "c@example.org", "Groß"))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.PASSING);
            assertThat(outage(station).reason()).contains("contacts.crm.rest.login");
        }
    }

    /** Writes each contact by a call of its own. */
    private RestCrmFixture single(RestCrmServer crm, String settings) throws Exception {
        return new RestCrmFixture(
                folder,
                crm,
                "key",
                "name: {from: lastName}\n",
                "contacts.crm.token=rest-s3cr3t-t0ken\ncontacts.crm.rest.mode=single\n"
                        + "contacts.crm.rest.write=PUT /api/{key}\n"
                        + settings);
    }
}
