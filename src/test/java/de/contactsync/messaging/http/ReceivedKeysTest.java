package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.OutboxFixture;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.RunStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** What was accepted stays until it has come to its end, on either database. */
@ParameterizedClass
@EachDatabase
class ReceivedKeysTest extends OutboxFixture {

    private static final List<KeyEntry> ENTRIES =
            List.of(new KeyEntry.Valid(1, ChunkFixture.key(1)), new KeyEntry.Invalid(2, "x;y", "not a key"));

    private ReceivedKeys keys;

    @BeforeEach
    void receive() {
        keys = new ReceivedKeys(database, runs, clock);
    }

    private static List<String> positions(List<ReceivedBatch> batches) {
        return batches.stream()
                .flatMap(batch -> batch.chunk().positions().stream())
                .sorted()
                .toList();
    }

    @Test
    void keys_come_back_as_they_were_accepted_and_end_with_their_record() {
        String id = keys.accept(ENTRIES, null, false).requestId();

        List<ReceivedBatch> batches = keys.claim(100);

        assertThat(positions(batches)).containsExactly(id + "#1", id + "#2");
        assertThat(batches.get(0).chunk().entries()).containsExactly(ENTRIES.get(0));
        assertThat(batches.get(1).chunk().entries().get(0)).isEqualTo(new KeyEntry.Invalid(1, "x;y", "not a key"));
        keys.record(batches.stream().flatMap(batch -> batch.ids().stream()).toList());
        assertThat(test.count("received_key")).isZero();
        assertThat(keys.waiting()).isZero();
    }

    @Test
    void an_idempotency_key_stands_for_the_same_keys_for_a_day() {
        ReceivedKeys.Receipt first = keys.accept(ENTRIES, "key", false);

        assertThat(keys.accept(ENTRIES, "key", false))
                .isEqualTo(new ReceivedKeys.Receipt(first.requestId(), 2, 1, true));
        assertThatThrownBy(() -> keys.accept(List.of(ENTRIES.get(0)), "key", false))
                .isInstanceOf(RefusedKeysException.class);
        assertThat(test.count("received_key")).isEqualTo(2);
        clock.advance(Duration.ofHours(25));
        keys.accept(ENTRIES, "another", false);
        assertThat(keys.accept(List.of(ENTRIES.get(0)), "key", false).again()).isFalse();
    }

    @Test
    void keys_claimed_by_a_killed_process_are_finished_by_the_next_once() {
        keys.accept(List.of(ENTRIES.get(0)), null, false);
        RunStore theirs = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/1/1"));
        ReceivedBatch claimed =
                new ReceivedKeys(database, theirs, clock).claim(10).get(0);
        EnrichedChunk failed = new EnrichedChunk(claimed.chunk(), List.of(ChunkFixture.notFound()));
        store.commit(failed);

        AtomicLong nanoTime = new AtomicLong();
        ReceivedKeys next = new ReceivedKeys(
                database, test.closing(new RunStore(database, clock, nanoTime::get, "here/2/2")), clock);
        assertThat(next.claim(10)).isEmpty();
        nanoTime.addAndGet(Duration.ofMinutes(11).toNanos());
        ReceivedBatch again = next.claim(10).get(0);
        store.commit(new EnrichedChunk(again.chunk(), List.of(ChunkFixture.notFound())));

        assertThat(test.count("dead_letter")).isOne();
    }

    /** Else a request that is sent again would be told for ever that its keys are being worked on. */
    @Test
    void a_key_with_another_answer_later_comes_back_with_that_of_then() {
        for (Outcome earlier : List.of(
                new Outcome.Found(ChunkFixture.named("Groß"), 10),
                ChunkFixture.notFound().withAskedAt(10))) {
            int number = (int) test.count("dead_letter") + 1;
            List<KeyEntry> entries = List.of(new KeyEntry.Valid(1, ChunkFixture.key(number)));
            String id = keys.accept(entries, null, false).requestId();
            ReceivedBatch batch = keys.claim(1).get(0);
            store.commit(ChunkFixture.failed(
                    run,
                    chunk++,
                    new KeyEntry.Valid(number, ChunkFixture.key(number)),
                    ChunkFixture.notFound().withAskedAt(20)));

            store.commit(new EnrichedChunk(batch.chunk(), List.of(earlier)));
            keys.record(batch.ids());

            assertThat(keys.storedResults(id, entries))
                    .get()
                    .satisfies(
                            results -> assertThat(results.get(0).outcomeName()).isEqualTo("not-found"));
        }
    }
}
