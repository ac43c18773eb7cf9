package de.contactsync.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is open, as the tables tell whoever watches. */
class BacklogTest {

    @ParameterizedTest
    @EnumSource
    void open_dead_letters_and_the_oldest_unfinished_run_are_told(TestDatabase.Kind kind) throws Exception {
        SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
        try (TestDatabase test = TestDatabase.create(kind)) {
            Database database = test.open();
            RunLedger ledger = test.closing(new RunLedger(database, clock));
            assertThat(Backlog.read(test.settings())).isEqualTo(new Backlog(0, 0, null));

            long run = ((Claim.Granted) ledger.claim("file", "keys.csv", "hash", 500)).run().id();
            Outbox outbox = new Outbox(database, "crm", ledger, clock);
            new ChunkStore(database, ledger, clock, outbox).commit(Chunks.mixed(run, 0));
            assertThat(Backlog.read(test.settings()))
                    .isEqualTo(new Backlog(5, 2, Instant.parse("2026-03-01T10:00:00.250Z")));

            test.execute("UPDATE dead_letter SET state = 'discarded' WHERE reason = 'not-found'");
            ledger.finish(run, 10);
            assertThat(Backlog.read(test.settings())).isEqualTo(new Backlog(4, 2, null));
        }
    }

    @Test
    void a_database_that_was_taken_away_is_not_made_anew(@TempDir Path folder) {
        Path file = folder.resolve("gone.db");

        assertThatThrownBy(() -> Backlog.read(new DatabaseSettings("jdbc:sqlite:" + file, null, null)))
                .isInstanceOf(SQLException.class);
        assertThat(Files.exists(file)).isFalse();
    }
}
