package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} by a schedule. */
@Order(1)
class TimerIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    /** Far from any test. */
    private static final String NEW_YEAR = "0 0 0 1 1 ?";

    private static final String RUN = "SELECT source, file_name, total, stored, not_found, invalid, duplicates, state"
            + " FROM import_run ORDER BY id DESC LIMIT 1";

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;
    private Tables tables;
    private Path keys;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(40))
                .changedShare(0.5)
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.sources", "timer")
                .with("contacts.timer.schedule", NEW_YEAR)
                .with("contacts.timer.keys", "file")
                .with("contacts.timer.file", "keys.csv")
                .with("contacts.chunk-size", 50);
        tables = Tables.of(product);
        keys = product.folder().resolve("keys.csv");
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private void awaitClosed(long runs) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> tables.closed() >= runs);
    }

    @Test
    @OnBothRuntimes
    void a_run_of_a_key_file_leaves_its_account_and_the_file_where_it_is() throws IOException {
        KeyFiles file = KeyFiles.mixed(81, 200, 0.05, 0.05);
        file.write(keys);
        RunningProduct runningProduct =
                product.with("contacts.timer.run-now", true).start("run");
        awaitClosed(1);

        int good = file.keys().size();
        assertThat(tables.rows(RUN))
                .containsExactly(List.of(
                        "timer",
                        "timer",
                        "200",
                        "" + good,
                        "0",
                        "" + file.invalid(),
                        "" + file.duplicates(),
                        "finished"));
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
        assertThat(tables.rows("SELECT source, reason FROM dead_letter"))
                .hasSize(file.invalid())
                .containsOnly(List.of("timer", "invalid-key"));
        assertThat(tables.rows("SELECT count(*) FROM run_key")).containsExactly(List.of("0"));
        assertThat(keys).hasContent(file.text());
        await().atMost(LONG)
                .until(() -> runningProduct.stderr().contains("timer (file): accepted 200 = " + good + " stored"));
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("next at "));
        assertThat(runningProduct.stderr()).doesNotContain("WARN", "ERROR");
        runningProduct.terminate();
        assertThat(runningProduct.exitCode(Duration.ofSeconds(10))).isZero();
    }

    @Test
    void known_contacts_are_looked_up_again_unless_that_was_done_of_late() throws IOException {
        KeyFiles file = KeyFiles.good(82, 120);
        file.write(keys);
        assertThat(product.without("contacts.sources").start("import", keys).exitCode())
                .isZero();
        List<List<String>> before = tables.contacts();
        jtl.revision(1);
        product.with("contacts.sources", "timer")
                .with("contacts.timer.run-now", true)
                .without("contacts.timer.keys");

        RunningProduct late = product.with("contacts.timer.max-age", "24h").start("run");
        awaitClosed(2);
        assertThat(tables.rows(RUN).get(0).subList(0, 4)).containsExactly("timer", "timer", "0", "0");
        assertThat(tables.contacts()).isEqualTo(before);
        late.close();

        product.with("contacts.timer.max-age", "0s").start("run");
        awaitClosed(3);
        assertThat(tables.rows(RUN).get(0).subList(0, 4)).containsExactly("timer", "timer", "120", "120");
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl)).isNotEqualTo(before);
    }

    @Tag("outage")
    @Test
    @OnBothRuntimes
    void the_rows_of_a_query_are_keys_and_a_database_that_is_away_is_asked_again() throws Exception {
        KeyFiles file = KeyFiles.good(89, 130);
        Path crm = folder.resolve("crm.db");
        RunningProduct runningProduct = product.with("contacts.timer.run-now", true)
                .with("contacts.timer.keys", "sql")
                .with("contacts.timer.sql.url", "jdbc:sqlite:" + crm)
                .with(
                        "contacts.timer.sql.query",
                        "SELECT customer AS customer_id, contact AS \"Contact-ID\" FROM person")
                .start("run");
        await().atMost(LONG)
                .until(() -> runningProduct.stderr().contains("the keys cannot be read from jdbc:sqlite:" + crm));
        assertThat(tables.rows("SELECT state FROM import_run")).containsExactly(List.of("halted"));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + crm);
                var statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE person (customer TEXT, contact TEXT)");
            for (KeyFiles.Key key : file.keys()) {
                statement.executeUpdate(
                        "INSERT INTO person VALUES ('" + key.customerId() + "', '" + key.contactId() + "')");
            }
        }

        awaitClosed(1);
        assertThat(tables.rows(RUN).get(0).subList(0, 4)).containsExactly("timer", "timer", "130", "130");
        assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
    }

    @Test
    void contacts_of_all_customers_are_fetched_by_lists_and_a_kill_loses_no_page() throws IOException {
        // Three pages.
        KeyFiles file = KeyFiles.ofCustomers(90, 250, 3);
        try (JtlSimulator listing = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(150))
                .contacts(file.calledKeys())
                .build())) {
            product.against(listing).with("contacts.timer.keys", "customers");
            // So few calls at a time that there are seconds to kill it in.
            RunningProduct first = product.with("jtl.concurrency", 4)
                    .with("contacts.timer.run-now", true)
                    .start("run");
            await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(() -> tables.done() > 100);
            assertThat(first.kill()).as(first.toString()).isTrue();
            assertThat(tables.done()).isLessThan(750);

            RunningProduct second = product.without("jtl.concurrency")
                    .with("contacts.timer.run-now", false)
                    .start("run");
            awaitClosed(1);
            assertThat(tables.rows(RUN).get(0).subList(0, 4)).containsExactly("timer", "timer", "750", "750");
            assertThat(tables.contacts()).as(second.toString()).isEqualTo(file.contacts(listing));
            assertThat(tables.rows("SELECT listed, next_page FROM timer_run"))
                    .containsExactly(Arrays.asList("750", null));
            // Three pages and 250 lists, and after the kill at most the page that was listed and the one that was not.
            assertThat(listing.stats().statuses().get(200)).isBetween(253L, 253L + 2 * 101);
            second.close();

            long before = listing.stats().statuses().get(200);
            product.with("contacts.timer.run-now", true).start("run");
            awaitClosed(2);
            assertThat(listing.stats().statuses().get(200) - before)
                    .as("a call for each list, none twice")
                    .isEqualTo(253);
        }
    }

    @Test
    void a_run_that_is_due_waits_for_the_one_before_it() throws IOException {
        KeyFiles.good(83, 160).write(keys);
        // 160 keys, 4 at a time, 40 ms each: longer than the second between two due times.
        RunningProduct runningProduct = product.with("contacts.timer.schedule", "1s")
                .with("jtl.concurrency", 4)
                .start("run");
        awaitClosed(3);
        runningProduct.terminate();
        assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isZero();

        List<List<String>> runs =
                tables.rows("SELECT started_at, finished_at FROM import_run WHERE closed_at IS NOT NULL ORDER BY id");
        for (int i = 1; i < runs.size(); i++) {
            assertThat(runs.get(i).get(0))
                    .isGreaterThanOrEqualTo(runs.get(i - 1).get(1));
        }
        assertThat(jtl.askedAgain().values())
                .as("asked once by each run")
                .allSatisfy(calls -> assertThat(calls).isLessThanOrEqualTo(runs.size() + 1));
    }

    @Test
    void runs_that_were_missed_are_made_up_for_by_one_at_the_start() throws Exception {
        KeyFiles.good(84, 20).write(keys);
        product.with("contacts.timer.zone", "Europe/Berlin");
        RunningProduct first = product.with("contacts.timer.run-now", true).start("run");
        awaitClosed(1);
        first.close();
        try (var connection = DriverManager.getConnection(product.databaseUrl());
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE import_run SET started_at = '2020-05-01T00:00:00.000Z'");
            statement.executeUpdate("UPDATE timer_run SET due_at = '2020-05-01T00:00:00.000Z'");
        }

        RunningProduct second = product.with("contacts.timer.run-now", false).start("run");
        awaitClosed(2);
        await().during(Duration.ofSeconds(3)).atMost(LONG).until(() -> tables.closed() == 2);
        second.close();

        RunningProduct third = product.start("run");
        await().atMost(LONG).until(() -> third.stderr().contains("next at "));
        await().during(Duration.ofSeconds(2)).atMost(LONG).until(() -> tables.closed() == 2);
        assertThat(tables.rows("SELECT due_at FROM timer_run ORDER BY due_at")
                        .get(1)
                        .get(0))
                .isEqualTo("2020-12-31T23:00:00.000Z");
    }

    @Test
    @OnBothRuntimes
    void after_a_kill_the_next_start_resumes_with_the_same_keys() throws IOException {
        KeyFiles file = KeyFiles.mixed(85, 3_000, 0.02, 0.02);
        file.write(keys);
        // So few calls at a time that there are seconds to kill it in.
        RunningProduct first = product.with("jtl.concurrency", 4)
                .with("contacts.timer.run-now", true)
                .start("run");
        await().atMost(LONG).pollInterval(Duration.ofMillis(30)).until(() -> tables.done() > 300);
        assertThat(first.kill()).as(first.toString()).isTrue();
        assertThat(tables.done()).as("the run must not be finished yet").isLessThan(3_000);
        // The next run's keys: those of this one are known.
        KeyFiles.good(86, 10).write(keys);

        RunningProduct second = product.without("jtl.concurrency")
                .with("contacts.timer.run-now", false)
                .start("run");
        awaitClosed(1);
        assertThat(tables.contacts()).as(second.toString()).isEqualTo(file.contacts(jtl));
        assertThat(tables.rows(RUN))
                .containsExactly(List.of(
                        "timer",
                        "timer",
                        "3000",
                        "" + file.keys().size(),
                        "0",
                        "" + file.invalid(),
                        "" + file.duplicates(),
                        "finished"));
        assertThat(jtl.askedAgain().size()).as("at most what was in flight").isLessThanOrEqualTo(4 * 50);
        assertThat(tables.runs()).hasSize(1);
    }

    @Test
    void an_unreadable_key_file_fails_one_run_and_is_retried_by_the_next() throws IOException {
        product.with("contacts.timer.schedule", "2s").with("contacts.sinks", "database,file");
        RunningProduct runningProduct = product.start("run");
        awaitClosed(1);
        assertThat(runningProduct.stderr()).contains("the keys cannot be read");
        assertThat(tables.rows("SELECT total, state, halt_reason FROM import_run WHERE id = 1"))
                .containsExactly(List.of("0", "finished", "keys.csv does not exist"));

        KeyFiles file = KeyFiles.good(87, 30);
        file.write(keys);
        await().atMost(LONG).until(() -> tables.contacts().size() == 30);
        assertThat(runningProduct.isAlive()).isTrue();
        assertThat(runningProduct.stderr()).contains("Remove file from contacts.sinks, or add it to contacts.sources");
    }

    @Tag("outage")
    @Test
    void of_two_processes_on_postgresql_one_runs_and_the_other_takes_over_after_a_kill() throws IOException {
        KeyFiles file = KeyFiles.good(88, 40);
        file.write(keys);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                    .with("contacts.database.username", "postgres")
                    .with("contacts.database.password", "postgres")
                    .with("contacts.timer.schedule", "3s");
            tables = Tables.of(product);
            List<RunningProduct> both = List.of(product.start("run"), product.start("run"));
            awaitClosed(3);
            assertThat(jtl.stats().contactRequests())
                    .as("once by each run")
                    .isLessThanOrEqualTo(40 * (tables.closed() + 1));

            // One has just ended.
            awaitClosed(tables.closed() + 1);
            long leader = owner();
            RunningProduct killed = both.stream()
                    .filter(runningProduct -> runningProduct.pid() == leader)
                    .findFirst()
                    .orElseThrow();
            assertThat(killed.kill()).as(killed.toString()).isTrue();
            long inFlight = tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NULL");
            long before = tables.closed();
            awaitClosed(before + 2);
            RunningProduct survivor =
                    both.stream().filter(RunningProduct::isAlive).findFirst().orElseThrow();
            survivor.terminate();
            assertThat(survivor.exitCode(Duration.ofSeconds(30)))
                    .as(survivor.toString())
                    .isZero();

            assertThat(owner()).isEqualTo(survivor.pid());
            // A run for each due time, and no run by two processes.
            List<List<String>> due = tables.rows("SELECT extract(epoch FROM due_at)::bigint % 3 FROM timer_run");
            assertThat(due).containsOnly(List.of("0"));
            // The last run may have been begun when the process was told to end; of one that was met by the kill the
            // other process has asked for the only chunk again.
            long begun = tables.number("SELECT count(*) FROM import_run");
            assertThat(jtl.stats().contactRequests()).isBetween(40 * tables.closed(), 40 * (begun + inFlight));
            assertThat(tables.rows("SELECT DISTINCT total, stored, state FROM import_run WHERE closed_at IS NOT NULL"))
                    .containsExactly(List.of("40", "40", "finished"));
            assertThat(tables.contacts()).isEqualTo(file.contacts(jtl));
            product.close();
        }
    }

    private long owner() {
        return Long.parseLong(tables.rows("SELECT owner FROM import_run ORDER BY id DESC LIMIT 1")
                .get(0)
                .get(0)
                .split("/")[1]);
    }
}
