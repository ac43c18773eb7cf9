package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.outbox.Outbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is open, as the tables tell whoever watches. */
class BacklogQueriesTest {

    @ParameterizedTest
    @EnumSource
    void open_dead_letters_and_the_oldest_unfinished_run_are_reported(TestDatabase.Kind kind) throws Exception {
        SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
        try (TestDatabase test = TestDatabase.create(kind)) {
            Database database = test.open();
            RunStore runs = test.closing(new RunStore(database, clock));
            assertThat(BacklogQueries.read(test.settings())).isEqualTo(new BacklogQueries(0, Map.of(), null));

            long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                    .run()
                    .id();
            Outbox crm = new Outbox(database, "crm", runs, clock);
            Outbox teams = new Outbox(database, "teams", runs, clock);
            new ChunkStore(database, runs, clock, crm, teams).commit(ChunkFixture.mixed(run, 0));
            assertThat(BacklogQueries.read(test.settings()))
                    .isEqualTo(new BacklogQueries(
                            5, Map.of("crm", 2L, "teams", 2L), Instant.parse("2026-03-01T10:00:00.250Z")));

            test.execute("UPDATE dead_letter SET state = 'discarded' WHERE reason = 'not-found'");
            runs.finish(run, 10);
            assertThat(BacklogQueries.read(test.settings()))
                    .isEqualTo(new BacklogQueries(4, Map.of("crm", 2L, "teams", 2L), null));
        }
    }

    @Test
    void a_database_that_was_taken_away_is_not_made_anew(@TempDir Path folder) {
        Path file = folder.resolve("gone.db");

        assertThatThrownBy(() -> BacklogQueries.read(new DatabaseSettings("jdbc:sqlite:" + file, null, null)))
                .isInstanceOf(SQLException.class);
        assertThat(Files.exists(file)).isFalse();
    }
}
