package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.QueueClient;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.Message;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys over HTTP, with the packaged jar: what was accepted is worked on, also after a kill. */
@OnBothRuntimes
class HttpSourceIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String TOKEN = "a-token-of-the-tests";

    /** A source of the user's own. */
    private static final String OWN_SOURCE = """
            - route:
                id: source-own
                from:
                  uri: platform-http:/orders
                  parameters:
                    httpMethodRestrict: POST
                  steps:
                    - to:
                        uri: direct:accept-keys
            """;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    private HttpResponse<String> post(String query, String body) throws Exception {
        return post("/contact-keys" + query, TOKEN, body);
    }

    private HttpResponse<String> post(String path, String token, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String json(KeyFiles.Key key) {
        return "{\"customerId\":\"" + key.customerId() + "\",\"contactId\":\"" + key.contactId() + "\"}";
    }

    private void awaitPort(RunningProduct running) {
        await().atMost(LONG).ignoreExceptions().untilAsserted(() -> {
            assertThat(running.isAlive()).as(running.toString()).isTrue();
            new Socket("127.0.0.1", port).close();
        });
    }

    @Test
    void keys_accepted_before_a_kill_are_stored_after_it_and_callers_get_the_contact() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        KeyFiles keys = KeyFiles.good(15, 700);
        KeyFiles.Key own = KeyFiles.good(16, 1).keys().get(0);
        Files.writeString(
                Files.createDirectories(folder.resolve("home/routes")).resolve("source-own.camel.yaml"), OWN_SOURCE);
        JtlSimulator away = JtlSimulator.start(SimulatorOptions.defaults());
        int jtlPort = away.port();
        try (Product product = Product.in(folder.resolve("home")).against(away)) {
            away.close();
            product.with("contacts.sources", "http")
                    .with("contacts.http.port", port)
                    .with("contacts.http.token", TOKEN);
            RunningProduct killed = product.start("run");
            awaitPort(killed);

            HttpResponse<String> accepted =
                    post("", keys.keys().stream().map(HttpSourceIT::json).collect(Collectors.joining(",", "[", "]")));
            assertThat(killed.kill()).isTrue();

            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
            try (JtlSimulator jtl =
                    JtlSimulator.start(SimulatorOptions.builder().port(jtlPort).build())) {
                RunningProduct next = product.start("run");
                awaitPort(next);
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(Tables.of(product).number("SELECT count(*) FROM contact"))
                                .as(next.toString())
                                .isEqualTo(700));
                HttpResponse<String> contact =
                        post("?wait=20s", json(keys.keys().get(0)));
                assertThat(contact.statusCode()).isEqualTo(200);
                assertThat(contact.body()).contains("\"outcome\":\"found\"", "\"lastName\":");
                assertThat(post("/orders", "another token of no use", json(own)).statusCode())
                        .isEqualTo(401);
                HttpResponse<String> taken = post("/orders", TOKEN, json(own));
                assertThat(taken.statusCode()).isEqualTo(202);
                assertThat(taken.headers().map())
                        .as("once, the answer had the headers of the request")
                        .doesNotContainKeys("user-agent", "host", "http2-settings");
                for (String bad : List.of("{bad", "{}", "", "[]", json(own) + " x")) {
                    HttpResponse<String> refused = post("/orders", TOKEN, bad);
                    assertThat(refused.statusCode())
                            .as(bad + ": " + refused.body())
                            .isEqualTo(400);
                    assertThat(refused.body()).startsWith("{\"status\":400,\"detail\":");
                }
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(Tables.of(product).number("SELECT count(*) FROM contact"))
                                .as(next.toString())
                                .isEqualTo(701));
                next.terminate();
                RunningProduct imported = product.start("import", keys.write(folder.resolve("keys.csv")));
                assertThat(imported.exitCode(LONG))
                        .as("where nothing listens, routes that would be served stop nothing\n" + imported)
                        .isZero();
                assertThat(next.exitCode(LONG)).as(next.toString()).isZero();
                assertThat(next.toString()).doesNotContain(TOKEN);
                assertThat(Tables.of(product).number("SELECT count(*) FROM received_key"))
                        .isZero();
            }
        }
    }

    /** Once, they were stored and not published, and nothing said so. */
    @Test
    void with_the_sink_queue_what_comes_of_keys_is_published_with_the_id_of_the_request() throws Exception {
        int broker = FreePort.next();
        port = FreePort.next();
        List<KeyFiles.Key> keys = KeyFiles.good(17, 3).keys();
        UUID unknown = keys.get(2).contactId();
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .fault(Fault.status(404).onlyFor(unknown))
                        .build());
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            product.with("contacts.sources", "http")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.http.port", port)
                    .with("contacts.http.token", TOKEN)
                    .with("contacts.queue.port", broker)
                    .with("contacts.queue.username", "shop")
                    .with("contacts.queue.password", "s3cr3t");
            RunningProduct running = product.start("run");
            awaitPort(running);
            HttpResponse<String> lone = post("?wait=30s", json(keys.get(0)));
            HttpResponse<String> two = post("?wait=30s", "[" + json(keys.get(1)) + "," + json(keys.get(2)) + "]");

            QueueClient client = QueueClient.of("amqp://127.0.0.1:" + broker, "shop", "s3cr3t");
            List<Message> contacts = client.receiveAll("contacts-enriched", Duration.ofSeconds(5));
            List<Message> errors = client.receiveAll("contacts-dead-letter", Duration.ofSeconds(2));
            String request = requestId(two);
            assertThat(contacts).as(running.toString()).hasSize(2);
            assertThat(contacts.get(0).getStringProperty("messageId")).isEqualTo(requestId(lone));
            assertThat(contacts.get(0).getJMSCorrelationID()).isEqualTo(requestId(lone));
            assertThat(contacts.get(0).getBody(String.class)).contains("\"outcome\":\"found\"");
            assertThat(contacts.get(1).getStringProperty("messageId")).isEqualTo(request + "#1");
            assertThat(errors).singleElement().satisfies(error -> {
                assertThat(error.getStringProperty("messageId")).isEqualTo(request + "#2");
                assertThat(error.getJMSCorrelationID()).isEqualTo(request);
                assertThat(error.getStringProperty("outcome")).isEqualTo("not-found");
            });
        }
    }

    private static String requestId(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().replaceFirst("(?s).*?\"messageId\":\"([^\"#]*).*", "$1");
    }
}
