package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chunks of a file go to all processes by the queue, and the run still reconciles. */
class FanOutIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int RECORDS = 1_500;

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private EmbeddedPostgres postgres;
    private ArtemisBroker broker;
    private Product product;
    private Tables tables;
    private final KeyFiles file = KeyFiles.mixed(91, RECORDS, 0.02, 0.05);

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(50))
                .countKeys(true)
                .build());
        postgres = EmbeddedPostgres.start();
        broker = ArtemisBroker.start(folder.resolve("artemis"));
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("jtl.concurrency", 8)
                .with("contacts.chunk-size", 20)
                .with("contacts.file.via", "queue")
                .with("contacts.queue.url", broker.url())
                .with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                .with("contacts.database.username", "postgres")
                .with("contacts.database.password", "postgres");
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() throws IOException {
        product.close();
        broker.close();
        postgres.close();
        jtl.close();
    }

    @Test
    void an_import_adds_up_though_another_process_works_on_its_chunks_and_is_killed() throws Exception {
        RunningProduct worker = product.with("contacts.sources", "queue").start("run");
        await().atMost(LONG).until(() -> worker.stderr().contains("Taking keys"));
        RunningProduct imported = product.start("import", "--json", file.write(folder.resolve("keys.csv")));
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> tables.done() > RECORDS / 3);
        assertThat(worker.kill()).as(worker.toString()).isTrue();

        assertThat(imported.exitCode(LONG)).as(imported.toString()).isOne();
        assertThat(imported.stdout())
                .contains("\"total\":" + RECORDS)
                .contains("\"invalid\":" + file.invalid())
                .contains("\"duplicates\":" + file.duplicates());
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(tables.number("SELECT count(*) FROM dead_letter")).isEqualTo(file.invalid());
        assertThat(broker.count("contact-keys.chunks")).isZero();
        assertThat(jtl.askedAgain().size())
                .as("what the killed one had in flight")
                .isLessThanOrEqualTo(4 * 20);
        assertThat(worker.stderr()).as("it took part").isNotEmpty();
        assertThat(jtl.stats().contactRequests())
                .isLessThanOrEqualTo(file.keys().size() + 4 * 20);
    }

    @Test
    void when_the_reader_is_killed_the_workers_continue_and_the_next_one_ends_the_run() throws Exception {
        product.with("contacts.sources", "queue").start("run");
        product.with("contacts.sources", "file");
        RunningProduct reader = product.start("run");
        Path inbox = Files.createDirectories(product.folder().resolve("inbox"));
        Files.move(file.write(folder.resolve("keys.csv")), inbox.resolve("keys.csv"));
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> tables.done() > 100);
        assertThat(reader.kill()).as(reader.toString()).isTrue();
        long then = tables.done();
        await().atMost(LONG).until(() -> tables.done() > then + 200);

        RunningProduct next = product.start("run");
        await().atMost(LONG).until(() -> tables.closed() == 1);
        assertThat(tables.rows("SELECT total, invalid, duplicates, state FROM import_run"))
                .containsExactly(List.of(
                        Integer.toString(RECORDS),
                        Integer.toString(file.invalid()),
                        Integer.toString(file.duplicates()),
                        "finished"));
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(inbox.resolve(".done/keys.csv")).exists();
        next.terminate();
        assertThat(next.exitCode(LONG)).as(next.toString()).isZero();
        // Four chunks that the killed one had in flight; and of those that lie on the queue twice by now the last four
        // of each process, which may be asked for while their copies are.
        assertThat(jtl.askedAgain().size()).isLessThanOrEqualTo(3 * 4 * 20);
    }

    @Test
    void when_nobody_reaches_jtl_the_import_ends_after_its_patience_and_loses_nothing() throws Exception {
        Path keys = file.write(folder.resolve("keys.csv"));
        product.with("jtl.base-url", "http://127.0.0.1:9/erp").with("contacts.max-wait", "3s");
        RunningProduct halted = product.start("import", keys);
        assertThat(halted.exitCode(LONG)).as(halted.toString()).isEqualTo(3);
        assertThat(halted.stdout()).contains("No progress on");

        product.with("jtl.base-url", jtl.baseUrl()).with("contacts.max-wait", "60s");
        RunningProduct again = product.start("import", keys);
        assertThat(again.exitCode(LONG)).as(again.toString()).isOne();
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
    }
}
