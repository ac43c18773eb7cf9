package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What is unavailable for a while does not end an import, and what only a person can mend is not waited for. */
@Isolated("counts calls against time, which other tests would take from it")
class ImportWaitIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.good(91, 300);
    private JtlSimulator jtl;
    private Product product;
    private Path keys;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().port(FreePort.next()).countKeys(true).build());
        product = Product.in(folder.resolve("work")).against(jtl).with("contacts.chunk-size", 20);
        keys = file.write(folder.resolve("keys.csv"));
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void while_jtl_is_down_it_waits_and_then_resumes_by_itself() throws IOException {
        int port = jtl.port();
        jtl.close();
        RunningProduct runningProduct = product.start("import", "--json", keys);
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .until(() -> runningProduct.stderr().contains("next try in"));
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().port(port).countKeys(true).build());

        assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isZero();
        JsonNode summary = JSON.readTree(runningProduct.stdout());
        assertThat(summary.get("stored").longValue()).isEqualTo(300);
        assertThat(summary.get("resumed").longValue())
                .as("one and the same import")
                .isZero();
        assertThat(runningProduct.stderr()).contains("is back after");
        assertThat(Tables.of(product).contacts()).isEqualTo(file.contacts(jtl));
        assertThat(Tables.of(product).deadLetters()).isEmpty();
        assertThat(Tables.of(product).runs()).hasSize(1);
    }

    @Test
    void it_waits_no_longer_than_max_wait() throws IOException {
        jtl.close();
        RunningProduct runningProduct = product.with("contacts.max-wait", "2s").start("import", "--json", keys);
        assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isEqualTo(3);
        JsonNode summary = JSON.readTree(runningProduct.stdout());
        assertThat(summary.get("halted").booleanValue()).isTrue();
        assertThat(summary.get("message").textValue())
                .contains("jtl.oauth.token-endpoint", "waited", "contacts.max-wait");
    }

    @Test
    void a_stop_ends_the_wait() throws IOException {
        jtl.close();
        RunningProduct runningProduct = product.start("import", "--json", keys);
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .until(() -> runningProduct.stderr().contains("next try in"));
        runningProduct.terminate();
        assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                .as(runningProduct.toString())
                .isEqualTo(3);
        assertThat(runningProduct.out()).hasSize(1);
    }

    @Test
    void a_missing_permission_is_not_waited_for() throws IOException {
        try (JtlSimulator faulty = JtlSimulator.start(
                SimulatorOptions.builder().fault(Fault.status(403)).build())) {
            RunningProduct runningProduct = product.against(faulty).start("import", "--json", keys);
            assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isEqualTo(3);
            assertThat(JSON.readTree(runningProduct.stdout()).get("message").textValue())
                    .contains("customers.read");
            assertThat(faulty.stats().contactRequests())
                    .as("20 refusals convince, and those in flight meanwhile")
                    .isLessThan(20 + 32);
        }
    }

    @Test
    void while_one_tenant_is_away_the_keys_of_another_pass_though_they_stand_in_one_file() throws IOException {
        List<KeyFiles.Key> away = file.keys().subList(0, 150);
        String tenant = "7a1c9a52-0b1e-4f0e-8e5c-3d1f2a4b5c6d";
        StringBuilder csv = new StringBuilder("customerId;contactId;tenantId\n");
        for (KeyFiles.Key key : file.keys()) {
            csv.append(key.customerId())
                    .append(';')
                    .append(key.contactId())
                    .append(';')
                    .append(away.contains(key) ? tenant : "")
                    .append('\n');
        }
        Path mixed = Files.writeString(folder.resolve("mixed.csv"), csv);
        String stored = "SELECT count(*) FROM contact WHERE tenant_id ";
        try (JtlSimulator faulty = JtlSimulator.start(SimulatorOptions.builder()
                .fault(Fault.status(503)
                        .onlyFor(away.stream().map(KeyFiles.Key::contactId).toArray(UUID[]::new)))
                .build())) {
            RunningProduct runningProduct =
                    product.against(faulty).with("contacts.max-wait", "2s").start("import", mixed);
            assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isEqualTo(3);
            assertThat(Tables.of(product).number(stored + "= '" + tenant + "'")).isZero();
            assertThat(Tables.of(product).number(stored + "<> '" + tenant + "'"))
                    .as(runningProduct.toString())
                    .isEqualTo(150);
        }
        RunningProduct next = product.against(jtl).start("import", mixed);
        assertThat(next.exitCode()).as(next.toString()).isZero();
        assertThat(Tables.of(product).number(stored + "= '" + tenant + "'")).isEqualTo(150);
        assertThat(jtl.stats().contactRequests())
                .as("what was done is not asked again")
                .isEqualTo(150);
    }
}
