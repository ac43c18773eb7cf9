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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A removal that waited while the CRM was away was sent although JTL had the contact again. */
class RemovalRecheckTest {

    private static final int CONTACTS = 4;

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final Map<ContactKey, Outcome> jtl = new HashMap<>();
    private final List<Integer> asked = new ArrayList<>();
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
        removals = new RemovalRecheck(this::lookUp, store::commit, outbox, nanos::get);
    }

    @AfterEach
    void close() throws Exception {
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
        assertThat(outbox.tally().removed()).isEqualTo(3);
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
        assertThat(outbox.tally().removed()).as("the others").isEqualTo(CONTACTS - 1);

        jtl.put(ChunkFixture.key(1), ChunkFixture.notFound());
        nanos.addAndGet(RemovalRecheck.LONGEST_PAUSE.toNanos());
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO)))).containsExactly(ChunkFixture.key(1));
        assertThat(test.rows("SELECT attempts, unconfirmed FROM delivery WHERE state = 'pending'"))
                .as("its first try at the sink")
                .containsExactly("1|∅");
    }

    /** Once, an import waited for it as for a sink that is away, until contacts.max-wait was over. */
    @Test
    void an_import_ends_with_what_jtl_does_not_confirm_and_says_so() throws Exception {
        jtl.put(ChunkFixture.key(1), failing());
        try (DeliveryWorker worker = DeliveryWorker.start(
                "the sink",
                outbox,
                100,
                null,
                TestBreakers.create().forSink("the sink"),
                () -> {},
                removals,
                batch -> outbox.recordResults(new DeliveryReport(
                        batch,
                        batch.deliveries().stream()
                                .<DeliveryResult>map(delivery -> new DeliveryResult.Accepted(null))
                                .toList())),
                false)) {
            DeliverySummary summary =
                    worker.flush("the CRM", "crm", outbox.tally(), Duration.ofMinutes(10), () -> false);
            assertThat(summary.pending()).isEqualTo(1);
            assertThat(summary.tally().removed()).isEqualTo(CONTACTS - 1);
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
                nanos::get);
        jtl.put(ChunkFixture.key(3), new Outcome.Found(ChunkFixture.named("Zurück"), 1));
        removals.confirm(outbox.claim(100, Duration.ZERO));
        assertThat(keys(away.confirm(outbox.claim(100, Duration.ZERO)))).containsExactly(ChunkFixture.key(3));
        assertThat(keys(removals.confirm(outbox.claim(100, Duration.ZERO))))
                .as("once JTL answers again")
                .hasSize(CONTACTS);
    }
}
