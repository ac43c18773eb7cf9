package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That nothing was lost is said by each import and proved by {@code verify}; and that both notice when something is.
 */
class VerifyCommandIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.mixed(71, 400, 0.1, 0.1);
    private Path keys;
    private JtlSimulator jtl;
    private Product product;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder().build());
        product = Product.in(folder.resolve("work")).against(jtl).with("contacts.chunk-size", 50);
        keys = file.write(folder.resolve("keys.csv"));
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private void withUnknownContacts() {
        jtl.close();
        jtl = JtlSimulator.start(SimulatorOptions.builder().notFoundShare(0.1).build());
        product.against(jtl);
    }

    @Test
    @OnBothRuntimes
    void what_an_import_says_verify_proves() throws IOException {
        withUnknownContacts();
        RunningProduct imported = product.start("import", keys);
        assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(1);
        String line = imported.out().get(imported.out().size() - 1).strip();
        assertThat(line)
                .matches("accepted 400 = \\d+ stored \\+ \\d+ not found \\+ 0 rejected \\+ " + file.invalid()
                        + " invalid \\+ 0 failed \\+ " + file.duplicates() + " duplicates, lost 0");
        jtl.close();

        Path moved = Files.move(keys, folder.resolve("march.csv"));
        RunningProduct verified = product.start("verify", moved);
        assertThat(verified.exitCode()).as(verified.toString()).isZero();
        assertThat(verified.stdout()).isEqualTo(moved + ": " + line + System.lineSeparator());

        RunningProduct json = product.start("verify", "--json", moved);
        assertThat(json.exitCode()).as(json.toString()).isZero();
        assertThat(JSON.readTree(json.stdout()).fieldNames())
                .toIterable()
                .containsExactly(
                        "file",
                        "run",
                        "total",
                        "stored",
                        "notFound",
                        "rejected",
                        "invalid",
                        "failed",
                        "duplicates",
                        "lost",
                        "problems");
    }

    @Test
    void a_row_that_was_taken_out_by_hand_is_found_and_named() throws Exception {
        withUnknownContacts();
        assertThat(product.start("import", keys).exitCode()).isEqualTo(1);
        Tables tables = Tables.of(product);
        String contact =
                tables.rows("SELECT contact_id FROM contact LIMIT 1").get(0).get(0);
        List<String> letter = tables.rows("SELECT position, contact_id FROM dead_letter WHERE reason = 'not-found'")
                .get(0);
        execute("DELETE FROM contact WHERE contact_id = '" + contact + "'");
        execute("DELETE FROM dead_letter WHERE position = '" + letter.get(0) + "'");

        RunningProduct verified = product.start("verify", keys);
        assertThat(verified.exitCode()).as(verified.toString()).isEqualTo(4);
        assertThat(verified.stdout())
                .contains("lost 2", "neither a contact nor a dead letter", contact + ")")
                .contains("line " + letter.get(0) + " (", "/" + letter.get(1) + ")");
        ImportCommandIT.assertNoStackTrace(verified);

        RunningProduct again = product.start("verify", "--json", keys);
        assertThat(again.exitCode()).isEqualTo(4);
        JsonNode json = JSON.readTree(again.stdout());
        assertThat(json.get("lost").longValue()).isEqualTo(2);
        assertThat(json.get("problems")).hasSize(2);
    }

    @Test
    void a_contact_that_the_database_loses_ends_the_import_with_4_and_its_name() throws Exception {
        assertThat(product.start("import", KeyFiles.good(72, 1).write(folder.resolve("tables.csv")))
                        .exitCode())
                .isZero();
        KeyFiles good = KeyFiles.good(73, 120);
        KeyFiles.Key lost = good.keys().get(70);
        execute("CREATE TRIGGER lose AFTER UPDATE OF done ON import_run WHEN NEW.done = 120 BEGIN"
                + " DELETE FROM contact WHERE contact_id = '" + lost.contactId() + "';"
                + " UPDATE import_run SET stored = stored - 1 WHERE id = NEW.id; END");

        RunningProduct imported = product.start("import", good.write(folder.resolve("good.csv")));
        assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(4);
        assertThat(imported.stdout())
                .contains(
                        "accepted 120 = 119 stored",
                        "lost 1",
                        "line " + KeyFiles.lineOf(70) + " (" + lost.customerId() + "/" + lost.contactId() + ")");
        ImportCommandIT.assertNoStackTrace(imported);
    }

    @Test
    void a_contact_that_the_database_refuses_is_a_dead_letter_and_fails_no_other() throws Exception {
        assertThat(product.start("import", KeyFiles.good(76, 1).write(folder.resolve("tables.csv")))
                        .exitCode())
                .isZero();
        KeyFiles good = KeyFiles.good(77, 120);
        KeyFiles.Key poisoned = good.keys().get(70);
        execute("CREATE TRIGGER refuse BEFORE INSERT ON contact WHEN NEW.contact_id = '" + poisoned.contactId()
                + "' BEGIN SELECT RAISE(ABORT, 'refused'); END");

        Path path = good.write(folder.resolve("good.csv"));
        RunningProduct imported = product.start("import", path);
        assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(1);
        assertThat(imported.stdout()).contains("accepted 120 = 119 stored", "1 failed", "lost 0");
        assertThat(Files.readAllLines(Path.of(path + ".errors.csv")).get(1))
                .startsWith(KeyFiles.lineOf(70) + ",")
                .contains("sink-rejected", "a trigger");

        RunningProduct verified = product.start("verify", path);
        assertThat(verified.exitCode()).as(verified.toString()).isZero();
    }

    @Test
    void a_counter_that_is_changed_behind_its_back_ends_the_import_with_4() throws Exception {
        assertThat(product.start("import", KeyFiles.good(74, 1).write(folder.resolve("tables.csv")))
                        .exitCode())
                .isZero();
        execute("CREATE TRIGGER cheat AFTER UPDATE OF done ON import_run WHEN NEW.done = 400"
                + " BEGIN UPDATE import_run SET duplicates = duplicates - 1 WHERE id = NEW.id; END");

        RunningProduct imported = product.start("import", keys);
        assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(4);
        assertThat(imported.stdout())
                .contains(
                        "accepted 400 = ",
                        "lost 0; the counters of run 2 in import_run differ",
                        (file.duplicates() - 1) + " duplicates, lost 1");
    }

    @Test
    void what_cannot_be_verified_says_why_and_leaves_everything_as_it_is() throws IOException {
        RunningProduct nowhere = product.start("verify", folder.resolve("nowhere.csv"));
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.stderr()).contains("nowhere.csv does not exist");

        RunningProduct noDatabase = product.start("verify", keys);
        assertThat(noDatabase.exitCode()).as(noDatabase.toString()).isEqualTo(3);
        assertThat(noDatabase.stderr()).contains("contacts.database.url");
        assertThat(product.database()).doesNotExist();

        assertThat(product.start("import", KeyFiles.good(75, 1).write(folder.resolve("other.csv")))
                        .exitCode())
                .isZero();
        RunningProduct never = product.start("verify", keys);
        assertThat(never.exitCode()).as(never.toString()).isEqualTo(3);
        assertThat(never.stdout()).contains(keys + " was never imported into this database");
        for (RunningProduct runningProduct : List.of(nowhere, noDatabase, never)) {
            ImportCommandIT.assertNoStackTrace(runningProduct);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(product.databaseUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void discarding_a_run_where_no_database_is_says_so_and_makes_none() throws IOException {
        RunningProduct discarded = product.start("runs", "discard", "1");

        assertThat(discarded.exitCode()).isEqualTo(3);
        assertThat(discarded.stderr()).contains("contacts.db is not there yet", "check contacts.database.url");
        assertThat(product.folder()).isEmptyDirectory();
    }
}
