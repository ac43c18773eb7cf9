package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.assertOnlyFails;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.FreePort;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures concern all keys and halt, and which are one key's own while others pass. */
@Timeout(30)
class JtlHaltTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    @ParameterizedTest
    @CsvSource({
        "402, licence",
        "403, customers.read",
        "405, JTL-Wawi version",
        "406, JTL-Wawi version",
        "412, jtl.tenant-id",
    })
    void failures_for_the_operator_halt_when_all_keys_get_them(int status, String remedy) throws Exception {
        JTL.stub(anyContact().willReturn(error(status)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            assertThat(routes.halt(keys(100)))
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.outage().kind()).isEqualTo(Outage.Kind.REFUSAL))
                    .hasMessageContainingAll("" + status, remedy, "words of JTL");
            assertThat(JTL.calls()).as("5 customers convince").hasSize(5);
            assertThat(JTL.tokenRequests()).isEqualTo(1);
        }
    }

    /** Once, 20 to 50 calls were made, as new ones began while those in flight were refused. */
    @Test
    void a_missing_licence_costs_no_more_calls_than_are_in_flight_and_a_few() throws Exception {
        JTL.stub(anyContact().willReturn(error(402).withFixedDelay(50)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(16).start()) {
            assertThat(routes.halt(keys(300))).hasMessageContainingAll("402", "licence");
            assertThat(JTL.calls()).hasSizeLessThanOrEqualTo(16 + 5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void refusals_of_one_customer_are_no_missing_licence(int concurrency) throws Exception {
        ContactKey[] closed = FakeJtl.keysOf(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        for (ContactKey key : closed) {
            JTL.stub(contact(key).willReturn(error(402)));
        }
        ContactKey[] all =
                Stream.concat(Stream.of(closed), Stream.of(keys(40)).skip(20)).toArray(ContactKey[]::new);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .concurrency(concurrency)
                .bulkRead(false)
                .start()) {
            List<Outcome> outcomes = routes.enrich(all);
            assertThat(outcomes.subList(0, 10)).hasOnlyElementsOfType(Outcome.Failed.class);
            assertThat(outcomes.subList(10, 30)).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    @Test
    @Tag("slow")
    void while_refusals_may_be_the_keys_own_those_in_flight_are_waited_for() throws Exception {
        for (int i = 0; i < 12; i++) {
            JTL.stub(contact(key(i)).willReturn(error(402).withFixedDelay(500)));
        }
        JTL.stub(contact(key(12)).willReturn(contact().withFixedDelay(1_500)));

        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).concurrency(13).bulkRead(false).start()) {
            List<Outcome> outcomes = routes.enrich(keys(60));
            assertThat(outcomes.subList(0, 12)).hasOnlyElementsOfType(Outcome.Failed.class);
            assertThat(outcomes.subList(12, 60)).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    /** Once, one contact that the merchant had closed to the app stopped all others for a quarter of an hour. */
    @ParameterizedTest
    @ValueSource(ints = {402, 403, 405, 412})
    void a_refusal_of_the_only_key_so_far_becomes_its_dead_letter_once_another_passes(int status) throws Exception {
        JTL.stub(contact(key(1)).willReturn(error(status)));
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            assertThat(routes.halt(key(1)))
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.outage().kind()).isEqualTo(Outage.Kind.SETTINGS))
                    .hasMessageContainingAll("HTTP " + status, "no other key succeeds either");

            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertOnlyFails(routes.enrich(key(1), key(2)), 0, Reason.REJECTED, status);
            assertOnlyFails(routes.enrich(key(1)), 0, Reason.REJECTED, status);
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }

    /**
     * Once, calls went on with the refused token for as long as another was being fetched, and as many more were made
     * as the token endpoint gave time for.
     *
     * <p>With the first token: three refusals hold back what has not begun, and the other three of the four threads may
     * be under way when the third is noted. With the second: each refusal counts, as no third one is fetched, the 20th
     * halts, and again three others may be under way.
     */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(ints = {0, 500})
    void a_token_that_is_refused_for_all_keys_halts_and_names_the_settings(int millisToTheNextToken) throws Exception {
        JTL.issueTokens(millisToTheNextToken);
        JTL.stub(anyContact().willReturn(error(401)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            ProcessingHaltedException processingHaltedException = routes.halt(keys(100));

            assertThat(processingHaltedException)
                    .hasMessageContainingAll(
                            "jtl.oauth.client-id", "jtl.oauth.client-secret", "jtl.tenant-id", "words of JTL");
            assertThat(JTL.calls()).hasSizeLessThanOrEqualTo(3 + 3 + 20 + 3);
            assertThat(JTL.tokenRequests()).isEqualTo(2);
        }
    }

    @Test
    void a_single_key_whose_token_is_refused_halts_since_no_other_passes() throws Exception {
        JTL.stub(anyContact().willReturn(aResponse().withStatus(401)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(key(1))).hasMessageContaining("jtl.oauth.client-id");
            assertThat(JTL.calls()).hasSize(2);
        }
    }

    @Test
    void a_server_out_of_reach_halts_after_the_last_try() throws Exception {
        try (ShippedRoutes routes =
                ShippedRoutes.before(closedPort(), JTL).maxAttempts(2).start()) {
            assertThat(routes.halt(keys(3)))
                    .hasMessageContainingAll(
                            "no answer from " + closedPort().getAuthority().split(":")[0], "2 tries");
        }
    }

    /** Five tries met the same certificate, and an import waited for another. */
    @Test
    void a_certificate_that_is_not_trusted_halts_at_the_first_call_until_a_person_acts() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .tls(Path.of("src/test/resources/tls/server.p12"), "changeit")
                .build();
        try (JtlSimulator jtl = JtlSimulator.start(options);
                ShippedRoutes routes =
                        ShippedRoutes.before(URI.create(jtl.baseUrl()), JTL).start()) {
            assertThat(routes.halt(key(1)))
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.outage().kind()).isEqualTo(Outage.Kind.UNTRUSTED))
                    .hasMessageContainingAll("is not trusted", "contacts.trust-store")
                    .hasMessageNotContaining("tries");
        }
    }

    private static URI closedPort() {
        return URI.create("http://127.0.0.1:" + FreePort.next() + "/erp");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 502, 503, 504})
    void an_outage_halts_after_the_last_try(int status) throws Exception {
        JTL.stub(anyContact().willReturn(error(status)));

        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).maxAttempts(2).concurrency(1).start()) {
            assertThat(routes.halt(keys(3)))
                    .hasMessageContainingAll("HTTP " + status, "2 tries")
                    // They may quote a contact, and a halt is logged.
                    .hasMessageNotContaining("words of JTL");
            assertThat(JTL.calls()).hasSizeBetween(4, 6);
        }
    }

    @Test
    @Tag("slow")
    void an_answer_of_500_for_all_keys_halts() throws Exception {
        JTL.stub(anyContact().willReturn(error(500)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(1).start()) {
            assertThat(routes.halt(keys(100))).hasMessageContaining("JTL failed");
            assertThat(JTL.calls()).hasSizeLessThan(30);
        }
    }

    @Test
    void a_token_endpoint_that_refuses_us_halts_before_jtl_is_asked() throws Exception {
        JTL.stub(com.github.tomakehurst.wiremock.client.WireMock.post("/oauth2/token")
                .atPriority(1)
                .willReturn(aResponse().withStatus(401).withBody("{\"error\":\"invalid_client\"}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(10))).hasMessageContaining("jtl.oauth.client-secret");
            assertThat(JTL.calls()).isEmpty();
            assertThat(JTL.tokenRequests()).isEqualTo(1);
        }
    }

    /** Its place in the file decides what else is in flight meanwhile, and must not decide what becomes of it. */
    @ParameterizedTest(name = "{0} for key {1} of 10")
    @CsvSource({
        "401, 0, REJECTED",
        "401, 5, REJECTED",
        "401, 9, REJECTED",
        "402, 0, REJECTED",
        "402, 9, REJECTED",
        "403, 0, REJECTED",
        "403, 5, REJECTED",
        "403, 9, REJECTED",
        "405, 0, REJECTED",
        "406, 5, REJECTED",
        "412, 0, REJECTED",
        "412, 9, REJECTED",
        "404, 0, CONTRACT_VIOLATION",
        "404, 5, CONTRACT_VIOLATION",
        "404, 9, CONTRACT_VIOLATION",
        "302, 0, REJECTED",
        "302, 9, REJECTED",
        "500, 0, RETRIES_EXHAUSTED",
        "500, 9, RETRIES_EXHAUSTED",
        "503, 0, RETRIES_EXHAUSTED",
        "503, 5, RETRIES_EXHAUSTED",
        "503, 9, RETRIES_EXHAUSTED",
    })
    @Tag("slow")
    void one_key_that_always_fails_does_not_block_others(int status, int index, Reason reason) throws Exception {
        JTL.answers(key(index), aResponse().withStatus(status));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            assertOnlyFails(routes.enrich(keys(10)), index, reason, status);
        }
    }

    /** Once, they opened the breaker, all keys of the chunk were asked again behind it, and so on for ever. */
    @ParameterizedTest(name = "one in seven of {0} keys")
    @ValueSource(ints = {60, 210})
    void answers_that_break_off_for_some_keys_cost_these_keys_alone(int keys) throws Exception {
        for (int i = 3; i < keys; i += 7) {
            JTL.stub(contact(key(i))
                    .willReturn(
                            aResponse().withHeader("Content-Encoding", "gzip").withBody("cut off")));
        }

        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).concurrency(32).maxAttempts(5).start()) {
            List<Outcome> outcomes = routes.enrich(keys(keys));
            assertThat(outcomes)
                    .filteredOn(Outcome.Failed.class::isInstance)
                    .hasSize(keys / 7 + (keys % 7 > 3 ? 1 : 0))
                    .allSatisfy(outcome ->
                            assertThat(((Outcome.Failed) outcome).reason()).isEqualTo(Reason.RETRIES_EXHAUSTED));
            assertThat(JTL.calls()).hasSizeLessThan(keys + keys / 7 * 4 * 2);
        }
    }

    @Test
    void an_outage_that_begins_while_a_key_is_retried_is_not_charged_to_the_key() throws Exception {
        // Key 0 fails once by chance, key 1 passes meanwhile, then JTL is gone.
        JTL.answers(key(1), FakeJtl.contact(), error(503));
        JTL.stub(anyContact().willReturn(error(503)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            assertThat(routes.halt(key(0), key(1))).hasMessageContaining("out of reach");
        }
    }
}
