package de.contactsync.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Reason;
import de.contactsync.outage.TestBreakers;
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
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
class EvidenceTest {

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

    private Evidence evidence() {
        return new Evidence(test.closing(Database.openToRead(test.settings(), TestBreakers.create())));
    }

    @Test
    void stored_keys_are_told_from_those_that_differ_in_one_half_of_one_id() {
        Database database = test.open();
        RunLedger ledger = test.closing(new RunLedger(database, clock));
        long run = ((Claim.Granted) ledger.claim("file", "keys.csv", "hash", 500)).run().id();
        new ChunkStore(database, ledger, clock).commit(Chunks.found(run, 0, 0, 1_000));
        List<ContactKey> there = new ArrayList<>();
        List<ContactKey> others = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ContactKey key = Chunks.key(i);
            there.add(key);
            others.add(switch (i % 3) {
                case 0 -> new ContactKey(new UUID(1, 2), key.customerId(), key.contactId());
                case 1 -> new ContactKey(key.tenantId(), new UUID(0xC1, i), key.contactId());
                default -> new ContactKey(key.tenantId(), key.customerId(), new UUID(0xC1, i));
            });
        }

        Evidence evidence = evidence();
        assertThat(evidence.stored(there)).isEqualTo(new HashSet<>(there));
        assertThat(evidence.stored(others)).isEmpty();
        assertThat(evidence.stored(List.of(others.get(1), there.get(7)))).containsExactly(there.get(7));
        assertThat(evidence.stored(List.of())).isEmpty();
        assertThat(evidence.contacts(there)).hasSize(1_000).containsOnlyKeys(there)
                .containsEntry(there.get(7), Chunks.named("Contact 7"))
                .containsEntry(there.get(999), Chunks.named("Contact 999"));
        assertThat(evidence.contacts(others)).isEmpty();
        assertThat(evidence.contacts(List.of())).isEmpty();
    }

    @Test
    void dead_letters_are_those_of_the_run_at_the_positions() {
        Database database = test.open();
        RunLedger ledger = test.closing(new RunLedger(database, clock));
        ChunkStore store = new ChunkStore(database, ledger, clock);
        long other = ((Claim.Granted) ledger.claim("file", "other.csv", "other", 500)).run().id();
        long run = ((Claim.Granted) ledger.claim("file", "keys.csv", "hash", 500)).run().id();
        store.commit(Chunks.mixed(other, 0));
        store.commit(Chunks.mixed(run, 0));
        test.execute("DELETE FROM dead_letter WHERE run_id = " + run + " AND position = '3'");

        Evidence evidence = evidence();
        assertThat(evidence.deadLettersAt(run, List.of(1L, 2L, 3L, 7L))).isEqualTo(Map.of(
                2L, List.of(Reason.NOT_FOUND), 7L, List.of(Reason.INVALID_KEY)));
        assertThat(evidence.deadLettersAt(run, List.of())).isEmpty();
        assertThat(evidence.deadLetters(run)).isEqualTo(4);
        assertThat(evidence.deadLetters(other)).isEqualTo(5);
    }

    @Test
    void the_newest_finished_run_of_a_content_comes_before_any_other() {
        RunLedger ledger = test.closing(new RunLedger(test.open(), clock));
        assertThat(evidence().newestRun("hash")).isEmpty();

        long halted = ((Claim.Granted) ledger.claim("file", "a.csv", "hash", 500)).run().id();
        ledger.halt(halted, "on purpose");
        assertThat(evidence().newestRun("hash")).map(Run::id).contains(halted);

        long first = finished(ledger, "b.csv");
        assertThat(evidence().newestRun("hash")).map(Run::id).contains(first);
        long second = finished(ledger, "c.csv");
        ledger.claim("file", "d.csv", "hash", 500);
        assertThat(evidence().newestRun("hash")).map(Run::id).contains(second);
        assertThat(evidence().newestRun("another")).isEmpty();
    }

    private static long finished(RunLedger ledger, String name) {
        long run = ((Claim.Granted) ledger.claim("file", name, "hash", 500)).run().id();
        ledger.finish(run, 0);
        ledger.close(run);
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
            assertThat(new Evidence(reading).newestRun("hash")).isEmpty();
            return null;
        });
        assertThatThrownBy(() -> reading.inTransaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate("DELETE FROM contact");
            }
        })).isInstanceOf(HaltException.class).hasMessageMatching("(?i).*read-?only.*");
    }

    @Test
    void a_database_without_the_tables_stays_without_them() {
        if (kind == TestDatabase.Kind.SQLITE) {
            test.execute("CREATE TABLE something_else (id INTEGER)");
        }
        assertThatThrownBy(() -> Database.openToRead(test.settings(), TestBreakers.create()))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("holds no tables of this program")
                .hasMessageContaining("contacts.database.url");
        try (Connection connection = test.connect()) {
            assertThat(connection.getMetaData().getTables(null, null, "import_run", null).next()).isFalse();
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }
}
