package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A removal that waited while the CRM was away was sent although JTL had the contact again. */
class RemovalRecheckTest {

    private static final int CONTACTS = 4;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final Map<ContactKey, Outcome> jtl = new ConcurrentHashMap<>();
    private final List<Integer> asked = new CopyOnWriteArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private Outbox outbox;
    private ChunkStore store;
    private long anotherRun;
    private RemovalRecheck removals;

    @BeforeEach
    void four_contacts_are_to_be_removed() {
        SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, clock));
        outbox = new Outbox(database, "crm", runs, clock, true, 1);
        runs.addOutbox(outbox);
        store = new ChunkStore(database, runs, clock, outbox);
        long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
        store.commit(ChunkFixture.found(run, 0, 1, CONTACTS));
        DeliveryBatch batch = outbox.claim(100, Duration.ZERO);
        outbox.recordResults(new DeliveryReport(
                batch,
                batch.deliveries().stream()
                        .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted("501"))
                        .toList()));
        for (int i = 1; i <= CONTACTS; i++) {
            store.commit(
                    ChunkFixture.failed(run, i, new KeyEntry.Valid(i, ChunkFixture.key(i)), ChunkFixture.notFound()));
            jtl.put(ChunkFixture.key(i), ChunkFixture.notFound());
        }
        runs.finish(run, 2 * CONTACTS);
        anotherRun = ((RunLease.Granted) runs.claim("file", "more.csv", "other", 500))
                .run()
                .id();
        removals = new RemovalRecheck(this::lookUp, store::commit, outbox, nanos::get, LONG);
    }

    @AfterEach
    void close() throws Exception {
        removals.close();
        test.close();
    }

    private EnrichedChunk lookUp(Chunk chunk) {
        asked.add(chunk.entries().size());
        return new EnrichedChunk(
                chunk,
                chunk.entries().stream()
                        .map(entry -> jtl.get(((KeyEntry.Valid) entry).key()))
                        .toList());
    }

    private static List<ContactKey> keys(DeliveryBatch batch) {
        return batch.deliveries().stream().map(delivery -> delivery.key()).toList();
    }

    @Test
    void a_contact_that_is_back_is_not_removed_but_sent_as_it_is_now() {
        jtl.put(ChunkFixture.key(2), new Outcome.Found(ChunkFixture.named("Zurück"), 1));
        DeliveryBatch confirmed = removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(keys(confirmed))
                .containsExactlyInAnyOrder(ChunkFixture.key(1), ChunkFixture.key(3), ChunkFixture.key(4));
        assertThat(asked).as("in one chunk").containsExactly(CONTACTS);
        outbox.recordResults(new DeliveryReport(
                confirmed,
                confirmed.deliveries().stream()
                        .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted(null))
                        .toList()));
        assertThat(outbox.counts().removed()).isEqualTo(3);
        DeliveryBatch next = removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(next.deliveries()).singleElement().satisfies(delivery -> {
            assertThat(delivery.gone()).isFalse();
            assertThat(delivery.contact().lastName()).isEqualTo("Zurück");
            assertThat(delivery.remoteId()).as("its record is still there").isEqualTo("501");
        });
        assertThat(asked).as("not for what is to be written").hasSize(1);
    }

    /** Of twelve contacts five were back: the seven beside them were too few for the brake, and were created anew. */
    @Test
    void what_is_to_be_written_waits_for_what_is_back_so_that_they_are_sent_together() {
        store.commit(ChunkFixture.found(anotherRun, 0, 10, 3));
        jtl.put(ChunkFixture.key(2), new Outcome.Found(ChunkFixture.named("Zurück"), 1));
        DeliveryBatch confirmed = removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(confirmed.deliveries()).hasSize(3).allMatch(Delivery::gone);

        jtl.keySet().forEach(key -> jtl.put(key, ChunkFixture.notFound()));
        DeliveryBatch next = removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(next.deliveries()).filteredOn(delivery -> !delivery.gone()).hasSize(4);
    }

    @Test
    void what_jtl_says_nothing_of_waits_and_what_was_forgotten_on_request_does_not() {
        jtl.put(
                ChunkFixture.key(1),
                new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 503, null, "JTL did not answer", null, 5));
        jtl.put(ChunkFixture.key(2), Outcome.FORGOTTEN);
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO))))
                .containsExactlyInAnyOrder(ChunkFixture.key(2), ChunkFixture.key(3), ChunkFixture.key(4));
    }

    private static Outcome.Failed failing() {
        return new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 500, null, "JTL failed", null, 3);
    }

    /** Once, it was asked about every two seconds for as long as it failed, each time with a line in the log. */
    @Test
    @Tag("slow")
    void what_jtl_does_not_confirm_is_asked_about_less_and_less_often_and_logged_once() {
        jtl.put(ChunkFixture.key(1), failing());
        List<Long> times = new ArrayList<>();
        try (CapturedLog log = new CapturedLog(RemovalRecheck.class.getName())) {
            for (int second = 0; second < 3_600; second += 2) {
                nanos.set(Duration.ofSeconds(second).toNanos());
                int before = asked.size();
                DeliveryBatch confirmed = removals.confirm(outbox.claim(100, Duration.ZERO));
                outbox.recordResults(new DeliveryReport(
                        confirmed,
                        confirmed.deliveries().stream()
                                .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted(null))
                                .toList()));
                if (asked.size() > before) {
                    times.add((long) second);
                }
            }
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("not removed"))
                    .hasSize(1);
        }
        assertThat(times).as("in an hour").hasSizeBetween(8, 25);
        assertThat(times.get(times.size() - 1) - times.get(times.size() - 2)).isGreaterThan(120);
        assertThat(outbox.counts().removed()).as("the others").isEqualTo(CONTACTS - 1);

        jtl.put(ChunkFixture.key(1), ChunkFixture.notFound());
        nanos.addAndGet(RemovalRecheck.LONGEST_PAUSE.toNanos());
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO)))).containsExactly(ChunkFixture.key(1));
        assertThat(test.rows("SELECT attempts, unconfirmed FROM delivery WHERE state = 'pending'"))
                .as("its first try at the sink")
                .containsExactly("1|∅");
    }

    private DeliveryWorker worker(RemovalRecheck confirming) throws InterruptedException {
        return DeliveryWorker.start(
                "the sink",
                outbox,
                100,
                null,
                TestBreakers.create().forSink("the sink"),
                () -> {},
                confirming,
                batch -> outbox.recordResults(new DeliveryReport(
                        batch,
                        batch.deliveries().stream()
                                .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted(null))
                                .toList())),
                false);
    }

    /** Once, an import waited for it as for a sink that is away, until contacts.max-wait was over. */
    @Test
    @Tag("slow")
    void an_import_ends_with_what_jtl_does_not_confirm_and_says_so() throws Exception {
        jtl.put(ChunkFixture.key(1), failing());
        try (DeliveryWorker worker = worker(removals)) {
            DeliverySummary summary =
                    worker.flush("the CRM", "crm", outbox.counts(), Duration.ofMinutes(10), () -> false);
            assertThat(summary.pending()).isEqualTo(1);
            assertThat(summary.counts().removed()).isEqualTo(CONTACTS - 1);
            assertThat(summary.waitsFor()).contains("JTL confirms", "HTTP 500, JTL failed");
            assertThat(summary.exitCode()).isEqualTo(ExitCode.HALTED);
        }
    }

    @Test
    void while_jtl_cannot_be_asked_nothing_is_removed_and_the_rest_of_a_batch_is_sent() {
        RemovalRecheck away = new RemovalRecheck(
                chunk -> {
                    throw new ProcessingHaltedException("JTL is away");
                },
                store::commit,
                outbox,
                nanos::get,
                LONG);
        jtl.put(ChunkFixture.key(3), new Outcome.Found(ChunkFixture.named("Zurück"), 1));
        removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(keys(away.confirm(outbox.claim(100, Duration.ZERO)))).containsExactly(ChunkFixture.key(3));
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO))))
                .as("once JTL answers again")
                .hasSize(CONTACTS);
    }

    /** Hangs until it is told to go on. */
    private final class SlowJtl {
        private final CountDownLatch goesOn = new CountDownLatch(1);
        private final CompletableFuture<Thread> thread = new CompletableFuture<>();

        EnrichedChunk lookUp(Chunk chunk) {
            thread.complete(Thread.currentThread());
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new ProcessingHaltedException("interrupted");
            }
            return RemovalRecheckTest.this.lookUp(chunk);
        }

        /** Returns when the answer is there. */
        void answer() throws Exception {
            outbox.awaitWork(Duration.ZERO);
            goesOn.countDown();
            outbox.awaitWork(LONG);
        }
    }

    private RemovalRecheck asking(SlowJtl slow) {
        removals.close();
        removals = new RemovalRecheck(slow::lookUp, store::commit, outbox, nanos::get, SHORT);
        return removals;
    }

    /** Once, all that was to be sent waited for as long as JTL did not answer, 90 s and then again. */
    @Test
    @Timeout(60)
    void what_else_is_to_be_sent_does_not_wait_for_a_jtl_that_does_not_answer() {
        SlowJtl slow = new SlowJtl();
        asking(slow);
        store.commit(ChunkFixture.found(anotherRun, 0, 10, 3));
        DeliveryBatch confirmed = removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(confirmed.deliveries()).hasSize(3).noneMatch(Delivery::gone);
        assertThat(test.rows("SELECT DISTINCT unconfirmed FROM delivery WHERE wanted_hash IS NULL"))
                .containsExactly("no answer within 0 s");
        assertThat(outbox.awaitedAnswer()).as("an import waits for it").isEmpty();
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO)))).hasSize(3);
        slow.goesOn.countDown();
    }

    /** Once asked, they may be behind many others that are to be removed. */
    @Test
    void what_jtl_confirms_late_is_removed_next_whatever_comes_first_otherwise() throws Exception {
        SlowJtl slow = new SlowJtl();
        asking(slow);
        jtl.put(ChunkFixture.key(2), new Outcome.Found(ChunkFixture.named("Zurück"), 1));
        jtl.put(ChunkFixture.key(3), failing());
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO)))).isEmpty();
        outbox.release();
        store.commit(ChunkFixture.found(anotherRun, 0, 10, 1));
        slow.answer();
        DeliveryBatch confirmed = removals.confirm(outbox.claim(1, Duration.ZERO));
        assertThat(keys(confirmed)).containsExactlyInAnyOrder(ChunkFixture.key(1), ChunkFixture.key(4));
        assertThat(asked).containsExactly(CONTACTS);
        outbox.recordResults(new DeliveryReport(
                confirmed,
                confirmed.deliveries().stream()
                        .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted(null))
                        .toList()));
        assertThat(outbox.counts().removed()).isEqualTo(2);
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO))))
                .as("the other one, and the one that is back")
                .containsExactlyInAnyOrder(ChunkFixture.key(10), ChunkFixture.key(2));
        assertThat(asked).as("the one that it failed for, not yet").hasSize(1);
    }

    @Test
    void jtl_is_asked_again_where_its_answer_has_become_too_old() throws Exception {
        SlowJtl slow = new SlowJtl();
        asking(slow);
        removals.confirm(outbox.claim(100, Duration.ZERO));
        slow.answer();
        nanos.addAndGet(RemovalLookups.ANSWER_HOLDS.toNanos() + 1);
        jtl.put(ChunkFixture.key(2), failing());
        assertThat(asked).hasSize(1);
        removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(asked).as("how often").hasSize(2);
    }

    @Test
    void a_contact_that_was_stored_meanwhile_is_not_removed_on_a_late_answer() throws Exception {
        SlowJtl slow = new SlowJtl();
        asking(slow);
        removals.confirm(outbox.claim(100, Duration.ZERO));
        outbox.release();
        store.commit(ChunkFixture.found(anotherRun, 0, 1, 1));
        slow.answer();
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO))))
                .containsExactlyInAnyOrder(ChunkFixture.key(2), ChunkFixture.key(3), ChunkFixture.key(4));
    }

    @Test
    void what_jtl_is_being_asked_ends_with_the_worker() throws Exception {
        SlowJtl slow = new SlowJtl();
        asking(slow);
        removals.confirm(outbox.claim(100, Duration.ZERO));
        Thread thread = slow.thread.get(60, TimeUnit.SECONDS);
        worker(removals).close();
        thread.join(Duration.ofSeconds(20).toMillis());
        assertThat(thread.isAlive()).isFalse();
    }
}
