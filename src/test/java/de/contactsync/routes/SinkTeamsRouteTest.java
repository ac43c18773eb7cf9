package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example of docs/extending-routes.md, tested without the program: it is a route as any other. */
class SinkTeamsRouteTest extends CamelMainTestSupport {

    private MockEndpoint file;

    @Override
    public void configureTest(TestExecutionConfiguration configuration) {
        configuration.withUseAdviceWith(true);
    }

    @Override
    protected void configure(MainConfigurationProperties main) {
        main.withRoutesIncludePattern("file:examples/route-sink/routes/sink-teams.camel.yaml");
    }

    @BeforeEach
    void replaceTheFile() throws Exception {
        AdviceWith.adviceWith(
                context,
                "sink-teams",
                advice -> advice.weaveById("to-file").replace().to("mock:file"));
        context.start();
        file = getMockEndpoint("mock:file");
    }

    private Exchange send(String emailAddress) {
        Map<String, Object> contact = new HashMap<>(Map.of("firstName", "Eva", "lastName", "Meier"));
        contact.put("emailAddress", emailAddress);
        return template.send("direct:sink-teams", exchange -> {
            exchange.getMessage().setBody(contact);
            exchange.getMessage().setHeader("change", "created");
            exchange.getMessage().setHeader("contactId", "4711");
        });
    }

    @Test
    void a_contact_becomes_a_line() throws Exception {
        file.expectedBodiesReceived("created Eva Meier (4711)\n");

        assertThat(send("eva@example.org").getMessage().getHeader("rejected")).isNull();

        file.assertIsSatisfied();
    }

    @Test
    void a_contact_without_an_address_is_rejected_and_written_nowhere() throws Exception {
        file.expectedMessageCount(0);

        assertThat(send(null).getMessage().getHeader("rejected"))
                .isEqualTo("It has no e-mail address. Add one in JTL-Wawi.");

        file.assertIsSatisfied();
    }

    @Test
    void a_file_that_cannot_be_written_is_an_exception_so_that_the_contact_is_sent_again() {
        file.whenAnyExchangeReceived(exchange -> {
            throw new IllegalStateException("the disk is full");
        });

        assertThat(send("eva@example.org").getException()).hasMessage("the disk is full");
    }
}
