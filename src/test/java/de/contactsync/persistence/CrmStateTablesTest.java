package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.outbox.OutboxFixture;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** What is kept of a CRM beside the deliveries: creates that may have been done. */
@ParameterizedClass
@EachDatabase
class CrmStateTablesTest extends OutboxFixture {

    @Test
    void a_create_is_recent_until_its_time_is_over_whatever_process_asks() {
        CreateAttemptTable attempts = new CreateAttemptTable(database, "crm", clock);
        attempts.note(ChunkFixture.key(1), Duration.ofSeconds(20));
        clock.advance(Duration.ofSeconds(15));
        CreateAttemptTable afterRestart = new CreateAttemptTable(database, "crm", clock);
        assertThat(afterRestart.isRecent(ChunkFixture.key(1), Duration.ofSeconds(20)))
                .isTrue();
        assertThat(afterRestart.isRecent(ChunkFixture.key(2), Duration.ofSeconds(20)))
                .isFalse();
        clock.advance(Duration.ofSeconds(6));
        assertThat(afterRestart.isRecent(ChunkFixture.key(1), Duration.ofSeconds(20)))
                .isFalse();
        attempts.note(ChunkFixture.key(1), Duration.ofSeconds(20));
        attempts.forget(ChunkFixture.key(1));
        assertThat(attempts.isRecent(ChunkFixture.key(1), Duration.ofHours(1))).isFalse();
    }

    @Test
    void attempts_that_count_no_longer_are_removed_while_new_ones_are_noted() {
        CreateAttemptTable attempts = new CreateAttemptTable(database, "crm", clock);
        attempts.note(ChunkFixture.key(1), Duration.ofSeconds(20));
        new CreateAttemptTable(database, "other", clock).note(ChunkFixture.key(1), Duration.ofSeconds(20));
        clock.advance(Duration.ofMinutes(2));
        attempts.note(ChunkFixture.key(2), Duration.ofSeconds(20));
        assertThat(test.rows("SELECT sink FROM create_attempt ORDER BY sink")).containsExactly("crm", "other");
        assertThat(attempts.isRecent(ChunkFixture.key(2), Duration.ofSeconds(20)))
                .isTrue();
    }

    @Test
    void a_person_or_a_target_that_is_forgotten_leaves_no_attempt_and_no_open_dead_letter() {
        new CreateAttemptTable(database, "other", clock).note(ChunkFixture.key(1), Duration.ofHours(1));
        new Erasure(database, clock)
                .remove(
                        new Erasure.Person(
                                ChunkFixture.TENANT, ChunkFixture.key(1).contactId(), null),
                        "hash",
                        Set.of(ChunkFixture.key(1)));
        assertThat(test.count("create_attempt")).isZero();

        new CreateAttemptTable(database, "crm", clock).note(ChunkFixture.key(2), Duration.ofHours(1));
        new DeliveryTargets(database, clock).forget("crm", false);
        assertThat(test.count("create_attempt")).isZero();
    }
}
