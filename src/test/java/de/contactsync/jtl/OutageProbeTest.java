package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.assertOnlyFails;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What waits while JTL is unreachable, and how single calls find out that it is back. */
@Timeout(30)
class OutageProbeTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

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
    void when_a_try_is_due_a_single_probe_precedes_the_rest_of_the_chunk() throws Exception {
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
    void each_probe_uses_another_key() throws Exception {
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
    void a_chunk_that_waits_for_jtl_can_be_abandoned() throws Exception {
        ContactKey key = key(1);
        JTL.answers(key, error(429).withHeader("Retry-After", "60"));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            CompletableFuture<ProcessingHaltedException> halt = CompletableFuture.supplyAsync(() -> routes.halt(key));
            await().atMost(Duration.ofSeconds(10)).until(() -> !JTL.calls(key).isEmpty());

            routes.calls.abandon();

            assertThat(halt.get(10, TimeUnit.SECONDS)).hasMessageContaining("stopped");
        }
    }
}
