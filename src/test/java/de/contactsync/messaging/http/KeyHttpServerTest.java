package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.routes.RouteFailures;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What senders of keys are answered; each answer is as openapi.json has it. */
class KeyHttpServerTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final UUID CUSTOMER = new UUID(1, 1);

    private static final OpenApiInteractionValidator CONTRACT =
            OpenApiInteractionValidator.createFor("/openapi.json").build();

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final ConsumerLifecycle lifecycle = new ConsumerLifecycle(TestBreakers.create());
    private final HttpClient client = HttpClient.newHttpClient();
    private ReceivedKeys keys;
    private ChunkStore store;
    private int port;

    @BeforeEach
    void start() throws Exception {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        keys = new ReceivedKeys(database, runs, Clock.systemUTC());
        store = new ChunkStore(database, runs, Clock.systemUTC());
        start(1_000);
    }

    private void start(int rate) throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        test.closing(new KeyHttpServer(
                        new HttpSourceSettings("127.0.0.1", port, TOKEN, rate),
                        keys,
                        TenantNames.only(ChunkFixture.TENANT),
                        lifecycle,
                        new RouteFailures())
                .start());
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private static String key(int number) {
        return "{\"customerId\":\"" + CUSTOMER + "\",\"contactId\":\"" + new UUID(2, number) + "\"}";
    }

    private HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/contact-keys" + query))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json");
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        SimpleResponse.Builder answer = SimpleResponse.Builder.status(response.statusCode());
        response.headers().map().forEach((name, values) -> answer.withHeader(name, values));
        if (response.request().method().equals("POST")) {
            assertThat(CONTRACT.validateResponse(
                                    "/contact-keys",
                                    Request.Method.POST,
                                    answer.withBody(response.body()).build())
                            .getMessages())
                    .as(response.statusCode() + " " + response.body())
                    .isEmpty();
        }
        return response;
    }

    private HttpResponse<String> post(String query, String body) throws Exception {
        return send(request(query).POST(BodyPublishers.ofString(body)).build());
    }

    /** As the route source-http does it: what is found is stored, the others are dead letters. */
    private int work() {
        List<Long> done = new ArrayList<>();
        for (ReceivedBatch batch : keys.claim(100)) {
            List<Outcome> outcomes = new ArrayList<>();
            for (KeyEntry entry : batch.chunk().entries()) {
                outcomes.add(
                        entry instanceof KeyEntry.Invalid invalid
                                ? new Outcome.Failed(invalid.reason(), null, null, invalid.problem(), null, 0)
                                : new Outcome.Found(ChunkFixture.named("Meier")));
            }
            EnrichedChunk enriched = store.commit(new EnrichedChunk(batch.chunk(), outcomes));
            keys.done(batch, enriched);
            done.addAll(batch.ids());
        }
        keys.record(done);
        return done.size();
    }

    @Test
    void a_lone_key_is_stored_before_it_is_accepted() throws Exception {
        HttpResponse<String> response = post("", key(1));

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.body()).contains("\"keys\":1", "\"invalid\":0");
        assertThat(test.count("received_key")).isOne();
        assertThat(work()).isOne();
        assertThat(test.count("contact")).isOne();
        assertThat(test.count("received_key")).isZero();
    }

    @Test
    void an_array_is_taken_whole_and_what_is_no_key_in_it_becomes_a_dead_letter() throws Exception {
        HttpResponse<String> response = post("", "[" + key(1) + ",{\"customerId\":\"x\"}," + key(2) + "]");

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.body()).contains("\"keys\":3", "\"invalid\":1");
        assertThat(work()).isEqualTo(3);
        assertThat(test.count("contact")).isEqualTo(2);
        assertThat(test.rows("SELECT source, reason FROM dead_letter")).hasSize(1);
        assertThat(test.one("SELECT position FROM dead_letter")).endsWith("#2");
    }

    @Test
    void a_key_in_each_line_is_taken_as_json_lines() throws Exception {
        HttpResponse<String> response = send(request("")
                .setHeader("Content-Type", "application/x-ndjson; charset=utf-8")
                .POST(BodyPublishers.ofString(key(1) + "\n" + key(2) + "\n\n" + key(3)))
                .build());

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(work()).isEqualTo(3);
    }

    /** Once, such a body was accepted, and the rest became a dead letter that nobody was told of. */
    @ParameterizedTest
    @ValueSource(strings = {"KEY x", "KEY KEY", "[KEY] ,", "[KEY", "[KEY,]", "{'a':1}", "", "KEY\u0000"})
    void a_body_that_is_not_one_json_value_is_refused_with_the_place(String template) throws Exception {
        HttpResponse<String> response = post("", template.replace("KEY", key(1)));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(test.count("received_key")).isZero();
    }

    /** Once, the answer was 503 and "send them again", without end. */
    @ParameterizedTest
    @MethodSource
    void a_body_beyond_the_limits_of_the_parser_is_refused(String odd, String problem) throws Exception {
        HttpResponse<String> response = post("", key(1).replaceFirst("}$", "," + odd + "}"));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains("The body has " + problem + ":");
        assertThat(test.count("received_key")).isZero();
    }

    static Stream<Arguments> a_body_beyond_the_limits_of_the_parser_is_refused() {
        return Stream.of(
                Arguments.of("\"n\":" + "1".repeat(1_001), "a number of more than 1000 digits"),
                Arguments.of("\"n\":" + "[".repeat(1_100) + "]".repeat(1_100), "more than 1000 levels of nesting"),
                Arguments.of("\"" + "n".repeat(60_000) + "\":1", "a field name of more than 50000 characters"));
    }

    /** Such as curl does with more than 1 MiB, and others always: without the answer they wait for a second or more. */
    @Test
    void who_asks_before_he_sends_the_body_is_told_to_go_on() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /contact-keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                                    + "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: "
                                    + key(1).length() + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));

            assertThat(answer.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            socket.getOutputStream().write(key(1).getBytes(StandardCharsets.UTF_8));
            assertThat(answer.readLine()).isEmpty();
            assertThat(answer.readLine()).startsWith("HTTP/1.1 202");
        }
    }

    /** Once, whoever had lost the answer was told that his keys wait, and never what came of them. */
    @Test
    void whoever_waits_again_with_his_idempotency_key_gets_what_came_of_the_keys() throws Exception {
        HttpRequest request = request("?wait=20s")
                .header("Idempotency-Key", "order-18")
                .POST(BodyPublishers.ofString("[" + key(1) + ",{\"customerId\":\"x\"}]"))
                .build();
        CompletableFuture<HttpResponse<String>> first = client.sendAsync(request, BodyHandlers.ofString());
        await().until(() -> test.count("received_key") == 2);
        CompletableFuture<HttpResponse<String>> meanwhile = client.sendAsync(request, BodyHandlers.ofString());
        work();

        HttpResponse<String> again = send(request);

        assertThat(first.get().statusCode()).isEqualTo(200);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body())
                .isEqualTo(first.get().body())
                .isEqualTo(meanwhile.get().body())
                .contains("\"lastName\":\"Meier\"", "\"outcome\":\"invalid-key\"");
        assertThat(test.count("received_key") + test.count("contact")).isOne();
    }

    @Test
    void whoever_waits_again_for_keys_that_wait_is_told_so_when_the_time_is_over() throws Exception {
        HttpRequest request = request("?wait=300ms")
                .header("Idempotency-Key", "order-19")
                .POST(BodyPublishers.ofString(key(1)))
                .build();

        assertThat(send(request).statusCode()).isEqualTo(202);
        assertThat(send(request).statusCode()).isEqualTo(202);
    }

    @Test
    void the_same_request_again_is_stored_once_and_another_with_its_idempotency_key_is_refused() throws Exception {
        HttpRequest request = request("")
                .header("Idempotency-Key", "order-17")
                .POST(BodyPublishers.ofString(key(1)))
                .build();

        String first = send(request).body();
        work();
        HttpResponse<String> again = send(request);
        HttpResponse<String> other = send(request("")
                .header("Idempotency-Key", "order-17")
                .POST(BodyPublishers.ofString(key(2)))
                .build());

        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(again.body()).isEqualTo(first);
        assertThat(test.count("received_key")).isZero();
        assertThat(other.statusCode()).isEqualTo(422);
    }

    /** Once, a sender that had written its JSON anew was told that these were other keys. */
    @Test
    void the_same_keys_in_another_layout_are_the_same_request() throws Exception {
        HttpResponse<String> first = send(request("")
                .header("Idempotency-Key", "order-18")
                .POST(BodyPublishers.ofString("[" + key(1) + "," + key(2) + "]"))
                .build());

        HttpResponse<String> again = send(request("")
                .header("Idempotency-Key", "order-18")
                .setHeader("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(key(1).toUpperCase(Locale.ROOT) + "\n  " + key(2) + "\n"))
                .build());
        HttpResponse<String> fewer = send(request("")
                .header("Idempotency-Key", "order-18")
                .POST(BodyPublishers.ofString(key(1)))
                .build());

        assertThat(again.statusCode()).as(again.body()).isEqualTo(202);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(fewer.statusCode()).isEqualTo(422);
        assertThat(test.count("received_key")).isEqualTo(2);
    }

    @Test
    void who_waits_is_answered_with_contacts_and_errors_in_the_order_of_the_keys() throws Exception {
        CompletableFuture<HttpResponse<String>> response = client.sendAsync(
                request("?wait=20s")
                        .POST(BodyPublishers.ofString("[" + key(1) + ",{\"customerId\":\"x\"}]"))
                        .build(),
                BodyHandlers.ofString());
        await().until(() -> work() == 2);

        assertThat(response.get().statusCode()).isEqualTo(200);
        assertThat(response.get().body())
                .startsWith("[{\"messageId\"")
                .containsSubsequence("\"outcome\":\"found\"", "\"lastName\":\"Meier\"", "\"outcome\":\"invalid-key\"");
        assertThat(CONTRACT.validateResponse(
                                "/contact-keys",
                                Request.Method.POST,
                                SimpleResponse.Builder.ok()
                                        .withContentType("application/json")
                                        .withBody(response.get().body())
                                        .build())
                        .getMessages())
                .isEmpty();
    }

    @Test
    void who_has_waited_in_vain_is_told_that_the_keys_are_accepted() throws Exception {
        assertThat(post("?wait=50ms", key(1)).statusCode()).isEqualTo(202);
        assertThat(work()).isOne();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | '' | 400",
                "application/json | [] | 400",
                "application/json | {\"customerId\":\"x\"} | 400",
                "application/json | not JSON | 400",
                "text/csv | a;b | 415"
            })
    void a_request_without_any_key_is_refused_with_what_to_do_and_nothing_is_stored(
            String type, String body, int status) throws Exception {
        HttpResponse<String> response = send(request("")
                .setHeader("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build());

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(test.count("received_key")).isZero();
        assertThat(test.count("dead_letter")).isZero();
    }

    @ParameterizedTest
    @CsvSource({"-1", "5", "61s", "1h"})
    void a_wait_that_is_none_is_refused(String wait) throws Exception {
        assertThat(post("?wait=" + wait, key(1)).statusCode()).isEqualTo(400);
        assertThat(test.count("received_key")).isZero();
    }

    @Test
    void without_the_token_nothing_is_taken() throws Exception {
        for (String authorization : List.of("", "Bearer ", "Bearer " + TOKEN + "x", "Basic " + TOKEN)) {
            HttpResponse<String> response = send(request("")
                    .setHeader("Authorization", authorization)
                    .POST(BodyPublishers.ofString(key(1)))
                    .build());

            assertThat(response.statusCode()).as(authorization).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(response.body()).doesNotContain(TOKEN);
        }
        assertThat(test.count("received_key")).isZero();
    }

    @Test
    void what_is_too_large_is_refused_before_it_is_whole() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /contact-keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"
                                    + " ".repeat(1_100_000))
                            .getBytes(StandardCharsets.UTF_8));
            byte[] status = socket.getInputStream().readNBytes(12);
            assertThat(new String(status, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 413");
        }
    }

    /** Once, such a request got no answer at all. */
    @Test
    void a_query_that_is_not_percent_encoded_is_refused() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /contact-keys?wait=%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                            .getBytes(StandardCharsets.UTF_8));
            byte[] status = socket.getInputStream().readNBytes(12);
            assertThat(new String(status, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 400");
        }
    }

    @Test
    void more_requests_than_allowed_are_put_off() throws Exception {
        start(2);
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            statuses.add(post("", key(i)).statusCode());
        }

        assertThat(statuses).startsWith(202, 202).contains(429);
    }

    @Test
    void other_paths_and_methods_are_refused_and_the_description_needs_no_token() throws Exception {
        URI base = URI.create("http://127.0.0.1:" + port);
        assertThat(send(HttpRequest.newBuilder(base.resolve("/openapi.json")).build())
                        .body())
                .contains("\"openapi\": \"3.0.3\"");
        assertThat(send(HttpRequest.newBuilder(base.resolve("/")).build()).statusCode())
                .isEqualTo(401);
        assertThat(send(HttpRequest.newBuilder(base.resolve("/"))
                                .header("Authorization", "Bearer " + TOKEN)
                                .build())
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(request("").GET().build()).statusCode()).isEqualTo(405);
    }

    @Test
    void while_the_process_ends_keys_are_not_accepted() throws Exception {
        lifecycle.stop();

        HttpResponse<String> response = post("", key(1));

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(test.count("received_key")).isZero();
    }

    private static Exchange exchange(Object body) {
        return ExchangeBuilder.anExchange(new DefaultCamelContext())
                .withBody(body)
                .build();
    }

    @Test
    void a_route_of_the_user_hands_over_maps_lists_and_json_and_what_is_no_key_becomes_a_dead_letter()
            throws Exception {
        KeyAcceptor acceptor = new KeyAcceptor(keys, TenantNames.only(ChunkFixture.TENANT));
        Map<String, Object> key = Map.of("customerId", CUSTOMER.toString(), "contactId", new UUID(2, 7).toString());

        acceptor.accept(exchange(key));
        acceptor.accept(exchange(List.of(key, Map.of("customerId", "x"))));
        acceptor.accept(exchange(key(8)));
        acceptor.accept(exchange(new ByteArrayInputStream(key(9).getBytes(StandardCharsets.UTF_8))));
        acceptor.accept(exchange("not JSON"));

        assertThat(work()).isEqualTo(6);
        assertThat(test.count("contact")).isEqualTo(3);
        assertThat(test.count("dead_letter")).isEqualTo(2);
        assertThatThrownBy(() -> acceptor.accept(exchange(new Object())))
                .hasMessageContaining("expected a map with customerId");
    }

    /** One tenant that is away must not hold up the keys of others. */
    @Test
    void keys_are_worked_on_tenant_by_tenant_and_what_failed_comes_behind_what_was_tried_less() throws Exception {
        String other = "{\"tenantId\":\"" + new UUID(9, 9) + "\"," + key(2).substring(1);
        post("", "[" + key(1) + "," + other + "," + key(3) + "]");

        List<ReceivedBatch> batches = keys.claim(100);
        assertThat(batches).hasSize(2);
        keys.record(List.of());
        post("", key(4));
        List<ReceivedBatch> next = keys.claim(1);

        assertThat(next).hasSize(1);
        assertThat(((KeyEntry.Valid) next.get(0).chunk().entries().get(0)).key().contactId())
                .isEqualTo(new UUID(2, 4));
    }
}
