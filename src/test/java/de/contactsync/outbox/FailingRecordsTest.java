package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When it is about a contact, and when about the CRM, that the CRM fails on it. */
class FailingRecordsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final FailingRecords<ContactKey> records = new FailingRecords<>(PATIENCE);
    private long now = 1;

    private static ContactKey key(int number) {
        return new ContactKey(new UUID(0, 1), new UUID(0, 2), new UUID(0, number));
    }

    private static DeliveryResult failed(int status) {
        return new DeliveryResult.Refused(
                new Outcome.Failed(Reason.RETRIES_EXHAUSTED, status, null, "it fails", null, 1));
    }

    private void fail(int number, int status) {
        records.note(List.of(key(number)), List.of(failed(status)), now);
    }

    private void take(int number) {
        records.note(List.of(key(number)), List.of(new DeliveryResult.Accepted("1")), now);
    }

    private boolean isOwn(int number, int status, Presence presence) {
        return records.isOwn(key(number), failed(status), () -> presence, now);
    }

    /** An outage that began in the middle of a batch once made dead letters of the first that it hit. */
    @Test
    void what_was_taken_before_proves_nothing() {
        take(1);
        take(2);
        fail(3, 500);
        fail(3, 500);
        assertThat(isOwn(3, 500, Presence.ANSWERS)).isFalse();
    }

    @Test
    void what_was_taken_together_with_it_proves_nothing() {
        for (int i = 0; i < 2; i++) {
            records.note(List.of(key(3), key(4)), List.of(failed(500), new DeliveryResult.Accepted("1")), now);
        }
        fail(5, 500);
        records.note(List.of(key(5), key(6)), List.of(failed(500), new DeliveryResult.Accepted("1")), now);
        assertThat(isOwn(3, 500, Presence.FAILS))
                .as("others came after, and then it failed again")
                .isTrue();
        assertThat(isOwn(5, 500, Presence.FAILS)).as("nothing came after").isFalse();
    }

    /** One that an outage of a few seconds hit, and that has not been tried since. */
    @Test
    void it_is_sent_again_after_others_were_taken() {
        fail(3, 500);
        take(1);
        assertThat(isOwn(3, 500, Presence.ANSWERS)).isFalse();
        fail(3, 500);
        assertThat(isOwn(3, 500, Presence.FAILS))
                .as("the next outage may have begun")
                .isFalse();
        assertThat(isOwn(3, 500, Presence.UNKNOWN))
                .as("nothing else can be asked")
                .isTrue();
        assertThat(records.contains(key(3))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"500, 2", "423, 3", "502, 3", "504, 3", "0, 3"})
    void a_busy_gateway_gets_more_chances(int status, int times) {
        fail(3, status);
        take(1);
        for (int i = 2; i < times; i++) {
            fail(3, status);
            assertThat(isOwn(3, status, Presence.ANSWERS)).isFalse();
        }
        fail(3, status);
        take(2);
        assertThat(isOwn(3, status, Presence.FAILS)).isTrue();
    }

    /** It stayed pending for ever, and each import ended with exit code 3. */
    @Test
    void the_only_one_left_is_given_up_when_the_crm_has_answered_all_the_while() {
        fail(3, 504);
        fail(3, 504);
        now += PATIENCE.toNanos() - 1;
        fail(3, 504);
        assertThat(isOwn(3, 504, Presence.ANSWERS)).as("not yet").isFalse();
        now++;
        assertThat(isOwn(3, 504, Presence.FAILS)).as("an outage").isFalse();
        assertThat(isOwn(3, 504, Presence.UNKNOWN))
                .as("nothing shows that it is none")
                .isFalse();
        assertThat(isOwn(3, 504, Presence.ANSWERS)).isTrue();
    }

    @Test
    void as_many_as_no_coincidence_can_make_are_an_outage_of_whatever_writes() {
        List<ContactKey> ten =
                IntStream.rangeClosed(1, 10).mapToObj(FailingRecordsTest::key).toList();
        for (int i = 0; i < 3; i++) {
            records.note(ten, Collections.nCopies(10, failed(503)), now);
            now += PATIENCE.toNanos();
        }
        assertThat(isOwn(1, 503, Presence.ANSWERS)).isFalse();

        take(11);
        fail(1, 503);
        assertThat(isOwn(1, 503, Presence.ANSWERS)).as("others were taken").isTrue();
    }

    /** Where nothing but the contacts themselves tells whether the sink is in reach, as with a route of the user. */
    @Test
    void many_of_a_sink_that_cannot_be_asked_are_given_up_only_after_a_while() {
        List<ContactKey> ten =
                IntStream.rangeClosed(1, 10).mapToObj(FailingRecordsTest::key).toList();
        records.note(ten, Collections.nCopies(10, failed(0)), now);
        take(11);
        for (int i = 0; i < 2; i++) {
            records.note(ten, Collections.nCopies(10, failed(0)), now);
        }
        now += PATIENCE.toNanos() - 1;
        assertThat(isOwn(1, 0, Presence.UNKNOWN)).isFalse();
        now++;
        assertThat(isOwn(1, 0, Presence.UNKNOWN)).isTrue();
        assertThat(isOwn(2, 0, Presence.FAILS)).isFalse();
    }

    @Test
    void one_that_fails_no_more_is_forgotten() {
        fail(3, 503);
        now += Duration.ofHours(2).toNanos();
        take(1);
        assertThat(records.contains(key(3))).isFalse();
    }
}
