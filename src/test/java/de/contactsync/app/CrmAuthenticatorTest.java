package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import de.contactsync.crm.CrmCallRoute;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSink;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.salesforce.SalesforceSettings;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import de.contactsync.model.TenantNames;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How calls of a CRM get their token, and where they go with it. */
class CrmAuthenticatorTest {

    private final BreakerRegistry breakers = TestBreakers.create();

    /** A sink with everything that it is called through. */
    private final class Line implements AutoCloseable {

        private final CrmAuthenticator access;
        private final HttpGuard guard;
        private final DefaultCamelContext camel = new DefaultCamelContext();
        private final CrmClient calls;
        private final CrmSink sink;

        Line(SalesforceSimulator salesforce, String secret) throws Exception {
            this(
                    new SalesforceSettings(
                            "v62.0",
                            "Contact",
                            Company.NONE,
                            new OAuthClient(
                                    URI.create(salesforce.tokenEndpoint()), SalesforceOptions.CLIENT_ID, secret, "")),
                    salesforce.baseUrl(),
                    null);
        }

        Line(CrmKind kind, String baseUrl, RefreshTokens refresh) throws Exception {
            CrmSettings settings = new CrmSettings(kind, URI.create(baseUrl), Gone.KEEP, 0.05, false);
            access = new CrmAuthenticator(kind, CrmTimeouts.DEFAULT, Network.DIRECT, breakers, first -> refresh);
            guard = new HttpGuard(settings.baseUrl(), kind.domains(), 1 << 20, Duration.ofSeconds(10), Network.DIRECT);
            camel.getRegistry().bind("crmGuard", guard);
            camel.addRoutes(new CrmCallRoute(settings, access));
            camel.start();
            calls = new CrmClient(kind.label(), breakers.forSink(kind.label()), access::renew, new Random(1));
            calls.connect(camel);
            sink = CrmSink.of(
                    settings, calls, MappingFile.read(Path.of("/nowhere"), kind.id(), TenantNames.only(null)));
        }

        DeliveryResult send() {
            CustomerContact contact = new CustomerContact(null, null, null, "Groß", null, null, null, null);
            Delivery delivery = new Delivery(
                    new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)),
                    contact,
                    contact.contentHash(),
                    null,
                    false);
            return sink.send(new DeliveryBatch(
                            List.of(delivery),
                            System.nanoTime() + Duration.ofMinutes(1).toNanos()))
                    .receipts()
                    .get(0);
        }

        @Override
        public void close() throws Exception {
            calls.close();
            access.close();
            camel.close();
            guard.close();
        }
    }

    private Line line(SalesforceSimulator salesforce) throws Exception {
        return new Line(salesforce, SalesforceOptions.CLIENT_SECRET);
    }

    @Test
    void one_token_serves_all_calls_until_it_is_refused_and_then_another_does() throws Exception {
        try (SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Line line = line(salesforce)) {
            assertThat(line.send()).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(line.send()).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(salesforce.stats().tokens()).isEqualTo(1);

            salesforce.revokeTokens();
            assertThat(line.send()).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(salesforce.stats().tokens()).isEqualTo(2);
            assertThat(breakers.outages()).isEmpty();
        }
    }

    /** Kept as the database keeps it. */
    private static RefreshTokens kept(AtomicReference<String> token) {
        return new RefreshTokens() {
            @Override
            public Turn claim(String unwanted) {
                return new Turn.Spend(token.get());
            }

            @Override
            public void release(String rotated, Access access) {
                token.updateAndGet(before -> rotated == null ? before : rotated);
            }

            @Override
            public void refused() {
                throw new AssertionError("one of the settings may be taken later");
            }
        };
    }

    private Line hubSpot(HubSpotSimulator hubSpot, AtomicReference<String> refresh) throws Exception {
        OAuthClient client = new OAuthClient(
                URI.create(hubSpot.tokenEndpoint()),
                HubSpotOptions.CLIENT_ID,
                HubSpotOptions.CLIENT_SECRET,
                "",
                OAuthClient.Grant.REFRESH_TOKEN,
                true,
                Map.of(),
                "",
                "",
                refresh.get(),
                null);
        return new Line(
                new HubSpotSettings("v3", "", client, true, EmailConflict.DEAD_LETTER, Company.NONE),
                hubSpot.baseUrl(),
                kept(refresh));
    }

    @Test
    void an_app_of_hubspot_gets_its_tokens_by_a_refresh_token_that_rotates() throws Exception {
        AtomicReference<String> refresh = new AtomicReference<>(HubSpotOptions.REFRESH_TOKEN);
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Line line = hubSpot(hubSpot, refresh)) {
            hubSpot.rotateRefreshTokens();
            assertThat(line.send()).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(refresh).hasValue(HubSpotOptions.REFRESH_TOKEN + "-1");

            hubSpot.revokeTokens();
            assertThat(line.send()).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(refresh).hasValue(HubSpotOptions.REFRESH_TOKEN + "-2");
            assertThat(hubSpot.tokensGiven()).isEqualTo(2);
            assertThat(breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_refresh_token_that_hubspot_refuses_is_reported_with_the_remedy() throws Exception {
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Line line = hubSpot(hubSpot, new AtomicReference<>("an-old-one"))) {
            assertThat(line.send()).isEqualTo(new DeliveryResult.Unsent(false));
            assertThat(breakers.outages())
                    .anySatisfy(outage -> assertThat(outage.reason())
                            .contains("invalid_grant", "contacts.crm.oauth.refresh-token")
                            .doesNotContain("an-old-one", HubSpotOptions.CLIENT_SECRET));
        }
    }

    @Test
    void check_reads_the_description_and_says_what_it_did_not_try() throws Exception {
        try (SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Line line = line(salesforce)) {
            assertThat(line.sink.tryOut())
                    .hasToString("its description of the fields was read, and fits the mapping; not"
                            + " tried: writing and deleting contacts");
            assertThat(salesforce.stats().tokens()).isEqualTo(1);
        }
    }

    @Test
    void a_new_token_that_is_refused_as_well_halts_it() throws Exception {
        try (SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Line line = line(salesforce)) {
            line.sink.prepare();
            long calls = salesforce.stats().calls();
            for (int i = 0; i < 5; i++) {
                salesforce.answer(401, "INVALID_SESSION_ID", "Session expired or invalid");
            }

            assertThat(line.send()).isEqualTo(new DeliveryResult.Unsent());
            assertThat(salesforce.stats().calls()).isEqualTo(calls + 2);
            assertThat(salesforce.stats().tokens()).isEqualTo(2);
            assertThat(breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.kind()).isEqualTo(Outage.Kind.REFUSAL));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://crm.invalid", "http://127.0.0.1:1", "https://force.com.crm.invalid", "https://127.0.0.1"
            })
    void an_address_that_is_none_of_the_crms_gets_no_call(String address) throws Exception {
        try (SalesforceSimulator salesforce =
                        SalesforceSimulator.start(SalesforceOptions.standard().withInstance(address));
                Line line = line(salesforce)) {
            assertThat(line.send()).isEqualTo(new DeliveryResult.Unsent(false));
            assertThat(salesforce.stats().calls()).isZero();
            assertThat(breakers.outages()).singleElement().satisfies(outage -> {
                assertThat(outage.kind()).isEqualTo(Outage.Kind.SETTINGS);
                assertThat(outage.reason())
                        .contains("refused to call " + address, "force.com, salesforce.com are allowed");
            });
        }
    }

    @Test
    void without_a_token_it_waits_and_says_which_settings_to_look_at() throws Exception {
        try (SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Line line = new Line(salesforce, "another-secret")) {
            assertThat(line.send()).isEqualTo(new DeliveryResult.Unsent(false));
            assertThat(salesforce.stats().calls()).isZero();
            assertThat(breakers.outages()).hasSize(2).allSatisfy(outage -> {
                assertThat(outage.kind()).isEqualTo(Outage.Kind.REFUSAL);
                assertThat(outage.scope()).isEqualTo(Outage.Scope.SINK);
                assertThat(outage.reason())
                        .contains("contacts.crm.oauth.client-secret")
                        .doesNotContain("another-secret");
            });
        }
    }

    /** The refused token was dropped, and every other call waited until the token endpoint was back. */
    @Test
    void a_refused_token_stays_in_use_until_another_is_there() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        endpoint.createContext("/token", exchange -> {
            boolean first = asked.incrementAndGet() == 1;
            byte[] body = (first
                            ? "{\"access_token\":\"one\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
                            : "{\"error\":\"invalid_client\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(first ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        endpoint.start();
        SalesforceSettings settings = new SalesforceSettings(
                "v62.0",
                "Contact",
                Company.NONE,
                new OAuthClient(
                        URI.create("http://127.0.0.1:" + endpoint.getAddress().getPort() + "/token"),
                        "id",
                        "secret",
                        ""));
        try (CrmAuthenticator access =
                        new CrmAuthenticator(settings, CrmTimeouts.DEFAULT, Network.DIRECT, breakers, first -> null);
                DefaultCamelContext camel = new DefaultCamelContext()) {
            Exchange exchange = new DefaultExchange(camel);
            access.process(exchange);
            assertThatThrownBy(access::renew).isInstanceOf(ProcessingHaltedException.class);

            access.process(exchange);
            assertThat(exchange.getMessage().getHeader("Authorization")).isEqualTo("Bearer one");
            assertThat(asked).hasValue(2);
        } finally {
            endpoint.stop(0);
        }
    }

    /** They were 5 s and 30 s, whatever was set for the CRM. */
    @Test
    void a_token_may_take_as_long_as_the_settings_of_the_crm_say() {
        OAuthClient client = new OAuthClient(URI.create("https://crm.example.com/token"), "id", "secret", "");

        OAuthSettings quick = CrmAuthenticator.settings(client, timeouts(1, 2), first -> null);
        assertThat(quick.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(quick.responseTimeout()).isEqualTo(Duration.ofSeconds(2));

        OAuthSettings slow = CrmAuthenticator.settings(client, timeouts(300, 600), first -> null);
        assertThat(slow.connectTimeout().plus(slow.responseTimeout()))
                .as("shorter than the time after which a claimed refresh token counts as abandoned")
                .isLessThan(Duration.ofMinutes(3));
    }

    private static CrmTimeouts timeouts(int connect, int response) {
        return CrmTimeouts.of(Duration.ofSeconds(connect), Duration.ofSeconds(response), Duration.ofMinutes(1));
    }
}
