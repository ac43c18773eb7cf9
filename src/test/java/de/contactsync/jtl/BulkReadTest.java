package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keysOf;
import static de.contactsync.jtl.FakeJtl.list;
import static de.contactsync.jtl.FakeJtl.listOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import de.contactsync.CapturedLog;
import de.contactsync.http.FaultServer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several contacts of one customer by one call: when, what becomes of each, and what when there is no list. */
@Timeout(30)
class BulkReadTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    private static final ContactKey[] FOUR = keysOf(1, 1, 2, 3, 4);

    private static ContactKey[] and(ContactKey[] some, ContactKey... more) {
        return Stream.of(some, more).flatMap(Arrays::stream).toArray(ContactKey[]::new);
    }

    private static void assertAllFound(List<Outcome> outcomes) {
        assertThat(outcomes).isNotEmpty().hasOnlyElementsOfType(Outcome.Found.class);
    }

    private static Outcome.Failed failed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    @Test
    void two_or_more_contacts_of_a_customer_are_one_call() throws Exception {
        JTL.stub(listOf(1).willReturn(list(FOUR)));
        JTL.stub(listOf(2).willReturn(list(keysOf(2, 5, 6))));
        ContactKey alone = key(9);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).actingAs("7", "8").start()) {
            assertAllFound(routes.enrich(and(and(FOUR, alone), keysOf(2, 6, 5))));

            assertThat(JTL.calls()).hasSize(3);
            assertThat(JTL.lists()).hasSize(2).allSatisfy(call -> {
                assertThat(call.getRequest().getHeader("Authorization")).isEqualTo("Bearer token-1");
                assertThat(call.getRequest().getHeader("x-tenant-id")).isEqualTo(FakeJtl.TENANT.toString());
                assertThat(call.getRequest().getHeader("x-runas")).isEqualTo("7");
                assertThat(call.getRequest().getHeader("x-companyid")).isEqualTo("8");
            });
            assertThat(JTL.calls(alone)).hasSize(1);
        }
    }

    @Test
    void the_same_customer_of_another_tenant_is_another_customer() throws Exception {
        JTL.stub(listOf(1).willReturn(list(FOUR)));
        ContactKey elsewhere = new ContactKey(UUID.randomUUID(), FOUR[1].customerId(), FOUR[1].contactId());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR[0], elsewhere));
            assertThat(JTL.lists()).isEmpty();
        }
    }

    @Test
    void with_never_each_contact_is_a_call() throws Exception {
        JTL.stub(listOf(1).willReturn(list(FOUR)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).bulkRead(false).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertThat(JTL.lists()).isEmpty();
            assertThat(JTL.calls()).hasSize(4);
        }
    }

    @Test
    void a_contact_that_is_not_in_the_list_is_asked_for_by_itself() throws Exception {
        JTL.stub(listOf(1).willReturn(list(FOUR[0], FOUR[2])));
        JTL.stub(FakeJtl.contact(FOUR[1]).willReturn(error(404)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<Outcome> outcomes = routes.enrich(FOUR);

            assertAllFound(List.of(outcomes.get(0), outcomes.get(2), outcomes.get(3)));
            assertThat(failed(outcomes.get(1)).reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(failed(outcomes.get(1)).httpStatus()).isEqualTo(404);
            assertThat(JTL.calls()).hasSize(3);
        }
    }

    @Test
    void a_404_for_a_list_is_no_proof_that_its_contacts_are_gone() throws Exception {
        JTL.stub(listOf(2).willReturn(error(404)));
        JTL.stub(FakeJtl.contact(keysOf(2, 5)[0]).willReturn(error(404)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<Outcome> outcomes = routes.enrich(keysOf(2, 5, 6));

            assertThat(failed(outcomes.get(0)).reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(failed(outcomes.get(0)).errorMessage()).contains("words of JTL");
            assertAllFound(outcomes.subList(1, 2));
            assertThat(JTL.calls()).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"fax\":1"})
    void a_contact_that_is_broken_in_the_list_is_asked_for_by_itself(String fields) throws Exception {
        String broken = "{\"id\":\"" + FOUR[0].contactId() + "\"" + fields + "}";
        JTL.stub(
                listOf(1).willReturn(okJson("[" + broken + ",{\"id\":\"" + FOUR[1].contactId() + "\",\"fax\":null}]")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR[0], FOUR[1]));
            assertThat(JTL.lists()).hasSize(1);
            assertThat(JTL.calls(FOUR[0])).hasSize(1);
            assertThat(JTL.calls()).hasSize(2);
        }
    }

    @Test
    void a_broken_contact_in_the_list_costs_only_its_own_key() throws Exception {
        String broken = "{\"id\":\"" + FOUR[0].contactId() + "\",\"fax\":1}";
        JTL.stub(
                listOf(1).willReturn(okJson("[" + broken + ",{\"id\":\"" + FOUR[1].contactId() + "\",\"fax\":null}]")));
        JTL.stub(FakeJtl.contact(FOUR[0]).willReturn(okJson(broken)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<Outcome> outcomes = routes.enrich(FOUR[0], FOUR[1]);

            assertThat(failed(outcomes.get(0)).reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
            assertAllFound(outcomes.subList(1, 2));
        }
    }

    static Stream<Arguments> noLists() {
        return Stream.of(
                Arguments.of("HTTP 403", error(403)),
                Arguments.of("HTTP 405", aResponse().withStatus(405)),
                Arguments.of("HTTP 406", error(406)),
                Arguments.of("HTTP 404", aResponse().withStatus(404)),
                Arguments.of("HTTP 404", aResponse().withStatus(404).withBody("<html>nothing here</html>")),
                Arguments.of("HTTP 302", aResponse().withStatus(302).withHeader("Location", "/login")),
                Arguments.of("HTTP 204", aResponse().withStatus(204)));
    }

    static Stream<ResponseDefinitionBuilder> uselessLists() {
        String element = "{\"id\":\"" + key(99).contactId() + "\",\"fax\":\"" + "x".repeat(10_000) + "\"}";
        String tooLarge = Stream.generate(() -> element)
                .limit(ShippedRoutes.LARGEST_LIST / 10_000)
                .collect(Collectors.joining(",", "[", "]"));
        return Stream.of(
                aResponse().withStatus(200),
                okJson("{\"items\":[]}"),
                okJson("[{\"id\":"),
                okJson("[{\"fax\":\"secret-number\"}]"),
                okJson(tooLarge),
                okJson(tooLarge).withHeader("Content-Length", Integer.toString(tooLarge.length())));
    }

    /** Once, a customer with a list over the cap switched lists off for its tenant until the next start. */
    @ParameterizedTest
    @MethodSource("uselessLists")
    void a_useless_list_costs_its_contacts_a_single_call_each_and_other_lists_go_on(ResponseDefinitionBuilder useless)
            throws Exception {
        JTL.stub(listOf(1).willReturn(useless));
        JTL.stub(listOf(2).willReturn(list(keysOf(2, 5, 6))));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertAllFound(routes.enrich(keysOf(2, 5, 6)));

            assertThat(JTL.lists()).hasSize(2);
            assertThat(JTL.calls()).hasSize(6);
        }
    }

    /** Once, failing lists opened the tenant's breaker, and keys that JTL would have told of one by one were halted. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {502, 504, 200, 0})
    void lists_that_all_fail_cost_no_key_and_rest_after_a_few(int status) throws Exception {
        ContactKey[] keys = new ContactKey[400];
        for (int customer = 0; customer < 100; customer++) {
            JTL.stub(listOf(customer)
                    .willReturn(
                            status == 0
                                    ? aResponse().withFault(Fault.EMPTY_RESPONSE)
                                    : aResponse()
                                            .withStatus(status)
                                            .withHeader("Content-Type", "text/html")
                                            .withBody("<html>login</html>")));
            System.arraycopy(keysOf(customer, 1, 2, 3, 4), 0, keys, 4 * customer, 4);
        }
        ManualClock time = new ManualClock();
        try (time;
                CapturedLog log = new CapturedLog("de.contactsync.jtl.RequestCoalescer");
                ShippedRoutes routes = ShippedRoutes.before(JTL).nanoTime(time).start()) {
            assertAllFound(routes.enrich(keys));

            int lists = JTL.lists().size();
            assertThat(lists).isLessThanOrEqualTo(4 * 3 + 4);
            assertThat(routes.breakers.outages()).isEmpty();
            assertThat(log.lines().stream().filter(line -> line.startsWith("WARN")))
                    .singleElement()
                    .asString()
                    .contains("tried again in 5 min");

            for (int customer = 0; customer < 100; customer++) {
                JTL.stub(listOf(customer).willReturn(list(keysOf(customer, 1, 2, 3, 4))));
            }
            assertAllFound(routes.enrich(FOUR));
            assertThat(JTL.lists()).as("while they rest").hasSize(lists);
            time.advance(Duration.ofMinutes(6));
            assertAllFound(routes.enrich(FOUR));
            assertAllFound(routes.enrich(keys));
            assertThat(JTL.lists()).as("tried again, and used again").hasSize(lists + 1 + 100);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noLists")
    void where_there_is_no_list_contacts_are_asked_for_one_by_one_and_that_is_said_once(
            String expected, ResponseDefinitionBuilder refusal) throws Exception {
        JTL.stub(listOf(1).willReturn(refusal));
        JTL.stub(listOf(2).willReturn(refusal));

        try (CapturedLog log = new CapturedLog("de.contactsync.jtl.RequestCoalescer");
                ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertAllFound(routes.enrich(keysOf(2, 5, 6)));

            assertThat(JTL.lists()).as("asked once, remembered for the tenant").hasSize(1);
            assertThat(JTL.calls()).hasSize(7);
            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("WARN")
                    .contains(expected, FakeJtl.TENANT.toString(), "fetched individually")
                    .doesNotContain("words of JTL", "secret-number");
        }
    }

    @Test
    void lists_that_wait_for_their_turn_are_not_asked_for_any_more_once_one_was_refused() throws Exception {
        ContactKey[] keys = new ContactKey[40];
        for (int customer = 0; customer < 20; customer++) {
            JTL.stub(listOf(customer)
                    .willReturn(aResponse()
                            .withStatus(405)
                            .withHeader("X-RateLimit-Limit", "1")
                            .withHeader("X-RateLimit-Interval-Length-Seconds", "3600")
                            .withHeader("X-RateLimit-Remaining", "0")));
            System.arraycopy(keysOf(customer, 2 * customer, 2 * customer + 1), 0, keys, 2 * customer, 2);
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(keys));
            assertThat(JTL.lists()).hasSize(1);
        }
    }

    /** Once, each list was asked for up to three times, all that while its contacts waited, and again after the rest. */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"1", "600"})
    void lists_that_are_refused_for_the_quota_rest_and_single_calls_go_on(String retryAfter) throws Exception {
        ContactKey[] keys = new ContactKey[20];
        for (int customer = 0; customer < 10; customer++) {
            JTL.stub(listOf(customer).willReturn(error(429).withHeader("Retry-After", retryAfter)));
            System.arraycopy(keysOf(customer, 2 * customer, 2 * customer + 1), 0, keys, 2 * customer, 2);
        }
        try (CapturedLog log = new CapturedLog("de.contactsync.jtl.RequestCoalescer");
                ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(keys));
            int asked = JTL.lists().size();
            assertThat(asked).isLessThanOrEqualTo(4 + 2);
            assertAllFound(routes.enrich(keys));

            assertThat(JTL.lists()).as("lists rest").hasSize(asked);
            assertThat(log.lines().stream().filter(line -> line.startsWith("WARN")))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("fetched individually", "429");
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }

    @Test
    void lists_have_a_quota_of_their_own() throws Exception {
        JTL.stub(listOf(1)
                .willReturn(list(FOUR)
                        .withHeader("X-RateLimit-Limit", "1")
                        .withHeader("X-RateLimit-Interval-Length-Seconds", "3600")
                        .withHeader("X-RateLimit-Remaining", "0")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertAllFound(routes.enrich(FakeJtl.keys(20)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void a_failure_that_passes_is_waited_out(int status) throws Exception {
        JTL.listAnswers(1, error(status), error(status), list(FOUR));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertThat(JTL.calls()).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK"})
    void a_connection_that_breaks_is_tried_again(Fault fault) throws Exception {
        JTL.listAnswers(1, aResponse().withFault(fault), list(FOUR));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertThat(JTL.calls()).hasSize(2);
        }
    }

    /** The list is read from the connection as it comes; the call's deadline and cap must hold there too. */
    @Test
    @Tag("slow")
    void a_list_that_drips_is_cut_off_and_one_without_end_is_given_up() throws Exception {
        String element = "{\"id\":\"" + key(99).contactId() + "\"},";
        try (FaultServer server = new FaultServer((out, self) -> {
                    String head = self.heads.get(self.heads.size() - 1);
                    boolean list = head.contains("/contacts ");
                    out.write(("HTTP/1.1 200 OK\r\n" + (list ? "" : "Content-Length: 56\r\n") + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    if (!list) {
                        out.write(("{\"id\":\""
                                        + head.substring(head.indexOf("/contacts/") + 10)
                                                .substring(0, 36) + "\",\"fax\":null}")
                                .getBytes(StandardCharsets.US_ASCII));
                        return;
                    }
                    if (self.heads.size() == 1) {
                        self.drip(out, "[" + element.repeat(100), 20);
                    }
                    out.write('[');
                    while (true) {
                        out.write(element.repeat(100).getBytes(StandardCharsets.US_ASCII));
                    }
                });
                CapturedLog log = new CapturedLog("de.contactsync.jtl.RequestCoalescer");
                ShippedRoutes routes = ShippedRoutes.before(server.uri("/erp"), JTL)
                        .concurrency(1)
                        .responseTimeout(Duration.ofMillis(500))
                        .start()) {
            long began = System.nanoTime();
            assertAllFound(routes.enrich(FOUR));

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(1_000), Duration.ofSeconds(10));
            assertThat(server.heads.stream().filter(head -> head.contains("/contacts ")))
                    .hasSize(2);
            assertThat(server.heads).hasSize(6);
            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("more than " + ShippedRoutes.LARGEST_LIST + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 422, 500, 503})
    void where_only_the_list_keeps_failing_its_contacts_are_asked_for_one_by_one(int status) throws Exception {
        JTL.stub(listOf(1).willReturn(error(status)));
        JTL.stub(listOf(2).willReturn(list(keysOf(2, 5, 6))));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(2).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertAllFound(routes.enrich(keysOf(2, 5, 6)));

            assertThat(JTL.lists()).hasSize(status < 500 ? 2 : 3);
            assertThat(JTL.calls()).hasSize(JTL.lists().size() + 4);
        }
    }

    @Test
    void a_refused_token_is_replaced_once() throws Exception {
        JTL.listAnswers(1, error(401), list(FOUR));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));
            assertThat(JTL.calls()).hasSize(2);
            assertThat(JTL.tokenRequests()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {402, 412})
    void what_a_person_must_mend_halts_once_a_single_call_confirms_it(int status) throws Exception {
        JTL.stub(listOf(1).willReturn(error(status)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertAllFound(routes.enrich(FOUR));

            JTL.stub(FakeJtl.anyContact().willReturn(error(status)));
            assertThat(routes.halt(FOUR)).hasMessageContainingAll("HTTP " + status, "words of JTL");
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(ints = {401, 403, 503})
    void what_single_calls_meet_as_well_halts(int status) throws Exception {
        JTL.stub(listOf(1).willReturn(error(status)));
        JTL.stub(FakeJtl.anyContact().willReturn(error(status)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(2).start()) {
            assertThat(routes.halt(FOUR).getMessage()).isNotBlank();
            assertThat(JTL.tokenRequests()).isLessThanOrEqualTo(2);
        }
    }
}
