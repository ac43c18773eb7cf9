package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.outage;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.DeliveryResult;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that ignore the parameter by which a record is looked for, and list the first of all they have. */
class RestFilterTest {

    @TempDir
    Path folder;

    private RestCrmFixture station(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.pipedrive(folder, crm, more);
    }

    private static RestCrmServer server(int listed) throws Exception {
        RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
        String item = "{\"item\": {\"id\": 5, \"key\": \"another\"}}";
        crm.always(
                "search",
                Reply.of(
                        200, "{\"data\": {\"items\": [" + String.join(",", Collections.nCopies(listed, item)) + "]}}"));
        return crm;
    }

    /** Whoever was not on the first page was created once more. */
    @Test
    void nothing_is_created_for_want_of_the_contact_in_a_list_of_others() throws Exception {
        try (RestCrmServer crm = server(2);
                RestCrmFixture station = station(crm, "contacts.crm.rest.found-key=/item/key\n")) {
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason()).contains("2 records for a made-up contact", "contacts.crm.rest.find");
            assertThat(crm.lines()).containsOnly("GET /api/v2/persons/search");
        }
    }

    /** The only record of the CRM was overwritten by each contact in turn. */
    @Test
    void a_record_that_does_not_show_its_key_is_not_written() throws Exception {
        try (RestCrmServer crm = server(1);
                RestCrmFixture station = station(crm, "")) {
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("a record for a made-up contact");
            assertThat(crm.lines()).containsOnly("GET /api/v2/persons/search");
        }
    }

    @Test
    void a_record_that_does_not_show_its_key_is_not_deleted() throws Exception {
        try (RestCrmServer crm = server(1);
                RestCrmFixture station = station(
                        crm, "contacts.on-gone=delete\ncontacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}\n")) {
            assertThat(station.send(gone(1, null))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("a record for a made-up contact");
            assertThat(crm.lines()).containsOnly("GET /api/v2/persons/search");
        }
    }

    @Test
    void a_search_that_filters_is_asked_for_a_made_up_contact_once() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = station(crm, "")) {
            station.send(deliveries(1, 5));
            int before = crm.calls().size();
            assertThat(accepted(station.send(deliveries(1, 5)))).hasSize(5);
            assertThat(crm.calls()).hasSize(before + 2 * 5 + 1);
        }
    }
}
