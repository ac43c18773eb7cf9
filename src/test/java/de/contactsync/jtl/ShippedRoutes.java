package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import de.contactsync.http.Network;
import de.contactsync.model.CallClock;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.oauth.OAuthGrant;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.JtlSimulator;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.Main;

/** The routes enrich and get-customer-contact as they are shipped, with real beans, before a JTL of the test. */
final class ShippedRoutes implements AutoCloseable {

    static final int LARGEST_ANSWER = (int) JtlRoute.LARGEST_ANSWER;
    static final int LARGEST_LIST = (int) JtlRoute.LARGEST_LIST;

    private final Main main = new Main();
    private final TokenSource tokens;
    private final ExecutorService callers;
    private final ProducerTemplate producer;
    final ContactLookupService calls;
    final BreakerRegistry breakers;

    private ShippedRoutes(Plan plan) throws Exception {
        JtlSettings settings = new JtlSettings(
                plan.baseUrl,
                null,
                plan.runAs,
                plan.companyId,
                plan.concurrency,
                Duration.ofSeconds(10),
                plan.responseTimeout,
                plan.maxAttempts,
                0,
                TestBreakers.AFTER_REFUSAL,
                plan.bulkRead,
                JtlAuth.CLIENT_CREDENTIALS,
                null,
                true,
                null,
                null,
                null);
        breakers = TestBreakers.create(plan.nanoTime);
        tokens = new TokenSource(
                new OAuthSettings(
                        "jtl.oauth",
                        plan.tokenEndpoint,
                        "id",
                        "secret",
                        "",
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        1,
                        OAuthGrant.CLIENT_CREDENTIALS),
                Network.DIRECT,
                breakers::forAll,
                new Random(1),
                plan.quiet);
        JtlConnections connections = TestConnections.of(settings, tokens);
        callers = Executors.newFixedThreadPool(plan.concurrency);
        calls = new ContactLookupService(
                connections,
                breakers,
                null,
                callers,
                new ClientLoop.Retries(plan.backoff, plan.longestWait, new Random(1)),
                plan.callClock,
                plan.forgotten,
                plan.quiet,
                2_000);
        main.bind("contactLookup", calls);
        main.configure()
                .withRoutesIncludePattern("classpath:routes/enrich.camel.yaml")
                .withStreamCachingEnabled(false)
                .addRoutesBuilder(new GetCustomerContactRoute(connections));
        main.configure().addRoutesBuilder(new QueryCustomerContactsRoute(connections));
        main.configure().addRoutesBuilder(new QueryCustomersRoute(connections));
        main.setDefaultPropertyPlaceholderLocation("false");
        main.start();
        producer = main.getCamelContext().createProducerTemplate();
    }

    CamelContext camel() {
        return main.getCamelContext();
    }

    ProducerTemplate producer() {
        return producer;
    }

    /** Takes the keys as one chunk through direct:enrich. */
    List<Outcome> enrich(ContactKey... keys) {
        List<KeyEntry> entries = new ArrayList<>();
        for (ContactKey key : keys) {
            entries.add(new KeyEntry.Valid(entries.size() + 1, key));
        }
        return enrich(entries);
    }

    List<Outcome> enrich(List<KeyEntry> entries) {
        return producer.requestBody("direct:enrich", new RunChunk(1, 0, entries, 0), EnrichedChunk.class)
                .outcomes();
    }

    /** The same for keys that must halt. */
    ProcessingHaltedException halt(ContactKey... keys) {
        Throwable thrown = catchThrowable(() -> enrich(keys));
        assertThat(thrown).isInstanceOf(CamelExecutionException.class);
        assertThat(thrown.getCause()).isInstanceOf(ProcessingHaltedException.class);
        return (ProcessingHaltedException) thrown.getCause();
    }

    static Plan before(FakeJtl jtl) {
        return new Plan(jtl.baseUrl(), jtl.tokenEndpoint());
    }

    static Plan before(URI baseUrl, FakeJtl tokens) {
        return new Plan(baseUrl, tokens.tokenEndpoint());
    }

    static Plan before(URI baseUrl, URI tokenEndpoint) {
        return new Plan(baseUrl, tokenEndpoint);
    }

    /** Its client is called {@code id} and {@code secret}. */
    static Plan before(JtlSimulator jtl) {
        return new Plan(URI.create(jtl.baseUrl()), URI.create(jtl.tokenApi()));
    }

    @Override
    public void close() throws Exception {
        callers.shutdownNow();
        main.stop();
        tokens.close();
    }

    /** Settings that make failing quick, to be changed where a test is about them. */
    static final class Plan {
        private final URI baseUrl;
        private final URI tokenEndpoint;
        private String runAs;
        private String companyId;
        private int concurrency = 4;
        private int maxAttempts = 3;
        private Duration responseTimeout = Duration.ofSeconds(5);
        private boolean bulkRead = true;
        private Duration longestWait = Duration.ofMinutes(10);
        private Duration quiet;
        private LongSupplier nanoTime = System::nanoTime;
        private CallClock callClock = () -> 0;
        private ForgottenContacts forgotten = keys -> Set.of();
        private Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofMillis(40));

        private Plan(URI baseUrl, URI tokenEndpoint) {
            this.baseUrl = baseUrl;
            this.tokenEndpoint = tokenEndpoint;
        }

        Plan actingAs(String user, String company) {
            runAs = user;
            companyId = company;
            return this;
        }

        Plan concurrency(int calls) {
            concurrency = calls;
            return this;
        }

        Plan maxAttempts(int attempts) {
            maxAttempts = attempts;
            return this;
        }

        Plan responseTimeout(Duration timeout) {
            responseTimeout = timeout;
            return this;
        }

        Plan bulkRead(boolean given) {
            bulkRead = given;
            return this;
        }

        Plan longestWait(Duration given) {
            longestWait = given;
            return this;
        }

        /** As processes have it that take in keys by themselves. */
        Plan quiet(Duration given) {
            quiet = given;
            return this;
        }

        /** The clock of the breakers. */
        Plan nanoTime(LongSupplier given) {
            nanoTime = given;
            return this;
        }

        Plan callClock(CallClock given) {
            callClock = given;
            return this;
        }

        Plan forgotten(ForgottenContacts given) {
            forgotten = given;
            return this;
        }

        Plan backoff(Backoff given) {
            backoff = given;
            return this;
        }

        ShippedRoutes start() throws Exception {
            return new ShippedRoutes(this);
        }
    }
}
