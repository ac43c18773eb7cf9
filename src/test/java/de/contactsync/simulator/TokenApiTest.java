package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenApiTest {

    private static final String GRANT = "grant_type=client_credentials";

    private final AtomicLong now = new AtomicLong();
    private JtlSimulator simulator;
    private TestClient testClient;

    @BeforeEach
    void start() {
        simulator = JtlSimulator.start(SimulatorOptions.builder()
                .client("my app", "p:%ä+ss")
                .tokenLifetime(Duration.ofMinutes(10))
                .nanoTime(now::get)
                .build());
        testClient = new TestClient(simulator);
    }

    @AfterEach
    void end() {
        simulator.close();
    }

    @Test
    void a_known_client_gets_a_bearer_token() throws Exception {
        HttpResponse<String> response = ask(GRANT);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/json");
        JsonNode token = TestClient.json(response);
        assertThat(token.get("token_type").asText()).isEqualTo("Bearer");
        assertThat(token.get("expires_in").asInt()).isEqualTo(600);
        assertThat(token.get("access_token"))
                .isNotEqualTo(TestClient.json(ask(GRANT)).get("access_token"));
    }

    @Test
    void a_wrong_secret_is_invalid_client() throws Exception {
        assertRefused(testClient.askToken("my app", "guess", GRANT), 401, "invalid_client");
        assertRefused(testClient.askToken("another", "p:%ä+ss", GRANT), 401, "invalid_client");
    }

    @Test
    void credentials_that_are_not_form_encoded_are_invalid_client() throws Exception {
        String raw = "Basic " + Base64.getEncoder().encodeToString("my app:p:%ä+ss".getBytes("UTF-8"));
        assertRefused(
                testClient.send(testClient.tokenRequest(GRANT).header("Authorization", raw)), 401, "invalid_client");
    }

    @Test
    void missing_or_unreadable_credentials_are_invalid_client() throws Exception {
        assertRefused(testClient.send(testClient.tokenRequest(GRANT)), 401, "invalid_client");
        HttpRequest.Builder unreadable = testClient.tokenRequest(GRANT).header("Authorization", "Basic §§");
        assertRefused(testClient.send(unreadable), 401, "invalid_client");
    }

    @Test
    void other_grant_types_are_refused() throws Exception {
        assertRefused(ask("grant_type=password"), 400, "unsupported_grant_type");
        assertRefused(ask("scope=openid"), 400, "invalid_request");
        assertRefused(ask(GRANT + "&" + GRANT), 400, "invalid_request");
    }

    @Test
    void a_scope_is_granted_when_all_of_it_is_allowed() throws Exception {
        assertThat(TestClient.json(ask(GRANT + "&scope=customers.read+openid"))
                        .get("scope")
                        .asText())
                .isEqualTo("customers.read openid");
        assertRefused(ask(GRANT + "&scope=customers.read+customers.write"), 400, "invalid_scope");
    }

    @Test
    void only_post_is_allowed() throws Exception {
        HttpResponse<String> response =
                testClient.send(testClient.tokenRequest(GRANT).GET());
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("POST");
    }

    @Test
    void a_token_is_good_until_its_lifetime_is_over() throws Exception {
        String token = TestClient.json(ask(GRANT)).get("access_token").asText();
        now.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
        assertThat(call(token)).isEqualTo(200);
        now.addAndGet(1);
        assertThat(call(token)).isEqualTo(401);
    }

    @Test
    void a_revoked_token_is_refused_and_a_new_one_is_not() throws Exception {
        String token = TestClient.json(ask(GRANT)).get("access_token").asText();
        simulator.revokeTokens();
        assertThat(call(token)).isEqualTo(401);
        assertThat(call(TestClient.json(ask(GRANT)).get("access_token").asText()))
                .isEqualTo(200);
    }

    private HttpResponse<String> ask(String form) throws Exception {
        return testClient.askToken("my app", "p:%ä+ss", form);
    }

    private int call(String token) throws Exception {
        return testClient
                .send(testClient
                        .bare("/v2/customers/" + TestClient.CUSTOMER + "/contacts/" + TestClient.contact(1))
                        .header("Authorization", "Bearer " + token)
                        .header("x-tenant-id", TestClient.TENANT.toString()))
                .statusCode();
    }

    private static void assertRefused(HttpResponse<String> response, int status, String error) throws Exception {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(TestClient.json(response).get("error").asText()).isEqualTo(error);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("WWW-Authenticate").isPresent())
                .isEqualTo(status == 401);
    }
}
