package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JtlSimulatorTest {

    @Test
    void counts_what_it_was_asked_and_what_it_answered() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder().countKeys(true).build();
        try (JtlSimulator simulator = JtlSimulator.start(options)) {
            TestClient testClient = new TestClient(simulator);
            for (int contact : new int[] {1, 2, 2, 3, 2}) {
                testClient.get(TestClient.contact(contact));
            }
            testClient.send(testClient.request("/v2/customers/17/contacts/17"));
            testClient.send(testClient.bare("/v9/nothing"));

            SimulatorStats stats = simulator.stats();
            assertThat(stats.tokenRequests()).isEqualTo(1);
            assertThat(stats.contactRequests()).isEqualTo(6);
            assertThat(stats.statuses()).isEqualTo(Map.of(200, 5L, 400, 1L, 404, 1L));
            assertThat(stats.keysAsked()).isEqualTo(3);
            assertThat(stats.keysAskedAgain()).isEqualTo(1);
            assertThat(simulator.calls(TestClient.CUSTOMER, TestClient.contact(1)))
                    .isEqualTo(1);
            assertThat(simulator.calls(TestClient.CUSTOMER, TestClient.contact(9)))
                    .isZero();
            assertThat(simulator.askedAgain())
                    .isEqualTo(Map.of(new RequestedKey(TestClient.CUSTOMER, TestClient.contact(2)), 3));
        }
    }

    @Test
    void other_processes_read_the_counters_as_json() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .countKeys(true)
                .fault(Fault.status(503).times(1))
                .build();
        try (JtlSimulator simulator = JtlSimulator.start(options)) {
            TestClient testClient = new TestClient(simulator);
            testClient.get(TestClient.contact(1));
            testClient.get(TestClient.contact(1));

            JsonNode totals = stats(simulator, "");
            assertThat(totals.get("tokenRequests").asInt()).isEqualTo(1);
            assertThat(totals.get("contactRequests").asInt()).isEqualTo(2);
            assertThat(totals.get("statuses").toString()).isEqualTo("{\"200\":1,\"503\":1}");
            assertThat(totals.get("unanswered").asInt()).isZero();
            assertThat(totals.get("faults").asInt()).isEqualTo(1);
            assertThat(totals.get("keysAsked").asInt()).isEqualTo(1);
            assertThat(totals.get("keysAskedAgain").asInt()).isEqualTo(1);
            assertThat(totals.has("askedAgain")).isFalse();

            JsonNode again = stats(simulator, "?keys=true").get("askedAgain");
            assertThat(again).hasSize(1);
            assertThat(again.get(0).get("customerId").asText()).isEqualTo(TestClient.CUSTOMER.toString());
            assertThat(again.get(0).get("contactId").asText())
                    .isEqualTo(TestClient.contact(1).toString());
            assertThat(again.get(0).get("calls").asInt()).isEqualTo(2);
        }
    }

    @Test
    void keys_are_counted_only_on_request() {
        try (JtlSimulator simulator = JtlSimulator.start(SimulatorOptions.defaults())) {
            assertThatThrownBy(() -> simulator.calls(TestClient.CUSTOMER, TestClient.contact(1)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(simulator::askedAgain).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void latency_delays_every_call_but_no_call_delays_another() throws Exception {
        Duration latency = Duration.ofMillis(200);
        try (JtlSimulator simulator =
                JtlSimulator.start(SimulatorOptions.builder().latency(latency).build())) {
            TestClient testClient = new TestClient(simulator);
            HttpRequest request = testClient.request(TestClient.contact(1)).build();
            long begin = System.nanoTime();
            List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 100)
                    .mapToObj(n -> testClient.http().sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                    .toList();
            for (CompletableFuture<HttpResponse<String>> call : calls) {
                assertThat(call.get().statusCode()).isEqualTo(200);
            }
            // One after the other they would take 20 s.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(latency, Duration.ofSeconds(10));
        }
    }

    @Test
    void says_so_when_its_port_is_taken() {
        try (JtlSimulator first = JtlSimulator.start(SimulatorOptions.defaults())) {
            assertThatThrownBy(() -> JtlSimulator.start(
                            SimulatorOptions.builder().port(first.port()).build()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(Integer.toString(first.port()));
        }
    }

    @Test
    void closing_frees_the_port_and_may_be_done_twice() {
        JtlSimulator simulator = JtlSimulator.start(SimulatorOptions.defaults());
        simulator.close();
        simulator.close();
        assertThatThrownBy(() -> new Socket("127.0.0.1", simulator.port()).close())
                .hasMessageContaining("refused");
    }

    @Test
    void options_out_of_range_are_named() {
        assertThatThrownBy(() -> SimulatorOptions.builder().port(70_000).build())
                .hasMessageContaining("70000");
        assertThatThrownBy(() ->
                        SimulatorOptions.builder().notFoundShare(Double.NaN).build())
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> SimulatorOptions.builder()
                        .tokenLifetime(Duration.ofMillis(999))
                        .build())
                .hasMessageContaining("token lifetime");
    }

    private static JsonNode stats(JtlSimulator simulator, String query) throws Exception {
        TestClient testClient = new TestClient(simulator);
        return TestClient.json(testClient.send(HttpRequest.newBuilder(URI.create(simulator.statsUrl() + query))));
    }
}
