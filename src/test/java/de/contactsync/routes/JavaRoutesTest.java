package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmCallRoute;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.jtl.GetCustomerContactRoute;
import de.contactsync.jtl.JtlConnections;
import de.contactsync.jtl.QueryCustomerContactsRoute;
import de.contactsync.jtl.QueryCustomersRoute;
import de.contactsync.jtl.TestConnections;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The shipped routes in Java: the steps of one call, in their order, and what a failure leaves behind. */
@Timeout(30)
class JavaRoutesTest {

    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final String TOKEN = "Bearer the-token";

    abstract static class Call extends CamelMainTestSupport {
        final String id;
        /** The step that gets a token. */
        Processor authorization = exchange -> exchange.getMessage().setHeader("Authorization", TOKEN);

        Call(String id) {
            this.id = id;
        }

        abstract RoutesBuilder route();

        @Override
        public void configureTest(TestExecutionConfiguration configuration) {
            configuration.withUseAdviceWith(true);
        }

        @Override
        protected void configure(MainConfigurationProperties main) {
            main.addRoutesBuilder(route());
        }

        @Override
        protected String getPropertyPlaceholderLocations() {
            return "false";
        }

        /** What stands in for the server. */
        MockEndpoint server() {
            return getMockEndpoint("mock:server");
        }

        Exchange send(Object body) {
            return template.send(
                    "direct:" + id, exchange -> exchange.getMessage().setBody(body));
        }
    }

    /** Each operation of JTL has the same steps: request, token, call, answer. */
    abstract static class JtlCall extends Call {

        private final Function<JtlConnections, RoutesBuilder> route;

        JtlCall(String id, Function<JtlConnections, RoutesBuilder> route) {
            super(id);
            this.route = route;
        }

        @Override
        RoutesBuilder route() {
            return route.apply(TestConnections.none());
        }

        @BeforeEach
        void replaceTheSteps() throws Exception {
            AdviceWith.adviceWith(context, id, advice -> {
                advice.weaveById(id + "-request").replace().setBody(advice.simple("request of ${body}"));
                advice.weaveById(id + "-oauth").replace().process(exchange -> authorization.process(exchange));
                advice.weaveById(id + "-jtl").replace().to("mock:server").setBody(advice.constant("answer"));
                advice.weaveById(id + "-answer").replace().setBody(advice.simple("what the ${body} says"));
            });
            context.start();
        }

        @Test
        void a_request_goes_out_with_a_token_and_the_answer_is_read() throws Exception {
            server().expectedBodiesReceived("request of key");
            server().expectedHeaderReceived("Authorization", TOKEN);

            assertThat(send("key").getMessage().getBody()).isEqualTo("what the answer says");

            server().assertIsSatisfied();
        }

        @Test
        void without_a_token_nobody_is_called_and_the_failure_is_left_to_who_asked() throws Exception {
            IOException failure = new IOException("no token");
            authorization = exchange -> {
                throw failure;
            };
            server().expectedMessageCount(0);

            assertThat(send("key").getException()).isSameAs(failure);

            server().assertIsSatisfied();
        }

        @Test
        void a_call_that_fails_is_tried_once_and_no_answer_is_read() {
            server().whenAnyExchangeReceived(exchange -> {
                throw new IOException("connection reset");
            });

            Exchange failed = send("key");

            assertThat(failed.getException()).hasMessage("connection reset");
            assertThat(failed.getMessage().getBody()).isEqualTo("request of key");
            assertThat(server().getReceivedCounter()).isOne();
        }
    }

    @Nested
    class Get_customer_contact extends JtlCall {
        Get_customer_contact() {
            super("get-customer-contact", GetCustomerContactRoute::new);
        }
    }

    @Nested
    class Query_customer_contacts extends JtlCall {
        Query_customer_contacts() {
            super("query-customer-contacts", QueryCustomerContactsRoute::new);
        }
    }

    @Nested
    class Query_customers extends JtlCall {
        Query_customers() {
            super("query-customers", QueryCustomersRoute::new);
        }
    }

    @Nested
    class Call_crm extends Call {

        Call_crm() {
            super("call-crm");
        }

        @Override
        RoutesBuilder route() {
            CrmSettings settings = new CrmSettings(
                    new HubSpotSettings("v3", "the-token", true, EmailConflict.DEAD_LETTER, Company.NONE),
                    NOBODY,
                    CrmSettings.Gone.KEEP,
                    0.05,
                    false);
            return new CrmCallRoute(settings, exchange -> authorization.process(exchange));
        }

        @BeforeEach
        void replaceTheServer() throws Exception {
            AdviceWith.adviceWith(
                    context,
                    id,
                    advice -> advice.weaveById("call-crm-http").replace().to("mock:server"));
            context.start();
        }

        private Exchange search() {
            return send(new CrmRequest("POST", "/contacts/search", "{}".getBytes(StandardCharsets.UTF_8)));
        }

        @Test
        void a_request_goes_out_with_the_token_and_what_the_crm_says_is_read() throws Exception {
            server().expectedHeaderReceived("Authorization", TOKEN);
            server().expectedHeaderReceived(Exchange.HTTP_METHOD, "POST");
            server().expectedHeaderReceived(Exchange.HTTP_PATH, "/contacts/search");
            server().whenAnyExchangeReceived(exchange -> {
                exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 429);
                exchange.getMessage().setHeader("Retry-After", "7");
                exchange.getMessage().setBody("{\"message\":\"not with the-token\"}");
            });

            Exchange answered = search();

            CrmResponse response = answered.getMessage().getBody(CrmResponse.class);
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.retryAfter()).isEqualTo(Duration.ofSeconds(7));
            assertThat(new String(response.body(), StandardCharsets.UTF_8))
                    .as("the CRM repeats the token")
                    .startsWith("{\"message\":\"not with ")
                    .doesNotContain("the-token");
            assertThat(answered.getMessage().getHeaders()).doesNotContainKey("Authorization");
            server().assertIsSatisfied();
        }

        @Test
        void without_a_token_nobody_is_called() throws Exception {
            authorization = exchange -> {
                throw new IOException("no token");
            };
            server().expectedMessageCount(0);

            assertThat(search().getException()).hasMessage("no token");

            server().assertIsSatisfied();
        }

        @Test
        void after_a_call_without_an_answer_the_token_is_not_on_the_message() {
            server().whenAnyExchangeReceived(exchange -> {
                throw new IOException("connection reset");
            });

            Exchange failed = search();

            assertThat(failed.getException()).hasMessage("connection reset");
            assertThat(failed.getMessage().getHeaders()).doesNotContainKey("Authorization");
            assertThat(server().getReceivedCounter()).isOne();
        }
    }
}
