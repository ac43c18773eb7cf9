package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.RunStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Each dead letter is passed on once, whatever is killed in between. */
@ParameterizedClass
@EachDatabase
class ChannelTest extends OutboxFixture {

    private static final String CHANNEL = "dead-letter";

    private Channel<String> channel(RunStore of) {
        return new Channel<>(database, of, clock, "dead_letter", CHANNEL, (dialect, row) -> row.getString("reason"));
    }

    private static List<Long> ids(Channel.Batch<?> batch) {
        return batch.entries().stream().<Long>map(Channel.Entry::id).toList();
    }

    private static Channel.Batch<String> claim(Channel<String> channel) {
        return channel.claim(100, Duration.ZERO);
    }

    private long waiting() throws SQLException {
        return Long.parseLong(test.one("SELECT count(*) FROM dead_letter WHERE channel IS NOT NULL"));
    }

    @Test
    void a_dead_letter_enters_the_channel_when_committed_and_leaves_when_passed_on() throws SQLException {
        runs.passDeadLettersTo(CHANNEL);
        Channel<String> channel = channel(runs);

        store.commit(ChunkFixture.mixed(run, chunk++));

        long letters = Long.parseLong(test.one("SELECT count(*) FROM dead_letter"));
        Channel.Batch<String> batch = claim(channel);
        assertThat(batch.entries())
                .hasSize((int) letters)
                .extracting(Channel.Entry::event)
                .contains("not-found");
        channel.record(ids(batch), Set.of());
        assertThat(channel.isEmpty(claim(channel))).isTrue();
        assertThat(waiting()).isZero();
        assertThat(channel.counts()).isEqualTo(new Channel.Counts(letters, 0));
    }

    @Test
    void letters_of_sinks_pass_it_too() {
        runs.passDeadLettersTo(CHANNEL);
        named(1, "Meier");
        recordResults(claim(10), refused());

        assertThat(claim(channel(runs)).entries())
                .extracting(Channel.Entry::event)
                .containsExactly("sink-rejected");
    }

    @Test
    void without_a_route_of_the_user_no_letter_waits() throws SQLException {
        store.commit(ChunkFixture.mixed(run, chunk++));

        assertThat(waiting()).isZero();
        assertThat(claim(channel(runs)).entries()).isEmpty();
    }

    @Test
    void a_key_that_is_to_be_forgotten_is_passed_to_nobody() throws SQLException {
        runs.passDeadLettersTo(CHANNEL);

        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(1, ChunkFixture.key(1)), Outcome.FORGOTTEN));

        assertThat(waiting()).isZero();
    }

    @Test
    void claims_of_a_killed_process_are_passed_on_by_the_next_not_while_it_lives() {
        runs.passDeadLettersTo(CHANNEL);
        store.commit(ChunkFixture.mixed(run, chunk++));
        RunStore elsewhere = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/1/1"));
        Channel.Batch<String> theirs = claim(channel(elsewhere));
        assertThat(theirs.entries()).isNotEmpty();

        AtomicLong nanoTime = new AtomicLong();
        RunStore later = test.closing(new RunStore(database, clock, nanoTime::get, "here/2/2"));
        Channel<String> next = channel(later);
        assertThat(claim(next).entries()).as("they may still pass them").isEmpty();
        nanoTime.addAndGet(Outbox.LEASE.toNanos());

        assertThat(ids(claim(next))).isEqualTo(ids(theirs));
    }

    @Test
    void what_it_did_not_come_to_stays_behind_what_was_tried_less() {
        runs.passDeadLettersTo(CHANNEL);
        store.commit(
                ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(1, ChunkFixture.key(1)), ChunkFixture.notFound()));
        Channel<String> channel = channel(runs);
        long first = ids(claim(channel)).get(0);
        channel.record(Set.of(), Set.of());
        store.commit(
                ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(2, ChunkFixture.key(2)), ChunkFixture.notFound()));

        List<Long> both = ids(claim(channel));

        assertThat(both).hasSize(2);
        assertThat(both.get(1)).isEqualTo(first);
    }

    @Test
    void a_message_that_comes_twice_passes_once() {
        runs.passDeadLettersTo(CHANNEL);
        Channel<String> channel = channel(runs);
        for (int delivery = 0; delivery < 2; delivery++) {
            store.commit(new EnrichedChunk(
                    new MessageChunk(
                            "queue", List.of(new KeyEntry.Valid(1, ChunkFixture.key(1))), List.of("message-1")),
                    List.of(ChunkFixture.notFound())));
            Channel.Batch<String> batch = claim(channel);
            assertThat(batch.entries()).hasSize(1 - delivery);
            channel.record(ids(batch), Set.of());
        }
    }

    @Test
    void a_letter_that_is_deleted_meanwhile_is_not_passed() throws SQLException {
        runs.passDeadLettersTo(CHANNEL);
        store.commit(ChunkFixture.mixed(run, chunk++));
        test.execute("DELETE FROM dead_letter");

        assertThat(claim(channel(runs)).entries()).isEmpty();
    }
}
