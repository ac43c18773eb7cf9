package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Chunk;
import de.contactsync.model.Delivery;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.RunChunk;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.OutboxFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Chunks are committed in any order; what JTL said last stays, in the table and for the sink. */
@ParameterizedClass
@EachDatabase
class NewestAnswerTest extends OutboxFixture {

    private static Outcome.Found found(String lastName, long askedAt) {
        return new Outcome.Found(ChunkFixture.named(lastName), askedAt);
    }

    private void commit(Outcome outcome, int... keys) {
        List<KeyEntry> entries = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (int key : keys) {
            entries.add(new KeyEntry.Valid(key, ChunkFixture.key(key)));
            outcomes.add(outcome);
        }
        store.commit(new EnrichedChunk(new RunChunk(run, chunk++, entries, 0), outcomes));
    }

    private Outbox removing() {
        Outbox taking = new Outbox(database, "crm", runs, clock, true, 1);
        runs.addOutbox(taking);
        store = new ChunkStore(database, runs, clock, taking);
        return taking;
    }

    /** Once, a chunk that waited for a slow key put back what it had been told before a message brought the change. */
    @Test
    void an_answer_that_is_committed_late_replaces_no_later_one() {
        commit(found("new", 20), 1, 2);
        recordResults(claim(10), accepted("1"), accepted("2"));

        commit(found("old", 10), 1, 2, 3);

        assertThat(test.rows("SELECT last_name FROM contact ORDER BY contact_id"))
                .containsExactly("new", "new", "old");
        assertThat(names(claim(10))).as("what the sink is to have").containsExactly("old");
        assertThat(test.rows("SELECT stored FROM import_run"))
                .as("each is stored, if by another")
                .containsExactly("5");
    }

    @Test
    void of_two_answers_to_calls_that_began_at_once_the_one_committed_last_stays() {
        commit(found("one", 10), 1);
        commit(found("two", 10), 1);

        assertThat(test.rows("SELECT last_name FROM contact")).containsExactly("two");
    }

    @Test
    void an_earlier_answer_brings_no_contact_back_that_jtl_has_no_longer() {
        Outbox taking = removing();
        commit(found("there", 10), 1);
        recordResults(taking.claim(10, Duration.ZERO), accepted("1"));

        commit(ChunkFixture.notFound().withAskedAt(30), 1);
        commit(found("there", 20), 1);
        runs.finish(run, 3);

        assertThat(taking.claim(10, Duration.ZERO).deliveries())
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.gone()).isTrue());
    }

    /** More later answers than are read at once, as beside a chunk that waited through an outage. */
    @Test
    void an_earlier_answer_brings_no_contact_back_among_a_thousand_later_absences() {
        commit(
                ChunkFixture.notFound().withAskedAt(30),
                IntStream.rangeClosed(1, 1_000).toArray());

        commit(found("there", 20), 1, 500, 1_000, 1_001);

        assertThat(test.rows("SELECT customer_id FROM contact"))
                .containsExactly(ChunkFixture.key(1_001).customerId().toString());
    }

    @Test
    void an_older_not_found_removes_no_contact_of_a_newer_answer() {
        Outbox taking = removing();
        commit(found("there", 30), 1);
        recordResults(taking.claim(10, Duration.ZERO), accepted("1"));

        commit(ChunkFixture.notFound().withAskedAt(20), 1);
        runs.finish(run, 2);

        assertThat(taking.claim(10, Duration.ZERO).deliveries()).isEmpty();
    }

    /** Once, a message that heard so of a contact before the chunk of the run was committed kept it in the sink. */
    @Test
    void a_contact_missing_in_run_and_message_is_removed_in_either_commit_order() {
        Outbox taking = removing();
        commit(found("there", 10), 1, 2, 3);
        recordResults(taking.claim(10, Duration.ZERO), accepted("1"), accepted("2"), accepted("3"));

        notFoundByMessage(1, 30);
        commit(ChunkFixture.notFound().withAskedAt(20), 1, 2);
        notFoundByMessage(2, 30);
        notFoundByMessage(3, 30);
        runs.finish(run, 5);

        assertThat(taking.claim(10, Duration.ZERO).deliveries())
                .as("but for what only a message did not find")
                .allMatch(Delivery::gone)
                .extracting(Delivery::key)
                .containsExactlyInAnyOrder(ChunkFixture.key(1), ChunkFixture.key(2));
    }

    @Test
    void what_a_message_found_after_a_run_did_not_stays_in_the_sink() {
        Outbox taking = removing();
        commit(found("there", 10), 1);
        recordResults(taking.claim(10, Duration.ZERO), accepted("1"));

        notFoundByMessage(1, 30);
        store.commit(new EnrichedChunk(
                new MessageChunk("queue", List.of(new KeyEntry.Valid(1, ChunkFixture.key(1))), List.of("found")),
                List.of(found("there", 40))));
        commit(ChunkFixture.notFound().withAskedAt(20), 1);
        runs.finish(run, 2);

        assertThat(taking.claim(10, Duration.ZERO).deliveries()).noneMatch(Delivery::gone);
    }

    private void notFoundByMessage(int key, long askedAt) {
        store.commit(new EnrichedChunk(
                new MessageChunk(
                        "queue", List.of(new KeyEntry.Valid(1, ChunkFixture.key(key))), List.of("message " + key)),
                List.of(ChunkFixture.notFound().withAskedAt(askedAt))));
    }

    @Test
    void whatever_the_order_in_which_chunks_of_all_sources_end_the_latest_answers_stay() {
        Random random = new Random(5);
        List<EnrichedChunk> chunks = new ArrayList<>();
        Map<Integer, Outcome.Found> latest = new HashMap<>();
        for (long askedAt = 1; askedAt <= 200; askedAt++) {
            List<KeyEntry> entries = new ArrayList<>();
            List<Outcome> outcomes = new ArrayList<>();
            List<String> positions = new ArrayList<>();
            int key = random.nextInt(10);
            for (int i = 0; i < 3; i++) {
                Outcome.Found found = found("Contact " + random.nextInt(5), askedAt);
                entries.add(new KeyEntry.Valid(i + 1, ChunkFixture.key(key + i)));
                outcomes.add(found);
                positions.add("m" + askedAt + "#" + i);
                latest.put(key + i, found);
            }
            Chunk of = random.nextBoolean()
                    ? new RunChunk(run, chunk++, entries, 0)
                    : new MessageChunk("queue", entries, positions);
            chunks.add(new EnrichedChunk(of, outcomes));
        }
        Collections.shuffle(chunks, random);

        chunks.forEach(store::commit);

        latest.forEach((key, found) -> assertThat(test.rows("SELECT last_name FROM contact WHERE contact_id = '"
                        + ChunkFixture.key(key).contactId() + "'"))
                .containsExactly(found.contact().lastName()));
        assertThat(test.rows("SELECT count(*) FROM delivery d JOIN contact c ON c.contact_id = d.contact_id"
                        + " WHERE d.wanted_hash <> c.content_hash"))
                .containsExactly("0");
        assertThat(store.committed().stored()).isEqualTo(600);
    }

    @Test
    void the_call_clock_continues_where_another_process_left_it() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
        DatabaseCallClock ours = new DatabaseCallClock(database, nanos::get);
        long before = ours.now();
        test.execute("UPDATE call_clock SET last = last + 3600000000");

        DatabaseCallClock theirs = new DatabaseCallClock(database, () -> 0);
        assertThat(theirs.now()).isGreaterThanOrEqualTo(before + 3_600_000_000L);

        ours.synchronize();
        assertThat(ours.now()).as("asked for a short time ago").isEqualTo(before);
        nanos.addAndGet(11_000_000_000L);
        ours.synchronize();
        assertThat(ours.now()).isGreaterThanOrEqualTo(theirs.now());
    }
}
