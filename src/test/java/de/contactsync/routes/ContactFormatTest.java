package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.persistence.ChunkFixture;
import java.util.List;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contacts as JSON, as CSV, and one by one, in routes of the user. */
class ContactFormatTest {

    private static final EnrichedChunk CHUNK = ChunkFixture.found(1, 0, 1, 2);

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private ProducerTemplate template;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("contactsJson", new ContactFormat.Json());
        camel.getRegistry().bind("contactsCsv", new ContactFormat.Csv());
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:json").marshal().custom("contactsJson");
                from("direct:csv").marshal().custom("contactsCsv");
                from("direct:each")
                        .convertBodyTo(List.class)
                        .split(body(), (all, one) -> {
                            if (all == null) {
                                return one;
                            }
                            all.getMessage()
                                    .setBody(all.getMessage().getBody() + " "
                                            + one.getMessage().getBody());
                            return all;
                        })
                        .setBody(simple("${body[firstName]}-${body[lastName]}"))
                        .end();
            }
        });
        camel.start();
        template = camel.createProducerTemplate();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private String text(String uri, Object body) {
        return template.requestBody(uri, body, String.class);
    }

    @Test
    void what_the_lookup_gives_is_an_array_of_json_with_jtls_names() throws Exception {
        JsonNode contacts = new ObjectMapper().readTree(text("direct:json", CHUNK));

        assertThat(contacts).hasSize(2);
        assertThat(contacts.get(0).get("contactId").textValue())
                .isEqualTo(ChunkFixture.key(1).contactId().toString());
        assertThat(contacts.get(0).get("firstName").textValue()).isEqualTo("Jörg");
        assertThat(contacts.get(0).get("department").isNull()).isTrue();
    }

    @Test
    void one_contact_is_an_object_of_json_and_a_line_of_csv() {
        Map<String, Object> contact = ContactBody.of(
                ChunkFixture.key(1),
                new CustomerContact(null, "", "Eva", "Meier, \"die\"", null, null, "eva@example.org", null));

        assertThat(text("direct:json", contact)).startsWith("{").contains("\"lastName\":\"Meier, \\\"die\\\"\"");
        assertThat(text("direct:csv", contact)).endsWith(",,\"\",Eva,\"Meier, \"\"die\"\"\",,,eva@example.org,\r\n");
    }

    @Test
    void a_list_is_csv_with_a_header() {
        String[] lines = text("direct:csv", CHUNK).split("\r\n");

        assertThat(lines).hasSize(3);
        assertThat(lines[0]).startsWith("tenantId,customerId,contactId,department,");
        assertThat(lines[2]).contains("Contact 2");
        assertThat(text("direct:csv", List.of())).isEmpty();
    }

    @Test
    void a_route_of_one_contact_names_its_fields() {
        assertThat(text("direct:each", CHUNK)).isEqualTo("Jörg-Contact 1 Jörg-Contact 2");
    }

    @Test
    void another_body_is_refused_with_what_is_expected() {
        assertThatThrownBy(() -> text("direct:json", List.of("text")))
                .rootCause()
                .hasMessageContaining("expected a map, or a list of maps");
    }

    /** A type converter to text would have put contacts into logs in which Camel shows bodies. */
    @Test
    void a_chunk_that_is_logged_shows_no_contact() {
        assertThat(camel.getTypeConverter().convertTo(String.class, CHUNK)).doesNotContain("Jörg");
    }
}
