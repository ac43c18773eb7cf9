package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.key;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.http.FaultServer;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that break the rules of HTTP, through the shipped routes: no contact comes of them, and nothing hangs. */
@Timeout(30)
class HostileAnswerTest {

    private static final FakeJtl TOKENS = new FakeJtl();
    private static final Duration SHORT = Duration.ofMillis(250);

    @AfterAll
    static void stop() {
        TOKENS.close();
    }

    private static ShippedRoutes before(FaultServer server) throws Exception {
        return ShippedRoutes.before(server.uri("/erp"), TOKENS)
                .maxAttempts(2)
                .responseTimeout(SHORT)
                .start();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static FaultServer endless(String head, String block) throws IOException {
        byte[] bytes = ascii(block.repeat(8192 / block.length()));
        return new FaultServer((out, server) -> {
            out.write(ascii(head));
            while (true) {
                out.write(bytes);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void a_redirect_to_another_server_gets_it_nothing(int status) throws Exception {
        try (FaultServer other = FaultServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                FaultServer server = FaultServer.answering("HTTP/1.1 " + status + " Elsewhere\r\nLocation: "
                        + other.uri("/erp/v2/customers") + "\r\nContent-Length: 0\r\n\r\n");
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContaining("jtl.base-url");

            assertThat(server.heads).hasSize(1);
            assertThat(other.connections).hasValue(0);
        }
    }

    @Test
    @Tag("slow")
    void a_body_that_drips_ends_at_the_deadline() throws Exception {
        try (FaultServer server = new FaultServer((out, self) -> {
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"));
                    self.drip(out, "x".repeat(5000), 20);
                });
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContainingAll("had not answered in full", "2 tries");
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    @Tag("slow")
    void a_head_that_drips_ends_at_the_deadline() throws Exception {
        try (FaultServer server = new FaultServer(
                        (out, self) -> self.drip(out, "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(5000), 20));
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContaining("2 tries");
        }
    }

    @Test
    void silence_ends_at_the_response_timeout() throws Exception {
        try (FaultServer server = new FaultServer((out, self) -> self.pause(20_000));
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContainingAll("no answer from", "2 tries");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n', x",
        "'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\":\"', x",
        "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'",
        "'HTTP/1.1 404 Not Found\r\nContent-Length: 100000000\r\n\r\n', x",
    })
    void a_body_without_end_breaks_the_contract(String head, String block) throws Exception {
        try (FaultServer server = endless(head, block);
                ShippedRoutes routes = before(server)) {
            assertBreaksTheContract(routes.enrich(key(1)));
            assertThat(server.heads).hasSize(1);
        }
    }

    @Test
    void a_gzip_bomb_breaks_the_contract() throws Exception {
        byte[] bomb = bomb();
        try (FaultServer server = new FaultServer((out, self) -> {
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length
                            + "\r\n\r\n"));
                    out.write(bomb);
                });
                ShippedRoutes routes = before(server)) {
            assertBreaksTheContract(routes.enrich(key(1)));
            assertThat(server.heads).hasSize(1);
        }
    }

    /** 64 KB that inflate to 64 MB. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bomb)) {
            for (int i = 0; i < 64; i++) {
                gzip.write(new byte[1 << 20]);
            }
        }
        return bomb.toByteArray();
    }

    private static void assertBreaksTheContract(List<Outcome> outcomes) {
        assertThat(outcomes).singleElement().isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
            assertThat(failed.errorMessage()).contains("more than " + ShippedRoutes.LARGEST_ANSWER + " bytes");
            assertThat(failed.attempts()).isEqualTo(1);
        });
    }

    /** Else the memory is full long before the deadline. */
    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\nX-Long: ', x",
        "'HTTP/1.1 200 ', x",
        "'HTTP/1.1 200 OK\r\n', 'X-Many: x\r\n'",
    })
    void a_head_without_end_is_cut_off_early(String head, String block) throws Exception {
        try (FaultServer server = endless(head, block);
                ShippedRoutes routes = ShippedRoutes.before(server.uri("/erp"), TOKENS)
                        .maxAttempts(1)
                        .responseTimeout(Duration.ofSeconds(1))
                        .start()) {
            assertThat(routes.halt(key(1))).hasMessageContaining("too many or too long headers");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "SMTP ready\r\n\r\n",
            })
    void an_answer_that_cannot_be_read_is_asked_for_again_and_halts_at_last(String text) throws Exception {
        try (FaultServer server = new FaultServer((out, self) -> {
                    out.write(ascii(text));
                    out.flush();
                    throw new IOException("hang up");
                });
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1)))
                    .hasMessageContainingAll("no answer from", "2 tries")
                    .hasMessageNotContaining("hello");
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    void a_status_that_http_does_not_know_is_not_charged_to_a_key_that_comes_alone() throws Exception {
        try (FaultServer server = FaultServer.answering("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n");
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContainingAll("999", "jtl.base-url");
        }
    }

    /** Once, the clerk read ConnectionClosedException, ZipException or TruncatedChunkException. */
    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "'', 'the connection was closed before an answer came'",
        "'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{', 'the connection was closed in the middle of the answer'",
        "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{', 'closed in the middle of the answer'",
        "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n{', 'not valid HTTP'",
        "'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}', 'not valid HTTP'",
        "'220 mail.example.org ESMTP\r\n', 'closed before an answer came'",
        "'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd', 'cannot be unpacked'",
    })
    void no_name_of_a_class_reaches_whoever_reads_why_there_is_no_answer(String answer, String words) throws Exception {
        try (FaultServer server = new FaultServer((out, self) -> {
                    out.write(ascii(answer));
                    out.close();
                });
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1))).hasMessageContaining(words).hasMessageNotContaining("Exception");
        }
    }

    @Test
    void an_answer_with_very_many_headers_is_called_so() throws Exception {
        String head = "HTTP/1.1 200 OK\r\n" + "X-A: b\r\n".repeat(5_000) + "Content-Length: 2\r\n\r\n{}";
        try (FaultServer server = FaultServer.answering(head);
                ShippedRoutes routes = before(server)) {
            assertThat(routes.halt(key(1)))
                    .hasMessageContaining("too many or too long headers")
                    .hasMessageNotContaining("Exception");
        }
    }
}
