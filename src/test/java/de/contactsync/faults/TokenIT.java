package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.http.FaultServer;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that end early, are revoked, or are hard to come by; and refusals that are not the token's fault. */
class TokenIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(90);
    /** With this latency 64 calls in flight make 640 a second. */
    private static final Duration LATENCY = Duration.ofMillis(100);

    private static final int A_SECOND = 640;

    @TempDir
    Path folder;

    /** Over five lives: a token is renewed when 80 to 90 % of its life are over. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void a_token_of_few_seconds_fails_no_key_and_is_fetched_once_in_its_life(int seconds) throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, 5 * seconds * A_SECOND);
        try (JtlSimulator jtl = start(SimulatorOptions.builder().tokenLifetime(Duration.ofSeconds(seconds)));
                Product product = product(jtl)) {
            RunningProduct done = importAll(product, file);
            double ran = summary(done).get("seconds").doubleValue();
            System.out.printf(
                    "%d token requests of %d s in %.1f s%n", jtl.stats().tokenRequests(), seconds, ran);
            assertThat(jtl.stats().tokenRequests())
                    .as("in %s s, %s", ran, done)
                    .isGreaterThan(1)
                    .isLessThanOrEqualTo((long) (ran / seconds) + 2);
        }
    }

    @Test
    void a_token_revoked_under_64_calls_costs_one_request_for_all_of_them() throws IOException {
        assertOneRefreshForAllThreads(folder);
    }

    /** @param jvmOptions of the product's process */
    static void assertOneRefreshForAllThreads(Path folder, String... jvmOptions) throws IOException {
        int calls = 200 + new Random(Scale.SEED).nextInt(2 * A_SECOND);
        KeyFiles file = KeyFiles.good(Scale.SEED, 4 * A_SECOND);
        // Slow enough for all threads to come and find no token.
        try (JtlSimulator jtl = start(SimulatorOptions.builder());
                FaultyTokenEndpoint endpoint = FaultyTokenEndpoint.slow(jtl, Duration.ofSeconds(1));
                Product product = product(folder, jtl).with("jtl.oauth.token-endpoint", endpoint.uri())) {
            product.jvm(jvmOptions);
            RunningProduct runningProduct = product.start("import", file.write(folder.resolve("keys.csv")));
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> jtl.stats().contactRequests() >= calls);
            jtl.revokeTokens();
            int code = runningProduct.exitCode();
            assertThat(endpoint.requests())
                    .as("token requests, before and after the revocation")
                    .isEqualTo(2);
            assertThat(code)
                    .as("revoked after %d calls, seed %d, %s", calls, Scale.SEED, runningProduct)
                    .isZero();
            long refused = jtl.stats().statuses().getOrDefault(401, 0L);
            assertThat(refused).as("threads that lost their token").isGreaterThan(32);
            assertThat(jtl.stats().contactRequests())
                    .as("each refused call is repeated once")
                    .isEqualTo(file.keys().size() + refused);
        }
    }

    static Stream<Arguments> endpointFaults() {
        Map<String, FaultServer.AnswerToHead> faults = new LinkedHashMap<>();
        faults.put("down", (head, out, self) -> {
            throw new IOException("hang up");
        });
        faults.put(
                "a page",
                (head, out, self) -> out.write(HostileJtl.answer(
                        "200 OK", "Content-Type: text/html", HostileJtl.raw("<html>Down for maintenance</html>"))));
        faults.put(
                "a page with 503",
                (head, out, self) -> out.write(HostileJtl.answer(
                        "503 Service Unavailable", "Content-Type: text/html", HostileJtl.raw("<html></html>"))));
        faults.put("huge", (head, out, self) -> {
            out.write(HostileJtl.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1073741824\r\n\r\n{\"access_token\":\""));
            byte[] block = HostileJtl.raw("x".repeat(1 << 16));
            for (int i = 0; i < 1 << 14; i++) {
                out.write(block);
            }
        });
        faults.put(
                "429",
                (head, out, self) ->
                        out.write(HostileJtl.answer("429 Too Many Requests", "Retry-After: 1", new byte[0])));
        faults.put("half a token", (head, out, self) -> out.write(HostileJtl.json("{\"access_token\":\"eyJ")));
        return faults.entrySet().stream().map(fault -> Arguments.of(fault.getKey(), fault.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endpointFaults")
    void a_token_endpoint_that_fails_three_times_fails_no_key(String name, FaultServer.AnswerToHead fault)
            throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, A_SECOND);
        try (JtlSimulator jtl = start(SimulatorOptions.builder());
                FaultyTokenEndpoint endpoint = new FaultyTokenEndpoint(jtl, request -> request <= 3, fault);
                Product product = product(jtl).with("jtl.oauth.token-endpoint", endpoint.uri())) {
            RunningProduct done = importAll(product, file);
            assertThat(endpoint.requests()).as("%s, %s", name, done).isEqualTo(4);
            assertThat(jtl.stats().contactRequests()).isEqualTo(file.keys().size());
            assertThat(done.stderr()).doesNotContain("\tat ", "OutOfMemory");
        }
    }

    @Test
    void an_endpoint_failing_every_other_time_with_two_second_tokens_fails_no_key() throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, 8 * A_SECOND);
        try (JtlSimulator jtl = start(SimulatorOptions.builder().tokenLifetime(Duration.ofSeconds(2)));
                FaultyTokenEndpoint endpoint = new FaultyTokenEndpoint(
                        jtl,
                        request -> request % 2 == 0,
                        (head, out, self) ->
                                out.write(HostileJtl.answer("500 Internal Server Error", "", new byte[0])));
                Product product = product(jtl).with("jtl.oauth.token-endpoint", endpoint.uri())) {
            RunningProduct done = importAll(product, file);
            double ran = summary(done).get("seconds").doubleValue();
            assertThat(endpoint.requests())
                    .as("in %s s, %s", ran, done)
                    .isGreaterThan(2)
                    .isLessThanOrEqualTo(2 * ((int) (ran / 2) + 2));
        }
    }

    @Test
    void a_401_for_single_contacts_storms_no_endpoint_and_fails_those_keys_alone() throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, Scale.of(5, 70) * A_SECOND);
        int refused = 40;
        UUID[] ids = new UUID[refused];
        for (int i = 0; i < refused; i++) {
            ids[i] = file.keys().get(i * (file.keys().size() / refused) + 7).contactId();
        }
        try (JtlSimulator jtl =
                        start(SimulatorOptions.builder().fault(Fault.status(401).onlyFor(ids)));
                Product product = product(jtl)) {
            RunningProduct done = product.start("import", "--json", file.write(folder.resolve("keys.csv")));
            assertThat(done.exitCode(Duration.ofMinutes(3))).as(done.toString()).isEqualTo(1);
            Tables tables = Tables.of(product);
            assertThat(tables.rows("SELECT reason, http_status, count(*) FROM dead_letter GROUP BY 1, 2"))
                    .as(done.toString())
                    .containsExactly(List.of("rejected", "401", "" + refused));
            assertThat(tables.rows("SELECT DISTINCT contact_id FROM dead_letter").stream()
                            .map(row -> row.get(0)))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.of(ids).map(UUID::toString).toList());
            assertThat(tables.number("SELECT count(*) FROM contact"))
                    .isEqualTo(file.keys().size() - refused);
            double ran = summary(done).get("seconds").doubleValue();
            assertThat(jtl.stats().tokenRequests())
                    .as("the first one, and one in 30 s; in %s s", ran)
                    .isLessThanOrEqualTo(2 + (long) (ran / 30));
        }
    }

    private static JtlSimulator start(SimulatorOptions.Builder options) {
        return JtlSimulator.start(options.latency(LATENCY).build());
    }

    private Product product(JtlSimulator jtl) throws IOException {
        return product(folder, jtl);
    }

    private static Product product(Path folder, JtlSimulator jtl) throws IOException {
        return Product.in(folder.resolve("work")).against(jtl).with("jtl.concurrency", 64);
    }

    /** An import in which every key is stored. */
    private RunningProduct importAll(Product product, KeyFiles file) throws IOException {
        RunningProduct done = product.start("import", "--json", file.write(folder.resolve("keys.csv")));
        assertThat(done.exitCode()).as(done.toString()).isZero();
        assertThat(summary(done).get("stored").intValue()).isEqualTo(file.keys().size());
        return done;
    }

    private static JsonNode summary(RunningProduct done) throws IOException {
        return JSON.readTree(done.stdout());
    }
}
