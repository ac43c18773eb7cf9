package de.contactsync.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import de.contactsync.http.FaultServer;
import de.contactsync.http.Network;
import de.contactsync.oauth.TokenResult.Granted;
import de.contactsync.oauth.TokenResult.Refused;
import de.contactsync.oauth.TokenResult.Unavailable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer of the token endpoint means, however it is written. */
@Timeout(40)
class TokenEndpointTest {

    private static final String SECRET = "s3cr3t:%+&/ü";

    /** Of calls that are to be answered: a busy machine may take a second over the first. */
    private static final Duration ENOUGH = Duration.ofSeconds(20);

    private static OAuthSettings settings(URI uri, Duration timeout) {
        return new OAuthSettings(
                "jtl.oauth",
                uri,
                "the-client",
                SECRET,
                "customers.read",
                timeout,
                timeout,
                5,
                OAuthGrant.CLIENT_CREDENTIALS);
    }

    private static TokenResult ask(FaultServer server, Duration timeout) throws IOException {
        try (server;
                TokenEndpoint endpoint =
                        new TokenEndpoint(settings(server.uri("/oauth2/token?tenant=a"), timeout), Network.DIRECT)) {
            TokenResult answer = endpoint.request();
            assertThat(answer.toString()).doesNotContain(SECRET, "the-token");
            assertThat(server.heads).hasSize(1);
            return answer;
        }
    }

    private static TokenResult answered(int status, String headers, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        FaultServer server = new FaultServer((out, self) -> {
            out.write(("HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + bytes.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(bytes);
        });
        return ask(server, ENOUGH);
    }

    private static TokenResult granted(String expiresIn) throws IOException {
        return answered(
                200,
                "Content-Type: application/json\r\n",
                "{\"access_token\":\"the-token\",\"token_type\":\"bearer\"" + expiresIn + "}");
    }

    private static Unavailable unavailable(TokenResult answer) {
        assertThat(answer).isInstanceOf(Unavailable.class);
        return (Unavailable) answer;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 3600",
                "',\"expires_in\":0' | 3600",
                "',\"expires_in\":-5' | 3600",
                "',\"expires_in\":null' | 3600",
                "',\"expires_in\":\"soon\"' | 3600",
                "',\"expires_in\":{}' | 3600",
                "',\"expires_in\":[1]' | 3600",
                "',\"expires_in\":0.5' | 3600",
                "',\"expires_in\":1e400' | 3600",
                "',\"expires_in\":9223372036854775807' | 3600",
                "',\"expires_in\":2678401' | 3600",
                "',\"expires_in\":2678400' | 2678400",
                "',\"expires_in\":\"7200\"' | 7200",
                "',\"expires_in\":86399' | 86399",
                "',\"expires_in\":1' | 1"
            })
    void a_lifetime_that_cannot_be_meant_is_an_hour(String expiresIn, long seconds) throws IOException {
        assertThat(granted(expiresIn)).isEqualTo(new Granted("the-token", Duration.ofSeconds(seconds), null));
    }

    @ParameterizedTest
    @CsvSource({
        "https://my.example.test, https://my.example.test",
        "https://my.example.test:8443/services?a=b, https://my.example.test:8443",
        "http://127.0.0.1:8080, http://127.0.0.1:8080",
        "//my.example.test,",
        "file:///etc/passwd,",
        "ftp://my.example.test,",
        "https://user:pw@my.example.test,",
        "https:// my.example.test,",
        "my.example.test,",
    })
    void an_address_for_calls_is_taken_without_what_comes_behind_its_port(String announced, URI taken)
            throws IOException {
        assertThat(granted(",\"instance_url\":\"" + announced + "\""))
                .isEqualTo(new Granted("the-token", TokenResponseParser.ASSUMED_LIFETIME, taken));
    }

    @Test
    void an_address_that_is_no_text_is_none() throws IOException {
        assertThat(((Granted) granted(",\"instance_url\":{\"a\":1}")).instance())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>Bad gateway, but 200</html>",
                "",
                "{}",
                "[]",
                "null",
                "{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"the-token\\r\\nX-Evil: 1\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"the tökén\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"the-token\",\"token_type\":\"Bearer\"",
            })
    void an_unreadable_answer_may_pass(String body) throws IOException {
        assertThat(unavailable(answered(200, "", body)).message()).contains("200");
    }

    /** RFC 6749, section 5.1, requires the type; an answer without it was asked for five times and never used. */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"", ",\"token_type\":null", ",\"token_type\":\"\"", ",\"token_type\":\"BEARER\""})
    void a_token_without_a_type_is_a_bearer_token(String type) throws IOException {
        assertThat(answered(200, "", "{\"access_token\":\"the-token\"" + type + "}"))
                .asInstanceOf(type(Granted.class))
                .extracting(Granted::value)
                .isEqualTo("the-token");
    }

    /** It was asked for five times, and each time it was the same. */
    @Test
    void a_token_of_another_type_is_refused_at_once() throws IOException {
        assertThat(answered(200, "", "{\"access_token\":\"the-token\",\"token_type\":\"mac\"}"))
                .asInstanceOf(type(Refused.class))
                .extracting(Refused::message)
                .asString()
                .contains("type mac", "only bearer tokens", "jtl.oauth.token-endpoint")
                .doesNotContain("the-token");
    }

    @Test
    void deeply_nested_json_is_unreadable_too() throws IOException {
        unavailable(answered(200, "", "[".repeat(60_000)));
        String nested = "{\"access_token\":\"the-token\",\"x\":" + "[".repeat(500) + "]".repeat(500) + "}";
        assertThat(unavailable(answered(200, "Content-Type: application/json\r\n", nested))
                        .message())
                .contains("nested too deep");
        unavailable(answered(400, "Content-Type: application/json\r\n", "{\"a\":".repeat(12_000)));
    }

    @ParameterizedTest
    @CsvSource({
        "401, invalid_client, jtl.oauth.client-secret",
        "400, invalid_client, jtl.oauth.client-id",
        "400, unauthorized_client, jtl.oauth.client-id",
        "403, unauthorized_client, jtl.oauth.client-id",
        "400, invalid_scope, jtl.oauth.scope",
        "400, invalid_request, jtl.oauth.scope",
        "400, invalid_grant, jtl.oauth.token-endpoint",
        "400, unsupported_grant_type, jtl.oauth.token-endpoint",
        "400, something_new, jtl.oauth.client-id"
    })
    void a_lasting_error_names_the_keys(int status, String code, String key) throws IOException {
        TokenResult answer = answered(
                status,
                "Content-Type: application/json\r\n",
                "{\"error\":\"" + code + "\",\"error_description\":\"for " + SECRET + "\\r\\n now\"}");
        assertThat(answer)
                .asInstanceOf(type(Refused.class))
                .extracting(Refused::message)
                .asString()
                .contains(code, key, "/oauth2/token")
                .doesNotContain("s3cr3t", "\n", "tenant=a");
    }

    /** Once, an identity provider in maintenance kept everybody waiting for an hour. */
    @Test
    void a_bare_401_and_a_redirect_may_pass_and_say_what_to_check_if_they_last() throws IOException {
        assertThat(answered(401, "", "no"))
                .asInstanceOf(type(Unavailable.class))
                .extracting(Unavailable::message)
                .asString()
                .contains("jtl.oauth.client-secret");
        try (FaultServer other = FaultServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                assertThat(answered(status, "Location: " + other.uri("/") + "\r\n", ""))
                        .asInstanceOf(type(Unavailable.class))
                        .extracting(Unavailable::message)
                        .asString()
                        .contains("redirect", "jtl.oauth.token-endpoint");
            }
            assertThat(other.connections).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"refresh_token\":\"\"",
                ",\"refresh_token\":null",
                ",\"scope\":[\"a\",\"b\"]",
                ",\"scope\":7",
                ",\"id_token\":{}"
            })
    void odd_fields_beside_the_token_do_not_matter(String odd) throws IOException {
        assertThat(answered(200, "", "{\"access_token\":\"t\",\"token_type\":\"bearer\"" + odd + "}"))
                .isInstanceOf(Granted.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 408, 425, 429})
    void some_statuses_may_pass_whatever_the_body_says(int status) throws IOException {
        Unavailable answer =
                unavailable(answered(status, "Content-Type: application/json\r\n", "{\"error\":\"invalid_client\"}"));
        assertThat(answer.message()).contains("" + status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"temporarily_unavailable", "server_error", "slow_down"})
    void some_errors_may_pass(String code) throws IOException {
        unavailable(answered(400, "Content-Type: application/json\r\n", "{\"error\":\"" + code + "\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Retry-After: 7 | 7",
                "Retry-After: 999999999999999999999 | 0",
                "Retry-After: -1 | 0",
                "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT | 0",
                "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT~Date: Sun, 06 Nov 1994 08:49:30 GMT | 7",
                "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT~Date: Sun, 06 Nov 1994 08:49:40 GMT | 0",
                "Retry-After: Sunday, 06-Nov-94 08:49:37 GMT~Date: Sun Nov  6 08:49:30 1994 | 7",
                "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT | 600",
                "X-Other: 1 | 0"
            })
    void retry_after_is_seconds_or_a_date(String headers, long seconds) throws IOException {
        Unavailable answer = unavailable(answered(503, headers.replace("~", "\r\n") + "\r\n", ""));
        assertThat(answer.retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void a_huge_answer_ends_at_the_cap() throws IOException {
        assertThat(unavailable(answered(200, "", "x".repeat(65 * 1024))).message())
                .contains("65536 bytes")
                .doesNotContain("no answer");
    }

    @Test
    void a_dripping_head_ends_at_the_deadline() throws IOException {
        assertEndsAtTheDeadline(
                new FaultServer((out, self) -> self.drip(out, "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(5000), 40)));
    }

    @Test
    void a_dripping_body_ends_at_the_deadline() throws IOException {
        assertEndsAtTheDeadline(new FaultServer((out, self) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            self.drip(out, "x".repeat(5000), 40);
        }));
    }

    private static void assertEndsAtTheDeadline(FaultServer server) throws IOException {
        long start = System.nanoTime();
        unavailable(ask(server, Duration.ofMillis(300)));
        // 300 ms to connect and 300 ms to answer. The drip would take minutes, a busy machine may take seconds.
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(595L, 15_000L);
    }

    @Test
    void nobody_listening() throws IOException {
        URI gone;
        try (FaultServer server = FaultServer.answering("")) {
            gone = server.uri("/");
        }
        try (TokenEndpoint endpoint = new TokenEndpoint(settings(gone, ENOUGH), Network.DIRECT)) {
            assertThat(unavailable(endpoint.request()).message()).startsWith("no answer: Connect to ");
        }
    }
}
