package de.contactsync.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of a CRM beside the deliveries: refresh tokens, and creates that may have been done. */
@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
class CrmStateTablesTest extends OutboxFixture {

    private RefreshTokenTable tokens(String owner, String first) {
        return new RefreshTokenTable(
                database, "crm", test.closing(new RunLedger(database, clock, System::nanoTime, owner)), first);
    }

    @Test
    void a_refresh_token_is_one_process_s_at_a_time_and_the_next_gets_the_rotated_one() {
        RefreshTokenTable one = tokens("elsewhere/1/1", "seed");
        RefreshTokenTable other = tokens("elsewhere/2/1", "seed");
        assertThat(one.claim()).contains("seed");
        assertThat(other.claim()).as("two would spend the same").isEmpty();
        one.release("rotated");
        assertThat(other.claim()).contains("rotated");
        other.release(null);
        assertThat(one.claim()).contains("rotated");
    }

    @Test
    void another_token_in_the_settings_takes_the_place_of_what_was_kept() {
        RefreshTokenTable before = tokens("elsewhere/1/1", "seed");
        before.claim();
        before.release("rotated");
        assertThat(tokens("elsewhere/2/1", "got anew").claim()).contains("got anew");
    }

    @Test
    void a_create_is_recent_until_its_time_is_over_whatever_process_asks() {
        CreateAttemptTable attempts = new CreateAttemptTable(database, "crm", clock);
        attempts.note(Chunks.key(1));
        clock.advance(Duration.ofSeconds(15));
        CreateAttemptTable afterRestart = new CreateAttemptTable(database, "crm", clock);
        assertThat(afterRestart.isRecent(Chunks.key(1), Duration.ofSeconds(20))).isTrue();
        assertThat(afterRestart.isRecent(Chunks.key(2), Duration.ofSeconds(20))).isFalse();
        clock.advance(Duration.ofSeconds(6));
        assertThat(afterRestart.isRecent(Chunks.key(1), Duration.ofSeconds(20))).isFalse();
        attempts.note(Chunks.key(1));
        attempts.forget(Chunks.key(1));
        assertThat(attempts.isRecent(Chunks.key(1), Duration.ofHours(1))).isFalse();
    }
}
