package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.oauth.Credential;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenants whose JTL is reached in different ways, in one process. */
class SeveralTenantsTest {

    private static final UUID ONE = new UUID(0, 1);
    private static final UUID TWO = new UUID(0, 2);
    private static final UUID STRANGER = new UUID(0, 3);

    private final JtlSimulator first = JtlSimulator.start(SimulatorOptions.defaults());
    private final JtlSimulator second = JtlSimulator.start(SimulatorOptions.defaults());
    private final BreakerRegistry breakers = TestBreakers.create();
    private final ExecutorService callers = Executors.newFixedThreadPool(4);
    private final Main main = new Main();
    private ContactLookupService calls;
    private Breaker login;

    /** What lets us in, until it is refused. */
    private final class Login implements CredentialSource {
        private final String token;
        private boolean refused;

        Login(JtlSimulator jtl) {
            token = jtl.issueToken();
        }

        @Override
        public Credential current() {
            if (refused) {
                throw login.open(login.now(), Outage.Kind.SETTINGS, "log in again");
            }
            return new Credential() {
                @Override
                public Map<String, String> headers() {
                    return Map.of("Authorization", "Bearer " + token);
                }

                @Override
                public String secret() {
                    return token;
                }
            };
        }

        @Override
        public CompletableFuture<Boolean> replace(Credential used) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public boolean awaitReplacement(Credential used) {
            return false;
        }

        @Override
        public boolean isAway() {
            return refused;
        }

        @Override
        public Optional<Duration> tokenAge() {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }

    private Login loginOfOne;

    private static JtlSettings settings(JtlSimulator jtl) {
        return TestConnections.settings(URI.create(jtl.baseUrl()), 4, Duration.ofSeconds(5));
    }

    @BeforeEach
    void start() throws Exception {
        login = breakers.unseen().forTenant("the login of one");
        loginOfOne = new Login(first);
        Login loginOfTwo = new Login(second);
        Map<UUID, JtlConnection> connections = new HashMap<>();
        connections.put(
                ONE,
                new JtlConnection("one", settings(first), () -> new JtlConnection.Access(loginOfOne, Network.DIRECT)));
        connections.put(
                TWO,
                new JtlConnection("two", settings(second), () -> new JtlConnection.Access(loginOfTwo, Network.DIRECT)));
        JtlConnections all = new JtlConnections(settings(first), null, connections);
        calls = new ContactLookupService(
                all,
                breakers,
                null,
                callers,
                new ClientLoop.Retries(Backoff.DEFAULT, Duration.ofMinutes(1), new Random(1)),
                () -> 0,
                keys -> Set.of(),
                null,
                2_000);
        main.bind("contactLookup", calls);
        main.configure()
                .withRoutesIncludePattern("classpath:routes/enrich.camel.yaml")
                .addRoutesBuilder(new GetCustomerContactRoute(all));
        main.configure().addRoutesBuilder(new QueryCustomerContactsRoute(all));
        main.configure().addRoutesBuilder(new QueryCustomersRoute(all));
        main.setDefaultPropertyPlaceholderLocation("false");
        main.start();
    }

    @AfterEach
    void stop() {
        main.stop();
        callers.shutdownNow();
        first.close();
        second.close();
    }

    private List<Outcome> ask(UUID tenant) {
        KeyEntry key = new KeyEntry.Valid(1, new ContactKey(tenant, new UUID(1, 1), UUID.randomUUID()));
        return main.getCamelContext()
                .createProducerTemplate()
                .requestBody("direct:enrich", new RunChunk(1, 0, List.of(key), 0), EnrichedChunk.class)
                .outcomes();
    }

    @Test
    void each_tenant_is_asked_at_its_own_server() {
        assertThat(ask(ONE).get(0)).isInstanceOf(Outcome.Found.class);
        assertThat(ask(TWO).get(0)).isInstanceOf(Outcome.Found.class);
        List<HttpEndpoint> endpoints = main.getCamelContext().hasServices(JtlServers.class).stream()
                .flatMap(servers -> servers.endpoints().stream())
                .toList();
        assertThat(endpoints).hasSize(2).allSatisfy(endpoint -> {
            assertThat(endpoint.getHttpClientConfigurer()).isInstanceOf(HttpGuard.class);
            assertThat(endpoint.getHeaderFilterStrategy()).isInstanceOf(HeaderAllowlist.class);
            assertThat(endpoint.isCopyHeaders()).isFalse();
            assertThat(endpoint.isFollowRedirects()).isFalse();
            assertThat(endpoint.isThrowExceptionOnFailure()).isFalse();
            assertThat(endpoint.getEndpointUri()).contains("httpMethod=GET").doesNotContain("Bearer");
        });
        assertThat(List.of(first.stats().contactRequests(), second.stats().contactRequests()))
                .containsExactly(1L, 1L);
    }

    @Test
    void a_login_that_is_refused_stops_its_tenant_and_no_other() {
        loginOfOne.refused = true;
        assertThatThrownBy(() -> ask(ONE))
                .isInstanceOf(CamelExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        OutageException.class,
                        outage -> assertThat(outage.concernsAll()).isFalse())
                .hasMessageContaining("log in again");
        assertThat(calls.isAway(ONE))
                .as("what waits for it waits with its tenant")
                .isTrue();
        assertThat(ask(TWO).get(0)).isInstanceOf(Outcome.Found.class);
        assertThat(breakers.outages())
                .singleElement()
                .satisfies(outage -> assertThat(outage.what()).isEqualTo("JTL for tenant one (" + ONE + ")"));
    }

    @Test
    void a_key_of_a_tenant_without_settings_is_a_dead_letter_of_its_own() {
        assertThat(ask(STRANGER).get(0)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(Reason.REJECTED);
            assertThat(failed.errorMessage()).contains("jtl.tenants.NAME.tenant-id");
        });
    }
}
