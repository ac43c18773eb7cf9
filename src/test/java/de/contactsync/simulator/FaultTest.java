package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each fault, as a client sees it. */
class FaultTest {

    private static final UUID CONTACT = TestClient.contact(1);

    private JtlSimulator simulator;
    private TestClient testClient;

    @AfterEach
    void end() {
        simulator.close();
    }

    @Test
    void a_status_comes_with_the_body_it_usually_has() throws Exception {
        start(
                Fault.status(503).onlyFor(TestClient.contact(1)),
                Fault.status(409).onlyFor(TestClient.contact(2)),
                Fault.status(204).onlyFor(TestClient.contact(3)),
                Fault.status(404).onlyFor(TestClient.contact(4)));
        HttpResponse<String> unavailable = testClient.get(TestClient.contact(1));
        assertThat(unavailable.statusCode()).isEqualTo(503);
        assertThat(unavailable.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/html");
        HttpResponse<String> conflict = testClient.get(TestClient.contact(2));
        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(TestClient.json(conflict).get("errorCode").asText()).isEqualTo("SIMULATED_FAULT");
        HttpResponse<String> nothing = testClient.get(TestClient.contact(3));
        assertThat(nothing.statusCode()).isEqualTo(204);
        assertThat(nothing.body()).isEmpty();
        assertThat(TestClient.json(testClient.get(TestClient.contact(4)))
                        .get("errorCode")
                        .asText())
                .isEqualTo("NOT_FOUND");
        assertThat(testClient.get(TestClient.contact(5)).statusCode()).isEqualTo(200);
    }

    @Test
    void bodies_are_spoiled_each_in_its_way() throws Exception {
        start(
                Fault.body(Fault.Body.TRUNCATED).onlyFor(TestClient.contact(1)),
                Fault.body(Fault.Body.EMPTY).onlyFor(TestClient.contact(2)),
                Fault.body(Fault.Body.WRONG_ID).onlyFor(TestClient.contact(3)),
                Fault.body(Fault.Body.NO_ID).onlyFor(TestClient.contact(4)),
                Fault.answer(404, Fault.Body.HTML).onlyFor(TestClient.contact(5)));
        HttpResponse<String> truncated = testClient.get(TestClient.contact(1));
        assertThat(truncated.statusCode()).isEqualTo(200);
        assertThat(truncated.body()).startsWith("{\"id\":");
        assertThatThrownBy(() -> TestClient.json(truncated)).hasMessageContaining("end-of-input");
        assertThat(testClient.get(TestClient.contact(2)).body()).isEmpty();
        assertThat(UUID.fromString(TestClient.json(testClient.get(TestClient.contact(3)))
                        .get("id")
                        .asText()))
                .isNotEqualTo(TestClient.contact(3));
        JsonNode noId = TestClient.json(testClient.get(TestClient.contact(4)));
        assertThat(noId.has("id")).isFalse();
        assertThat(noId.size()).isPositive();
        HttpResponse<String> page = testClient.get(TestClient.contact(5));
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body()).startsWith("<!DOCTYPE html>");
    }

    @Test
    void a_reset_connection_ends_with_an_error() throws Exception {
        start(Fault.connection(Fault.Connection.RESET));
        try (Socket socket = ask()) {
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(simulator.stats().unanswered()).isEqualTo(1);
    }

    @Test
    void a_closed_connection_just_ends() throws Exception {
        start(Fault.connection(Fault.Connection.CLOSE));
        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_silent_connection_stays_open() throws Exception {
        start(Fault.connection(Fault.Connection.SILENT).onlyFor(CONTACT));
        assertThatThrownBy(() -> testClient.send(testClient.request(CONTACT).timeout(Duration.ofMillis(300))))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(testClient.get(TestClient.contact(2)).statusCode()).isEqualTo(200);
    }

    @Test
    void a_dripping_answer_is_right_in_the_end() throws Exception {
        start(Fault.drip(Duration.ofMillis(1)));
        testClient.token();
        long begin = System.nanoTime();
        HttpResponse<String> response = testClient.get(CONTACT);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(response.body()).isEqualTo(good(CONTACT));
        assertThat(took).isGreaterThan(Duration.ofMillis(response.body().length() * 9L / 10));
    }

    @Test
    void a_huge_body_is_64_mib() throws Exception {
        start(Fault.body(Fault.Body.HUGE));
        HttpResponse<InputStream> response =
                testClient.http().send(testClient.request(CONTACT).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(response.headers().firstValue("Content-Length")).isEmpty();
            assertThat(body.transferTo(OutputStream.nullOutputStream())).isGreaterThan(64 << 20);
        }
    }

    @Test
    void a_client_may_leave_in_the_middle_of_a_huge_body() throws Exception {
        start(Fault.body(Fault.Body.HUGE).onlyFor(CONTACT));
        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
        }
        assertThat(testClient.get(TestClient.contact(2)).statusCode()).isEqualTo(200);
    }

    @Test
    @Tag("slow")
    void a_gzip_bomb_grows_a_thousandfold() throws Exception {
        start(Fault.body(Fault.Body.GZIP_BOMB));
        HttpResponse<InputStream> response =
                testClient.http().send(testClient.request(CONTACT).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(response.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isLessThan(1 << 20);
        try (InputStream body = new GZIPInputStream(response.body(), 1 << 16)) {
            assertThat(body.transferTo(OutputStream.nullOutputStream())).isGreaterThan(256 << 20);
        }
    }

    @Test
    void a_redirect_names_the_place() throws Exception {
        start(Fault.redirect("http://127.0.0.1:9/elsewhere?a=b"));
        HttpResponse<String> response = testClient.get(CONTACT);
        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(response.headers().firstValue("Location")).hasValue("http://127.0.0.1:9/elsewhere?a=b");
    }

    @Test
    void after_the_given_times_a_contact_is_well_again() throws Exception {
        start(Fault.status(500)
                .onlyFor(TestClient.contact(1), TestClient.contact(2))
                .times(2));
        assertThat(statuses(1, 1, 2, 1, 2, 2, 3)).containsExactly(500, 500, 500, 200, 500, 200, 200);
        assertThat(simulator.stats().faults()).isEqualTo(4);
    }

    @Test
    void the_first_rule_that_fits_counts() throws Exception {
        start(
                Fault.status(500).onlyFor(CONTACT).times(1),
                Fault.status(502).onlyFor(CONTACT).times(1));
        assertThat(statuses(1, 1, 1)).containsExactly(500, 502, 200);
    }

    @Test
    @Tag("slow")
    void a_share_of_the_calls_fails_and_a_second_run_fails_the_same_ones() throws Exception {
        List<Integer> first = manyCalls(7);
        assertThat(first).filteredOn(status -> status == 503).hasSizeBetween(40, 80);
        assertThat(manyCalls(7)).isEqualTo(first);
        assertThat(manyCalls(8)).isNotEqualTo(first);
    }

    private List<Integer> manyCalls(long seed) throws Exception {
        if (simulator != null) {
            simulator.close();
        }
        simulator = JtlSimulator.start(SimulatorOptions.builder()
                .seed(seed)
                .fault(Fault.status(503).share(0.2))
                .build());
        testClient = new TestClient(simulator);
        List<Integer> statuses = new ArrayList<>();
        for (int call = 0; call < 300; call++) {
            statuses.add(testClient.get(CONTACT).statusCode());
        }
        return statuses;
    }

    private void start(Fault... faults) {
        SimulatorOptions.Builder options = SimulatorOptions.builder();
        for (Fault fault : faults) {
            options.fault(fault);
        }
        simulator = JtlSimulator.start(options.build());
        testClient = new TestClient(simulator);
    }

    private List<Integer> statuses(int... contacts) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        for (int contact : contacts) {
            statuses.add(testClient.get(TestClient.contact(contact)).statusCode());
        }
        return statuses;
    }

    private String good(UUID contactId) {
        return simulator
                .contact(TestClient.TENANT, TestClient.CUSTOMER, contactId)
                .orElseThrow();
    }

    /** A call over a socket of its own: HttpClient would hide how the connection ends, and tries again. */
    private Socket ask() throws Exception {
        String path = "/erp/v2/customers/" + TestClient.CUSTOMER + "/contacts/" + CONTACT;
        String call = String.join(
                "\r\n",
                "GET " + path + " HTTP/1.1",
                "Host: test",
                "Authorization: Bearer " + testClient.token(),
                "x-tenant-id: " + TestClient.TENANT,
                "",
                "");
        Socket socket = new Socket("127.0.0.1", simulator.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(call.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
