package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.TestBreakers;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class AuditQueriesTest {

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    private TestDatabase test;

    @BeforeEach
    void create() {
        test = TestDatabase.create(kind);
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private AuditQueries audit() {
        return new AuditQueries(test.closing(Database.openToRead(test.settings(), TestBreakers.create())));
    }

    @Test
    void stored_keys_are_distinguished_from_keys_with_half_an_id_changed() {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, clock));
        long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
        new ChunkStore(database, runs, clock).commit(ChunkFixture.found(run, 0, 0, 1_000));
        List<ContactKey> there = new ArrayList<>();
        List<ContactKey> others = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ContactKey key = ChunkFixture.key(i);
            there.add(key);
            others.add(
                    switch (i % 3) {
                        case 0 -> new ContactKey(new UUID(1, 2), key.customerId(), key.contactId());
                        case 1 -> new ContactKey(key.tenantId(), new UUID(0xC1, i), key.contactId());
                        default -> new ContactKey(key.tenantId(), key.customerId(), new UUID(0xC1, i));
                    });
        }

        AuditQueries audit = audit();
        assertThat(audit.stored(there)).isEqualTo(new HashSet<>(there));
        assertThat(audit.stored(others)).isEmpty();
        assertThat(audit.stored(List.of(others.get(1), there.get(7)))).containsExactly(there.get(7));
        assertThat(audit.stored(List.of())).isEmpty();
        assertThat(audit.contacts(there))
                .hasSize(1_000)
                .containsOnlyKeys(there)
                .containsEntry(there.get(7), new Outcome.Found(ChunkFixture.named("Contact 7")))
                .containsEntry(there.get(999), new Outcome.Found(ChunkFixture.named("Contact 999")));
        assertThat(audit.contacts(others)).isEmpty();
        assertThat(audit.contacts(List.of())).isEmpty();
    }

    @Test
    void dead_letters_are_those_of_the_run_at_the_positions() {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, clock));
        ChunkStore store = new ChunkStore(database, runs, clock);
        long other = ((RunLease.Granted) runs.claim("file", "other.csv", "other", 500))
                .run()
                .id();
        long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
        store.commit(ChunkFixture.mixed(other, 0));
        store.commit(ChunkFixture.mixed(run, 0));
        test.execute("DELETE FROM dead_letter WHERE run_id = " + run + " AND position = '3'");

        AuditQueries audit = audit();
        assertThat(audit.deadLettersAt(run, List.of(1L, 2L, 3L, 7L)))
                .isEqualTo(Map.of(2L, List.of(Reason.NOT_FOUND), 7L, List.of(Reason.INVALID_KEY)));
        assertThat(audit.deadLettersAt(run, List.of())).isEmpty();
        assertThat(audit.deadLetters(run)).isEqualTo(4);
        assertThat(audit.deadLetters(other)).isEqualTo(5);
    }

    @Test
    void the_newest_finished_run_of_a_content_comes_before_any_other() {
        RunStore runs = test.closing(new RunStore(test.open(), clock));
        assertThat(audit().newestRun("hash")).isEmpty();

        long halted = ((RunLease.Granted) runs.claim("file", "a.csv", "hash", 500))
                .run()
                .id();
        runs.halt(halted, "on purpose");
        assertThat(audit().newestRun("hash")).map(Run::id).contains(halted);

        long first = finished(runs, "b.csv");
        assertThat(audit().newestRun("hash")).map(Run::id).contains(first);
        long second = finished(runs, "c.csv");
        runs.claim("file", "d.csv", "hash", 500);
        assertThat(audit().newestRun("hash")).map(Run::id).contains(second);
        assertThat(audit().newestRun("another")).isEmpty();
    }

    private static long finished(RunStore runs, String name) {
        long run =
                ((RunLease.Granted) runs.claim("file", name, "hash", 500)).run().id();
        runs.finish(run, 0);
        runs.close(run);
        return run;
    }

    @Test
    void a_database_opened_to_read_can_be_read_only_while_another_process_writes() throws Exception {
        Database writing = test.open();
        Database reading = test.closing(Database.openToRead(test.settings(), TestBreakers.create()));
        writing.inTransaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE import_run SET done = 1");
            }
            assertThat(new AuditQueries(reading).newestRun("hash")).isEmpty();
            return null;
        });
        assertThatThrownBy(() -> reading.inTransaction(connection -> {
                    try (Statement statement = connection.createStatement()) {
                        return statement.executeUpdate("DELETE FROM contact");
                    }
                }))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageMatching("(?i).*read-?only.*");
    }

    @Test
    void a_database_without_the_tables_stays_without_them() throws Exception {
        try (TestDatabase empty = TestDatabase.empty(kind)) {
            if (kind == TestDatabase.Kind.SQLITE) {
                empty.execute("CREATE TABLE something_else (id INTEGER)");
            }
            assertThatThrownBy(() -> Database.openToRead(empty.settings(), TestBreakers.create()))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("contains no tables of this program")
                    .hasMessageContaining("contacts.database.url");
            try (Connection connection = empty.connect()) {
                assertThat(connection
                                .getMetaData()
                                .getTables(null, null, "import_run", null)
                                .next())
                        .isFalse();
            }
        }
    }
}
