package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes of {@code run} on one inbox and one database. */
class TwoProcessesIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int FILES = 20;
    private static final int RECORDS = 200;

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;
    private Path inbox;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(50))
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("jtl.concurrency", 16)
                .with("contacts.file.settle", "200ms")
                .with("contacts.chunk-size", 20);
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void on_sqlite_each_of_20_files_is_processed_exactly_once() throws IOException {
        assertEachFileIsProcessedOnce();
    }

    @Test
    void on_postgresql_each_of_20_files_is_processed_exactly_once() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                    .with("contacts.database.username", "postgres")
                    .with("contacts.database.password", "postgres");
            assertEachFileIsProcessedOnce();
            product.close();
        }
    }

    @Test
    void when_one_is_killed_in_the_middle_of_a_file_the_other_takes_it_over_at_once() throws IOException {
        List<RunningProduct> both = startBoth();
        KeyFiles file = KeyFiles.good(71, 2_000);
        file.write(inbox.resolve("keys.csv"));
        Tables tables = Tables.of(product);
        await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 200);
        long owner = owner(tables);
        RunningProduct killed = both.stream()
                .filter(runningProduct -> runningProduct.pid() == owner)
                .findFirst()
                .orElseThrow();
        assertThat(killed.kill()).as(killed.toString()).isTrue();
        assertThat(tables.done()).isLessThan(2_000);

        // Without knowing that the process is gone it would take 15 s of silence.
        await().atMost(Duration.ofSeconds(14)).until(() -> owner(tables) != owner);
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/keys.csv")));
        assertThat(tables.rows("SELECT total, stored, state FROM import_run"))
                .containsExactly(List.of("2000", "2000", "finished"));
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(jtl.askedAgain().size()).as("at most what was in flight").isLessThanOrEqualTo(4 * 20);
    }

    private void assertEachFileIsProcessedOnce() throws IOException {
        // Both find the first ones when they start.
        List<KeyFiles> files = new ArrayList<>(drop(0, FILES / 2));
        List<RunningProduct> both = startBoth();
        files.addAll(drop(FILES / 2, FILES));
        Tables tables = Tables.of(product);
        await().atMost(LONG)
                .until(() -> tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NOT NULL") >= FILES);

        assertThat(tables.rows("SELECT file_name, total, stored, state FROM import_run"))
                .as(both::toString)
                .hasSize(FILES)
                .allSatisfy(run ->
                        assertThat(run.subList(1, 4)).isEqualTo(List.of("" + RECORDS, "" + RECORDS, "finished")));
        assertThat(tables.number("SELECT count(DISTINCT file_name) FROM import_run"))
                .isEqualTo(FILES);
        assertThat(jtl.askedAgain()).as(both::toString).isEmpty();
        assertThat(jtl.stats().keysAsked()).isEqualTo(FILES * RECORDS);
        List<List<String>> contacts = tables.contacts();
        for (KeyFiles file : files) {
            assertThat(contacts).containsAll(file.contacts(jtl));
        }
        assertThat(contacts).hasSize(FILES * RECORDS);
        try (var done = Files.list(inbox.resolve(".done"))) {
            assertThat(done).hasSize(FILES);
        }
        assertThat(tables.number("SELECT count(DISTINCT owner) FROM import_run"))
                .as("both had work")
                .isEqualTo(2);
        for (RunningProduct runningProduct : both) {
            assertThat(runningProduct.stderr()).doesNotContain("WARN", "ERROR");
            runningProduct.terminate();
        }
        for (RunningProduct runningProduct : both) {
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                    .as(runningProduct.toString())
                    .isZero();
        }
    }

    private List<KeyFiles> drop(int from, int to) throws IOException {
        List<KeyFiles> files = new ArrayList<>();
        for (int i = from; i < to; i++) {
            KeyFiles file = KeyFiles.good(100 + i, RECORDS);
            // Whole at once, as both shall see all of them.
            Path draft = file.write(folder.resolve("drafts/keys-" + i + ".csv"));
            Files.move(draft, inbox.resolve(draft.getFileName()));
            files.add(file);
        }
        return files;
    }

    /** At the same moment, so that both find a database without tables. */
    private List<RunningProduct> startBoth() throws IOException {
        List<RunningProduct> both = List.of(product.start("run"), product.start("run"));
        await().atMost(LONG)
                .until(() -> both.stream().allMatch(runningProduct -> {
                    assertThat(runningProduct.isAlive())
                            .as(runningProduct.toString())
                            .isTrue();
                    return runningProduct.stderr().contains("Watching");
                }));
        return both;
    }

    private static long owner(Tables tables) {
        return Long.parseLong(
                tables.rows("SELECT owner FROM import_run").get(0).get(0).split("/")[1]);
    }
}
