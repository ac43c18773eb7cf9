package de.contactsync.faults;

import static de.contactsync.faults.HostileJtl.answer;
import static de.contactsync.faults.HostileJtl.raw;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are no contact, each for a key of its own among keys that JTL answers properly. */
class MalformedAnswerIT {

    private static final String CONTRACT = "contract-violation";
    private static final String REJECTED = "rejected";
    private static final String EXHAUSTED = "retries-exhausted";

    private static final int GOOD_AFTER_EACH = 3;

    /** @param answer from the contact's id; what follows it on the connection is its end when {@code thenHangUp} */
    private record Malformed(String reason, Function<String, byte[]> answer, boolean thenHangUp) {}

    @TempDir
    Path folder;

    private final Map<String, Malformed> malformed = new LinkedHashMap<>();

    @Test
    void each_is_classified_none_is_stored_and_the_keys_between_them_pass() throws IOException {
        texts();
        values();
        encodings();
        syntax();
        statuses();
        connections();
        assertThat(malformed).hasSizeGreaterThanOrEqualTo(60);

        KeyFiles keys = KeyFiles.good(Scale.SEED, malformed.size() * (1 + GOOD_AFTER_EACH));
        Map<String, String> names = new TreeMap<>();
        try (HostileJtl jtl = new HostileJtl();
                Product product = jtl.before(Product.in(folder.resolve("work")))) {
            product.with("jtl.max-attempts", 2)
                    .with("jtl.response-timeout", "2s")
                    .with("contacts.chunk-size", 100);
            int record = 0;
            for (Map.Entry<String, Malformed> entry : malformed.entrySet()) {
                KeyFiles.Key key = keys.keys().get(record);
                names.put(key.contactId().toString(), entry.getKey());
                byte[] bytes = entry.getValue().answer.apply(key.contactId().toString());
                jtl.answers(key, out -> {
                    out.write(bytes);
                    if (entry.getValue().thenHangUp) {
                        out.flush();
                        throw new IOException("hang up");
                    }
                });
                record += 1 + GOOD_AFTER_EACH;
            }

            RunningProduct done = product.start("import", "--json", keys.write(folder.resolve("keys.csv")));
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);

            Tables tables = Tables.of(product);
            Map<String, String> reasons = new LinkedHashMap<>();
            malformed.keySet().forEach(name -> reasons.put(name, "stored"));
            for (List<String> letter : tables.rows("SELECT contact_id, reason FROM dead_letter")) {
                reasons.put(names.get(letter.get(0)), letter.get(1));
            }
            Map<String, String> expected = new LinkedHashMap<>();
            malformed.forEach((name, answer) -> expected.put(name, answer.reason));
            assertThat(reasons).isEqualTo(expected);
            assertThat(tables.number("SELECT count(*) FROM contact")).isEqualTo(malformed.size() * GOOD_AFTER_EACH);
            assertThat(tables.number("SELECT count(*) FROM contact WHERE last_name IS NULL AND first_name = 'Anna'"))
                    .isEqualTo(malformed.size() * GOOD_AFTER_EACH);
            assertThat(done.stderr()).doesNotContain("Exception", "\tat ", "unexpected", "ERROR");
        }
    }

    private void texts() {
        body("nothing", id -> "");
        body("blanks", id -> " \r\n\t ");
        body("a page", id -> "<!DOCTYPE html><html><body><h1>Login</h1></body></html>");
        body("a page behind a byte order mark", id -> "\uFEFF<html></html>");
        body("a byte order mark alone", id -> "\uFEFF");
        body("a word", id -> "OK");
        body("XML", id -> "<?xml version=\"1.0\"?><contact><id>" + id + "</id></contact>");
        body("JSONP", id -> "callback(" + HostileJtl.contact(id) + ")");
        body("a protection prefix", id -> ")]}',\n" + HostileJtl.contact(id));
        body("an error with status 200", id -> "{\"errorCode\":\"E1\",\"errorMessage\":\"Oops\"}");
    }

    private void values() {
        body("null", id -> "null");
        body("true", id -> "true");
        body("a number", id -> "42");
        body("a text", id -> "\"" + id + "\"");
        body("an empty array", id -> "[]");
        body("an array with the contact", id -> "[" + HostileJtl.contact(id) + "]");
        body("the contact within an object", id -> "{\"data\":" + HostileJtl.contact(id) + "}");
        body("an empty object", id -> "{}");
        body("no id", id -> "{\"firstName\":\"Anna\"}");
        body("id null", id -> "{\"id\":null}");
        body("id empty", id -> "{\"id\":\"\"}");
        body("id a number", id -> "{\"id\":4711}");
        body("id an object", id -> "{\"id\":{\"value\":\"" + id + "\"}}");
        body("another id", id -> HostileJtl.contact("7c9e6679-7425-40de-944b-e07fc1f90ae7"));
        body("id twice", id -> "{\"id\":\"" + id + "\",\"id\":\"" + id + "\"}");
        field("a field twice", "\"lastName\":\"A\",\"lastName\":\"B\"");
        field("a field twice in another case", "\"lastName\":\"A\",\"LastName\":\"B\"");
        field("a number for a text", "\"lastName\":1");
        field("a truth value for a text", "\"lastName\":false");
        field("an array for a text", "\"phoneNumber\":[\"1\",\"2\"]");
        field("an object for a text", "\"emailAddress\":{\"work\":\"a@b\"}");
        field("a text of 70,000 characters", "\"department\":\"" + "x".repeat(70_000) + "\"");
        field("a name of 2,000 characters", "\"" + "n".repeat(2_000) + "\":1");
        field("40 arrays within each other", "\"x\":" + "[".repeat(40) + "]".repeat(40));
    }

    private void encodings() {
        field("a high surrogate alone", "\"lastName\":\"\\ud83d\"");
        field("a low surrogate alone", "\"lastName\":\"\\ude00\"");
        field("surrogates the wrong way round", "\"lastName\":\"\\ude00\\ud83d\"");
        field("a NUL", "\"lastName\":\"a\\u0000b\"");
        field("a control character", "\"lastName\":\"a\u0001b\"");
        field("a line feed within a text", "\"lastName\":\"a\nb\"");
        bytes("Latin-1", "\"lastName\":\"M\u00fcller\"");
        bytes("a byte that UTF-8 never has", "\"lastName\":\"\u00ff\"");
        bytes("an overlong NUL", "\"lastName\":\"\u00c0\u0080\"");
        bytes("a surrogate in UTF-8", "\"lastName\":\"\u00ed\u00a0\u0080\"");
        bytes("a character cut off", "\"lastName\":\"\u00c3\"");
        bytes("beyond Unicode", "\"lastName\":\"\u00f5\u0080\u0080\u0080\"");
    }

    private void syntax() {
        body("half of it", id -> HostileJtl.contact(id).substring(0, 60));
        body("cut off within the id", id -> "{\"id\":\"" + id.substring(0, 20));
        body("without its last brace", id -> HostileJtl.contact(id).replace("}", ""));
        body("a brace too many", id -> HostileJtl.contact(id) + "}");
        body("two contacts", id -> HostileJtl.contact(id) + HostileJtl.contact(id));
        body("words behind it", id -> HostileJtl.contact(id) + " and more");
        body("a comma at the end", id -> "{\"id\":\"" + id + "\",}");
        body("single quotes", id -> "{'id':'" + id + "'}");
        body("names without quotes", id -> "{id:\"" + id + "\"}");
        body("a comment", id -> "{/* ours */\"id\":\"" + id + "\"}");
        field("not a number", "\"x\":NaN");
        field("a wrong escape", "\"lastName\":\"\\x41\"");
        field("half an escape", "\"lastName\":\"\\u12\"");
        field("no colon", "\"lastName\" \"A\"");
    }

    private void statuses() {
        put("201 with the contact", CONTRACT, id -> answer("201 Created", "", raw(HostileJtl.contact(id))), false);
        put("204", CONTRACT, id -> raw("HTTP/1.1 204 No Content\r\n\r\n"), false);
        put(
                "206 with half of it",
                CONTRACT,
                id -> answer(
                        "206 Partial Content", "", raw(HostileJtl.contact(id).substring(0, 40))),
                false);
        put("a status beyond all classes", CONTRACT, id -> answer("799 What", "", raw("{}")), false);
        put("400 with a page", REJECTED, id -> answer("400 Bad Request", "", raw("<html></html>")), false);
        put("409 with half an error", REJECTED, id -> answer("409 Conflict", "", raw("{\"errorCode\":\"E1")), false);
        put(
                "422 with errors of the wrong type",
                REJECTED,
                id -> answer("422 Unprocessable", "", raw("{\"errorCode\":7,\"errorMessage\":[],\"errors\":\"x\"}")),
                false);
        put("404 with a page", CONTRACT, id -> answer("404 Not Found", "", raw("<html></html>")), false);
        put("404 with the contact", CONTRACT, id -> answer("404 Not Found", "", raw(HostileJtl.contact(id))), false);
        put("304", REJECTED, id -> raw("HTTP/1.1 304 Not Modified\r\n\r\n"), false);
        put(
                "500 with the contact",
                EXHAUSTED,
                id -> answer("500 Internal Server Error", "", raw(HostileJtl.contact(id))),
                false);
    }

    private void connections() throws IOException {
        byte[] gzipped = gzip("{\"id\":\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"}");
        put(
                "called gzip but plain",
                EXHAUSTED,
                id -> answer("200 OK", "Content-Encoding: gzip", raw(HostileJtl.contact(id))),
                false);
        put(
                "gzip cut off",
                EXHAUSTED,
                id -> answer("200 OK", "Content-Encoding: gzip", Arrays.copyOf(gzipped, gzipped.length / 2)),
                false);
        put(
                "a body shorter than told",
                EXHAUSTED,
                id -> raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + HostileJtl.contact(id)),
                true);
        put(
                "a chunk that is none",
                EXHAUSTED,
                id -> raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
                true);
        put("another protocol", EXHAUSTED, id -> raw("SMTP ready\r\n\r\n"), true);
        put("half a head", EXHAUSTED, id -> raw("HTTP/1.1 200 OK\r\nContent-Le"), true);
        put("nothing at all", EXHAUSTED, id -> new byte[0], true);
    }

    private void put(String name, String reason, Function<String, byte[]> answer, boolean thenHangUp) {
        assertThat(malformed.put(name, new Malformed(reason, answer, thenHangUp)))
                .as(name + " is there twice")
                .isNull();
    }

    /** Status 200 with this body. */
    private void body(String name, Function<String, String> body) {
        put(name, CONTRACT, body.andThen(HostileJtl::json), false);
    }

    /** A contact with the right id and this behind it. */
    private void field(String name, String field) {
        body(name, id -> "{\"id\":\"" + id + "\"," + field + "}");
    }

    /** The same, one byte per character. */
    private void bytes(String name, String field) {
        put(name, CONTRACT, id -> answer("200 OK", "", raw("{\"id\":\"" + id + "\"," + field + "}")), false);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
