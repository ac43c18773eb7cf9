package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static de.contactsync.jtl.FakeJtl.keysOf;
import static de.contactsync.jtl.FakeJtl.listOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.CapturedLog;
import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A tenant whose JTL, or whose token, does not answer: what needs it waits with its source, and others go on. */
@Timeout(60)
@Tag("slow")
class HangingTenantTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    private static final UUID HUNG = UUID.fromString("3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88");
    private static final int LONG = 20_000;
    private static final Duration QUIET = Duration.ofSeconds(2);

    private static ContactKey hung(int number) {
        return new ContactKey(HUNG, key(number).customerId(), key(number).contactId());
    }

    private static ContactKey[] hungKeys(int count) {
        return Arrays.stream(keys(count))
                .map(key -> new ContactKey(HUNG, key.customerId(), key.contactId()))
                .toArray(ContactKey[]::new);
    }

    /** The first call of a virtual machine may take longer than a tenant is waited for. */
    private static void askFirst(ShippedRoutes routes) {
        await().ignoreExceptions().until(() -> !routes.enrich(key(1)).isEmpty());
    }

    private static void answerHung(ResponseDefinitionBuilder answer) {
        JTL.stub(anyContact()
                .atPriority(1)
                .withHeader("x-tenant-id", equalTo(HUNG.toString()))
                .willReturn(answer));
    }

    static Stream<ResponseDefinitionBuilder> hanging() {
        return Stream.of(contact().withFixedDelay(LONG), contact().withChunkedDribbleDelay(20, 2 * LONG));
    }

    /** Once, the keys of one tenant held all threads and whatever waited for them until their calls had timed out. */
    @ParameterizedTest
    @MethodSource("hanging")
    void work_is_abandoned_soon_and_others_have_threads(ResponseDefinitionBuilder answer) throws Exception {
        answerHung(answer);
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            askFirst(routes);
            CompletableFuture<ProcessingHaltedException> halt =
                    CompletableFuture.supplyAsync(() -> routes.halt(hungKeys(40)));
            await().until(() -> routes.calls.inFlight() == 40);
            assertThat(CompletableFuture.supplyAsync(() -> routes.enrich(keys(20)))
                            .get(LONG / 2, TimeUnit.MILLISECONDS))
                    .hasOnlyElementsOfType(Outcome.Found.class);

            assertThat(halt.get(LONG / 4, TimeUnit.MILLISECONDS))
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.concernsAll()).isFalse())
                    .hasMessageContainingAll("no answer from", JTL.baseUrl().getAuthority());
            assertThat(routes.calls.isAway(HUNG)).isTrue();
            assertThat(routes.breakers.outages()).hasSize(1);
        }
    }

    /** Once, lists that hung were an outage of a tenant whose single calls were answered at once. */
    @Test
    void lists_that_hang_are_done_without_and_are_no_outage() throws Exception {
        ContactKey[] keys = new ContactKey[160];
        for (int customer = 0; customer < 40; customer++) {
            JTL.stub(listOf(customer).willReturn(okJson("[]").withFixedDelay(LONG)));
            System.arraycopy(keysOf(customer, 1, 2, 3, 4), 0, keys, 4 * customer, 4);
        }
        try (CapturedLog log = new CapturedLog("de.contactsync");
                ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            askFirst(routes);

            assertThat(CompletableFuture.supplyAsync(() -> routes.enrich(keys)).get(LONG, TimeUnit.MILLISECONDS))
                    .hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(routes.breakers.outages()).isEmpty();
            assertThat(log.lines()).noneMatch(line -> line.contains("Dependent work is paused"));
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("The lists of customers' contacts"))
                    .singleElement()
                    .asString()
                    .contains("no answer from");
        }
    }

    @Test
    void the_first_answer_ends_it_and_the_next_is_waited_for() throws Exception {
        answerHung(contact().withFixedDelay(4_000));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            askFirst(routes);
            assertThat(routes.halt(hung(1))).hasMessageContaining("no answer from");
            await().until(() -> !routes.calls.isAway(HUNG));
            assertThat(routes.enrich(hung(1))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(routes.enrich(hung(2))).as("slow as before").hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    /** Once, a file rested for a minute, though its tenant was back within seconds, and late answers were asked for again. */
    @Test
    void a_chunk_that_looks_again_meanwhile_gets_the_answer_that_was_under_way() throws Exception {
        answerHung(contact().withFixedDelay(4_000));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            askFirst(routes);
            assertThat(routes.halt(hung(3)))
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.outage().untilNextTry()).isLessThan(Duration.ofSeconds(3)));
            assertThat(routes.halt(hung(3))).hasMessageContaining("no answer from");
            await().until(() -> !routes.calls.isAway(HUNG));
            assertThat(routes.enrich(hung(3))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(JTL.calls(hung(3))).hasSize(1);
        }
    }

    @Test
    void a_tenant_that_still_hangs_is_out_of_reach_again_soon_until_it_is_back() throws Exception {
        answerHung(contact().withFixedDelay(LONG));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .quiet(QUIET)
                .responseTimeout(Duration.ofSeconds(4))
                .start()) {
            askFirst(routes);
            routes.halt(hungKeys(40));
            for (int i = 0; i < 2; i++) {
                assertThat(routes.calls.isTenantPaused(HUNG))
                        .as("its call is a probe")
                        .isTrue();
                await().until(() -> !routes.calls.isTenantPaused(HUNG));
                assertThat(CompletableFuture.supplyAsync(() -> routes.halt(hungKeys(40)))
                                .get(3, TimeUnit.SECONDS))
                        .isInstanceOf(OutageException.class);
            }
            answerHung(contact());
            await().until(() -> !routes.calls.isTenantPaused(HUNG));
            assertThat(routes.enrich(hungKeys(40))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }

    @Test
    void an_answer_that_comes_after_its_chunk_was_given_up_is_not_asked_for_again() {
        Chunk chunk = new RunChunk(1, 0, List.of(new KeyEntry.Valid(1, hung(1)), new KeyEntry.Valid(2, hung(2))), 0);
        ChunkOutcomes outcomes = new ChunkOutcomes(chunk, List.of());
        AbandonedChunks abandoned = new AbandonedChunks();
        outcomes.halt(new ProcessingHaltedException("no answer"));
        abandoned.keep(outcomes);

        Outcome late = new Outcome.Failed(Reason.NOT_FOUND, 404, null, "gone", null, 1);
        outcomes.put(1, late);
        assertThat(abandoned.takeResults(chunk)).containsExactly(null, late);
    }

    /** Once, its messages waited for all attempts to renew the token. */
    @Test
    void a_tenant_whose_token_is_refused_while_no_other_comes_is_out_of_reach_soon() throws Exception {
        answerHung(error(401));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            askFirst(routes);
            JTL.stub(post("/oauth2/token")
                    .atPriority(1)
                    .willReturn(aResponse().withStatus(503).withFixedDelay(LONG)));
            assertThat(CompletableFuture.supplyAsync(() -> routes.halt(hung(1))).get(LONG / 2, TimeUnit.MILLISECONDS))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(
                            "rejected the access token", "has not answered", "jtl.oauth.token-endpoint");
            assertThat(routes.calls.isAway(HUNG)).isTrue();
            List<Outcome> others = routes.enrich(keys(20));
            assertThat(others).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    @Test
    void without_any_token_work_waits_for_the_token_endpoint() throws Exception {
        JTL.stub(post("/oauth2/token")
                .atPriority(1)
                .willReturn(okJson("{\"access_token\":\"late\",\"token_type\":\"Bearer\",\"expires_in\":3600}")
                        .withFixedDelay(3_500)));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).quiet(QUIET).start()) {
            assertThat(routes.halt(keys(40)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("has not answered", "jtl.oauth.token-endpoint");
            assertThat(routes.breakers.outages()).hasSize(1);
            await().until(() -> routes.breakers.outages().isEmpty());
            assertThat(routes.enrich(keys(40))).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }
}
