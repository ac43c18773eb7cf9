package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.JtlId;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of the CRM that are sent back to it. */
class RestKeptValuesTest {

    private static final String PROPERTIES = """
            contacts.crm.rest.mode=find-then-write
            contacts.crm.rest.find=GET /contacts?jtlContactId={key}
            contacts.crm.rest.found=/items
            contacts.crm.rest.found-key=/jtlContactId
            contacts.crm.rest.create=POST /contacts
            contacts.crm.rest.update=PATCH /contacts/{remoteId}
            """;

    @TempDir
    Path folder;

    /** A person's {@code false} came back as the text "false", which a strict CRM refuses. */
    @Test
    void what_a_person_has_changed_is_sent_back_with_its_type() throws Exception {
        RestApiFixture.Plain api = new RestApiFixture.Plain();
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = new RestCrmFixture(
                        folder,
                        crm,
                        "jtlContactId",
                        "lastName: {from: lastName}\nvip: {constant: true, write: unless-edited}\n",
                        PROPERTIES + "contacts.crm.token=" + RestCrmServer.TOKEN + "\ncontacts.crm.review-file="
                                + folder.resolve("review.csv") + "\n")) {
            Delivery contact = delivery(1, "c1@example.org", "Groß");
            String key =
                    contact.key().tenantId() + "/" + JtlId.text(contact.key().contactId());
            String id = api.put(
                    null,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("jtlContactId", key)
                            .put("lastName", "Alt")
                            .put("vip", false));

            assertThat(station.send(contact).get(0)).isInstanceOf(DeliveryResult.Accepted.class);

            JsonNode record = crm.records().get(id);
            assertThat(record.path("lastName").asText()).isEqualTo("Groß");
            assertThat(record.path("vip")).isEqualTo(JsonNodeFactory.instance.booleanNode(false));
        }
    }
}
