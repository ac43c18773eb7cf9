package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.TrytonApi;
import de.contactsync.model.DeliveryResult;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of {@code examples/crm-rest/tryton}, where Tryton is not like others. */
class TrytonExampleTest {

    @TempDir
    Path folder;

    private final TrytonApi api = new TrytonApi();

    private RestCrmFixture tryton(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.example(
                folder, crm, "tryton", "contacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n" + more);
    }

    private static DeliveryResult send(RestCrmFixture station, String remoteId) {
        return station.send(RestCrmFixture.delivery(1, "c1@example.org", "Groß", remoteId))
                .get(0);
    }

    /** Tryton does not list archived parties unless it is asked to, and a second party was made. */
    @Test
    void a_party_that_people_have_archived_is_not_made_once_more() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            String id = ((DeliveryResult.Accepted) send(station, null)).remoteId();
            ((ObjectNode) crm.records().get(id)).put("active", false);

            assertThat(send(station, id)).isEqualTo(new DeliveryResult.Accepted(id));
            assertThat(crm.records()).hasSize(1);
        }
    }

    @Test
    void a_party_of_a_contact_that_is_gone_is_archived() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "contacts.on-gone=flag\n")) {
            String id = ((DeliveryResult.Accepted) send(station, null)).remoteId();

            assertThat(station.send(RestCrmFixture.gone(1, id))).hasOnlyElementsOfType(DeliveryResult.Accepted.class);
            assertThat(crm.records().get(id).path("active").asBoolean(true)).isFalse();
            send(station, id);
            assertThat(crm.records().get(id).path("active").asBoolean()).isTrue();
        }
    }

    /** With the password in each call, Tryton worked on it for a second each time. */
    @Test
    void the_password_is_sent_once_a_session() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            String id = ((DeliveryResult.Accepted) send(station, null)).remoteId();
            assertThat(logins(crm)).hasSize(1);

            api.endSession();
            assertThat(send(station, id)).isEqualTo(new DeliveryResult.Accepted(id));
            assertThat(logins(crm)).as("after the session was over").hasSize(2);
            assertThat(crm.records()).hasSize(1);
        }
    }

    /** What went wrong was taken for a code, with nothing but a comma in place of a message. */
    @Test
    void a_database_that_is_not_there_is_reported_in_words_of_tryton() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(
                        crm,
                        "contacts.crm.rest.find=POST /other/ {\"id\": 1, \"method\": \"model.party.party.search_read\","
                                + " \"params\": [[], 0, 3, null, [\"name\"], {}]}\n")) {
            assertThatThrownBy(station.sink::tryOut)
                    .hasMessageContaining("POST /other/ with HTTP 200, Database 'other' doesn't exist!: check");
        }
    }

    private static List<RestCrmServer.Call> logins(RestCrmServer crm) {
        return crm.calls().stream()
                .filter(call -> call.body().toString().contains("s3cr3t"))
                .toList();
    }
}
