package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ChunkFixture;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** What becomes of keys that are sent over HTTP, and what their senders are answered. */
class KeyHttpServerTest extends KeyHttpFixture {

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
                .contains(
                        "\"lastName\":\"Meier\"",
                        "\"outcome\":\"invalid-key\"",
                        "\"askedAt\":\"2023-11-14T22:13:20.123456Z\"");
        assertThat(test.count("received_key") + test.count("contact")).isOne();
    }

    @Test
    void waiting_again_for_pending_keys_ends_with_their_state_when_the_time_is_over() throws Exception {
        HttpRequest request = request("?wait=300ms")
                .header("Idempotency-Key", "order-19")
                .POST(BodyPublishers.ofString(key(1)))
                .build();

        assertThat(send(request).statusCode()).isEqualTo(202);
        assertThat(send(request).statusCode()).isEqualTo(202);
    }

    @Test
    void a_repeated_request_is_stored_once_and_other_keys_under_its_key_are_refused() throws Exception {
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
    void waiting_in_vain_is_answered_with_accepted() throws Exception {
        assertThat(post("?wait=50ms", key(1)).statusCode()).isEqualTo(202);
        assertThat(work()).isOne();
    }

    private static Exchange exchange(Object body) {
        return ExchangeBuilder.anExchange(new DefaultCamelContext())
                .withBody(body)
                .build();
    }

    @Test
    void a_route_of_the_user_hands_over_maps_lists_and_json() throws Exception {
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
    void keys_are_processed_tenant_by_tenant_the_least_tried_first() throws Exception {
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

    /** Once, the connection was closed without an answer, although the keys were stored. */
    @Test
    void waiting_while_the_process_ends_is_answered_with_accepted() throws Exception {
        KeyHttpServer server = listen(1_000, System::nanoTime);
        CompletableFuture<HttpResponse<String>> response = client.sendAsync(
                request("?wait=30s").POST(BodyPublishers.ofString(key(1))).build(), BodyHandlers.ofString());
        await().until(() -> test.count("received_key") == 1);

        lifecycle.stop();
        server.close();

        assertThat(response.get().statusCode()).isEqualTo(202);
        assertThat(response.get().body()).contains("\"requestId\"");
    }
}
