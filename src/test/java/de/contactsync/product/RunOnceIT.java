package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run --once}: the schedule of whoever starts the program, such as cron or a CronJob of Kubernetes. */
@Order(1)
class RunOnceIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String OTHER_TENANT = "7a1c9a52-0b1e-4f0e-8e5c-3d1f2a4b5c6d";
    private static final String RUNS =
            "SELECT file_name, total, stored, state FROM import_run WHERE source = 'timer'" + " ORDER BY id";

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;
    private Tables tables;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .port(FreePort.next())
                .latency(Duration.ofMillis(40))
                .changedShare(1)
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work")).against(jtl).with("contacts.chunk-size", 50);
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private void keysOfSchedule(KeyFiles keys) throws IOException {
        keys.write(product.folder().resolve("keys.csv"));
        product.with("contacts.timer.keys", "file").with("contacts.timer.file", "keys.csv");
    }

    private RunningProduct once(int exitCode) throws IOException {
        RunningProduct once = product.start("run", "--once", "--json");
        assertThat(once.exitCode(LONG)).as(once.toString()).isEqualTo(exitCode);
        assertThat(once.stderr()).doesNotContain("\tat ");
        return once;
    }

    private static List<JsonNode> summaries(RunningProduct ended) {
        return ended.out().stream().map(RunOnceIT::json).toList();
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void known_contacts_of_two_tenants_reach_the_crm_once_despite_a_kill_in_the_middle() throws IOException {
        List<KeyFiles.Key> keys = KeyFiles.good(171, 800).keys();
        Path file = Files.writeString(
                folder.resolve("keys.csv"),
                IntStream.range(0, keys.size())
                        .mapToObj(i -> (i % 2 == 0 ? Product.TENANT : OTHER_TENANT) + "," + keys.get(i))
                        .collect(Collectors.joining("\n", "tenantId,customerId,contactId\n", "\n")));
        List<String> recordKeys = IntStream.range(0, keys.size())
                .mapToObj(i -> (i % 2 == 0 ? Product.TENANT : OTHER_TENANT) + "/"
                        + keys.get(i).contactId())
                .toList();
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard())) {
            product.into(hubSpot).withHarmlessMapping();
            RunningProduct imported = product.start("import", file);
            assertThat(imported.exitCode(LONG)).as(imported.toString()).isZero();
            jtl.revision(1);
            long asked = jtl.stats().contactRequests();

            // So few calls at a time that there are seconds to kill it in.
            RunningProduct killed = product.with("jtl.concurrency", 8).start("run", "--once");
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> tables.rows(RUNS).size() == 1 && tables.done() > 100);
            assertThat(killed.kill()).as(killed.toString()).isTrue();
            assertThat(tables.done()).isLessThan(800);

            RunningProduct again = product.without("jtl.concurrency").start("run", "--once", "--json");
            assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
            assertThat(again.stderr()).contains("not started: file").doesNotContain("WARN", "ERROR");
            JsonNode summary = summaries(again).get(0);
            assertThat(summary.get("run").textValue()).isEqualTo("timer (known)");
            assertThat(summary.get("total").intValue()).isEqualTo(800);
            assertThat(summary.get("resumed").intValue()).isBetween(100, 799);
            assertThat(summary.get("crm").get("pending").intValue()).isZero();
            assertThat(tables.rows(RUNS)).containsExactly(List.of("timer", "800", "800", "finished"));
            assertThat(tables.closed()).isEqualTo(2);
            assertThat(jtl.stats().contactRequests() - asked)
                    .as("once each, but for what was in flight at the kill")
                    .isBetween(800L, 800L + 4 * 50);
            Map<String, Map<String, String>> records = hubSpot.records();
            assertThat(records.values().stream().map(record -> record.get("jtl_contact_id")))
                    .containsExactlyInAnyOrderElementsOf(recordKeys);
            assertThat(tables.number("SELECT count(*) FROM contact c JOIN delivery d USING (tenant_id, contact_id)"
                            + " WHERE d.state = 'delivered' AND d.content_hash = c.content_hash"))
                    .isEqualTo(800);

            jtl.revision(2);
            RunningProduct next = product.start("run", "--once");
            assertThat(next.exitCode(LONG)).as(next.toString()).isZero();
            assertThat(next.stdout())
                    .contains("timer (known): 800 records in ", "accepted 800 = 800 stored", "to the CRM\n");
            assertThat(tables.rows(RUNS)).hasSize(2);
        }
    }

    @Test
    void each_end_has_the_exit_code_that_import_has_for_it() throws IOException {
        product.with("contacts.sources", "timer");
        keysOfSchedule(KeyFiles.mixed(172, 120, 0.1, 0.1));
        RunningProduct letters = once(1);
        assertThat(summaries(letters).get(0).get("invalid").intValue()).isPositive();
        assertThat(product.start("run", "--once").exitCode(LONG)).isEqualTo(1);
        assertThat(tables.rows(RUNS)).hasSize(2);

        Files.delete(product.folder().resolve("keys.csv"));
        assertThat(summaries(once(2)).get(0).get("message").textValue()).isEqualTo("keys.csv does not exist");

        RunningProduct usage = product.start("run", "--json");
        assertThat(usage.exitCode(LONG)).isEqualTo(2);
        assertThat(usage.stderr()).contains("--once");

        keysOfSchedule(KeyFiles.good(173, 600));
        RunningProduct stopped = product.with("jtl.concurrency", 4).start("run", "--once", "--json");
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> tables.rows(RUNS).size() == 4 && tables.done() > 50);
        stopped.terminate();
        assertThat(stopped.exitCode(Duration.ofSeconds(30)))
                .as(stopped.toString())
                .isEqualTo(3);
        assertThat(summaries(stopped).get(0).get("halted").booleanValue()).isTrue();
        // The keys of the run that was stopped, not those that the file has now.
        keysOfSchedule(KeyFiles.good(174, 5));
        product.without("jtl.concurrency");
        assertThat(summaries(once(0)).get(0).get("total").intValue()).isEqualTo(600);
        assertThat(summaries(once(0)).get(0).get("total").intValue()).isEqualTo(5);
    }

    /** Once, what halts one file would have kept the tenants behind from being looked up. */
    @Test
    void a_tenant_that_jtl_refuses_blocks_no_other_and_is_resumed() throws IOException {
        KeyFiles keys = KeyFiles.ofCustomers(175, 20, 2);
        try (JtlSimulator listing = JtlSimulator.start(
                SimulatorOptions.builder().contacts(keys.calledKeys()).build())) {
            product.against(listing)
                    .without("jtl.tenant-id")
                    .with("contacts.timer.keys", "customers")
                    .with("jtl.tenants.amsel.tenant-id", Product.TENANT)
                    .with("jtl.tenants.amsel.oauth.client-id", "demo")
                    .with("jtl.tenants.amsel.oauth.client-secret", "wrong")
                    .with("jtl.tenants.zander.tenant-id", OTHER_TENANT);
            List<JsonNode> first = summaries(once(3));
            assertThat(first.stream().map(summary -> summary.get("run").textValue()))
                    .containsExactly("timer (customers of amsel)", "timer (customers of zander)");
            assertThat(first.get(0).get("halted").booleanValue()).isTrue();
            assertThat(first.get(1).get("stored").intValue()).isEqualTo(40);

            product.with("jtl.tenants.amsel.oauth.client-secret", "demo");
            assertThat(summaries(once(0)).stream()
                            .map(summary -> summary.get("stored").intValue()))
                    .containsExactly(40, 40);
            assertThat(tables.rows(RUNS).stream().map(run -> run.get(0)))
                    .containsExactly("timer of amsel", "timer of zander", "timer of zander");
            assertThat(tables.number("SELECT count(*) FROM import_run WHERE closed_at IS NULL"))
                    .isZero();
        }
    }

    @Test
    void what_is_away_is_waited_for_and_what_was_looked_up_is_delivered_by_the_next() throws IOException {
        keysOfSchedule(KeyFiles.good(177, 60));
        int port = jtl.port();
        jtl.close();
        RunningProduct waits = product.start("run", "--once", "--json");
        await().alias(waits.toString()).atMost(LONG).until(() -> waits.stderr().contains("next try in"));
        jtl = JtlSimulator.start(SimulatorOptions.builder().port(port).build());
        assertThat(waits.exitCode(LONG)).as(waits.toString()).isZero();
        assertThat(summaries(waits)).hasSize(1);
        assertThat(tables.rows(RUNS)).containsExactly(List.of("timer", "60", "60", "finished"));

        HubSpotOptions options = HubSpotOptions.standard().onPort(FreePort.next());
        try (HubSpotSimulator away = HubSpotSimulator.start(options)) {
            product.into(away).withHarmlessMapping().with("contacts.max-wait", "1s");
        }
        RunningProduct undelivered = once(3);
        JsonNode crm = summaries(undelivered).get(0).get("crm");
        assertThat(crm.get("pending").intValue()).isEqualTo(60);
        long asked = jtl.stats().contactRequests();
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(options)) {
            RunningProduct delivers = once(0);
            assertThat(summaries(delivers).get(0).get("crm").get("delivered").intValue())
                    .isEqualTo(60);
            assertThat(hubSpot.records()).hasSize(60);
            assertThat(jtl.stats().contactRequests()).isEqualTo(asked);
            assertThat(tables.closed()).isEqualTo(2);
        }
    }

    /** It ended with code 143 and no summary: during the start nothing was there yet that ends the process properly. */
    @Test
    void a_stop_while_the_start_waits_for_the_crm_ends_with_a_summary() throws IOException {
        keysOfSchedule(KeyFiles.good(178, 60));
        try (HubSpotSimulator away = HubSpotSimulator.start(HubSpotOptions.standard());
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            product.into(away)
                    .withHarmlessMapping()
                    .with("contacts.crm.base-url", "http://127.0.0.1:" + silent.getLocalPort());
            RunningProduct starts = product.start("run", "--once", "--json");
            silent.setSoTimeout((int) LONG.toMillis());
            try (Socket call = silent.accept()) {
                starts.terminate();
                assertThat(starts.exitCode(Duration.ofSeconds(30)))
                        .as(starts.toString())
                        .isEqualTo(3);
            }
            assertThat(starts.stderr()).doesNotContain("Shutdown in progress");
            assertThat(summaries(starts))
                    .singleElement()
                    .satisfies(summary ->
                            assertThat(summary.get("halted").booleanValue()).isTrue());
        }
    }

    @Test
    void beside_another_process_each_run_is_one_process_s() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                    .with("contacts.database.username", "postgres")
                    .with("contacts.database.password", "postgres");
            tables = Tables.of(product);
            keysOfSchedule(KeyFiles.good(176, 2_000));
            // 40 ms each, so that it is still at it when the other has had enough.
            RunningProduct first = product.with("jtl.concurrency", 1).start("run", "--once");
            await().atMost(LONG).until(() -> tables.done() > 0);
            RunningProduct second = once(3);
            assertThat(summaries(second).get(0).get("message").textValue())
                    .isEqualTo("process " + first.pid() + " on "
                            + tables.rows("SELECT owner FROM import_run")
                                    .get(0)
                                    .get(0)
                                    .split("/")[0]
                            + " works on it");
            assertThat(first.kill()).as(first.toString()).isTrue();

            // Far from any test: it goes on with what was cut off, and begins nothing.
            RunningProduct service = product.without("jtl.concurrency")
                    .with("contacts.sources", "timer")
                    .with("contacts.timer.schedule", "0 0 0 1 1 ?")
                    .start("run");
            await().alias(service.toString()).atMost(LONG).until(() -> tables.closed() == 1);
            assertThat(tables.rows(RUNS)).containsExactly(List.of("timer", "2000", "2000", "finished"));

            RunningProduct third = once(0);
            assertThat(tables.rows(RUNS)).hasSize(2).containsOnly(List.of("timer", "2000", "2000", "finished"));
            assertThat(Long.parseLong(tables.rows("SELECT owner FROM import_run ORDER BY id DESC LIMIT 1")
                            .get(0)
                            .get(0)
                            .split("/")[1]))
                    .isEqualTo(third.pid());
            service.terminate();
            assertThat(service.exitCode(Duration.ofSeconds(30)))
                    .as(service.toString())
                    .isZero();
            assertThat(service.stderr()).doesNotContain("WARN", "ERROR");
            product.close();
        }
    }
}
