package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keysOf;
import static de.contactsync.jtl.FakeJtl.list;
import static de.contactsync.jtl.FakeJtl.listOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same contact wanted by several chunks at the same time. */
@Timeout(30)
class CoalescingTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    private static CompletableFuture<List<Outcome>> begin(ShippedRoutes routes, ContactKey... keys) {
        return CompletableFuture.supplyAsync(() -> routes.enrich(keys));
    }

    private static List<Outcome> end(CompletableFuture<List<Outcome>> chunk) throws Exception {
        return chunk.get(20, TimeUnit.SECONDS);
    }

    /** Once, a message about a change joined a call that had begun before the change, and was answered without it. */
    @Test
    @Tag("slow")
    void a_call_that_has_begun_is_not_joined_since_its_answer_may_be_older() throws Exception {
        JTL.answers(key(1), error(404).withFixedDelay(1_000), FakeJtl.contact());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            CompletableFuture<List<Outcome>> first = begin(routes, key(1));
            await().atMost(Duration.ofSeconds(10)).until(() -> JTL.calls(key(1)).size() == 1);
            CompletableFuture<List<Outcome>> second = begin(routes, key(2), key(1));

            assertThat(end(second)).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(((Outcome.Failed) end(first).get(0)).reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(JTL.calls(key(1))).hasSize(2);
        }
    }

    @Test
    @Tag("slow")
    void is_asked_for_once_while_its_call_waits_for_its_turn() throws Exception {
        JTL.answers(key(9), FakeJtl.contact().withFixedDelay(1_000));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            CompletableFuture<List<Outcome>> busy = begin(routes, key(9));
            await().atMost(Duration.ofSeconds(10)).until(() -> routes.calls.inFlight() == 1);
            CompletableFuture<List<Outcome>> first = begin(routes, key(1));
            await().atMost(Duration.ofSeconds(10)).until(() -> routes.calls.inFlight() == 2);
            CompletableFuture<List<Outcome>> second = begin(routes, key(2), key(1));

            for (CompletableFuture<List<Outcome>> chunk : List.of(busy, first, second)) {
                assertThat(end(chunk)).hasOnlyElementsOfType(Outcome.Found.class);
            }
            assertThat(JTL.calls(key(1))).hasSize(1);
        }
    }

    @Test
    void is_asked_for_again_once_the_answer_is_there() throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            routes.enrich(key(1));
            routes.enrich(key(1));
            assertThat(JTL.calls(key(1))).hasSize(2);
        }
    }

    @Test
    @Tag("slow")
    void a_list_that_has_begun_is_not_joined_either() throws Exception {
        JTL.stub(listOf(1).willReturn(list(keysOf(1, 1, 2, 3)).withFixedDelay(1_000)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            CompletableFuture<List<Outcome>> first = begin(routes, keysOf(1, 1, 2, 3));
            await().atMost(Duration.ofSeconds(10)).until(() -> JTL.lists().size() == 1);
            CompletableFuture<List<Outcome>> second = begin(routes, keysOf(1, 3, 2));

            assertThat(end(first)).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(end(second)).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(JTL.calls()).hasSize(2);
        }
    }

    @Test
    @Tag("slow")
    void a_list_that_waits_for_its_turn_takes_in_further_contacts_of_its_customer() throws Exception {
        JTL.answers(key(9), FakeJtl.contact().withFixedDelay(1_000));
        JTL.stub(listOf(1).willReturn(list(keysOf(1, 1, 2, 3))));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            CompletableFuture<List<Outcome>> busy = begin(routes, key(9));
            await().atMost(Duration.ofSeconds(10)).until(() -> routes.calls.inFlight() == 1);
            CompletableFuture<List<Outcome>> first = begin(routes, keysOf(1, 1, 2));
            await().atMost(Duration.ofSeconds(10)).until(() -> routes.calls.inFlight() == 3);
            CompletableFuture<List<Outcome>> second = begin(routes, keysOf(1, 3));

            for (CompletableFuture<List<Outcome>> chunk : List.of(busy, first, second)) {
                assertThat(end(chunk)).hasOnlyElementsOfType(Outcome.Found.class);
            }
            assertThat(JTL.calls()).hasSize(2);
        }
    }

    @Test
    void a_chunk_that_is_given_up_leaves_the_others_waiting() throws Exception {
        JTL.answers(key(1), error(503).withHeader("Retry-After", "2"), FakeJtl.contact());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            CompletableFuture<ProcessingHaltedException> givenUp =
                    CompletableFuture.supplyAsync(() -> routes.halt(key(1)));
            await().atMost(Duration.ofSeconds(10)).until(() -> JTL.calls(key(1)).size() == 1);
            routes.calls.abandon();
            assertThat(givenUp.get(10, TimeUnit.SECONDS)).hasMessageContaining("stopped");

            assertThat(end(begin(routes, key(1)))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(JTL.calls(key(1))).hasSize(2);
        }
    }

    @Test
    @Tag("slow")
    void a_chunk_that_halts_leaves_the_others_waiting() throws Exception {
        JTL.answers(key(1), FakeJtl.contact().withFixedDelay(1_500));
        JTL.answers(key(2), error(503).withFixedDelay(500));
        ContactKey ofOther = new ContactKey(key(2).contactId(), key(2).customerId(), key(2).contactId());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(1).start()) {
            CompletableFuture<ProcessingHaltedException> halted =
                    CompletableFuture.supplyAsync(() -> routes.halt(key(1), ofOther));
            await().atMost(Duration.ofSeconds(10)).until(() -> routes.calls.inFlight() == 2);
            CompletableFuture<List<Outcome>> waiting = begin(routes, key(1));

            assertThat(halted.get(10, TimeUnit.SECONDS)).hasMessageContaining("HTTP 503");
            assertThat(end(waiting)).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(JTL.calls(key(1))).hasSize(2);
        }
    }

    @Test
    void many_chunks_at_once_end_with_every_outcome_and_leave_nothing_behind() throws Exception {
        for (int customer = 0; customer < 10; customer++) {
            JTL.stub(listOf(customer).willReturn(list(keysOf(customer, 1, 2, 3, 4, 5))));
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<CompletableFuture<List<Outcome>>> chunks = new ArrayList<>();
            for (int chunk = 0; chunk < 30; chunk++) {
                List<KeyEntry> entries = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    int number = (chunk * 7 + i) % 50;
                    entries.add(new KeyEntry.Valid(i + 1, keysOf(number / 5, 1 + number % 5)[0]));
                }
                chunks.add(CompletableFuture.supplyAsync(() -> routes.enrich(entries)));
            }
            for (CompletableFuture<List<Outcome>> chunk : chunks) {
                assertThat(end(chunk)).hasSize(20).hasOnlyElementsOfType(Outcome.Found.class);
            }
            assertThat(routes.calls.inFlight()).isZero();
        }
    }
}
