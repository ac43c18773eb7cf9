package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
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
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are told to end, and such as stand still for a while without knowing it. */
class SignalIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int CHUNK_SIZE = 50;
    private static final int CHUNKS_IN_FLIGHT = 4;

    @TempDir
    Path folder;

    private final Random random = new Random(Scale.SEED);
    private JtlSimulator jtl;
    private Product product;
    private Tables tables;
    private Path inbox;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(40))
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.file.settle", "200ms")
                .with("contacts.chunk-size", CHUNK_SIZE);
        tables = Tables.of(product);
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void terminated_again_and_again_each_process_ends_with_0_and_nothing_is_asked_twice() throws IOException {
        int terms = Scale.of(5, 20);
        KeyFiles file = KeyFiles.good(Scale.SEED, terms * 1_000 + 500);
        Path draft = file.write(folder.resolve("keys.csv"));
        Files.move(draft, inbox.resolve("keys.csv"));
        for (int i = 0; i < terms; i++) {
            RunningProduct runningProduct = product.start("run");
            long calls = jtl.stats().contactRequests() + 1 + random.nextInt(800);
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> jtl.stats().contactRequests() >= calls);
            runningProduct.terminate();
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                    .as("seed " + Scale.SEED + ", " + runningProduct)
                    .isZero();
            assertThat(tables.rows("SELECT state FROM import_run"))
                    .as("seed " + Scale.SEED + ", " + runningProduct)
                    .containsExactly(List.of("halted"));
        }
        RunningProduct last = product.start("run");
        awaitClosed(last);
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(jtl.askedAgain()).as("seed " + Scale.SEED).isEmpty();
        assertThat(jtl.stats().keysAsked()).isEqualTo(file.keys().size());
    }

    @Test
    void a_process_that_stood_still_while_another_took_over_writes_nothing_afterwards() throws Exception {
        int records = Scale.of(10_000, 60_000);
        RunningProduct first = product.start("run");
        RunningProduct second = product.start("run");
        await().atMost(LONG)
                .until(() ->
                        first.stderr().contains("Watching") && second.stderr().contains("Watching"));
        KeyFiles file = KeyFiles.good(Scale.SEED, records);
        Files.move(file.write(folder.resolve("keys.csv")), inbox.resolve("keys.csv"));
        await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 1_000);
        long owner = owner();
        RunningProduct frozen = owner == first.pid() ? first : second;
        RunningProduct other = frozen == first ? second : first;

        freezeOutsideOfTransactions(frozen);
        try {
            long done = tables.done();
            assertThat(done).as("the file must not be finished yet").isLessThan(records / 2);
            await().alias("taken over from " + frozen.pid())
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> owner() == other.pid());
            long since = System.nanoTime();
            await().atMost(LONG)
                    .until(() -> tables.done() > done
                            && System.nanoTime() - since
                                    > Duration.ofSeconds(Scale.of(1, 40)).toNanos());
        } finally {
            frozen.thaw();
        }
        assertThat(tables.rows("SELECT state FROM import_run"))
                .as("awake again while the other is at work")
                .containsExactly(List.of("running"));
        awaitClosed(other);
        for (RunningProduct runningProduct : List.of(first, second)) {
            // Drains first: what the late one has in hand it tries to write.
            runningProduct.terminate();
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                    .as(runningProduct.toString())
                    .isZero();
        }

        assertThat(owner()).as(frozen + "\n" + other).isEqualTo(other.pid());
        assertThat(tables.rows("SELECT total, done, stored, state FROM import_run"))
                .as(frozen + "\n" + other)
                .containsExactly(List.of("" + records, "" + records, "" + records, "finished"));
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(jtl.askedAgain())
                .as("at most what was in flight")
                .hasSizeLessThanOrEqualTo(CHUNKS_IN_FLIGHT * CHUNK_SIZE);
        assertThat(inbox.resolve(".done/keys.csv")).exists();
    }

    /** Who stands still in the middle of a transaction keeps SQLite's one write lock, and nobody can take over. */
    private void freezeOutsideOfTransactions(RunningProduct runningProduct) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> {
            runningProduct.freeze();
            if (canWrite()) {
                return true;
            }
            runningProduct.thaw();
            return false;
        });
    }

    private boolean canWrite() {
        try (Connection connection = DriverManager.getConnection(product.databaseUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 500");
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("ROLLBACK");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private void awaitClosed(RunningProduct runningProduct) {
        await().alias(runningProduct.toString()).atMost(LONG).until(() -> tables.closed() == 1);
    }

    private long owner() {
        return Long.parseLong(
                tables.rows("SELECT owner FROM import_run").get(0).get(0).split("/")[1]);
    }
}
