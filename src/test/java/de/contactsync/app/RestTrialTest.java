package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.ProcessingHaltedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code check} says of a CRM that properties describe, of which it can call only what changes nothing. */
class RestTrialTest {

    private static final String SINGLE = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.auth=header
            contacts.crm.rest.auth-header=x-api-token: {token}
            contacts.crm.rest.mode=single
            contacts.crm.rest.write=PUT /api/v2/persons/{key}
            """;

    @TempDir
    Path folder;

    private RestCrmFixture single(RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "key", "name: {from: lastName}\n", SINGLE + more);
    }

    @Test
    void find_is_called_for_a_made_up_contact_and_nothing_else() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
            assertThat(station.sink.tryOut())
                    .hasToString("contacts.crm.rest.find for a made-up contact was answered with"
                            + " no record; not tried: creating, updating and deleting contacts");
            assertThat(crm.lines()).containsExactly("GET /api/v2/persons/search");
            assertThat(crm.records()).isEmpty();
        }
    }

    @Test
    void find_that_is_refused_or_answered_by_something_else_is_no_ok() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive())) {
            crm.always("/api/v2/persons/search", Reply.raw(200, "text/html", "<html>Please sign in</html>"));
            try (RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
                assertThatThrownBy(station.sink::tryOut).isInstanceOf(ProcessingHaltedException.class);
            }
            crm.always("/api/v2/persons/search", Reply.of(400, "{\"error\": \"unknown field\"}"));
            try (RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, "")) {
                assertThatThrownBy(station.sink::tryOut)
                        .isInstanceOf(ProcessingHaltedException.class)
                        .hasMessageContaining("contacts.crm.rest.find");
            }
        }
    }

    /** "answered with 0 records" was said of a server that ignores the filter, and it was ok. */
    @ParameterizedTest
    @ValueSource(strings = {"", "contacts.crm.rest.found-key=/item/key\n"})
    void find_that_finds_records_for_a_made_up_contact_is_no_ok(String more) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, more)) {
            crm.always("search", Reply.of(200, "{\"data\": {\"items\": [{\"item\": {\"id\": 5, \"key\": \"x\"}}]}}"));
            assertThatThrownBy(station.sink::tryOut)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("a record for a made-up contact")
                    .hasMessageContaining("contacts.crm.rest.find");
        }
    }

    /** The list that was found was not "true", and halted everything. */
    @ParameterizedTest
    @ValueSource(strings = {"#=true", "#=[]"})
    void how_a_success_looks_as_a_whole_is_not_expected_of_a_call_that_only_reads(String success) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station =
                        RestCrmFixture.pipedrive(folder, crm, "contacts.crm.rest.success=" + success + "\n")) {
            assertThat(station.sink.tryOut().tried()).contains("answered with no record");
        }
    }

    /** Once this was said to be ok. */
    @Test
    void nobody_at_the_base_url_is_no_ok_where_no_call_can_be_tried() throws Exception {
        RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
        try (RestCrmFixture station = single(crm, "")) {
            crm.close();
            assertThatThrownBy(station.sink::tryOut)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("no answer from the CRM");
        }
    }

    @Test
    void a_token_that_cannot_be_fetched_is_no_ok_where_no_call_can_be_tried() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = new RestCrmFixture(
                        folder, crm, "key", "name: {from: lastName}\n", """
                        contacts.crm.rest.auth=oauth
                        contacts.crm.oauth.token-endpoint=%s
                        contacts.crm.oauth.client-id=crm-client
                        contacts.crm.oauth.client-secret=wrong
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.write=PUT /api/v2/persons/{key}
                        """.formatted(crm.tokenEndpoint()))) {
            assertThatThrownBy(station.sink::tryOut).isInstanceOf(ProcessingHaltedException.class);
        }
    }

    @Test
    void calls_that_would_change_something_are_reported_as_untried() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = single(crm, "")) {
            assertThat(station.sink.tryOut())
                    .hasToString(
                            "it answers (HTTP 405 to HEAD /); not tried: its calls, and whether they are permitted:"
                                    + " set contacts.crm.rest.check to a call that changes nothing");
            assertThat(crm.lines()).containsExactly("HEAD /");
        }
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = single(crm, "contacts.crm.rest.check=GET /api/v2/persons/search?term=x\n")) {
            crm.always("term=x", Reply.of(200, "{}"));
            assertThat(station.sink.tryOut())
                    .hasToString("contacts.crm.rest.check was answered; not tried:"
                            + " contacts.crm.rest.write, and deleting");
            assertThat(crm.lines()).containsExactly("GET /api/v2/persons/search");
        }
    }
}
