package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.jtl.SecretInLogCheck;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials, tokens and sessions of a CRM that properties describe. */
class RestAuthTest {

    @TempDir
    Path folder;

    private RestCrmFixture dataverse(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.dataverse(folder, crm, more);
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
    void a_fetched_token_is_not_shown_when_the_crm_repeats_it() throws Exception {
        try (SecretInLogCheck log = new SecretInLogCheck();
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, "jtl_contactid", RestCrmFixture.DATAVERSE_FIELDS, """
                        contacts.crm.oauth.token-endpoint=%s
                        contacts.crm.oauth.client-id=crm-client
                        contacts.crm.oauth.client-secret=crm-s3cr3t
                        contacts.crm.rest.auth=oauth
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.write=PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')
                        """.formatted(
                                        crm.tokenEndpoint()))) {
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
}
