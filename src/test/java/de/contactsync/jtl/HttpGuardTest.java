package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout.ThreadMode;

@org.junit.jupiter.api.Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
class HttpGuardTest {

    private static final int CAP = 100_000;
    private static final Duration DEADLINE = Duration.ofMillis(600);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private PoolingHttpClientConnectionManager pool;
    private CloseableHttpClient client;
    private HttpGuard guard;

    private void guarded(URI origin) {
        guard = new HttpGuard(origin, CAP, DEADLINE);
        pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(HttpGuard.boundedHeads())
                .setMaxConnTotal(2)
                .setMaxConnPerRoute(2)
                .build();
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(pool)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.ofSeconds(5))
                        .setResponseTimeout(Timeout.ofSeconds(10))
                        .build());
        guard.configureHttpClient(builder);
        client = builder.build();
    }

    private String get(URI uri) throws IOException {
        return client.execute(new HttpGet(uri), response -> {
            String body = EntityUtils.toString(response.getEntity());
            return response.getCode() + " " + body;
        });
    }

    private static FaultServer endless(String head) throws IOException {
        byte[] block = new byte[8192];
        return new FaultServer((out, server) -> {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                if (head.contains("chunked")) {
                    out.write("2000\r\n".getBytes(StandardCharsets.ISO_8859_1));
                }
                out.write(block);
                if (head.contains("chunked")) {
                    out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        });
    }

    private void assertNothingLeft() {
        assertThat(pool.getTotalStats().getLeased()).isZero();
        assertThat(guard.inFlight()).isZero();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
    }

    @Test
    void anAnswerPassesAndItsConnectionIsUsedAgain() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            for (int i = 0; i < 5; i++) {
                assertThat(get(server.uri("/a"))).isEqualTo("200 hello");
            }
            assertThat(server.connections).hasValue(1);
            assertNothingLeft();
        }
    }

    @Test
    void aBodyClosedAtItsEndMarkKeepsTheConnectionAndOneClosedEarlierDoesNot() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            for (int bytes : new int[] {5, 5, 2, 5}) {
                client.execute(new HttpGet(server.uri("/")), response -> {
                    try (InputStream in = response.getEntity().getContent()) {
                        return in.readNBytes(bytes);
                    }
                });
            }
            assertThat(server.connections).hasValue(2);
            assertNothingLeft();
        }
    }

    @Test
    void otherHostsPortsAndSchemesAreRefusedBeforeAnythingIsSent() throws IOException {
        try (FaultServer allowed = FaultServer.answering(OK);
                FaultServer other = FaultServer.answering(OK)) {
            guarded(allowed.uri("/erp"));
            String port = ":" + allowed.uri("/").getPort();

            for (String foreign : new String[] {
                other.uri("/a").toString(),
                "http://localhost" + port + "/a",
                "http://127.0.0.1.example.com" + port + "/a",
                "https://127.0.0.1" + port + "/a"
            }) {
                assertThatThrownBy(() -> get(URI.create(foreign)))
                        .as(foreign)
                        .isInstanceOf(ForeignHostException.class);
            }
            assertThat(other.connections).hasValue(0);
            assertThat(allowed.connections).hasValue(0);
        }
    }

    @Test
    void theDefaultPortMayBeWrittenOrNot() throws IOException {
        guarded(URI.create("http://127.0.0.1:80"));
        // Nobody listens there, so being refused by the system means having passed the guard.
        assertThat(catchThrowable(() -> get(URI.create("http://127.0.0.1/"))))
                .isNotInstanceOf(ForeignHostException.class);
    }

    @Test
    void aRedirectIsAnAnswerAndNotFollowed() throws IOException {
        try (FaultServer other = FaultServer.answering(OK);
                FaultServer server = FaultServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.uri("/") + "\r\nContent-Length: 0\r\n\r\n")) {
            guarded(server.uri("/"));
            assertThat(get(server.uri("/a"))).startsWith("302");
            assertThat(other.connections).hasValue(0);
            assertThat(server.heads).hasSize(1);
        }
    }

    @Test
    void aTooManyRequestsIsNotRepeatedAndCookiesAreNotKept() throws IOException {
        try (FaultServer server = FaultServer.answering("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\n"
                + "Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) {
            guarded(server.uri("/"));
            assertThat(get(server.uri("/a"))).startsWith("429");
            assertThat(server.heads).hasSize(1);
            get(server.uri("/a"));
            assertThat(server.heads.get(1)).doesNotContainIgnoringCase("cookie");
        }
    }

    @Test
    void aGzipBombEndsAtTheCapAndInLittleMemory() throws IOException {
        byte[] bomb = bomb();
        assertThat(bomb.length).isLessThan(600_000);
        try (FaultServer server = new FaultServer((out, self) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(bomb);
        })) {
            guarded(server.uri("/"));
            System.gc();
            long before = used();
            assertThatThrownBy(() -> get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            assertThat(used() - before).isLessThan(20_000_000);
            assertNothingLeft();
        }
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** 512 KB that inflate to 512 MB: as RFC 1952 allows, one gzip member after the other. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(member)) {
            gzip.write(new byte[1 << 20]);
        }
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        for (int i = 0; i < 512; i++) {
            member.writeTo(bomb);
        }
        return bomb.toByteArray();
    }

    @Test
    void anAnnouncedLengthOverTheCapIsRefusedUnread() throws IOException {
        try (FaultServer server = endless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")) {
            guarded(server.uri("/"));
            assertThatThrownBy(() -> get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            assertNothingLeft();
        }
    }

    @Test
    void manyAbortedAnswersLeakNoConnection() throws IOException {
        try (FaultServer server = endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) {
            guarded(server.uri("/"));
            for (int i = 0; i < 25; i++) {
                assertThatThrownBy(() -> get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            }
            assertThat(server.connections).hasValue(25);
            assertThat(pool.getTotalStats().getAvailable()).isZero();
            assertNothingLeft();
        }
    }

    @Test
    void brokenGzipLeaksNoConnection() throws IOException {
        try (FaultServer server = FaultServer.answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")) {
            guarded(server.uri("/"));
            for (int i = 0; i < 25; i++) {
                assertThatThrownBy(() -> get(server.uri("/a"))).isInstanceOf(IOException.class);
            }
            assertNothingLeft();
        }
    }

    @Test
    void aDrippingBodyEndsAtTheDeadline() throws IOException {
        try (FaultServer server = new FaultServer((out, self) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            self.drip(out, "x".repeat(5000), 40);
        })) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> get(server.uri("/a")));
        }
    }

    @Test
    void aDrippingHeadEndsAtTheDeadline() throws IOException {
        try (FaultServer server = new FaultServer((out, self) ->
                self.drip(out, "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(5000), 40))) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> get(server.uri("/a")));
        }
    }

    @Test
    void aRequestThatCannotBeCancelledEndsAtTheDeadlineToo() throws IOException {
        try (FaultServer server = new FaultServer((out, self) -> self.pause(10_000))) {
            guarded(server.uri("/"));
            assertEndsAtTheDeadline(() -> client.execute(
                    ClassicRequestBuilder.get(server.uri("/a")).build(), response -> response.getCode()));
        }
    }

    @Test
    void theWaitForAConnectionCountsToo() throws Exception {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            HttpRoute route = new HttpRoute(new HttpHost("http", "127.0.0.1", server.uri("/").getPort()));
            var first = pool.lease("1", route, Timeout.ofSeconds(1), null).get(Timeout.ofSeconds(1));
            var second = pool.lease("2", route, Timeout.ofSeconds(1), null).get(Timeout.ofSeconds(1));
            assertThat(catchThrowable(() -> get(server.uri("/a")))).isInstanceOf(CallDeadlineExceededException.class);
            pool.release(first, null, TimeValue.ZERO_MILLISECONDS);
            pool.release(second, null, TimeValue.ZERO_MILLISECONDS);
            assertNothingLeft();
        }
    }

    @Test
    void anAnswerNobodyReadsIsCutOffAtTheDeadline() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            var unread = client.executeOpen(null, new HttpGet(server.uri("/a")), null);
            assertThat(pool.getTotalStats().getLeased()).isOne();
            await().atMost(Duration.ofSeconds(5)).untilAsserted(this::assertNothingLeft);
            assertThatThrownBy(() -> EntityUtils.toString(unread.getEntity()))
                    .isInstanceOf(CallDeadlineExceededException.class);
        }
    }

    private void assertEndsAtTheDeadline(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(CallDeadlineExceededException.class);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        // The tenth that is promised, and a moment for a busy machine.
        assertThat(millis).isBetween(DEADLINE.toMillis() - 5, DEADLINE.toMillis() * 11 / 10 + 250);
        assertNothingLeft();
    }

    @Test
    void anEndlessHeaderIsRefused() throws IOException {
        try (FaultServer server = endless("HTTP/1.1 200 OK\r\nX-Long: ")) {
            guarded(server.uri("/"));
            assertThatThrownBy(() -> get(server.uri("/a")))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(CallDeadlineExceededException.class);
            assertNothingLeft();
        }
    }
}
