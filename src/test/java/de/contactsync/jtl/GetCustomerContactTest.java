package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static de.contactsync.jtl.FakeJtl.CAMEL_CASE_ERROR;
import static de.contactsync.jtl.FakeJtl.PASCAL_CASE_ERROR;
import static de.contactsync.jtl.FakeJtl.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import de.contactsync.http.Network;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped route get-customer-contact: from JTL's answer to ours, row by row of the table of statuses. */
@Timeout(30)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GetCustomerContactTest extends CamelMainTestSupport {

    private final FakeJtl jtl = new FakeJtl();
    private final JtlSettings settings = TestConnections.settings(jtl.baseUrl(), 4, Duration.ofSeconds(5));
    private final TokenSource tokens = new TokenSource(
            new OAuthSettings("jtl.oauth", jtl.tokenEndpoint(), "id", "secret", ""),
            Network.DIRECT,
            TestBreakers.create()::forAll,
            new Random(1));

    @Override
    protected void configure(MainConfigurationProperties configuration) {
        configuration.withStreamCachingEnabled(false);
        configuration.addRoutesBuilder(new GetCustomerContactRoute(TestConnections.of(settings, tokens)));
    }

    @BeforeEach
    void reset() {
        jtl.reset();
    }

    @AfterAll
    void stop() {
        jtl.close();
        tokens.close();
    }

    private Exchange ask() {
        return template.send(
                GetCustomerContactRoute.URI, exchange -> exchange.getMessage().setBody(key(1)));
    }

    private CallResult answer(ResponseDefinitionBuilder response) {
        jtl.answers(key(1), response);
        Exchange exchange = ask();
        assertThat(exchange.getException()).isNull();
        assertThat(jtl.calls()).hasSize(1);
        return exchange.getMessage().getBody(CallResult.class);
    }

    private static Outcome.Failed failed(CallResult result) {
        if (result instanceof CallResult.Final known) {
            return (Outcome.Failed) known.outcome();
        } else if (result instanceof CallResult.Retry retry) {
            return retry.whenExhausted();
        } else if (result instanceof CallResult.TokenRefused refused) {
            return refused.whenRefusedAgain();
        }
        return ((CallResult.Misrouted) result).whenOthersPass();
    }

    /** What a status becomes. The words are those of JTL's own bodies in {@link FakeJtl}. */
    static Stream<Arguments> rows() {
        return Stream.of(
                        IntStream.of(400, 409, 410, 418, 422, 431, 451)
                                .mapToObj(status -> Arguments.of(status, CallResult.Final.class, Reason.REJECTED)),
                        Stream.of(Arguments.of(401, CallResult.TokenRefused.class, Reason.REJECTED)),
                        Stream.of(Arguments.of(404, CallResult.Final.class, Reason.NOT_FOUND)),
                        IntStream.of(408, 429, 500, 501, 502, 503, 504, 505, 599)
                                .mapToObj(status ->
                                        Arguments.of(status, CallResult.Retry.class, Reason.RETRIES_EXHAUSTED)))
                .flatMap(stream -> stream);
    }

    @ParameterizedTest(name = "{0} is {1} {2}")
    @MethodSource("rows")
    void an_error_has_its_status_and_jtls_message_in_either_case(int status, Class<CallResult> kind, Reason reason) {
        for (String body : new String[] {CAMEL_CASE_ERROR, PASCAL_CASE_ERROR}) {
            jtl.reset();
            CallResult result = answer(aResponse().withStatus(status).withBody(body));

            assertThat(result).isInstanceOf(kind);
            Outcome.Failed failed = failed(result);
            assertThat(failed.reason()).isEqualTo(reason);
            assertThat(failed.httpStatus()).isEqualTo(status);
            assertThat(failed.errorCode()).isEqualTo("CODE_7");
            assertThat(failed.errorMessage()).endsWith("(JTL: words of JTL)");
            assertThat(failed.errors()).isEqualTo("{\"id\":[\"one\",\"two\"]}");
        }
    }

    @ParameterizedTest(name = "{0} is {1} {2}")
    @MethodSource("rows")
    void an_error_without_jtls_body_has_our_words(int status, Class<CallResult> kind, Reason reason) {
        for (String body : new String[] {"", "<html>busy</html>", "{\"errorCode\":", "[]", "\"errorCode\""}) {
            jtl.reset();
            CallResult result = answer(aResponse().withStatus(status).withBody(body));

            assertThat(result).isInstanceOf(kind.equals(CallResult.Final.class) ? CallResult.Misrouted.class : kind);
            Outcome.Failed failed = failed(result);
            // As not-found it would have the contact removed from the CRM.
            assertThat(failed.reason()).isEqualTo(status == 404 ? Reason.CONTRACT_VIOLATION : reason);
            assertThat(failed.httpStatus()).isEqualTo(status);
            assertThat(failed.errorMessage()).isNotBlank().doesNotContain("busy");
            assertThat(failed.errorCode()).isNull();
            assertThat(failed.errors()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {402, 403, 405, 406, 412})
    void what_concerns_all_keys_is_a_halt_with_jtls_words(int status) {
        for (String body : new String[] {CAMEL_CASE_ERROR, PASCAL_CASE_ERROR}) {
            jtl.reset();
            assertThat(answer(aResponse().withStatus(status).withBody(body)))
                    .isInstanceOfSatisfying(
                            CallResult.Refused.class,
                            halt -> assertThat(halt.message())
                                    .startsWith("HTTP " + status)
                                    .endsWith("(JTL: words of JTL)"));
        }
    }

    /** A firewall's page was taken for JTL's word on the licence, and all keys of the tenant waited for an hour. */
    @ParameterizedTest
    @ValueSource(ints = {402, 403, 405, 406, 412})
    void a_refusal_with_a_page_is_not_jtls_own(int status) {
        assertThat(answer(aResponse()
                        .withStatus(status)
                        .withHeader("Content-Type", "text/html")
                        .withBody("<html>Blocked by policy</html>")))
                .isInstanceOfSatisfying(
                        CallResult.Misrouted.class,
                        foreign -> assertThat(foreign.whenOthersPass().errorMessage())
                                .contains("HTTP " + status, "Blocked by policy"));

        jtl.reset();
        assertThat(answer(aResponse().withStatus(status))).isInstanceOf(CallResult.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 304, 307, 308})
    void a_redirect_is_misrouted_and_not_followed(int status) {
        CallResult result = answer(aResponse().withStatus(status).withHeader("Location", FakeJtl.path(key(2))));

        assertThat(result).isInstanceOf(CallResult.Misrouted.class);
        assertThat(failed(result).httpStatus()).isEqualTo(status);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | ''",
                "200 | null",
                "200 | []",
                "200 | <html>login</html>",
                "200 | {\"id\":\"ID\",\"firstName\":\"An",
                "200 | {\"id\":\"ID\"",
                "200 | {\"id\":\"ID\"} {}",
                "200 | {\"id\":\"ID\",\"id\":\"ID\"}",
                "200 | {\"id\":7}",
                "200 | {\"firstName\":\"Anna\"}",
                "200 | {\"id\":null}",
                "200 | {\"id\":\"00000000-0000-0000-0000-000000000000\"}",
                "200 | {\"id\":\"ID\",\"fax\":{\"a\":1}}",
                "201 | {\"id\":\"ID\"}",
                "202 | ''",
                "204 | ''",
                "206 | {\"id\":\"ID\"}",
            })
    void an_answer_that_is_not_the_contact_breaks_the_contract(int status, String body) {
        CallResult result = answer(aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withBody(body.replace("ID", key(1).contactId().toString())));

        assertThat(result).isInstanceOf(CallResult.Misrouted.class);
        Outcome.Failed failed = failed(result);
        assertThat(failed.reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
        assertThat(failed.httpStatus()).isEqualTo(status);
        assertThat(failed.errorMessage()).isNotBlank().doesNotContain("Anna", "An\"", "login");
    }

    @Test
    void a_contact_is_read_in_either_case_with_fields_null_absent_empty_and_unknown() {
        String id = key(1).contactId().toString();
        CallResult camelCase =
                answer(okJson("{\"id\":\"" + id.toUpperCase() + "\",\"department\":null,\"honorific\":\"\","
                        + "\"firstName\":\"Änne\",\"emailAddress\":\"a@example.test\",\"new\":{\"x\":[1]}}"));
        jtl.reset();
        CallResult pascalCase = answer(okJson("{\"Id\":\"" + id + "\",\"Department\":null,\"Honorific\":\"\","
                + "\"FirstName\":\"Änne\",\"EmailAddress\":\"a@example.test\"}"));

        assertThat(camelCase)
                .isEqualTo(pascalCase)
                .isEqualTo(new CallResult.Final(new Outcome.Found(
                        new CustomerContact(null, "", "Änne", null, null, null, "a@example.test", null))));
    }

    static Stream<ResponseDefinitionBuilder> failures() {
        return Stream.concat(
                Stream.of(Fault.values()).map(fault -> aResponse().withFault(fault)),
                Stream.of(
                        aResponse().withBody(new byte[200_000]),
                        aResponse()
                                .withStatus(404)
                                .withHeader("Content-Encoding", "gzip")
                                .withBody("no gzip")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_failed_call_leaves_as_an_exception_and_without_the_token(ResponseDefinitionBuilder failure) {
        jtl.answers(key(1), failure);
        Exchange exchange = ask();

        assertThat(exchange.getException()).isInstanceOf(IOException.class);
        assertThat(jtl.calls()).hasSize(1);
        assertThat(exchange.getIn().getHeaders()).doesNotContainKey("Authorization");
        assertThat(exchange.getMessage().getHeaders()).doesNotContainKey("Authorization");
        assertThat(exchange.getException().toString()).doesNotContain("token-1");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 302, 401, 404, 503})
    void the_token_does_not_stay_on_the_message(int status) {
        jtl.answers(key(1), aResponse().withStatus(status));
        Exchange exchange = ask();

        assertThat(jtl.calls().get(0).getRequest().getHeader("Authorization")).isEqualTo("Bearer token-1");
        assertThat(exchange.getIn().getHeaders()).doesNotContainKey("Authorization");
        assertThat(exchange.getMessage().getHeaders()).doesNotContainKey("Authorization");
        // The property says only which token it was.
        assertThat(exchange.getProperties().toString()).doesNotContain("token-1");
    }
}
