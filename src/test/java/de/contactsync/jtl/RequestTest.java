package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static de.contactsync.jtl.FakeJtl.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.http.HttpHeaders;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.RequestMethod;
import de.contactsync.http.FaultServer;
import de.contactsync.resilience.QuotaHeaders;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves with a call to JTL and what of its answer gets in, whatever a message or an answer carries. */
@Timeout(30)
class RequestTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    /** The client's own: they say nothing about us or the message. */
    private static final Set<String> OF_HTTP = Set.of("host", "connection", "user-agent", "accept-encoding");

    private static Exchange ask(ShippedRoutes routes, Map<String, Object> headers) {
        return routes.producer().send(GetCustomerContactRoute.URI, exchange -> {
            exchange.getMessage().setHeaders(new TreeMap<>(headers));
            exchange.getMessage().setBody(key(1));
        });
    }

    private static Map<String, String> sentHeaders() {
        HttpHeaders headers = JTL.calls().get(0).getRequest().getHeaders();
        Map<String, String> sent = new TreeMap<>();
        headers.all().forEach(header -> sent.put(header.key().toLowerCase(Locale.ROOT), header.firstValue()));
        sent.keySet().removeAll(OF_HTTP);
        return sent;
    }

    @Test
    void a_call_is_a_get_of_the_contacts_path_with_token_and_tenant() throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            ask(routes, Map.of());

            Request request = JTL.calls().get(0).getRequest();
            assertThat(request.getMethod()).isEqualTo(RequestMethod.GET);
            assertThat(request.getUrl()).isEqualTo(FakeJtl.path(key(1)));
            assertThat(request.getBody()).isEmpty();
            assertThat(sentHeaders())
                    .isEqualTo(Map.of(
                            "accept", "application/json",
                            "authorization", "Bearer token-1",
                            "x-tenant-id", FakeJtl.TENANT.toString()));
        }
    }

    @Test
    void user_and_company_are_sent_when_they_are_set() throws Exception {
        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).actingAs("17", "4").start()) {
            ask(routes, Map.of());

            assertThat(sentHeaders())
                    .containsEntry("x-runas", "17")
                    .containsEntry("x-companyid", "4")
                    .hasSize(5);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "CamelHttpUri, http://127.0.0.1:PORT/erp",
        "CamelHttpUri, BASE/v2/others",
        "cAmelHttpUri, http://127.0.0.1:PORT/erp",
        "CAMELHTTPURI, {{sys:user.home}}",
        "CamelRestHttpUri, http://127.0.0.1:PORT/erp",
        "cAMELrESThTTPuRI, BASE/v2/others",
        "CamelHttpBaseUri, http://127.0.0.1:PORT/erp",
        "CamelHttpPath, /v2/others",
        "CamelHttpQuery, a=b",
        "cAmelHttpRawQuery, a=b",
        "CamelRestHttpQuery, a=b",
        "CamelHttpMethod, DELETE",
        "camelHttpMethod, POST",
        "CamelHttpProtocolVersion, HTTP/1.0",
        "CamelHttpHost, other",
        "Host, other",
        "Authorization, Bearer of another",
        "authorization, Bearer of another",
        "Cookie, a=b",
        "X-Evil, yes",
        "X-Tenant-ID, 00000000-0000-0000-0000-000000000000",
        "x-runas, 1",
        "X-CompanyId, 1",
        "Accept, text/html",
        "Transfer-Encoding, chunked",
        "kafka.OVERRIDE_TOPIC, other",
    })
    void no_header_of_a_message_steers_the_call_or_leaves_with_it(String name, String value) throws Exception {
        try (FaultServer other = FaultServer.answering("HTTP/1.1 204 No Content\r\n\r\n");
                ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            String port = Integer.toString(other.uri("/").getPort());
            Exchange exchange = ask(
                    routes,
                    Map.of(
                            name,
                            value.replace("PORT", port)
                                    .replace("BASE", JTL.baseUrl().toString())));

            assertThat(exchange.getException()).isNull();
            assertThat(other.connections).hasValue(0);
            assertThat(JTL.calls()).hasSize(1);
            Request request = JTL.calls().get(0).getRequest();
            assertThat(request.getMethod()).isEqualTo(RequestMethod.GET);
            assertThat(request.getUrl()).isEqualTo(FakeJtl.path(key(1)));
            assertThat(request.getProtocol()).isEqualTo("HTTP/1.1");
            assertThat(request.getHeader("Host")).isEqualTo(JTL.baseUrl().getAuthority());
            assertThat(sentHeaders())
                    .isEqualTo(Map.of(
                            "accept", "application/json",
                            "authorization", "Bearer token-1",
                            "x-tenant-id", FakeJtl.TENANT.toString()));
            assertThat(exchange.getMessage().getHeader(name)).isNotEqualTo(value);
        }
    }

    @Test
    void no_header_of_an_answer_gets_onto_the_message() throws Exception {
        JTL.answers(
                key(1),
                aResponse()
                        .withStatus(429)
                        .withHeader("Content-Type", "application/json")
                        .withHeader("Retry-After", "1")
                        .withHeader("X-RateLimit-Limit", "10")
                        .withHeader("X-RateLimit-Interval-Length-Seconds", "45")
                        .withHeader("X-RateLimit-Remaining", "0")
                        .withHeader("CamelHttpUri", "http://127.0.0.1/")
                        .withHeader("cAmelFileName", "evil")
                        .withHeader("CamelSqlQuery", "DROP TABLE contact")
                        .withHeader("kafka.OVERRIDE_TOPIC", "evil")
                        .withHeader("Authorization", "Bearer planted")
                        .withHeader("Set-Cookie", "a=b")
                        .withHeader("X-Evil", "yes"));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            Exchange exchange = ask(routes, Map.of("X-From-Before", "yes"));

            assertThat(exchange.getMessage().getHeaders()).isEmpty();
            assertThat(exchange.getMessage().getBody())
                    .isInstanceOfSatisfying(
                            CallResult.Retry.class,
                            retry -> assertThat(retry.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
            assertThat(exchange.getProperty(ResponseProcessor.QUOTA))
                    .isEqualTo(new QuotaHeaders(10, Duration.ofSeconds(45), 0));
        }
    }

    @Test
    void cookies_of_an_answer_do_not_come_back_with_the_next_call() throws Exception {
        JTL.answers(key(1), FakeJtl.contact().withHeader("Set-Cookie", "session=1; Path=/"));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            ask(routes, Map.of());
            ask(routes, Map.of());

            assertThat(JTL.calls())
                    .hasSize(2)
                    .allMatch(call -> !call.getRequest().containsHeader("Cookie"));
        }
    }
}
