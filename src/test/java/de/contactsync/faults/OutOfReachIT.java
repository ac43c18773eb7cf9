package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.TcpProxy;
import de.contactsync.brokers.TcpProxy.Trouble;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the product needs goes away in the middle of a file and comes back: it waits, loses nothing, and continues. */
class OutOfReachIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final Duration AWAY = Duration.ofSeconds(Scale.of(15, 60));
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int RECORDS = 3_000;

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.good(Scale.SEED, RECORDS);
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
                .with("jtl.concurrency", 16)
                .with("contacts.file.settle", "200ms")
                .with("contacts.chunk-size", 50);
        tables = Tables.of(product);
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @ParameterizedTest
    @EnumSource
    void jtl_goes_away_and_comes_back(Trouble trouble) throws Exception {
        try (TcpProxy line = new TcpProxy(jtl.port())) {
            product.with("jtl.base-url", line.uri(URI.create(jtl.baseUrl()))).with("jtl.response-timeout", "3s");
            RunningProduct runningProduct = product.start("run");
            drop();
            await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 500);

            line.breakIt(trouble);
            pass(AWAY);
            long done = tables.done();
            assertThat(done).as(runningProduct.toString()).isLessThan(RECORDS);
            assertThat(inbox.resolve(".work")).as("waits").isDirectoryRecursivelyContaining("glob:**/keys.csv");
            line.mend();
            await().alias(runningProduct.toString()).atMost(SOON).until(() -> tables.done() > done);

            await().alias(runningProduct.toString()).atMost(LONG).until(() -> tables.closed() == 1);
            assertNothingIsLost(runningProduct);
            // Drips take longer than the time without an answer that is an outage; silence ends sooner, call by call.
            boolean unanswered = trouble == Trouble.DRIPPING_HEAD || trouble == Trouble.DRIPPING_BODY;
            assertThat(runningProduct.stderr())
                    .contains(unanswered ? "next try in 6 s at the latest" : "next try in 5 s", "is back after");
            // With drips it is the whole call that has an end, with silence the wait for the first byte.
            Duration deadline = Duration.ofSeconds(trouble == Trouble.SILENT ? 3 : 6);
            if (trouble != Trouble.REFUSED) {
                assertThat(line.hung()).isNotEmpty();
                // The other end notices up to two drips later.
                assertThat(line.hung())
                        .allSatisfy(hung -> assertThat(hung)
                                .isBetween(
                                        deadline.multipliedBy(9).dividedBy(10),
                                        deadline.multipliedBy(11).dividedBy(10).plusMillis(300)));
            }
        }
    }

    @Test
    void postgresql_is_stopped_and_started_again() throws Exception {
        Path data = folder.resolve("postgres");
        EmbeddedPostgres postgres = postgres(data, 0);
        int port = postgres.getPort();
        try {
            useDatabase(postgres);
            RunningProduct runningProduct = product.start("run");
            drop();
            await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 500);

            postgres.close();
            pass(AWAY);
            assertThat(inbox.resolve(".work")).as("waits").isDirectoryRecursivelyContaining("glob:**/keys.csv");
            postgres = postgres(data, port);
            long done = tables.done();
            await().alias(runningProduct.toString()).atMost(SOON).until(() -> tables.done() > done);

            await().alias(runningProduct.toString()).atMost(LONG).until(() -> tables.closed() == 1);
            assertNothingIsLost(runningProduct);
            assertThat(jtl.askedAgain())
                    .as("answers wait for the database, too")
                    .isEmpty();
            assertThat(runningProduct.stderr()).contains("the database jdbc:postgresql", "is back after");
        } finally {
            product.close();
            postgres.close();
        }
    }

    @Test
    void connections_to_postgresql_are_killed_again_and_again() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            useDatabase(postgres);
            RunningProduct runningProduct = product.start("run");
            drop();
            try (Connection connection = DriverManager.getConnection(product.databaseUrl());
                    Statement statement = connection.createStatement()) {
                for (int i = 1; i <= 10; i++) {
                    int reached = i * 200;
                    await().alias(runningProduct.toString())
                            .atMost(LONG)
                            .pollInterval(Duration.ofMillis(20))
                            .until(() -> tables.done() >= reached);
                    statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE application_name = 'jtl-contact-sync'");
                }
            }
            await().alias(runningProduct.toString()).atMost(LONG).until(() -> tables.closed() == 1);
            assertNothingIsLost(runningProduct);
            assertThat(jtl.askedAgain()).isEmpty();
            product.close();
        }
    }

    @Test
    void the_disk_under_the_database_is_full_for_a_while() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        assumeThat(command("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString()))
                .as("mounting a tmpfs needs root and a kernel that lets it")
                .isZero();
        try {
            product.with("contacts.database.url", "jdbc:sqlite:" + disk.resolve("contacts.db"));
            tables = Tables.of(product);
            RunningProduct runningProduct = product.start("run");
            drop();
            await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 500);

            fill(disk.resolve("filler"));
            await().alias(runningProduct.toString())
                    .atMost(LONG)
                    .until(() -> runningProduct.stderr().contains("Dependent work is paused"));
            pass(AWAY);
            assertThat(runningProduct.stderr()).contains("SQLITE_FULL", "free some space");
            assertThat(inbox.resolve(".work")).as("waits").isDirectoryRecursivelyContaining("glob:**/keys.csv");
            Files.delete(disk.resolve("filler"));
            long done = tables.done();
            await().alias(runningProduct.toString()).atMost(SOON).until(() -> tables.done() > done);

            await().alias(runningProduct.toString()).atMost(LONG).until(() -> tables.closed() == 1);
            assertNothingIsLost(runningProduct);
            assertThat(jtl.askedAgain())
                    .as("answers wait for the database, too")
                    .isEmpty();
        } finally {
            product.close();
            assertThat(command("umount", disk.toString())).isZero();
        }
    }

    private void drop() throws IOException {
        Files.move(file.write(folder.resolve("keys.csv")), inbox.resolve("keys.csv"));
    }

    private void assertNothingIsLost(RunningProduct runningProduct) throws IOException {
        assertThat(tables.rows("SELECT total, done, stored, state FROM import_run"))
                .as(runningProduct.toString())
                .containsExactly(List.of("" + RECORDS, "" + RECORDS, "" + RECORDS, "finished"));
        assertThat(tables.deadLetters()).as(runningProduct.toString()).isEmpty();
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(inbox.resolve(".done/keys.csv")).exists();
    }

    private void useDatabase(EmbeddedPostgres postgres) {
        product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                .with("contacts.database.username", "postgres")
                .with("contacts.database.password", "postgres");
        tables = Tables.of(product);
    }

    private static EmbeddedPostgres postgres(Path data, int port) throws IOException {
        EmbeddedPostgres.Builder builder =
                EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false);
        return (port == 0 ? builder : builder.setPort(port)).start();
    }

    /** The time during which something is away; what happens meanwhile is looked at afterwards. */
    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        await().atMost(time.plusSeconds(10))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> System.nanoTime() - end > 0);
    }

    private static void fill(Path filler) throws IOException {
        byte[] block = new byte[4_096];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static int command(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
