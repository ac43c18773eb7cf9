package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.EXPECTED;
import static de.contactsync.keyfile.KeyReading.MISPLACED_QUOTE;
import static de.contactsync.keyfile.KeyReading.OR_NUMBER;
import static de.contactsync.keyfile.KeyReading.bytes;
import static de.contactsync.keyfile.KeyReading.contact;
import static de.contactsync.keyfile.KeyReading.csv;
import static de.contactsync.keyfile.KeyReading.customer;
import static de.contactsync.keyfile.KeyReading.entries;
import static de.contactsync.keyfile.KeyReading.read;
import static de.contactsync.keyfile.KeyReading.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.KeyEntry;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostileCsvTest {

    private static final String HEADER = "customerId,contactId,name\n";

    private static Arguments row(String what, String text, String... expected) {
        return Arguments.of(what, bytes(csv(HEADER + text)), List.of(expected));
    }

    private static String bad(String found) {
        return "!customerId is \"" + found + "\": " + EXPECTED + OR_NUMBER;
    }

    static Stream<Arguments> table() {
        String c1 = customer(1).toString();
        String k1 = contact(1).toString();
        return Stream.of(
                row("missing last newline", "$1,x\n$2,y", "2=1", "3=2"),
                row("CR only", "$1,x\r$2,y\r\r$3,z\r", "2=1", "3=2", "5=3"),
                row("CRLF and blank lines", "\r\n$1,x\r\n \t \r\n$2,y\r\n", "3=1", "5=2"),
                row("fewer and more columns", "$1\n$2,x,y,z,,\n", "2=1", "3=2"),
                row(
                        "too few columns",
                        c1 + "\n$2\n" + c1 + ",\n",
                        "2!contactId is missing",
                        "3=2",
                        "4!contactId is missing"),
                row(
                        "too few columns behind a whole line",
                        "$1\n" + c1 + "\n\"\"\n",
                        "2=1",
                        "3!contactId is missing",
                        "4!customerId is missing"),
                row("no ids", ",,\n$1\n , ,x\n", "2!customerId is missing", "3=1", "4!customerId is missing"),
                row("quoted ids", "\"" + c1 + "\",\"" + k1 + "\",\"x\"\n", "2=1"),
                row("blanks around quotes", " \"" + c1 + "\" , \"" + k1 + "\" ,\"x\" \n", "2=1"),
                row("capital letters", c1.toUpperCase() + "," + k1.toUpperCase() + "\n", "2=1"),
                row("number", "12345,x\n", "2!contactId is \"x\": " + EXPECTED + OR_NUMBER),
                row("in braces", "{" + c1 + "}," + k1 + "\n", "2=1"),
                row("no dashes", c1.replace("-", "") + "," + k1 + "\n", "2=1"),
                row(
                        "bad contact",
                        c1 + ",1-1-1-1-1\n$2\n",
                        "2!contactId is \"1-1-1-1-1\": " + EXPECTED + OR_NUMBER,
                        "3=2"),
                row("long", "x".repeat(61) + ",y\n", "2" + bad("x".repeat(60) + "…")),
                row("header again", "$1\n" + HEADER + "$2\n", "2=1", "3" + bad("customerId"), "4=2"),
                row("mark in the middle", "$1\n\u00EF\u00BB\u00BF$2\n", "2=1", "3=2"),
                row("mark in an id", c1 + ",\u00EF\u00BB\u00BF" + k1 + "\n", "2=1"),
                row("NUL in an id", "\0" + c1 + "," + k1 + "\n$2\n", "2" + bad("\\u0000" + c1), "3=2"),
                row("NUL elsewhere", "$1,a\0b\n$2\n", "2=1", "3=2"),
                row("NUL lines", "\0\0\0\n$2\n", "2" + bad("\\u0000\\u0000\\u0000"), "3=2"),
                row("bad byte elsewhere", "$1,M\u00FCller\n$2,M\u00C3\u00BCller\n$3,\u0081\n", "2=1", "3=2", "4=3"),
                row(
                        "bad byte in an id",
                        "\u00FC" + c1.substring(1) + "," + k1 + "\n$2\n",
                        "2" + bad("ü" + c1.substring(1)),
                        "3=2"),
                row("overlong and cut UTF-8", "$1,\u00C0\u00AF\n$2,\u00E2\u0082\n$3", "2=1", "3=2", "4=3"),
                row("right to left", "\u00E2\u0080\u00AE" + c1 + "," + k1 + "\n", "2" + bad("\\u202E" + c1)),
                row("placeholder", "{{env:X}}," + k1 + "\n$2\n", "2" + bad("{{env:X}}"), "3=2"),
                row("expression", "${env.X}," + k1 + "\n$2\n", "2" + bad("${env.X}"), "3=2"),
                row("path", "../../" + c1 + "," + k1 + "\n$2\n", "2" + bad("../../" + c1), "3=2"),
                row("escaped slash", c1 + "%2F.." + "," + k1 + "\n$2\n", "2" + bad(c1 + "%2F.."), "3=2"),
                row("query", c1 + "?x=1," + k1 + "\n$2\n", "2" + bad(c1 + "?x=1"), "3=2"),
                row("fragment", c1 + "#," + k1 + "\n#$2\n", "2" + bad(c1 + "#"), "3" + bad("#" + customer(2))),
                row("formula", "=1+1," + k1 + "\n$2\n", "2" + bad("=1+1"), "3=2"),
                row("lines inside quotes", "$1,\"a\r\nb\n\nc\rd\"\n$2\n", "2=1", "7=2"),
                row("row inside quotes", "$1,\"a\r\n$9,evil\r\n\"\n$2\n", "2=1", "5=2"),
                row(
                        "lines inside a quoted id",
                        "\"" + c1 + "\r\n\",\"" + k1 + "\nx\"\n$2\n",
                        "2!contactId is \"" + k1 + "\\nx\": " + EXPECTED + OR_NUMBER,
                        "5=2"),
                row("lines inside quotes with blanks around", "$1, \"a\nb\" ,x\n$2\n", "2=1", "4=2"),
                row("doubled quotes", "$1,\"say \"\"hi\"\"\"\n$2,\"\"\n", "2=1", "3=2"),
                row("quote within plain text", "$1,5\" pipe\n$2,5\"\n", "2=1", "3=2"),
                row("lone quote to the end", "$1,a\n$2,\"b\n$3,c\n$4,d", "2=1", "3!" + MISPLACED_QUOTE, "4=3", "5=4"),
                row(
                        "lone quote before quoted text",
                        "$1,\"a\n$2,\"b\"\n$3,\"\"\n$4,\"\"\"c\"\"\"\n",
                        "2!" + MISPLACED_QUOTE,
                        "3=2",
                        "4=3",
                        "5=4"),
                row(
                        "lone quotes one after the other",
                        "$1,\"a\n$2,\"b\n$3,\"c\n$4,d\n",
                        "2!" + MISPLACED_QUOTE,
                        "3!" + MISPLACED_QUOTE,
                        "4!" + MISPLACED_QUOTE,
                        "5=4"),
                row("quote in the first column", "\"$1,a\n$2\n", "2!" + MISPLACED_QUOTE, "3=2"),
                row("only a quote", "\"\n$2\n", "2!" + MISPLACED_QUOTE, "3=2"),
                row("text behind a quoted one", "$1,\"Zum Hirsch\" GmbH\n$2\n", "2!" + MISPLACED_QUOTE, "3=2"),
                row("control characters", "\u001B[31m,\u0007\n$2\n", "2" + bad("\\u001B[31m"), "3=2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void is_read_as_far_as_it_goes(String what, byte[] file, List<String> expected) {
        assertThat(read("keys.csv", file)).isEqualTo(expected);
    }

    /**
     * All rows of the table in one file, each between good lines: whatever one holds, the good lines come out. Quoted
     * texts in these tell the reader that a mark before them was a lone one; without any, two lone marks of which the
     * second ends its line are a text of several lines by all rules of CSV.
     */
    @Test
    void no_damage_reaches_the_next_line() {
        StringBuilder file = new StringBuilder(HEADER);
        List<String> expected = new ArrayList<>();
        int key = 1000;
        long line = 2;
        for (Arguments row : table().toList()) {
            String text = new String((byte[]) row.get()[1], StandardCharsets.ISO_8859_1);
            String damage = text.substring(HEADER.length()).replaceAll("[\r\n]+$", "");
            file.append(csv("$" + key + ",\"good\""))
                    .append('\n')
                    .append(damage)
                    .append('\n');
            expected.add(line + "=" + key++);
            line += 1 + damage.split("\r\n|\r|\n", -1).length;
        }
        assertThat(read("keys.csv", bytes(file.toString())))
                .filteredOn(entry -> entry.matches("\\d+=1\\d\\d\\d"))
                .isEqualTo(expected);
    }

    @Test
    void a_quote_may_close_within64_ki_b() {
        String rows = csv("$2,x\n").repeat(300);
        assertThat(read("keys.csv", HEADER + csv("$1,\"") + rows + "\"\n" + csv("$3")))
                .containsExactly("2=1", "303=3");

        String more = csv("$2,x\n").repeat(1000);
        List<String> entries = read("keys.csv", HEADER + csv("$1,\"") + more + "\"\n" + csv("$3"));
        assertThat(entries)
                .hasSize(1 + 999 + 1 + 1)
                .startsWith("2!" + MISPLACED_QUOTE, "3=2", "4=2")
                .endsWith("1003=3");
    }

    @Test
    void keeps_what_stood_there() {
        String file = HEADER + "a\0b,M\u00FCller\n" + "\"ü\n€\",x\n" + "é".repeat(2000) + "\n" + "😀".repeat(300);
        List<KeyEntry> entries = entries("keys.csv", utf8(file));
        assertThat(entries).extracting(KeyEntry::position).containsExactly(2L, 3L, 5L, 6L);
        assertThat(entries)
                .extracting(entry -> ((KeyEntry.Invalid) entry).raw())
                .containsExactly("a\uFFFDb,Müller", "\"ü\n€\",x", "é".repeat(512), "😀".repeat(256));
        assertThat(((KeyEntry.Invalid) entries("keys.csv", bytes(HEADER + "x,M\u00FCller\n"))
                                .get(0))
                        .raw())
                .isEqualTo("x,Müller");
        assertThat(((KeyEntry.Invalid) entries("keys.csv", bytes(HEADER + "x,\"\u00C3\u00BC\n\u00FC\""))
                                .get(0))
                        .raw())
                .isEqualTo("x,\"ü\nü\"");
    }

    /** Half a surrogate pair must not take the line end behind it along. */
    @Test
    void broken_utf16() {
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            byte[] file = ("\uFEFF" + csv(HEADER + "$1,😀@\n$2,@\n$3,x@")).getBytes(charset);
            boolean big = charset.name().endsWith("BE");
            for (int i = 0; i < file.length; i += 2) {
                if (file[big ? i + 1 : i] == '@') {
                    file[big ? i : i + 1] = (byte) 0xD8;
                }
            }
            assertThat(read("keys.csv", file)).containsExactly("2=1", "3=2", "4=3");
            byte[] odd = Arrays.copyOf(file, file.length - 1);
            assertThat(read("keys.csv", odd)).containsExactly("2=1", "3=2", "4=3");
        }
    }
}
