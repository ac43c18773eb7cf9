package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What senders of keys are refused, and that nothing of it is stored. */
class RefusedRequestsTest extends KeyHttpFixture {

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

    private static String head(String start, String... headers) {
        return start + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN + "\r\n"
                + Stream.of(headers).map(header -> header + "\r\n").collect(Collectors.joining()) + "\r\n";
    }

    /** The first line of what comes back. */
    private String sent(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }

    /** Once, whoever asked was told to go on with a body that was then refused. */
    @ParameterizedTest
    @CsvSource({
        "POST /contact-keys,     application/json, 99999999, 413",
        "POST /contact-keys,     application/json, 99999999999, 413",
        "POST /contact-keys,     text/csv,         10,       415",
        "POST /contact-keys?wait=x, application/json, 10,    400",
        "PUT /contact-keys,      application/json, 10,       405",
        "POST /nothing,          application/json, 10,       404"
    })
    void a_client_that_expects_to_continue_with_a_useless_body_is_refused(
            String start, String type, String length, int status) throws Exception {
        assertThat(sent(head(start, "Content-Type: " + type, "Expect: 100-continue", "Content-Length: " + length)))
                .startsWith("HTTP/1.1 " + status);
    }

    /** Once, the first of them counted, or the last, or a body in another encoding was taken as far as it went. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                 | Idempotency-Key: a;Idempotency-Key: b         | 400",
                "''                 | Authorization: Bearer another                 | 400",
                "?wait=1ms&wait=30s | Accept: */*                                   | 400",
                "''                 | Content-Encoding: gzip                        | 415",
                "''                 | Content-Encoding: identity                    | 202",
                "''                 | Content-Type: application/json                | 400",
            })
    void a_header_that_stands_twice_or_an_encoding_is_refused(String query, String headers, int status)
            throws Exception {
        String[] all = ("Content-Type: application/json;" + headers + ";Content-Length: " + key(1).length()).split(";");

        assertThat(sent(head("POST /contact-keys" + query, all) + key(1))).startsWith("HTTP/1.1 " + status);
        assertThat(test.count("received_key")).isEqualTo(status == 202 ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"utf-8, 202", "'\"UTF-8\"', 202", "utf8, 202", "iso-8859-1, 415", "klingon, 415"})
    void a_body_in_another_charset_is_refused(String charset, int status) throws Exception {
        HttpResponse<String> response = send(request("")
                .setHeader("Content-Type", "application/json; charset=" + charset)
                .POST(BodyPublishers.ofString(key(1)))
                .build());

        assertThat(response.statusCode()).isEqualTo(status);
    }

    /** Once, they stayed for as long as a byte came now and then. */
    @Test
    @Tag("slow")
    void connections_on_which_a_request_does_not_come_whole_are_ended() throws Exception {
        AtomicLong nanoTime = new AtomicLong();
        try (KeyHttpServer server = listen(1_000, nanoTime::get);
                Socket silent = new Socket("127.0.0.1", port);
                Socket halfHead = new Socket("127.0.0.1", port);
                Socket halfBody = new Socket("127.0.0.1", port);
                Socket secondHead = new Socket("127.0.0.1", port)) {
            halfHead.getOutputStream().write("POST /contact-keys HTTP/1.1\r\nHost".getBytes(StandardCharsets.UTF_8));
            halfBody.getOutputStream()
                    .write((head("POST /contact-keys", "Content-Type: application/json", "Content-Length: 100") + "[")
                            .getBytes(StandardCharsets.UTF_8));
            secondHead
                    .getOutputStream()
                    .write("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nGET /o".getBytes(StandardCharsets.UTF_8));
            for (Socket each : List.of(silent, halfHead, halfBody, secondHead)) {
                each.setSoTimeout(20_000);
            }
            assertThat(sent(head("GET /openapi.json"))).as("all were accepted").startsWith("HTTP/1.1 200");

            nanoTime.addAndGet(ConnectionDeadlines.FIRST_REQUEST.toNanos() + 1);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(halfHead.getInputStream().read()).isEqualTo(-1);
            nanoTime.addAndGet(ConnectionDeadlines.BODY.toNanos() + 1);
            assertThat(new String(halfBody.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 408");
            nanoTime.addAndGet(ConnectionDeadlines.NEXT_REQUEST.toNanos() + 1);
            assertThat(new String(secondHead.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200");
        }
        assertThat(test.count("received_key")).isZero();
    }

    /** Such as curl does with more than 1 MiB, and others always: without the answer they wait for a second or more. */
    @Test
    void a_client_that_expects_100_continue_gets_it() throws Exception {
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
}
