package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deaths at the moments that random kills seldom hit: between the end of a run and what follows it. The process is held
 * there by a pipe in place of the report's draft, which it cannot open before somebody reads from it.
 */
class KillPointsIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.good(61, 200).addInvalid();
    private JtlSimulator jtl;
    private Product product;
    private Path inbox;
    private Tables tables;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder().countKeys(true).build());
        product = Product.in(folder.resolve("work")).against(jtl).with("contacts.file.settle", "200ms");
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void an_import_killed_before_its_report_writes_it_next_time_and_asks_for_nothing() throws Exception {
        Path keys = file.write(folder.resolve("keys/keys.csv"));
        Path draft = pipe(keys.resolveSibling(".keys.csv.errors.csv.tmp"));
        RunningProduct first = product.start("import", keys);
        awaitFinished();
        assertThat(first.kill()).as(first.toString()).isTrue();
        Files.delete(draft);

        RunningProduct next = product.start("import", "--json", keys);
        assertThat(next.exitCode()).as(next.toString()).isEqualTo(1);
        assertThat(next.stdout()).contains("\"resumed\":201");
        assertThat(keys.resolveSibling("keys.csv.errors.csv")).isRegularFile();
        assertThat(tables.runs()).as("no second run").hasSize(1);
        assertThat(tables.deadLetters()).hasSize(1);
        assertThat(jtl.askedAgain()).isEmpty();

        assertThat(product.start("import", keys).exitCode()).isEqualTo(1);
        assertThat(tables.runs()).as("given again after that it is a new one").hasSize(2);
    }

    @Test
    void a_run_killed_before_report_and_move_does_both_next_time_without_calls() throws Exception {
        Path draft = pipe(inbox.resolve(".done/.keys.csv.errors.csv.tmp"));
        Path keys = file.write(inbox.resolve("keys.csv"));
        RunningProduct first = product.start("run");
        awaitFinished();
        assertThat(first.kill()).as(first.toString()).isTrue();
        Files.delete(draft);
        assertThat(inbox.resolve(".work")).isDirectoryRecursivelyContaining("glob:**/keys.csv");

        product.start("run");
        awaitClosed(1);
        assertThat(inbox.resolve(".done/keys.csv")).hasContent(file.text());
        assertThat(inbox.resolve(".done/keys.csv.errors.csv")).isRegularFile();
        assertThat(keys).doesNotExist();
        assertThat(tables.runs()).hasSize(1);
        assertThat(jtl.askedAgain()).isEmpty();
    }

    @Test
    void a_run_killed_behind_the_move_takes_the_same_file_given_again_for_a_new_one() throws Exception {
        Path keys = file.write(inbox.resolve("keys.csv"));
        RunningProduct first = product.start("run");
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/keys.csv")));
        first.kill();
        // What stands there when the process dies between the move and the end of its run.
        update("UPDATE import_run SET closed_at = NULL");

        file.write(keys);
        product.start("run");
        awaitClosed(2);
        assertThat(tables.rows("SELECT total, stored, invalid, state FROM import_run"))
                .containsExactly(List.of("201", "200", "1", "finished"), List.of("201", "200", "1", "finished"));
        assertThat(keys).doesNotExist();
        try (var done = Files.list(inbox.resolve(".done"))) {
            assertThat(done.filter(path -> path.toString().endsWith(".csv"))
                            .filter(path -> !path.toString().endsWith(".errors.csv")))
                    .as("neither replaces the other")
                    .hasSize(2);
        }
    }

    @Test
    void an_import_takes_over_from_a_process_that_was_killed_in_another_container() throws Exception {
        try (JtlSimulator slow = JtlSimulator.start(
                SimulatorOptions.builder().latency(Duration.ofMillis(50)).build())) {
            product.against(slow).with("contacts.chunk-size", 10).with("jtl.concurrency", 2);
            Path keys = file.write(folder.resolve("keys.csv"));
            RunningProduct first = product.start("import", keys);
            await().atMost(LONG).until(() -> tables.done() > 50);
            assertThat(first.kill()).as(first.toString()).isTrue();
        }
        update("UPDATE import_run SET owner = 'another-host/1/1700000000000'");
        RunningProduct next = product.against(jtl).start("import", "--json", folder.resolve("keys.csv"));
        assertThat(next.exitCode()).as(next.toString()).isEqualTo(1);
        assertThat(tables.runs()).hasSize(1);
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
    }

    private void update(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(product.databaseUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void awaitFinished() {
        await().atMost(LONG).until(() -> !finished().isEmpty());
    }

    private List<List<String>> finished() {
        return tables.done() == 0 ? List.of() : tables.rows("SELECT id FROM import_run WHERE state = 'finished'");
    }

    private void awaitClosed(int runs) {
        await().atMost(LONG)
                .until(() -> tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NOT NULL") == runs);
    }

    private static Path pipe(Path path) throws IOException, InterruptedException {
        Files.createDirectories(path.getParent());
        Process mkfifo =
                new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
        assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mkfifo.exitValue()).isZero();
        return path;
    }
}
