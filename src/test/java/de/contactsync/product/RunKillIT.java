package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} with an inbox, killed and terminated in the middle of a file. */
class RunKillIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int RECORDS = 3_000;

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.mixed(41, RECORDS, 0.02, 0.02);
    private JtlSimulator jtl;
    private Product product;
    private Path inbox;
    private Tables tables;

    @BeforeEach
    void start() throws IOException {
        // 32 calls in flight: 800/s.
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(40))
                .notFoundShare(0.03)
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.file.settle", "1s")
                .with("contacts.chunk-size", 50);
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    @OnBothRuntimes
    void after_a_kill_the_next_start_resumes_the_file_and_moves_it_to_done_once() throws IOException {
        drop("keys.csv", file);
        RunningProduct first = product.start("run");
        awaitMiddleOf(RECORDS);
        assertThat(first.kill()).as(first.toString()).isTrue();
        assertThat(inbox.resolve(".work"))
                .as("it stays until its run is finished")
                .isDirectoryRecursivelyContaining("glob:**/keys.csv");

        RunningProduct second = product.start("run");
        awaitDone("keys.csv");
        assertFinished(second, file);
        assertThat(jtl.askedAgain().size()).as("at most what was in flight").isLessThanOrEqualTo(4 * 50);
        assertThat(names(inbox.resolve(".done"))).containsExactly("keys.csv", "keys.csv.errors.csv");
        assertThat(names(inbox)).containsExactly(".done", ".work");
    }

    @Test
    void a_killed_import_with_the_file_sink_still_writes_the_contacts_of_all_chunks() throws IOException {
        product.with("contacts.sinks", "database,file");
        drop("keys.csv", file);
        RunningProduct first = product.start("run");
        awaitMiddleOf(RECORDS);
        assertThat(first.kill()).as(first.toString()).isTrue();

        RunningProduct second = product.start("run");
        awaitDone("keys.csv");
        assertFinished(second, file);
        assertThat(names(inbox.resolve(".done")))
                .containsExactly("keys.csv", "keys.csv.contacts.csv", "keys.csv.errors.csv");
        List<String> ids =
                tables.contacts().stream().map(contact -> contact.get(2)).toList();
        List<String> expected = file.keys().stream()
                .map(key -> key.contactId().toString())
                .filter(ids::contains)
                .toList();
        assertThat(Files.readAllLines(inbox.resolve(".done/keys.csv.contacts.csv")).stream()
                        .skip(1)
                        .map(line -> line.split(",")[2]))
                .isEqualTo(expected);
    }

    @Test
    @OnBothRuntimes
    void terminated_within_a_file_it_commits_what_is_in_flight_and_asks_nothing_twice() throws IOException {
        drop("keys.csv", file);
        RunningProduct first = product.start("run");
        awaitMiddleOf(RECORDS);
        first.terminate();
        assertThat(first.exitCode(Duration.ofSeconds(30))).as(first.toString()).isZero();
        assertThat(inbox.resolve(".work")).isDirectoryRecursivelyContaining("glob:**/keys.csv");
        assertThat(tables.rows("SELECT state FROM import_run")).containsExactly(List.of("halted"));
        assertThat(tables.number("SELECT stored + not_found FROM import_run"))
                .isEqualTo(jtl.stats().keysAsked());

        RunningProduct second = product.start("run");
        awaitDone("keys.csv");
        assertFinished(second, file);
        assertThat(jtl.askedAgain()).isEmpty();
    }

    @Tag("outage")
    @Test
    @OnBothRuntimes
    void terminated_while_jtl_is_silent_it_ends_with_0_within_30_seconds_all_the_same() throws IOException {
        try (JtlSimulator silent = JtlSimulator.start(SimulatorOptions.builder()
                .fault(Fault.connection(Fault.Connection.SILENT)
                        .onlyFor(file.keys().get(2_000).contactId()))
                .build())) {
            Path keys = drop("keys.csv", file);
            RunningProduct runningProduct =
                    product.against(silent).with("jtl.response-timeout", "2m").start("run");
            awaitMiddleOf(RECORDS);
            await().atMost(LONG).until(() -> silent.stats().faults() > 0);
            runningProduct.terminate();
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                    .as(runningProduct.toString())
                    .isZero();
            assertThat(keys).as("taken from there").doesNotExist();
            assertThat(inbox.resolve(".work")).isDirectoryRecursivelyContaining("glob:**/keys.csv");
            assertThat(tables.rows("SELECT state FROM import_run")).containsExactly(List.of("halted"));
            ImportCommandIT.assertNoStackTrace(runningProduct);
        }
    }

    @Test
    @OnBothRuntimes
    void terminated_while_idle_it_ends_with_0_quickly() throws IOException {
        RunningProduct runningProduct = product.start("run");
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
        runningProduct.terminate();
        assertThat(runningProduct.exitCode(Duration.ofSeconds(10)))
                .as(runningProduct.toString())
                .isZero();
        assertThat(runningProduct.stdout()).as("logs go to stderr").isEmpty();
    }

    @Test
    void a_file_of_the_same_name_put_there_between_kill_and_restart_is_a_run_of_its_own() throws IOException {
        Path keys = drop("keys.csv", file);
        RunningProduct first = product.start("run");
        awaitMiddleOf(RECORDS);
        assertThat(first.kill()).isTrue();
        KeyFiles other = KeyFiles.good(42, 100);
        other.write(keys);

        product.start("run");
        await().atMost(LONG)
                .until(() -> tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NOT NULL") == 2);
        assertThat(tables.rows("SELECT total FROM import_run WHERE state = 'finished' ORDER BY id"))
                .containsExactly(List.of("" + RECORDS), List.of("100"));
        try (var done = Files.list(inbox.resolve(".done"))) {
            assertThat(done.filter(path -> path.toString().endsWith(".csv"))
                            .filter(path -> !path.toString().endsWith(".errors.csv")))
                    .as("neither replaces the other")
                    .hasSize(2);
        }
    }

    private Path drop(String name, KeyFiles keys) throws IOException {
        return keys.write(inbox.resolve(name));
    }

    private void awaitMiddleOf(int records) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 300);
        assertThat(tables.done()).as("the file must not be finished yet").isLessThan(records);
    }

    private void awaitDone(String name) {
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done").resolve(name)));
    }

    private void assertFinished(RunningProduct runningProduct, KeyFiles expected) throws IOException {
        // The move is the last but one step; the end of the run follows it.
        await().atMost(LONG)
                .until(() -> tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NOT NULL") == 1);
        assertThat(tables.contacts()).as(runningProduct.toString()).isEqualTo(expected.contacts(jtl));
        assertThat(tables.rows("SELECT total, done, stored, not_found, invalid, duplicates, state FROM import_run"))
                .containsExactly(List.of(
                        "" + RECORDS,
                        "" + RECORDS,
                        "" + expected.contacts(jtl).size(),
                        "" + (expected.keys().size() - expected.contacts(jtl).size()),
                        "" + expected.invalid(),
                        "" + expected.duplicates(),
                        "finished"));
        assertThat(tables.number("SELECT count(DISTINCT position) FROM dead_letter"))
                .isEqualTo(tables.number("SELECT count(*) FROM dead_letter"))
                .isEqualTo(RECORDS - expected.contacts(jtl).size() - expected.duplicates());
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
