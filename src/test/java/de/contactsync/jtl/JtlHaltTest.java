package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.CapturedLog;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.camel.CamelExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures concern all keys and halt, and which are one key's own while others pass. */
@Timeout(30)
class JtlHaltTest {

    private static final FakeJtl JTL = new FakeJtl();

    @BeforeEach
    void reset() {
        JTL.reset();
    }

    @AfterAll
    static void stop() {
        JTL.close();
    }

    private static void assertOnlyFails(List<Outcome> outcomes, int index, Reason reason, int status) {
        for (int i = 0; i < outcomes.size(); i++) {
            if (i == index) {
                Outcome.Failed failed = (Outcome.Failed) outcomes.get(i);
                assertThat(failed.reason()).isEqualTo(reason);
                assertThat(failed.httpStatus()).isEqualTo(status);
            } else {
                assertThat(outcomes.get(i)).isInstanceOf(Outcome.Found.class);
            }
        }
    }

    static Stream<Arguments> foreignAnswers() {
        return Stream.of(
                Arguments.of(
                        "HTTP 200, text/html, \"Guest network Please sign in\"",
                        aResponse()
                                .withHeader("Content-Type", "text/html; charset=utf-8")
                                .withBody("<html><script>var x;</script><h1>Guest network</h1>\n<p>Please sign"
                                        + " in</p></html>")),
                Arguments.of("HTTP 200, an empty body", aResponse().withStatus(200)),
                Arguments.of("HTTP 203", aResponse().withStatus(203).withBody("proxied")),
                Arguments.of("JSON that is not JTL's own", okJson("{\"firstName\":\"Anna\"}")),
                Arguments.of(
                        "JSON that is not JTL's own",
                        okJson("{\"id\":\"" + key(7_777).contactId() + "\"}")),
                // The id that was asked for, as gateways echo it.
                Arguments.of(
                        "JSON that is not JTL's own",
                        okJson("{\"id\":\"{{request.path.[5]}}\"}").withTransformers("response-template")),
                Arguments.of(
                        "HTTP 400, text/html, \"Request 'blocked'\"",
                        aResponse()
                                .withStatus(400)
                                .withHeader("Content-Type", "text/html")
                                .withBody("<p>Request \"blocked\"</p>")));
    }

    /** Once, each of 300 keys became a dead letter, and the import said that it was finished. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("foreignAnswers")
    void an_answer_that_is_no_contact_for_key_after_key_is_an_outage_that_says_what_came(
            String came, ResponseDefinitionBuilder answer) throws Exception {
        JTL.stub(anyContact().willReturn(answer));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(300)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(came, JTL.baseUrl().getAuthority(), "jtl.base-url")
                    .hasMessageNotContaining("Anna");
            assertThat(JTL.calls()).hasSizeLessThan(40);
        }
    }

    /** Once, the first two of such keys became dead letters. */
    @ParameterizedTest
    @ValueSource(strings = {"200, text/html, Sign in", "200, text/plain, ", "203, text/plain, proxied"})
    void the_same_for_keys_that_come_one_by_one_and_none_of_them_is_charged(String answer) throws Exception {
        String[] parts = answer.split(", ", -1);
        JTL.stub(anyContact()
                .willReturn(aResponse()
                        .withStatus(Integer.parseInt(parts[0]))
                        .withHeader("Content-Type", parts[1])
                        .withBody(parts[2])));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(key(1)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("HTTP " + parts[0], "jtl.base-url");
        }
    }

    static Stream<ResponseDefinitionBuilder> answersOfOthers() {
        return Stream.of(
                aResponse().withHeader("Content-Type", "text/html").withBody("Sign in"),
                aResponse().withStatus(302).withHeader("Location", "/login"),
                aResponse().withStatus(404).withBody("nothing here"),
                aResponse().withStatus(400).withBody("blocked"),
                aResponse().withBody("{\"lastName\":\"Jörg\"}".getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Once, it said twice where to look, in other words each time. */
    @ParameterizedTest
    @MethodSource("answersOfOthers")
    void an_outage_by_others_answers_says_once_where_to_look(ResponseDefinitionBuilder answer) throws Exception {
        JTL.stub(anyContact().willReturn(answer));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(100)).getMessage())
                    .containsOnlyOnce("look for")
                    .doesNotContain("check jtl.");
        }
    }

    /** Once, the dead letter of a sign-in page said only that it was not well-formed JSON. */
    @Test
    void the_dead_letter_of_a_page_says_what_came() throws Exception {
        JTL.stub(contact(key(2))
                .willReturn(aResponse().withHeader("Content-Type", "text/html").withBody("Sign in")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            routes.enrich(key(1));
            assertThat(((Outcome.Failed) routes.enrich(key(2)).get(0)).errorMessage())
                    .contains("HTTP 200, text/html, \"Sign in\"")
                    .containsOnlyOnce("look for");
        }
    }

    @Test
    void a_page_instead_of_a_contact_after_one_that_passed_is_its_own_keys() throws Exception {
        JTL.stub(contact(key(2))
                .willReturn(aResponse().withHeader("Content-Type", "text/html").withBody("Sign in")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.enrich(key(1)).get(0)).isInstanceOf(Outcome.Found.class);
            assertOnlyFails(routes.enrich(key(2)), 0, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @Test
    void json_that_is_no_contact_costs_two_keys_that_come_one_by_one_before_it_is_an_outage() throws Exception {
        JTL.stub(anyContact().willReturn(okJson("{\"title\":\"Sign in\"}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(key(1)), 0, Reason.CONTRACT_VIOLATION, 200);
            assertOnlyFails(routes.enrich(key(2)), 0, Reason.CONTRACT_VIOLATION, 200);
            assertThat(routes.halt(key(3))).hasMessageContaining("JSON that is not JTL's own");
        }
    }

    /** Once, such an answer was each key's own fault: all of them became dead letters of a run that was finished. */
    @ParameterizedTest
    @ValueSource(strings = {"17", "{\"a\":1}", "\"x\",\"lastname\":\"y\""})
    void a_contact_with_a_field_of_the_wrong_type_for_key_after_key_is_an_outage(String lastName) throws Exception {
        JTL.stub(anyContact()
                .willReturn(okJson("{\"id\":\"{{request.path.[5]}}\",\"lastName\":" + lastName + "}")
                        .withTransformers("response-template")));
        ContactKey[] siblings = Stream.of(1, 2, 3)
                .flatMap(customer -> Stream.of(FakeJtl.keysOf(customer, 10 * customer, 10 * customer + 1)))
                .toArray(ContactKey[]::new);
        for (int customer = 1; customer <= 3; customer++) {
            JTL.stub(FakeJtl.listOf(customer)
                    .willReturn(okJson(
                            "[{\"id\":\"" + key(10 * customer).contactId() + "\",\"lastName\":" + lastName + "}]")));
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(siblings)).isInstanceOf(OutageException.class);
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(100)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("field last", "jtl.base-url");
        }
    }

    @Test
    void a_field_of_the_wrong_type_among_contacts_costs_its_own_key() throws Exception {
        JTL.stub(contact(key(3)).willReturn(okJson("{\"id\":\"" + key(3).contactId() + "\",\"lastName\":17}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(10)), 3, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @Test
    void one_such_answer_among_contacts_costs_its_own_key() throws Exception {
        JTL.stub(contact(key(3)).willReturn(okJson("{\"firstName\":\"Anna\"}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(10)), 3, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "402, licence",
        "403, customers.read",
        "405, JTL-Wawi version",
        "406, JTL-Wawi version",
        "412, jtl.tenant-id",
    })
    void what_a_person_must_mend_halts_when_all_keys_get_it(int status, String remedy) throws Exception {
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
                    .hasMessageContainingAll("HTTP " + status, "no other key passes either");

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

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>nothing here</html>", "{\"title\":\"Not Found\"}"})
    void a_404_that_is_not_jtls_own_halts_when_all_keys_get_it(String body) throws Exception {
        JTL.stub(anyContact().willReturn(aResponse().withStatus(404).withBody(body)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(200))).hasMessageContainingAll("jtl.base-url", "JTL-Wawi");
            assertThat(JTL.calls()).hasSizeLessThan(30);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 404})
    void answers_from_a_wrong_place_halt_also_when_keys_passed_before(int status) throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.enrich(keys(20))).hasOnlyElementsOfType(Outcome.Found.class);

            JTL.stub(anyContact().willReturn(aResponse().withStatus(status)));
            assertThat(routes.halt(keys(200))).hasMessageContaining("jtl.base-url");
        }
    }

    @Test
    void redirects_for_all_keys_halt() throws Exception {
        JTL.stub(anyContact().willReturn(aResponse().withStatus(302).withHeader("Location", "/login")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(200))).hasMessageContaining("jtl.base-url");
            assertThat(JTL.calls()).hasSizeLessThan(30);
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
    void one_key_that_always_fails_does_not_hold_up_the_others(int status, int index, Reason reason) throws Exception {
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
    void an_outage_that_begins_while_a_key_is_tried_again_is_not_held_against_the_key() throws Exception {
        // Key 0 fails once by chance, key 1 passes meanwhile, then JTL is gone.
        JTL.answers(key(1), FakeJtl.contact(), error(503));
        JTL.stub(anyContact().willReturn(error(503)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            assertThat(routes.halt(key(0), key(1))).hasMessageContaining("out of reach");
        }
    }

    @Test
    void while_jtl_is_away_chunks_end_at_once_without_a_call() throws Exception {
        JTL.stub(anyContact().willReturn(error(503)));
        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).maxAttempts(2).concurrency(1).start()) {
            ProcessingHaltedException first = routes.halt(keys(100));
            int calls = JTL.calls().size();

            assertThat(routes.halt(keys(100))).hasMessage(first.getMessage());
            assertThat(JTL.calls()).hasSize(calls);
        }
    }

    @Test
    void when_a_try_is_due_one_call_feels_the_way_and_then_the_whole_chunk_goes_on() throws Exception {
        JTL.stub(anyContact().willReturn(error(503)));
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(1)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            routes.halt(keys(100));

            int calls = JTL.calls().size();
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            routes.halt(keys(100));
            assertThat(JTL.calls()).as("one probe").hasSize(calls + 1);

            JTL.reset();
            assertThatThrownBy(() -> routes.enrich(keys(100)))
                    .as("not due")
                    .hasRootCauseInstanceOf(ProcessingHaltedException.class);
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(routes.enrich(keys(100))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }

    /** Once the first key of a file, failing for reasons of its own, would have been the probe forever. */
    @Test
    void another_key_feels_the_way_each_time() throws Exception {
        JTL.stub(anyContact().willReturn(error(503)));
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(1)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            routes.halt(keys(10));
            JTL.reset();
            JTL.answers(key(0), error(503));

            List<Outcome> outcomes = null;
            for (int tries = 0; outcomes == null && tries < 5; tries++) {
                skipped.addAndGet(Duration.ofSeconds(10).toNanos());
                try {
                    outcomes = routes.enrich(keys(10));
                } catch (CamelExecutionException e) {
                    assertThat(e).hasRootCauseInstanceOf(ProcessingHaltedException.class);
                }
            }
            assertThat(outcomes).isNotNull();
            assertOnlyFails(outcomes, 0, Reason.RETRIES_EXHAUSTED, 503);
        }
    }

    @Test
    void what_was_answered_before_an_outage_is_not_asked_again_after_it() throws Exception {
        JTL.stub(anyContact().willReturn(error(503)));
        for (int i = 0; i < 5; i++) {
            JTL.answers(key(i), FakeJtl.contact(), error(503));
        }
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(2)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            routes.halt(keys(10));

            JTL.reset();
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(routes.enrich(keys(10))).hasOnlyElementsOfType(Outcome.Found.class);
            for (int i = 1; i < 4; i++) {
                assertThat(JTL.calls(key(i))).isEmpty();
            }
            assertThat(JTL.calls(key(9))).hasSize(1);
        }
    }

    /** Once the probe asked with the old token forever, since only a key's own call took a 401 for the token's end. */
    @Test
    void a_token_that_died_during_the_outage_is_renewed_by_the_probe() throws Exception {
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(1)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            assertThat(routes.enrich(keys(10))).hasOnlyElementsOfType(Outcome.Found.class);
            JTL.stub(anyContact().willReturn(error(503)));
            routes.halt(keys(10));

            JTL.stub(anyContact()
                    .withHeader("Authorization", equalTo("Bearer token-1"))
                    .willReturn(error(401)));
            JTL.stub(anyContact()
                    .withHeader("Authorization", equalTo("Bearer token-2"))
                    .willReturn(FakeJtl.contact()));
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(routes.enrich(keys(10))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(JTL.tokenRequests()).isEqualTo(2);
        }
    }

    /** Once the list's rate limiter waited forever for the answer to a call that the probe had made in another lane. */
    @Test
    void a_list_that_is_the_first_call_behind_an_outage_is_asked_for() throws Exception {
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(1)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            assertThat(routes.enrich(keys(5))).hasOnlyElementsOfType(Outcome.Found.class);
            JTL.stub(anyContact().willReturn(error(503)));
            routes.halt(keys(10));

            JTL.reset();
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            ContactKey sibling = new ContactKey(key(1).tenantId(), key(1).customerId(), new UUID(0x4002, 1L << 63 | 9));
            assertThat(routes.enrich(key(1), sibling)).hasSize(2);
        }
    }

    /** Once the key that had passed last was the probe forever, also when it had begun to fail for itself. */
    @Test
    void a_known_key_that_fails_by_now_is_not_the_probe_again() throws Exception {
        AtomicLong skipped = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .maxAttempts(1)
                .concurrency(1)
                .nanoTime(() -> System.nanoTime() + skipped.get())
                .start()) {
            assertThat(routes.enrich(key(0))).hasOnlyElementsOfType(Outcome.Found.class);
            JTL.stub(anyContact().willReturn(error(503)));
            routes.halt(keys(10));

            JTL.reset();
            JTL.answers(key(0), error(500));
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThatThrownBy(() -> routes.enrich(key(1), key(2)))
                    .hasRootCauseInstanceOf(ProcessingHaltedException.class);
            skipped.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(routes.enrich(key(1), key(2))).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    @Test
    void an_outage_of_one_tenant_is_none_of_another() throws Exception {
        ContactKey[] others = new ContactKey[20];
        for (int i = 0; i < others.length; i++) {
            others[i] = new ContactKey(new UUID(7, 7), key(i).customerId(), key(i).contactId());
        }
        JTL.stub(anyContact().willReturn(error(503)));
        JTL.stub(anyContact()
                .withHeader("x-tenant-id", equalTo(others[0].tenantId().toString()))
                .atPriority(1)
                .willReturn(FakeJtl.contact()));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(1).start()) {
            routes.halt(keys(100));
            assertThat(routes.enrich(others)).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(routes.breakers.outages()).hasSize(1);
        }
    }

    @Test
    void a_chunk_that_waits_for_jtl_can_be_given_up() throws Exception {
        ContactKey key = key(1);
        JTL.answers(key, error(429).withHeader("Retry-After", "60"));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            CompletableFuture<ProcessingHaltedException> halt = CompletableFuture.supplyAsync(() -> routes.halt(key));
            await().atMost(Duration.ofSeconds(10)).until(() -> !JTL.calls(key).isEmpty());

            routes.calls.abandon();

            assertThat(halt.get(10, TimeUnit.SECONDS)).hasMessageContaining("stopped");
        }
    }

    /** Once, the chunk waited for as long as JTL said, whatever the import's own patience was. */
    @ParameterizedTest
    @ValueSource(strings = {"7200", "600", "90"})
    void a_quota_that_is_refused_for_longer_than_any_window_is_an_outage_with_that_pause(String retryAfter)
            throws Exception {
        JTL.stub(anyContact().willReturn(error(429).withHeader("Retry-After", retryAfter)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            ProcessingHaltedException halt = routes.halt(keys(20));

            assertThat(halt).isInstanceOf(OutageException.class).hasMessageContaining("quota refused until ");
            Outage outage = ((OutageException) halt).outage();
            assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING);
            assertThat(outage.untilNextTry().toSeconds())
                    .isBetween(30L, (long) Math.min(600, Integer.parseInt(retryAfter)));
            assertThat(routes.halt(key(21))).isInstanceOf(OutageException.class);
            assertThat(JTL.calls()).hasSizeLessThanOrEqualTo(4);
        }
    }

    /** Once, the tenant rested for that hour, and no key of the chunk was stored. */
    @Test
    void a_key_that_is_refused_for_an_hour_while_others_pass_costs_itself_alone() throws Exception {
        JTL.answers(key(5), error(429).withHeader("Retry-After", "3600"));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(30)), 5, Reason.RETRIES_EXHAUSTED, 429);
        }
    }

    /** Once, it was asked for as long as the program ran, and all others of the tenant waited with it. */
    @Test
    void a_key_that_is_refused_again_and_again_without_a_time_costs_itself_alone() throws Exception {
        JTL.answers(key(5), error(429));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(30)), 5, Reason.RETRIES_EXHAUSTED, 429);
        }
    }

    @Test
    void a_tenant_whose_quota_is_refused_for_long_does_not_hold_up_those_of_others() throws Exception {
        ContactKey other = new ContactKey(UUID.randomUUID(), key(5).customerId(), key(5).contactId());
        JTL.stub(anyContact()
                .withHeader("X-Tenant-ID", equalTo(FakeJtl.TENANT.toString()))
                .willReturn(error(429).withHeader("Retry-After", "600")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            routes.halt(keys(4));

            assertThat(routes.enrich(other)).first().isInstanceOf(Outcome.Found.class);
            assertThat(routes.breakers.outages()).hasSize(1);
        }
    }

    @Test
    void a_429_for_one_window_is_waited_out_and_said_once_whatever_is_in_flight() throws Exception {
        for (int i = 0; i < 4; i++) {
            JTL.answers(key(i), error(429).withHeader("Retry-After", "1").withFixedDelay(50), FakeJtl.contact());
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start();
                CapturedLog log = new CapturedLog("de.contactsync.resilience.ClientLoop")) {
            assertThat(routes.enrich(key(9))).first().isInstanceOf(Outcome.Found.class);
            assertThat(routes.enrich(keys(4))).allMatch(Outcome.Found.class::isInstance);
            assertThat(log.lines()).hasSizeBetween(1, 2).allMatch(line -> line.contains("is spent: going on in "));
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }
}
