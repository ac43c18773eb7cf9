package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.csv;
import static de.contactsync.keyfile.KeyReading.gzip;
import static de.contactsync.keyfile.KeyReading.json;
import static de.contactsync.keyfile.KeyReading.read;
import static de.contactsync.keyfile.KeyReading.utf8;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyBoundsTest {

    private static final long LONG = 20_000_000;
    private static final String TOO_LONG =
            " is longer than 64 KiB: expected an entry with a customerId and a contactId";

    /** One character over and over, without a place where they all are. */
    private static InputStream endless(char what, long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? what : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int given = (int) Math.min(left, length);
                Arrays.fill(bytes, offset, offset + given, (byte) what);
                left -= given;
                return given;
            }
        };
    }

    private static InputStream around(String before, InputStream middle, String after) {
        return new SequenceInputStream(Collections.enumeration(
                List.of(new ByteArrayInputStream(utf8(before)), middle, new ByteArrayInputStream(utf8(after)))));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            value = {
                "keys.csv, x, ^customerId,contactId\n$1\n^, ^\n$2^, 2=1 3! 4=2",
                "keys.csv, x, ^customerId,contactId\n$1\n\"^, ^\"\n$2^, 2=1 3! 4=2",
                "keys.csv, ^,^, ^customerId,contactId\n$1\n^, ^\n$2^, 2=1 3! 4=2",
                "keys.csv, \", ^customerId,contactId\n$1\n^, ^\n$2^, 2=1 3! 4=2",
                "keys.ndjson, x, ^$1\n{\"a\":\"^, ^\"}\n$2^, 1=1 2! 3=2",
                "keys.ndjson, [, ^$1\n^, ^\n$2^, 1=1 2! 3=2",
                "keys.json, x, ^[$1,{\"a\":\"^, ^\"},$2]^, 1=1 2! 3=2",
                "keys.json, ^ ^, ^[$1,{\"a\":^, ^1},$2]^, 1=1 2! 3=2",
            })
    void a_long_record_is_not_kept(String name, char what, String before, String after, String expected)
            throws IOException {
        boolean csv = name.endsWith("csv");
        String begin = csv ? csv(before) : json(before);
        String end = csv ? csv(after) : json(after);
        String problem = (name.endsWith(".json") ? "the element" : "the line") + TOO_LONG;
        read(name, begin + end);

        assertThat(readInBounds(name, around(begin, endless(what, LONG), end)))
                .containsExactly(expected.replace("!", "!" + problem).split(" (?=\\d+[=!])"));
    }

    private static List<String> readInBounds(String name, InputStream bytes) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        List<String> entries = read(name, bytes);
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        assertThat(allocated).as("bytes allocated").isLessThan(3_000_000);
        return entries;
    }

    @Test
    void brackets() {
        read("keys.json", json("[$1,x]"));
        for (String begin : List.of("", "{\"a\":")) {
            List<String> entries =
                    readInBounds("keys.json", around(json("[$1," + begin), endless('[', 10_000_000), json(",$2]")));
            assertThat(entries).hasSize(3).startsWith("1=1").endsWith("3=2");
        }
        String begin = "{\"a\":\"" + "x".repeat(150_000) + "\",\"b\":";
        assertThat(readInBounds("keys.json", around(json("[$1," + begin), endless('[', 10_000_000), json(",$2]"))))
                .hasSize(3)
                .startsWith("1=1", "2!the element" + TOO_LONG)
                .last()
                .asString()
                .startsWith("unreadable: the file breaks off in element 2, which begins in line 1, column 107: ");
    }

    @Test
    void damage_in_the_tail_of_a_long_element() {
        String begin = "{\"a\":\"" + "x".repeat(150_000) + "\",\"b\":";
        for (String tail : List.of("[1}", "[{\"c\":1}}", "\"x\n}")) {
            assertThat(read("keys.json", json("[$1," + begin + tail + ",$2]")))
                    .containsExactly("1=1", "2!the element" + TOO_LONG, "3=2");
        }
    }

    @Test
    void exactly_the_limit() {
        String header = "customerId,contactId,x\n";
        String fits = csv("$1,") + "x".repeat(64 * 1024 - csv("$1,").length());
        assertThat(read("keys.csv", header + fits + "\r\n" + csv("$2"))).containsExactly("2=1", "3=2");
        assertThat(read("keys.csv", header + fits + "x\r\n" + csv("$2")))
                .containsExactly("2!the line" + TOO_LONG, "3=2");
        assertThat(read("keys.csv", header + csv("$2\n") + fits + "x")).containsExactly("2=2", "3!the line" + TOO_LONG);

        String object = json("$1").replace("}", ",\"x\":\"");
        String element = object + "x".repeat(64 * 1024 - object.length() - 2) + "\"}";
        assertThat(read("keys.json", "[" + element + json(",$2]"))).containsExactly("1=1", "2=2");
        assertThat(read("keys.json", "[" + element.replace("x\"}", "xx\"}") + json(",$2]")))
                .containsExactly("1!the element" + TOO_LONG, "2=2");
    }

    /** The part of a long element that is looked at may end within any word. */
    @Test
    void a_long_element_is_run_over_wherever_the_limit_falls() {
        for (int shift = 0; shift < 13; shift++) {
            String words = "true,-1.5e3,{\"a\":null},\"\\u00fc\",".repeat(2500);
            String element = "{\"a\":[" + " ".repeat(shift * 3) + words + "0]}";
            assertThat(read("keys.json", json("[$1," + element + ",$2]")))
                    .as("shifted by %d", shift)
                    .containsExactly("1=1", "2!the element" + TOO_LONG, "3=2");
        }
    }

    /** A line end, a mark or a character may lie on both sides of what is read at once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void read_in_pieces(int size) {
        String csv = csv("customerId,contactId,x\r\n$1,€\r\n\r\n\uFEFF$2,\"a\r\nb\"\r\n$3\r\r$4");
        List<String> lines = List.of("2=1", "4=2", "6=3", "8=4");
        assertThat(read("keys.csv", pieces(utf8(csv), size))).isEqualTo(lines);
        assertThat(read("keys.csv", pieces(("\uFEFF" + csv).getBytes(UTF_16LE), size)))
                .isEqualTo(lines);
        assertThat(read("keys.csv.gz", pieces(gzip(utf8(csv)), size))).isEqualTo(lines);
        String array = json("[$1,\r\n{\"a\":\"x},\r\n$2,{\"a\":[1}, $3]");
        assertThat(read("keys.json", pieces(utf8(array), size)))
                .hasSize(5)
                .contains("1=1", "3=2", "5=3")
                .isEqualTo(read("keys.json", array));
    }

    private static InputStream pieces(byte[] bytes, int size) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(size, length));
            }
        };
    }

    @Test
    void many_columns() {
        String header = "customerId,contactId\n";
        assertThat(read("keys.csv", header + csv("$1") + ",".repeat(60_000) + csv("\n$2")))
                .containsExactly("2=1", "3=2");
        assertThat(read("keys.csv", ",".repeat(60_000) + header + ",".repeat(60_000) + csv("$2")))
                .containsExactly("2=2");
    }
}
