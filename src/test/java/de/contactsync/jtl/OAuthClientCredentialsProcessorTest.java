package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import de.contactsync.http.ForeignHostException;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.http.ResponseTooLargeException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.AccessToken;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import de.contactsync.oauth.OAuthGrant;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.TestBreakers;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processor and guard where they belong: in a route before an http endpoint. */
@Timeout(30)
class OAuthClientCredentialsProcessorTest {

    private final WireMockServer server =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final SecretInLogCheck logs = new SecretInLogCheck();
    private TokenSource tokens;
    private HttpGuard guard;
    private ProducerTemplate producer;

    @BeforeEach
    void start() throws Exception {
        server.start();
        server.stubFor(
                post("/token").willReturn(okJson("{\"access_token\":\"canary-token\",\"token_type\":\"Bearer\"}")));
        server.stubFor(get("/erp/ok").willReturn(okJson("{}")));
        server.stubFor(get("/erp/denied").willReturn(aResponse().withStatus(401)));
        server.stubFor(get("/erp/huge").willReturn(aResponse().withBody(new byte[20_000])));
        URI base = URI.create(server.baseUrl());
        tokens = new TokenSource(
                new OAuthSettings(
                        "jtl.oauth",
                        base.resolve("/token"),
                        "id",
                        "canary-secret",
                        "",
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        1,
                        OAuthGrant.CLIENT_CREDENTIALS),
                Network.DIRECT,
                TestBreakers.create()::forAll,
                new Random(7));
        guard = new HttpGuard(base, Set.of(), 10_000, Duration.ofSeconds(5), Network.DIRECT);
        camel.getRegistry().bind("guard", guard);
        camel.getRegistry().bind("oauth", new OAuthClientCredentialsProcessor(tokens));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                for (String path : new String[] {"ok", "denied", "huge"}) {
                    from("direct:" + path)
                            .process("oauth")
                            .to(base + "/erp/" + path
                                    + "?httpMethod=GET&httpClientConfigurer=#guard&throwExceptionOnFailure=false"
                                    + "&copyHeaders=false");
                }
            }
        });
        camel.start();
        producer = camel.createProducerTemplate();
    }

    @AfterEach
    void stop() throws Exception {
        producer.close();
        camel.close();
        guard.close();
        tokens.close();
        server.stop();
        logs.close();
        logs.assertNever("canary-token", "canary-secret");
    }

    @Test
    void the_call_bears_the_token_whatever_the_message_brought() {
        Exchange done =
                producer.send("direct:ok", exchange -> exchange.getMessage().setHeader("authorization", "Basic x"));
        assertThat(done.getException()).isNull();
        server.verify(
                1, getRequestedFor(urlEqualTo("/erp/ok")).withHeader("Authorization", equalTo("Bearer canary-token")));
        assertThat(done.getMessage().getHeaders()).doesNotContainKey("Authorization");
    }

    @Test
    void the_token_used_is_known_when_it_is_refused() {
        Exchange done = producer.send("direct:denied", exchange -> {});
        assertThat(done.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(401);
        AccessToken used = done.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
        assertThat(used).isSameAs(tokens.current());
        assertThat(tokens.awaitReplacement(used)).isTrue();
        assertThat(tokens.current()).isNotSameAs(used);
    }

    @Test
    void the_guard_reaches_the_route() {
        assertThat(producer.send("direct:huge", exchange -> {}).getException())
                .isInstanceOf(ResponseTooLargeException.class);
        String elsewhere = "http://127.0.0.1:" + server.port() + "/erp/ok";
        Exchange astray =
                producer.send("direct:ok", exchange -> exchange.getMessage().setHeader(Exchange.HTTP_URI, elsewhere));
        assertThat(astray.getException()).isInstanceOf(ForeignHostException.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> guard.inFlight() == 0);
    }

    @Test
    void no_token_is_a_halt() {
        tokens.close();
        assertThat(producer.send("direct:ok", exchange -> {}).getException())
                .isInstanceOf(ProcessingHaltedException.class);
        server.verify(0, getRequestedFor(urlEqualTo("/erp/ok")));
    }
}
