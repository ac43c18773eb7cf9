package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the guard lets through and what it refuses. */
@Timeout(value = 40, threadMode = ThreadMode.SEPARATE_THREAD)
class HttpGuardTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private GuardedClient client;

    private void guarded(URI origin) {
        client = new GuardedClient(origin);
    }

    /** Sends {@code head}, then {@code block} for as long as somebody reads. */
    private static FaultServer endless(String head, String block) throws IOException {
        byte[] bytes = block.getBytes(StandardCharsets.ISO_8859_1);
        return new FaultServer((out, server) -> {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                out.write(bytes);
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        client.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://crm.invalid",
                "https://evilcrm.invalid",
                "https://my.crm.invalid.evil.invalid",
                "http://my.crm.invalid",
                "https://my.crm.invalid:8443",
                "https://my.crm.invalid.",
                "https://127.0.0.1"
            })
    void other_hosts_are_refused_unless_they_are_of_an_allowed_domain(String address) {
        client = new GuardedClient(new HttpGuard(
                URI.create("https://home.invalid"),
                Set.of("crm.invalid"),
                100_000,
                GuardedClient.DEADLINE,
                Network.DIRECT));
        assertThatThrownBy(() -> client.get(URI.create(address)))
                .isInstanceOf(ForeignHostException.class)
                .hasMessageContaining("https to crm.invalid are allowed");
    }

    @Test
    void hosts_of_an_allowed_domain_may_be_called() {
        client = new GuardedClient(new HttpGuard(
                URI.create("https://home.invalid"),
                Set.of("crm.invalid"),
                100_000,
                GuardedClient.DEADLINE,
                Network.DIRECT));
        // There are none of that name, so it gets no further than that.
        assertThatThrownBy(() -> client.get(URI.create("https://My.CRM.invalid/a")))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(ForeignHostException.class);
    }

    @Test
    void an_answer_passes_and_its_connection_is_used_again() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            for (int i = 0; i < 5; i++) {
                assertThat(client.get(server.uri("/a"))).isEqualTo("200 hello");
            }
            assertThat(server.connections).hasValue(1);
            client.assertNothingLeft();
        }
    }

    @Test
    void a_body_read_to_its_end_keeps_the_connection_and_one_closed_early_does_not() throws IOException {
        try (FaultServer server = FaultServer.answering(OK)) {
            guarded(server.uri("/"));
            for (int bytes : new int[] {5, 5, 2, 5}) {
                client.http.execute(new HttpGet(server.uri("/")), response -> {
                    try (InputStream in = response.getEntity().getContent()) {
                        return in.readNBytes(bytes);
                    }
                });
            }
            assertThat(server.connections).hasValue(2);
            client.assertNothingLeft();
        }
    }

    @Test
    void other_hosts_ports_and_schemes_are_refused_before_anything_is_sent() throws IOException {
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
                assertThatThrownBy(() -> client.get(URI.create(foreign)))
                        .as(foreign)
                        .isInstanceOf(ForeignHostException.class);
            }
            assertThat(other.connections).hasValue(0);
            assertThat(allowed.connections).hasValue(0);
        }
    }

    @Test
    void the_default_port_may_be_written_or_not() throws IOException {
        guarded(URI.create("http://127.0.0.1:80"));
        // Nobody listens there, so being refused by the system means having passed the client.guard.
        assertThat(catchThrowable(() -> client.get(URI.create("http://127.0.0.1/"))))
                .isNotInstanceOf(ForeignHostException.class);
    }

    @Test
    void a_redirect_is_an_answer_and_not_followed() throws IOException {
        try (FaultServer other = FaultServer.answering(OK);
                FaultServer server = FaultServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.uri("/") + "\r\nContent-Length: 0\r\n\r\n")) {
            guarded(server.uri("/"));
            assertThat(client.get(server.uri("/a"))).startsWith("302");
            assertThat(other.connections).hasValue(0);
            assertThat(server.heads).hasSize(1);
        }
    }

    @Test
    void a_too_many_requests_is_not_repeated_and_cookies_are_not_kept() throws IOException {
        try (FaultServer server = FaultServer.answering("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\n"
                + "Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) {
            guarded(server.uri("/"));
            assertThat(client.get(server.uri("/a"))).startsWith("429");
            assertThat(server.heads).hasSize(1);
            client.get(server.uri("/a"));
            assertThat(server.heads.get(1)).doesNotContainIgnoringCase("cookie");
        }
    }

    @Test
    void a_gzip_bomb_ends_at_the_cap_and_in_little_memory() throws IOException {
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
            assertThatThrownBy(() -> client.get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            assertThat(used() - before).isLessThan(20_000_000);
            client.assertNothingLeft();
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
    void an_announced_length_over_the_cap_is_refused_unread() throws IOException {
        try (FaultServer server = endless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "x".repeat(8192))) {
            guarded(server.uri("/"));
            assertThatThrownBy(() -> client.get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            client.assertNothingLeft();
        }
    }

    @Test
    void many_aborted_answers_leak_no_connection() throws IOException {
        try (FaultServer server = endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "2000\r\n" + "x".repeat(0x2000) + "\r\n")) {
            guarded(server.uri("/"));
            for (int i = 0; i < 25; i++) {
                assertThatThrownBy(() -> client.get(server.uri("/a"))).isInstanceOf(ResponseTooLargeException.class);
            }
            assertThat(server.connections).hasValue(25);
            assertThat(client.pool.getTotalStats().getAvailable()).isZero();
            client.assertNothingLeft();
        }
    }

    @Test
    void broken_gzip_leaks_no_connection() throws IOException {
        try (FaultServer server =
                FaultServer.answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")) {
            guarded(server.uri("/"));
            for (int i = 0; i < 25; i++) {
                assertThatThrownBy(() -> client.get(server.uri("/a"))).isInstanceOf(IOException.class);
            }
            client.assertNothingLeft();
        }
    }

    @Test
    void an_endless_header_is_refused() throws IOException {
        try (FaultServer server = endless("HTTP/1.1 200 OK\r\nX-Long: ", "x".repeat(8192))) {
            guarded(server.uri("/"));
            assertThatThrownBy(() -> client.get(server.uri("/a")))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(CallDeadlineExceededException.class);
            client.assertNothingLeft();
        }
    }
}
