package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.http.FaultServer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.OutageException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many calls are in flight, and what a waiting key holds. */
@Timeout(30)
class JtlConcurrencyTest {

    private static final FakeJtl JTL = new FakeJtl();
    private static final String REJECTED = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
            + "Content-Length: 24\r\n\r\n{\"errorCode\":\"CODE_400\"}";

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    @BeforeEach
    void reset() {
        JTL.reset();
    }

    @AfterAll
    static void stop() {
        JTL.close();
        THREADS.shutdownNow();
    }

    @Test
    void never_more_calls_are_in_flight_than_allowed_however_many_chunks_are() throws Exception {
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (FaultServer server = new FaultServer((out, self) -> {
                    most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                    self.pause(20);
                    inFlight.decrementAndGet();
                    out.write(REJECTED.getBytes(StandardCharsets.ISO_8859_1));
                });
                ShippedRoutes routes = ShippedRoutes.before(server.uri("/erp"), JTL)
                        .concurrency(3)
                        .start()) {
            List<CompletableFuture<List<Outcome>>> chunks = List.of(
                    CompletableFuture.supplyAsync(() -> routes.enrich(Arrays.copyOf(keys(40), 20))),
                    CompletableFuture.supplyAsync(() -> routes.enrich(Arrays.copyOfRange(keys(40), 20, 40))));

            for (CompletableFuture<List<Outcome>> chunk : chunks) {
                assertThat(chunk.get(20, TimeUnit.SECONDS))
                        .hasSize(20)
                        .allSatisfy(outcome ->
                                assertThat(((Outcome.Failed) outcome).reason()).isEqualTo(Reason.REJECTED));
            }
            assertThat(most).hasValue(3);
            assertThat(server.heads).hasSize(40);
            assertThat(server.connections.get()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void a_key_that_waits_for_its_next_try_holds_no_thread() throws Exception {
        ResponseDefinitionBuilder muchLater = FakeJtl.error(503).withHeader("Retry-After", "600");
        JTL.answers(key(0), muchLater);
        JTL.answers(key(1), muchLater);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(2).start()) {
            CompletableFuture<ProcessingHaltedException> chunk =
                    CompletableFuture.supplyAsync(() -> routes.halt(keys(10)));
            await().atMost(Duration.ofSeconds(10)).until(() -> JTL.calls().size() == 10);

            routes.calls.abandon();
            assertThat(chunk.get(10, TimeUnit.SECONDS)).hasMessageContaining("stopped");
        }
    }

    /** Once, each of thousands of tenants out of reach kept a chunk waiting for its five tries: one got through a second. */
    @Test
    void behind_many_tenants_that_back_off_one_more_is_out_of_reach_at_once() throws Exception {
        JTL.stub(anyContact().willReturn(FakeJtl.error(503).withHeader("Retry-After", "600")));
        JTL.stub(FakeJtl.contact(ofTenant(10)).willReturn(FakeJtl.contact()));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<CompletableFuture<ProcessingHaltedException>> waiting = new ArrayList<>();
            for (int tenant = 1; tenant <= 8; tenant++) {
                ContactKey key = ofTenant(tenant);
                waiting.add(CompletableFuture.supplyAsync(() -> routes.halt(key), THREADS));
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> JTL.calls().size() == 8);

            ProcessingHaltedException further = CompletableFuture.supplyAsync(() -> routes.halt(ofTenant(9)), THREADS)
                    .get(10, TimeUnit.SECONDS);
            assertThat(further).isInstanceOf(OutageException.class).hasMessageContaining("HTTP 503");
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            assertThat(routes.enrich(ofTenant(10)).get(0)).isInstanceOf(Outcome.Found.class);

            routes.calls.abandon();
            for (CompletableFuture<ProcessingHaltedException> chunk : waiting) {
                assertThat(chunk.get(10, TimeUnit.SECONDS)).hasMessageContaining("stopped");
            }
        }
    }

    private static ContactKey ofTenant(int number) {
        return new ContactKey(
                new UUID(0x4000, 1L << 63 | number),
                key(number).customerId(),
                key(number).contactId());
    }
}
