package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.TestBreakers;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OutboxPollerTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration ONLY_FULL = Duration.ofDays(1_000);

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final Breaker breaker = TestBreakers.create().forSink("the sink");
    private final List<Integer> sizes = new CopyOnWriteArrayList<>();
    private final Deque<AutoCloseable> pumps = new ArrayDeque<>();
    private Outbox outbox;

    @BeforeEach
    void open() {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        outbox = new Outbox(database, "crm", runs, Clock.systemUTC());
    }

    @AfterEach
    void close() throws Exception {
        while (!pumps.isEmpty()) {
            pumps.pop().close();
        }
        test.close();
    }

    private void contacts(int count) {
        StringBuilder rows = new StringBuilder("INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash,"
                + " first_seen_at, changed_at, enriched_at) VALUES ");
        for (int i = 0; i < count; i++) {
            rows.append(i == 0 ? "" : ",")
                    .append("('")
                    .append(UUID.randomUUID())
                    .append("','")
                    .append(UUID.randomUUID())
                    .append("','")
                    .append(UUID.randomUUID())
                    .append("','h','2026-01-01T00:00:00.000Z','2026-01-01T00:00:00.000Z','2026-01-01T00:00:00.000Z')");
        }
        test.execute(rows.toString());
        outbox.enqueueAll();
    }

    private void taken(DeliveryBatch batch) {
        sizes.add(batch.deliveries().size());
        outbox.recordResults(new DeliveryReport(
                batch, Collections.nCopies(batch.deliveries().size(), new DeliveryResult.Accepted(null))));
    }

    private OutboxPoller<DeliveryBatch> started(Duration linger, Runnable prepare, Consumer<DeliveryBatch> send)
            throws Exception {
        OutboxPoller<DeliveryBatch> poller = new OutboxPoller<>(outbox, 10, linger, breaker, prepare, send);
        pumps.push(poller);
        poller.start(LONG);
        return poller;
    }

    @Test
    void full_batches_go_by_themselves_and_the_rest_when_it_is_asked_for() throws Exception {
        OutboxPoller<DeliveryBatch> poller = started(ONLY_FULL, () -> {}, this::taken);
        contacts(25);
        await().atMost(LONG).untilAsserted(() -> assertThat(sizes).containsExactly(10, 10));

        assertThat(poller.flush(Duration.ZERO, () -> false)).isEmpty();
        assertThat(sizes).containsExactly(10, 10, 5);
    }

    @Test
    @Tag("slow")
    void a_part_of_a_batch_goes_when_it_has_waited() throws Exception {
        started(Duration.ofMillis(100), () -> {}, this::taken);
        contacts(3);
        await().atMost(LONG).untilAsserted(() -> assertThat(sizes).containsExactly(3));
    }

    @Test
    void a_sink_that_needs_a_person_is_reported_at_the_start() {
        assertThatThrownBy(() -> started(
                        ONLY_FULL,
                        () -> {
                            throw breaker.open(breaker.now(), Kind.SETTINGS, "mend it");
                        },
                        this::taken))
                .isInstanceOf(OutageException.class)
                .hasMessage("mend it");
    }

    /** It may be renewed while the program runs, and whatever else there is to do goes on. */
    @Test
    void a_certificate_that_is_not_accepted_ends_no_start_and_is_not_waited_for() throws Exception {
        OutboxPoller<DeliveryBatch> poller = started(
                ONLY_FULL,
                () -> {
                    throw breaker.open(breaker.now(), Kind.UNTRUSTED, "not trusted");
                },
                this::taken);
        contacts(3);

        assertThat(poller.flush(LONG, () -> false)).contains("not trusted");
        assertThat(outbox.pending()).isEqualTo(3);
    }

    @Test
    @Tag("slow")
    void what_is_away_is_waited_for_no_longer_than_is_wanted() throws Exception {
        OutboxPoller<DeliveryBatch> poller =
                started(ONLY_FULL, () -> {}, batch -> breaker.open(breaker.now(), Kind.PASSING, "gone away"));
        contacts(3);

        assertThat(poller.flush(Duration.ofMillis(300), () -> false)).contains("gone away");
        assertThat(outbox.pending()).isEqualTo(3);
    }

    @Test
    @Tag("slow")
    void a_sink_that_takes_nothing_does_not_block_an_import_for_ever() throws Exception {
        OutboxPoller<DeliveryBatch> poller = started(
                ONLY_FULL,
                () -> {},
                batch -> outbox.recordResults(new DeliveryReport(
                        batch, Collections.nCopies(batch.deliveries().size(), new DeliveryResult.Unsent()))));
        contacts(3);

        assertThat(poller.flush(Duration.ofMillis(10), () -> false))
                .hasValueSatisfying(reason -> assertThat(reason).contains("has accepted nothing"));
    }

    /** Ten that the sink failed on once filled every batch, so that of 60 contacts none was delivered. */
    @Test
    void what_the_sink_fails_on_is_tried_again_only_after_all_others() throws Exception {
        Set<ContactKey> bad = ConcurrentHashMap.newKeySet();
        started(ONLY_FULL, () -> {}, batch -> {
            if (bad.isEmpty()) {
                batch.deliveries().forEach(each -> bad.add(each.key()));
            }
            Set<Delivery> setAside = batch.deliveries().stream()
                    .filter(each -> bad.contains(each.key()))
                    .collect(Collectors.toSet());
            outbox.recordResults(new DeliveryReport(
                    batch,
                    batch.deliveries().stream()
                            .map(each -> setAside.contains(each)
                                    ? new DeliveryResult.Unsent()
                                    : (DeliveryResult) new DeliveryResult.Accepted(null))
                            .toList(),
                    setAside));
            sizes.add(setAside.size());
        });
        contacts(60);

        await().atMost(LONG).untilAsserted(() -> {
            outbox.wake();
            assertThat(outbox.counts().delivered()).isEqualTo(50);
        });
        assertThat(sizes).startsWith(10, 0, 0, 0, 0, 0);
    }

    @Test
    void a_batch_that_fails_in_an_unforeseen_way_is_pending_again() throws Exception {
        OutboxPoller<DeliveryBatch> poller = started(ONLY_FULL, () -> {}, batch -> {
            throw new IllegalStateException("on purpose");
        });
        contacts(3);

        assertThatThrownBy(() -> poller.flush(Duration.ofMillis(10), () -> false))
                .hasMessage("on purpose");
        assertThat(outbox.claim(10, Duration.ZERO).deliveries()).hasSize(3);
    }

    @Test
    @Tag("slow")
    void what_another_process_holds_is_waited_for_and_then_reported_with_the_holder() throws Exception {
        contacts(3);
        outbox.claim(10, Duration.ZERO);
        test.execute("UPDATE delivery SET claimed_by = 'elsewhere/1/1'");
        OutboxPoller<DeliveryBatch> poller = started(ONLY_FULL, () -> {}, this::taken);

        assertThat(poller.flush(Duration.ofMillis(10), () -> false))
                .hasValueSatisfying(reason -> assertThat(reason).contains("3 contacts", "elsewhere/1/1"));
        assertThat(sizes).isEmpty();
    }

    @Test
    void what_another_process_gives_back_meanwhile_is_sent() throws Exception {
        contacts(3);
        outbox.claim(10, Duration.ZERO);
        test.execute("UPDATE delivery SET claimed_by = 'elsewhere/1/1'");
        OutboxPoller<DeliveryBatch> poller = started(ONLY_FULL, () -> {}, this::taken);
        CompletableFuture<Optional<String>> flushed = CompletableFuture.supplyAsync(() -> {
            try {
                return poller.flush(LONG, () -> false);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        test.execute("UPDATE delivery SET claimed_by = NULL, claimed_at = NULL");

        assertThat(flushed.get(20, TimeUnit.SECONDS)).isEmpty();
        assertThat(sizes).containsExactly(3);
    }
}
