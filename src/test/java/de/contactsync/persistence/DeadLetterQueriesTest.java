package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.OutboxFixture;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Which of the open dead letters are tried again. */
@ParameterizedClass
@EachDatabase
class DeadLetterQueriesTest extends OutboxFixture {

    private static final DeadLetterFilter ALL = new DeadLetterFilter(null, null, null);

    private DeadLetterQueries letters;

    @BeforeEach
    void look() {
        letters = new DeadLetterQueries(database, clock);
    }

    @Test
    void of_a_customer_whose_contacts_jtl_did_not_list_there_is_no_key_to_ask_for() {
        Outcome.Failed gone = new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 500, null, "Internal Server Error", null, 5);
        store.commit(ChunkFixture.failed(
                run,
                1,
                new KeyEntry.Invalid(
                        1,
                        ChunkFixture.key(1).customerId().toString(),
                        "the contacts of this customer cannot be listed",
                        Reason.RETRIES_EXHAUSTED,
                        null,
                        null),
                gone));
        store.commit(ChunkFixture.failed(run, 2, new KeyEntry.Valid(2, ChunkFixture.key(2)), gone));

        assertThat(letters.keysToRetry(ALL, 0, 10))
                .extracting(DeadLetterQueries.Letter::key)
                .containsExactly(ChunkFixture.key(2));
        assertThat(letters.kinds(ALL))
                .containsExactlyInAnyOrder(
                        new DeadLetterQueries.Kind("file", "jtl", Reason.RETRIES_EXHAUSTED, false, 1),
                        new DeadLetterQueries.Kind("file", "jtl", Reason.RETRIES_EXHAUSTED, true, 1));
    }

    @Test
    void a_refused_delivery_stays_pending_when_the_replay_does_not_get_through() {
        named(1, "Refused");
        named(2, "Taken");
        named(3, "Waiting");
        recordResults(claim(2), refused(), accepted("2"));
        clock.advance(Duration.ofMinutes(1));

        assertThat(letters.sendAgain("crm", ALL)).isEqualTo(1);
        clock.advance(Duration.ofMinutes(1));
        assertThat(letters.sendAgain("crm", ALL)).as("not sent meanwhile").isEqualTo(1);
        assertThat(letters.sendAgain("crm", new DeadLetterFilter(Reason.NOT_FOUND, null, null)))
                .isZero();

        DeliveryBatch batch = claim(10);
        assertThat(names(batch)).as("what waits keeps its place").containsExactly("Waiting", "Refused");
        recordResults(batch, accepted("3"), accepted("1"));
        assertThat(letters.sendAgain("crm", ALL)).isZero();
        assertThat(letters.kinds(ALL)).isEmpty();
        assertThat(test.rows("SELECT DISTINCT state FROM delivery")).containsExactly("delivered");
    }

    @Test
    void a_contact_without_its_address_is_sent_again_as_a_whole() {
        named(1, "Groß");
        recordResults(
                claim(1),
                new DeliveryResult.WithoutEmail(
                        "501",
                        new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1)));

        assertThat(letters.sendAgain("crm", ALL)).isEqualTo(1);
        DeliveryBatch batch = claim(10);
        assertThat(batch.deliveries()).singleElement().matches(delivery -> !delivery.lacksOnlyEmail());
        recordResults(batch, accepted("501"));
        assertThat(letters.kinds(ALL)).isEmpty();
    }

    /** Only the stages of the company and of the e-mail address were looked for. */
    @Test
    void a_contact_of_which_a_step_was_refused_is_sent_again() {
        named(1, "Groß");
        recordResults(
                claim(1),
                new DeliveryResult.Unlinked(
                        "501", "phone", new Outcome.Failed(Reason.SINK_REJECTED, 400, null, "no number", null, 1)));

        assertThat(letters.sendAgain("crm", ALL)).isEqualTo(1);
        recordResults(claim(10), accepted("501"));
        assertThat(letters.kinds(ALL)).isEmpty();
    }

    /** It stayed open forever, and replay asked JTL for a key that had long been stored. */
    @Test
    void the_dead_letter_of_a_key_that_is_stored_later_is_done_with() {
        Outcome.Failed busy = new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 503, null, "busy", null, 5);
        store.commit(ChunkFixture.failed(run, 1, new KeyEntry.Valid(1, ChunkFixture.key(1)), busy));
        store.commit(ChunkFixture.failed(run, 2, new KeyEntry.Valid(2, ChunkFixture.key(2)), busy));
        long later = ((RunLease.Granted) runs.claim("file", "later.csv", "other", 500))
                .run()
                .id();

        store.commit(ChunkFixture.found(later, 0, 1, 1));

        assertThat(test.rows("SELECT position, state FROM dead_letter ORDER BY id"))
                .containsExactly("1|replayed", "2|open");
        assertThat(letters.keysToRetry(ALL, 0, 10))
                .extracting(DeadLetterQueries.Letter::key)
                .containsExactly(ChunkFixture.key(2));
    }

    /** Three at once doubled the dead letters, and deleted each other's files. */
    @Test
    void one_process_replays_at_a_time_and_leaves_no_run_behind() {
        ReplayLease held = ReplayLease.take(runs);
        RunLease other =
                new RunStore(database, clock, System::nanoTime, "elsewhere/1/1").claim("replay", "replay", "", 1);
        assertThat(held.isHeld()).isTrue();
        assertThat(other).isEqualTo(new RunLease.Busy(ProcessId.self().shown()));

        held.close();
        assertThat(test.count("import_run WHERE source = 'replay'")).isZero();
        try (ReplayLease next = ReplayLease.take(runs)) {
            assertThat(next.isHeld()).isTrue();
        }
    }

    /** They were told to be replayed before anything was stored: a kill behind that lost them for every other host. */
    @Test
    void a_letter_is_replayed_once_its_key_is_stored_or_has_failed_again() {
        Outcome.Failed busy = new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 503, null, "busy", null, 5);
        for (int i = 1; i <= 3; i++) {
            store.commit(ChunkFixture.failed(run, i, new KeyEntry.Valid(i, ChunkFixture.key(i)), busy));
        }
        long replay = ((RunLease.Granted) runs.claim(RunStore.REPLAY, "replay-1.csv", "keys", 500))
                .run()
                .id();
        store.commit(ChunkFixture.found(replay, 0, 1, 1));
        store.commit(ChunkFixture.failed(replay, 2, new KeyEntry.Valid(2, ChunkFixture.key(2)), busy));
        assertThat(test.rows("SELECT source, position, run_id, state FROM dead_letter ORDER BY id"))
                .containsExactly(
                        "file|1|" + run + "|replayed",
                        "file|2|" + run + "|replayed",
                        "file|3|" + run + "|open",
                        "file|2|" + replay + "|open");

        runs.files().replaysGone(Set.of("keys"));
        assertThat(runs.find(replay).state()).isEqualTo(Run.State.RUNNING);
        runs.files().replaysGone(Set.of());
        assertThat(test.rows("SELECT id FROM import_run WHERE closed_at IS NOT NULL"))
                .containsExactly(Long.toString(replay));
        assertThat(letters.keysToRetry(ALL, 0, 10))
                .extracting(DeadLetterQueries.Letter::key)
                .as("nothing else tells of a key that failed again")
                .containsExactly(ChunkFixture.key(3), ChunkFixture.key(2));

        long discarded = ((RunLease.Granted) runs.claim(RunStore.REPLAY, "replay-2.csv", "keys", 500))
                .run()
                .id();
        runs.halt(discarded, "stopped");
        assertThat(new OpenRuns(database, clock).discard(discarded)).isEqualTo(OpenRuns.Discarded.CLOSED_REPLAY);
        assertThat(letters.keysToRetry(ALL, 0, 10)).hasSize(2);
    }
}
