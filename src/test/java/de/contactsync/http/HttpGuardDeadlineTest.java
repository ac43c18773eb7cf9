package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The guard against servers that take their time, whatever they take it with. */
@org.junit.jupiter.api.Timeout(value = 40, threadMode = ThreadMode.SEPARATE_THREAD)
class HttpGuardDeadlineTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private GuardedClient client;

    private void guarded(URI origin) {
        client = new GuardedClient(origin);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
    }

    @Test
    void a_dripping_body_ends_at_the_deadline() throws IOException {
        try (FaultServer server = new FaultServer((out, self) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            self.drip(out, "x".repeat(5000), 40);
        })) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> client.get(server.uri("/a")));
            client.assertNothingLeft();
        }
    }

    @Test
    void a_dripping_head_ends_at_the_deadline() throws IOException {
        try (FaultServer server =
                new FaultServer((out, self) -> self.drip(out, "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(5000), 40))) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> client.get(server.uri("/a")));
            client.assertNothingLeft();
        }
    }

    @Test
    void a_request_that_cannot_be_cancelled_ends_at_the_deadline_too() throws IOException {
        try (FaultServer server = new FaultServer((out, self) -> self.pause(60_000))) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> getUncancellably(server.uri("/a")));
            client.assertNothingLeft();
        }
    }

    private int getUncancellably(URI uri) throws IOException {
        return client.http.execute(ClassicRequestBuilder.get(uri).build(), response -> response.getCode());
    }

    @Test
    void the_wait_for_a_connection_counts_too() throws Exception {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            List<ConnectionEndpoint> all = leaseAll(server);
            assertEndsAtTheDeadline(() -> client.get(server.uri("/a")));
            all.forEach(endpoint -> client.pool.release(endpoint, null, TimeValue.ZERO_MILLISECONDS));
        }
    }

    @Test
    @Tag("slow")
    void a_connection_that_comes_after_the_deadline_is_cut_off() throws Exception {
        try (FaultServer server = new FaultServer((out, self) -> self.pause(60_000))) {
            guarded(server.uri("/"));
            List<ConnectionEndpoint> all = leaseAll(server);
            var late = CompletableFuture.supplyAsync(() -> catchThrowable(() -> getUncancellably(server.uri("/a"))));
            await().atMost(Duration.ofSeconds(30)).until(() -> client.guard.inFlight() == 1);
            await().pollDelay(GuardedClient.DEADLINE.multipliedBy(2))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !late.isDone());
            all.forEach(endpoint -> client.pool.release(endpoint, null, TimeValue.ZERO_MILLISECONDS));
            assertThat(late.get(30, TimeUnit.SECONDS)).isInstanceOf(CallDeadlineExceededException.class);
            client.assertNothingLeft();
        }
    }

    private List<ConnectionEndpoint> leaseAll(FaultServer server) throws Exception {
        HttpRoute route =
                new HttpRoute(new HttpHost("http", "127.0.0.1", server.uri("/").getPort()));
        return List.of(
                client.pool.lease("1", route, Timeout.ofSeconds(1), null).get(Timeout.ofSeconds(1)),
                client.pool.lease("2", route, Timeout.ofSeconds(1), null).get(Timeout.ofSeconds(1)));
    }

    @Test
    void an_answer_nobody_reads_is_cut_off_at_the_deadline() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            var unread = client.http.executeOpen(null, new HttpGet(server.uri("/a")), null);
            assertThat(client.pool.getTotalStats().getLeased()).isOne();
            client.assertNothingLeft();
            assertThatThrownBy(() -> EntityUtils.toString(unread.getEntity()))
                    .isInstanceOf(CallDeadlineExceededException.class);
        }
    }

    private void assertEndsAtTheDeadline(ThrowingCallable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(CallDeadlineExceededException.class);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        // A machine with other work to do may be late by more than the tenth that is promised. What would hold the
        // call up without the guard is a minute and more.
        assertThat(millis).isBetween(GuardedClient.DEADLINE.toMillis() - 5, 15_000L);
    }
}
