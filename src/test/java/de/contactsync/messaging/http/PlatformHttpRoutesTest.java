package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.routes.RouteFailures;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes of the user on the port of keys. */
@Timeout(60)
class PlatformHttpRoutesTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final HttpClient client = HttpClient.newHttpClient();
    private final CountDownLatch begun = new CountDownLatch(4);
    private final CountDownLatch mended = new CountDownLatch(1);
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = FreePort.next();
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        ReceivedKeys keys = new ReceivedKeys(database, runs, Clock.systemUTC());
        TenantNames tenants = TenantNames.only(ChunkFixture.TENANT);
        RouteFailures failures = new RouteFailures();
        KeyHttpServer server = test.closing(new KeyHttpServer(
                new HttpSourceSettings("127.0.0.1", port, TOKEN, 1_000),
                keys,
                tenants,
                new ConsumerLifecycle(TestBreakers.create()),
                failures));
        camel.getRegistry().bind(PlatformHttpRoutes.BEAN, server.routes());
        camel.getRegistry().bind(server.routes().routerName(), server.routes().router());
        failures.install(camel);
        KeyAcceptor acceptor = new KeyAcceptor(keys, tenants);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/hanging").process(PlatformHttpRoutesTest.this::hang);
                from("platform-http:/orders").to("direct:accept-keys");
                from("platform-http:/lines").split(body().tokenize("\n")).to("direct:accept-keys");
                from("direct:accept-keys").errorHandler(noErrorHandler()).bean(acceptor, "accept");
            }
        });
        camel.start();
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        mended.countDown();
        camel.stop();
        test.close();
    }

    private void hang(Exchange exchange) throws InterruptedException {
        begun.countDown();
        mended.await();
        exchange.getMessage().setBody("done");
    }

    private static String key(int number) {
        return "{\"customerId\":\"" + new UUID(1, 1) + "\",\"contactId\":\"" + new UUID(2, number) + "\"}";
    }

    private CompletableFuture<HttpResponse<String>> post(String path, String body) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Once, four requests that hung there kept all others waiting, and there was no end to what waited. */
    @Test
    void a_route_that_hangs_keeps_no_keys_waiting_and_few_requests() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, PlatformHttpRoutes.MOST_IN_HAND + 3)
                .mapToObj(i -> post("/hanging", "{}"))
                .toList();
        begun.await();

        assertThat(post("/contact-keys", key(1)).get(20, TimeUnit.SECONDS).statusCode())
                .isEqualTo(202);
        await().until(() -> answers.stream().filter(CompletableFuture::isDone).count() == 3);
        assertThat(answers.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join))
                .allSatisfy(refused -> {
                    assertThat(refused.statusCode()).isEqualTo(503);
                    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                });

        mended.countDown();
        assertThat(answers.stream().map(CompletableFuture::join).filter(each -> each.statusCode() == 200))
                .hasSize(PlatformHttpRoutes.MOST_IN_HAND)
                .allSatisfy(each -> assertThat(each.body()).isEqualTo("done"));
        await().untilAsserted(() ->
                assertThat(post("/hanging", "{}").join().statusCode()).isEqualTo(200));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/orders | KEY          | 202 | 1",
                "/orders | {bad         | 400 | 0",
                "/lines  | KEY          | 200 | 1",
                "/lines  | KEY;{bad;KEY | 400 | 2",
                "/lines  | {}           | 400 | 0",
            })
    void what_is_refused_is_reported_to_the_caller_also_where_the_route_splits(
            String path, String body, int status, int stored) {
        HttpResponse<String> answer =
                post(path, body.replace("KEY", key(1)).replace(';', '\n')).join();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        if (status == 400) {
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.body()).startsWith("{\"status\":400,\"detail\":\"");
        }
        assertThat(test.count("received_key")).isEqualTo(stored);
    }

    private CompletableFuture<HttpResponse<String>> postOnce(String path, String idempotencyKey, String body) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Idempotency-Key", idempotencyKey)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Once, only POST /contact-keys knew the header, and nothing said so. */
    @Test
    void an_idempotency_key_counts_for_each_part_that_a_route_hands_over() {
        String first = postOnce("/orders", "a", key(1)).join().body();
        assertThat(postOnce("/orders", "a", key(1)).join().body()).isEqualTo(first);
        assertThat(postOnce("/orders", "b", key(1)).join().body()).isNotEqualTo(first);
        assertThat(test.count("received_key")).isEqualTo(2);

        for (int i = 0; i < 2; i++) {
            assertThat(postOnce("/lines", "a", key(1) + "\n" + key(2)).join().statusCode())
                    .isEqualTo(200);
        }
        assertThat(test.count("received_key")).isEqualTo(4);
        assertThat(postOnce("/orders", " ", key(1)).join().statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"platform-http:/contact-keys", "platform-http:contact-keys", "platform-http:///openapi.json?x=1"
            })
    void a_path_of_the_program_is_none_for_routes(String uri) {
        assertThatThrownBy(() -> PlatformHttpRoutes.requireFree(uri))
                .hasMessageEndingWith("is a path of the program itself: give the route another one");
        PlatformHttpRoutes.requireFree(uri.replaceFirst("([a-z])([?]|$)", "$1-of-mine$2"));
    }

    /** Of a request whose body the handler of Camel reads. */
    @Test
    void a_client_that_expects_100_continue_gets_it() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                                    + "\r\nExpect: 100-continue\r\nContent-Length: " + key(1).length() + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));

            assertThat(answer.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            socket.getOutputStream().write(key(1).getBytes(StandardCharsets.UTF_8));
            assertThat(answer.readLine()).isEmpty();
            assertThat(answer.readLine()).startsWith("HTTP/1.1 202");
        }
    }
}
