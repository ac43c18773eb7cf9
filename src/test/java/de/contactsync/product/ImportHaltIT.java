package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Failures that concern all keys: 3, a message that says what to do, and once it is mended the same command continues.
 */
class ImportHaltIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final KeyFiles file = KeyFiles.good(31, 300);
    private Path keys;
    private JtlSimulator good;
    private Product product;

    @BeforeEach
    void start() throws IOException {
        good = JtlSimulator.start(SimulatorOptions.builder().countKeys(true).build());
        product = Product.in(folder.resolve("work"))
                .against(good)
                .with("contacts.max-wait", "0s")
                .with("contacts.chunk-size", 20)
                .with("jtl.concurrency", 4)
                .with("jtl.max-attempts", 2);
        keys = file.write(folder.resolve("keys.csv"));
    }

    @AfterEach
    void stop() {
        product.close();
        good.close();
    }

    @ParameterizedTest
    @CsvSource({"402, licence", "403, customers.read"})
    void a_failure_for_the_operator_halts_and_the_import_resumes_later(int status, String remedy) throws IOException {
        try (JtlSimulator refusing = JtlSimulator.start(
                SimulatorOptions.builder().fault(Fault.status(status)).build())) {
            assertHalts(product.against(refusing), "HTTP " + status, remedy);
        }
        assertGoesOn(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {402, 403})
    void a_refusal_for_one_key_in_the_middle_of_a_file_fails_that_key_alone(int status) throws IOException {
        UUID late = file.keys().get(250).contactId();
        try (JtlSimulator refusing = JtlSimulator.start(SimulatorOptions.builder()
                .fault(Fault.status(status).onlyFor(late))
                .build())) {
            RunningProduct done = product.against(refusing).start("import", "--json", keys);
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);
            JsonNode summary = JSON.readTree(done.stdout());
            assertThat(summary.get("stored").longValue()).isEqualTo(299);
            assertThat(summary.get("rejected").longValue()).isEqualTo(1);
        }
    }

    @Test
    void while_jtl_is_down_it_halts_and_resumes_later() throws IOException {
        try (JtlSimulator down = JtlSimulator.start(
                SimulatorOptions.builder().fault(Fault.status(503)).build())) {
            assertHalts(product.against(down), "out of reach");
        }
        assertGoesOn(0);
    }

    @Test
    void while_nothing_listens_at_jtl_s_address_it_halts_and_resumes_later() throws IOException {
        assertHalts(
                product.with("jtl.base-url", "http://127.0.0.1:" + FreePort.next() + "/erp"),
                "no answer from 127.0.0.1");
        assertGoesOn(0);
    }

    @Test
    void while_the_token_endpoint_is_unreachable_it_halts_and_resumes_later() throws IOException {
        assertHalts(
                product.with("jtl.oauth.token-endpoint", "http://127.0.0.1:" + FreePort.next() + "/oauth2/token"),
                "jtl.oauth.token-endpoint");
        assertGoesOn(0);
    }

    @Test
    void with_a_wrong_secret_it_halts_at_once_and_shows_it_to_nobody() throws IOException {
        RunningProduct halted =
                assertHalts(product.with("jtl.oauth.client-secret", "canary-7f3a91"), "jtl.oauth.client-secret");
        assertThat(halted.stdout() + halted.stderr()).doesNotContain("canary-7f3a91");
        assertThat(good.stats().contactRequests()).isZero();
        assertGoesOn(0);
    }

    @Test
    void while_postgresql_is_out_of_reach_it_halts_and_works_once_it_is_there() throws IOException {
        int port = FreePort.next();
        product.with("contacts.database.url", "jdbc:postgresql://127.0.0.1:" + port + "/postgres")
                .with("contacts.database.username", "postgres")
                .with("contacts.database.password", "postgres");
        assertHalts(product, "contacts.database.url");
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().setPort(port).start()) {
            assertThat(postgres.getPort()).isEqualTo(port);
            RunningProduct done = product.start("import", "--json", keys);
            assertThat(done.exitCode()).as(done.toString()).isZero();
            assertThat(JSON.readTree(done.stdout()).get("stored").longValue()).isEqualTo(300);
        }
    }

    /** 20 per second, so 4,000 keys take about 200 s. */
    @Test
    void the_end_of_a_quota_bound_import_is_forecast_from_the_first_chunk() throws IOException {
        Path many = KeyFiles.good(32, 4_000).write(folder.resolve("many.csv"));
        try (JtlSimulator scarce = JtlSimulator.start(
                SimulatorOptions.builder().quota(Quota.parse("20/1s")).build())) {
            RunningProduct runningProduct = product.against(scarce).start("import", "--json", many);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> runningProduct.stderr().contains(" left, "));
            assertThat(runningProduct.stderr())
                    .containsPattern(
                            "many\\.csv: \\d+ of about 4,000 done, \\d+/s, 0 dead letters, 3,\\d{3} left, 20 per 1"
                                    + " s, done \\d");
            runningProduct.terminate();
            assertThat(runningProduct.exitCode()).as(runningProduct.toString()).isEqualTo(3);

            JsonNode summary = JSON.readTree(runningProduct.stdout());
            long left = 4_000 - summary.get("stored").longValue();
            assertThat(left).isBetween(2_000L, 3_999L);
            assertThat(Instant.parse(summary.get("forecast").textValue()))
                    .isBetween(
                            Instant.now().plusSeconds(left * 9 / 200),
                            Instant.now().plusSeconds(left * 12 / 200));
        }
    }

    private RunningProduct assertHalts(Product mistaken, String... advice) throws IOException {
        RunningProduct halted = mistaken.start("import", "--json", keys);
        assertThat(halted.exitCode()).as(halted.toString()).isEqualTo(3);
        assertThat(halted.out()).as(halted.toString()).hasSize(1);
        JsonNode summary = JSON.readTree(halted.stdout());
        assertThat(summary.get("halted").booleanValue()).isTrue();
        assertThat(summary.get("message").textValue()).contains(advice);
        assertThat(summary.get("total").isNull())
                .as("the total is not known yet")
                .isTrue();
        assertThat(summary.get("forecast").isNull())
                .as("nothing is known while nothing is done")
                .isEqualTo(summary.get("stored").longValue() == 0);
        ImportCommandIT.assertNoStackTrace(halted);
        return halted;
    }

    /** The settings that were mistaken are right from here on. */
    private void assertGoesOn(long resumed) throws IOException {
        product.against(good);
        RunningProduct next = product.start("import", "--json", keys);
        assertThat(next.exitCode()).as(next.toString()).isZero();
        JsonNode summary = JSON.readTree(next.stdout());
        assertThat(summary.get("stored").longValue()).isEqualTo(300);
        assertThat(summary.get("resumed").longValue()).isEqualTo(resumed);
        assertThat(Tables.of(product).runs()).hasSize(1);
        assertThat(Tables.of(product).contacts()).isEqualTo(file.contacts(good));
        assertThat(Tables.of(product).deadLetters())
                .as("nothing is dead-lettered for a halt")
                .isEmpty();
    }
}
