package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
    private static final String REJECTED = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

    @BeforeEach
    void reset() {
        JTL.reset();
    }

    @AfterAll
    static void stop() {
        JTL.close();
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
                ShippedRoutes routes = ShippedRoutes.before(server.uri("/erp"), JTL).concurrency(3).start()) {
            List<CompletableFuture<List<Outcome>>> chunks = List.of(
                    CompletableFuture.supplyAsync(() -> routes.enrich(keys(20))),
                    CompletableFuture.supplyAsync(() -> routes.enrich(keys(20))));

            for (CompletableFuture<List<Outcome>> chunk : chunks) {
                assertThat(chunk.get(20, TimeUnit.SECONDS)).hasSize(20)
                        .allSatisfy(outcome -> assertThat(((Outcome.Failed) outcome).reason())
                                .isEqualTo(Reason.REJECTED));
            }
            assertThat(most).hasValue(3);
            assertThat(server.heads).hasSize(40);
            assertThat(server.connections.get()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void a_key_that_waits_for_its_next_try_holds_no_thread() throws Exception {
        JTL.answers(key(0), FakeJtl.error(503), FakeJtl.contact());
        JTL.answers(key(1), FakeJtl.error(503), FakeJtl.contact());
        Duration wait = Duration.ofSeconds(2);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(2)
                .backoff(new Backoff(wait, wait)).start()) {
            assertThat(routes.enrich(keys(10))).hasOnlyElementsOfType(Outcome.Found.class);

            List<String> asked = JTL.calls().stream().map(call -> call.getRequest().getUrl()).toList();
            assertThat(asked).hasSize(12);
            assertThat(asked.subList(10, 12))
                    .containsExactlyInAnyOrder(FakeJtl.path(key(0)), FakeJtl.path(key(1)));
        }
    }
}
