package de.contactsync.oauth;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.nimbusds.oauth2.sdk.TokenRequest;
import de.contactsync.http.FaultServer;
import de.contactsync.http.Network;
import de.contactsync.jtl.SecretInLogCheck;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.http.MockWebServerWrapper;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import okhttp3.mockwebserver.RecordedRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The token source as it is built for use, with an OAuth server, a server at fault, and real time. */
@Timeout(60)
class TokenSourceServerTest {

    private static final String SECRET = "s3cr3t:%+&/ü";
    private static final String ENCODED_SECRET = "s3cr3t%3A%25%2B%26%2F%C3%BC";

    private static final WireMockServer FAULTS =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    private final MockOAuth2Server oauth = new MockOAuth2Server();
    private final SecretInLogCheck logs = new SecretInLogCheck();
    private final List<TokenSource> sources = new ArrayList<>();

    @BeforeAll
    static void startFaults() {
        FAULTS.start();
    }

    @AfterAll
    static void stopFaults() {
        FAULTS.stop();
    }

    @AfterEach
    void stop() {
        sources.forEach(TokenSource::close);
        oauth.shutdown();
        FAULTS.resetAll();
        logs.close();
        String basic = "the client:" + SECRET;
        logs.assertNever(
                SECRET,
                ENCODED_SECRET,
                "eyJ",
                "fault-token",
                Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)));
    }

    private TokenSource source(URI endpoint, String scope, int attempts) {
        TokenSource source = new TokenSource(
                new OAuthSettings(
                        "jtl.oauth",
                        endpoint,
                        "the client",
                        SECRET,
                        scope,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        attempts,
                        OAuthGrant.CLIENT_CREDENTIALS),
                Network.DIRECT,
                TestBreakers.create()::forAll,
                new Random(7));
        sources.add(source);
        return source;
    }

    private URI startOauth() throws IOException {
        oauth.start();
        return oauth.tokenEndpointUrl("jtl").uri();
    }

    private int oauthRequests() {
        return ((MockWebServerWrapper) oauth.getConfig().getHttpServer())
                .getMockWebServer()
                .getRequestCount();
    }

    private TokenSource faulty(int attempts) {
        return source(URI.create(FAULTS.baseUrl() + "/token"), "", attempts);
    }

    @Test
    void sixty_four_threads_at_once_cause_one_request() throws Exception {
        CountDownLatch allWait = new CountDownLatch(1);
        oauth.enqueueCallback(new DefaultOAuth2TokenCallback("jtl") {
            @Override
            public Map<String, Object> addClaims(TokenRequest request) {
                try {
                    assertThat(allWait.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return Map.of();
            }
        });
        TokenSource source = source(startOauth(), "customers.read", 1);
        Set<AccessToken> tokens = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Thread thread = new Thread(() -> tokens.add(source.current()));
            threads.add(thread);
            thread.start();
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
        allWait.countDown();
        for (Thread thread : threads) {
            thread.join(20_000);
        }
        assertThat(tokens).hasSize(1);
        assertThat(oauthRequests()).isEqualTo(1);
    }

    @Test
    void id_and_secret_arrive_as_they_are() throws IOException {
        AccessToken token =
                source(startOauth(), "customers.read application.runas", 1).current();

        RecordedRequest request = oauth.takeRequest(30, TimeUnit.SECONDS);
        String[] basic = new String(
                        Base64.getDecoder()
                                .decode(request.getHeader("Authorization").substring("Basic ".length())),
                        StandardCharsets.UTF_8)
                .split(":", -1);
        assertThat(basic).hasSize(2);
        assertThat(URLDecoder.decode(basic[0], StandardCharsets.UTF_8)).isEqualTo("the client");
        assertThat(URLDecoder.decode(basic[1], StandardCharsets.UTF_8)).isEqualTo(SECRET);
        assertThat(request.getHeader("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(request.getBody().readUtf8().split("&"))
                .containsExactlyInAnyOrder("grant_type=client_credentials", "scope=customers.read+application.runas");
        assertThat(token.value().split("\\.")).hasSize(3);
        assertThat(token.isUsable(System.nanoTime())).isTrue();
    }

    @Test
    @Tag("slow")
    void an_empty_scope_is_not_sent() throws IOException {
        source(startOauth(), "", 1).current();
        assertThat(oauth.takeRequest(30, TimeUnit.SECONDS).getBody().readUtf8())
                .isEqualTo("grant_type=client_credentials");
    }

    @Test
    void a_refused_token_is_replaced_by_one_request() throws IOException {
        TokenSource source = source(startOauth(), "", 1);
        AccessToken first = source.current();
        source.awaitReplacement(first);
        AccessToken second = source.current();
        source.awaitReplacement(first);
        source.awaitReplacement(second);
        assertThat(second).isNotSameAs(first);
        assertThat(source.current()).isSameAs(second);
        assertThat(oauthRequests()).isEqualTo(2);
    }

    @Test
    @Tag("slow")
    void a_token_of_one_second_is_renewed_by_itself() {
        FAULTS.stubFor(post("/token")
                .willReturn(okJson("{\"access_token\":\"fault-token\",\"token_type\":\"Bearer\",\"expires_in\":1}")));
        TokenSource source = faulty(1);
        source.current();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> FAULTS.verify(3, postRequestedFor(urlEqualTo("/token"))));
        assertThat(source.current().isUsable(System.nanoTime())).isTrue();
    }

    @Test
    void refused_credentials_halt_at_once() {
        FAULTS.stubFor(post("/token")
                .willReturn(aResponse()
                        .withStatus(401)
                        .withHeader("WWW-Authenticate", "Basic realm=\"jtl\"")
                        .withHeader("Content-Type", "application/json")
                        .withBody("{\"error\":\"invalid_client\",\"error_description\":\"not " + SECRET + "\"}")));
        TokenSource source = faulty(5);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(source::current)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContainingAll(
                            "invalid_client",
                            "jtl.oauth.client-id",
                            "jtl.oauth.client-secret",
                            "jtl.oauth.token-endpoint")
                    .hasMessageNotContaining("s3cr3t");
        }
        FAULTS.verify(1, postRequestedFor(urlEqualTo("/token")));
    }

    @Test
    @Tag("slow")
    void a_server_that_comes_back_is_waited_for() {
        FAULTS.stubFor(post("/token")
                .inScenario("back")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(503))
                .willSetStateTo("html"));
        FAULTS.stubFor(post("/token")
                .inScenario("back")
                .whenScenarioStateIs("html")
                .willReturn(aResponse().withBody("<html>soon</html>"))
                .willSetStateTo("up"));
        FAULTS.stubFor(post("/token")
                .inScenario("back")
                .whenScenarioStateIs("up")
                .willReturn(okJson("{\"access_token\":\"fault-token\",\"token_type\":\"Bearer\",\"expires_in\":60}")));

        assertThat(faulty(5).current().value()).isEqualTo("fault-token");
        FAULTS.verify(3, postRequestedFor(urlEqualTo("/token")));
        assertThat(logs.lines())
                .anyMatch(line -> line.startsWith("WARN") && line.contains("503") && line.contains("attempt 1 of 5"));
    }

    @Test
    void an_endpoint_out_of_reach_halts_after_its_attempts() throws IOException {
        URI gone;
        try (FaultServer server = FaultServer.answering("")) {
            gone = server.uri("/token");
        }
        assertThatThrownBy(source(gone, "", 2)::current)
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContainingAll("out of reach", "2 attempts", "jtl.oauth.token-endpoint");
    }
}
