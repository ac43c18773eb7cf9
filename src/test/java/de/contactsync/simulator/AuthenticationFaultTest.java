package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of the doors that go wrong by rules. */
class AuthenticationFaultTest {

    private final HttpClient client = HttpClient.newHttpClient();

    private int status(String address, String method) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create(address))
                                .method(method, HttpRequest.BodyPublishers.ofString(""))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        "token, POST, /oauth2/token",
        "login, GET, /oauth2/auth",
        "revoke, POST, /oauth2/revoke",
        "info, GET, /api/eazybusiness/info",
        "register, POST, /api/eazybusiness/v2/authentication",
        "poll, GET, /api/eazybusiness/v2/authentication/1"
    })
    void a_rule_for_a_door_spoils_its_calls_as_often_as_it_says(String at, String method, String path)
            throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                .fault(Fault.parse("status=507,times=2,at=" + at))
                .build())) {
            String address = "http://127.0.0.1:" + jtl.port() + path;
            assertThat(status(address, method)).isEqualTo(507);
            assertThat(status(address, method)).isEqualTo(507);
            assertThat(status(address, method)).isNotEqualTo(507);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'body=no-id,at=token'",
        "'status=500,at=token,ids=00000000-0000-4000-8000-000000000001'",
        "'status=500,at=x'"
    })
    void what_a_door_cannot_do_is_refused(String rule) {
        assertThatThrownBy(() -> Fault.parse(rule)).hasMessageContaining("at=");
    }
}
