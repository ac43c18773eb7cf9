package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.EXPECTED;
import static de.contactsync.keyfile.KeyReading.OR_NUMBER;
import static de.contactsync.keyfile.KeyReading.bytes;
import static de.contactsync.keyfile.KeyReading.contact;
import static de.contactsync.keyfile.KeyReading.customer;
import static de.contactsync.keyfile.KeyReading.entries;
import static de.contactsync.keyfile.KeyReading.json;
import static de.contactsync.keyfile.KeyReading.read;
import static de.contactsync.keyfile.KeyReading.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.KeyEntry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileJsonTest {

    private static final String C = customer(5).toString();
    private static final String K = contact(5).toString();

    private static String object(String customer, String contact, String more) {
        return "{\"customerId\":" + customer + ",\"contactId\":" + contact + more + "}";
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String notJson(String where) {
        return "the entry is not JSON, it goes wrong at " + where
                + ": expected an object with customerId and contactId";
    }

    private static String beyond(String limit) {
        return "the entry has " + limit + ": expected an object with customerId and contactId";
    }

    private static String notObject(String found) {
        return "the entry is " + found + ": expected an object with customerId and contactId";
    }

    /** An object as it stands in a line or an array, and its problem, or {@code =5} when it is fine. */
    static Stream<Arguments> objects() {
        String deep = "[{},".repeat(1500) + "1" + "]".repeat(1500);
        return Stream.of(
                Arguments.of(object(quoted(C), quoted(K), ""), "=5"),
                Arguments.of(
                        " { \"CUSTOMER_ID\" : \" " + C + " \" , \"customer contact-id\" : " + quoted(K) + " } ", "=5"),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"tenantId\":null,\"a\":{\"customerId\":[{\"b\":1}]}"), "=5"),
                Arguments.of(object(quoted(C.replace("-", "\\u002d")), quoted(K), ",\"tenantId\":\"\""), "=5"),
                Arguments.of(object(quoted(C), quoted(K), ",\"n\":\"M\u00FCller \\\" { [ ] }\""), "=5"),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"tenantId\":\"x\""),
                        "!tenantId is \"x\": " + EXPECTED + ", or a NAME that has settings jtl.tenants.NAME"),
                Arguments.of(object("5.5", quoted(K), ""), "!customerId is the number 5.5: " + EXPECTED + OR_NUMBER),
                Arguments.of(object("0", quoted(K), ""), "!customerId is \"0\": " + EXPECTED + OR_NUMBER),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"tenantId\":5"),
                        "!tenantId is the number 5: " + EXPECTED + " in quotation marks"),
                Arguments.of(object("null", quoted(K), ""), "!customerId is null: " + EXPECTED + OR_NUMBER),
                Arguments.of(object("true", quoted(K), ""), "!customerId is true: " + EXPECTED + OR_NUMBER),
                Arguments.of(object("{\"a\":1}", quoted(K), ""), "!customerId is an object: " + EXPECTED + OR_NUMBER),
                Arguments.of(
                        object(quoted(C), "[" + quoted(K) + "]", ""),
                        "!contactId is an array: " + EXPECTED + OR_NUMBER),
                Arguments.of(
                        object(quoted(C), quoted("{{env:X}}"), ""),
                        "!contactId is \"{{env:X}}\": " + EXPECTED + OR_NUMBER),
                Arguments.of(
                        object(quoted(C), quoted("\\u0000\\ud800" + K), ""),
                        "!contactId is \"\\u0000\\uD800" + K + "\": " + EXPECTED + OR_NUMBER),
                Arguments.of(object(quoted("\u00FC"), quoted(K), ""), "!customerId is \"ü\": " + EXPECTED + OR_NUMBER),
                Arguments.of("{}", "!customerId is missing"),
                Arguments.of("{\"customerId\":" + quoted(C) + "}", "!contactId is missing"),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"customer_id\":" + quoted(C)),
                        "!there is more than one customerId (\"customerId\" and \"customer_id\")"),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"customerContactId\":" + quoted(K)),
                        "!there is more than one contactId (\"contactId\" and \"customerContactId\")"),
                Arguments.of(object("abc", quoted(K), ""), "!" + notJson("\"abc,\"contactId\":\"" + K + "\"}\"")),
                Arguments.of("{\"customerId\":x \u0007}", "!" + notJson("\"x \\u0007}\"")),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"deep\":" + deep),
                        "!" + beyond("more than 1000 levels of nesting")),
                Arguments.of(
                        object("9".repeat(2000), quoted(K), ""), "!" + beyond("a number of more than 1000 digits")),
                Arguments.of(
                        object(quoted(C), quoted(K), ",\"" + "n".repeat(55_000) + "\":1"),
                        "!" + beyond("a field name of more than 50000 characters")),
                Arguments.of("12345", "!" + notObject("the number 12345")),
                Arguments.of("null", "!" + notObject("null")),
                Arguments.of("\"x\"", "!" + notObject("the text \"x\"")),
                Arguments.of("[]", "!" + notObject("an array")),
                Arguments.of("[" + object(quoted(C), quoted(K), "") + "]", "!" + notObject("an array")));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void in_a_line(String object, String expected) {
        List<String> entries = read("keys.ndjson", bytes(json("$1\n" + object + "\n\n$2")));
        assertThat(entries).containsExactly("1=1", "2" + expected, "4=2");
    }

    @ParameterizedTest
    @MethodSource("objects")
    void in_an_array(String object, String expected) {
        List<String> entries = read("keys.json", bytes(json("[$1," + object + ",$2]")));
        assertThat(entries).containsExactly("1=1", "2" + expected, "3=2");
    }

    /** What is no JSON value: none of them may cost the line or the element behind it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "}",
                "\"",
                "\\",
                "\0",
                ":",
                "{",
                "[",
                "{\"a\"",
                "{\"a\":1",
                "{\"a\":[1}",
                "{\"a\":{\"b\":1]}",
                "{\"customerId\":\"x",
                "{\"customerId\":\"x}",
                "{\"customerId\":\"x,\"contactId\":\"y\"}",
                "{customerId\":\"x\",\"contactId\":\"y\"}",
                "{\"customerId\":\"\\x\"}",
                "{\"customerId\":\"x\\\"}",
                "{\"a\":[{\"b\":1},{\"c\":\"x}],\"d\":1}",
                "{\"a\":1,}",
                "{'a':1}",
                "{\"a\":\"x\"{\"b\":1}",
            })
    void a_broken_entry_fails_no_other(String broken) {
        assertThat(read("keys.ndjson", json("$1\n" + broken + "\n$2")))
                .hasSize(3)
                .startsWith("1=1")
                .endsWith("3=2");
        for (String space : List.of("", " ", "\n", "\r\n  ")) {
            String array = "[" + space + "$1," + space + broken + "," + space + "$2," + space + "$3" + space + "]";
            List<String> entries = read("keys.json", json(array));
            assertThat(entries.get(0)).as(array).isEqualTo("1=1");
            assertThat(entries.get(1)).as(array).startsWith("2!the entry is ");
            assertThat(keys(entries)).as(array).containsExactly("1", "2", "3");
            String last = json("[" + space + "$1," + space + broken + space + "]");
            assertThat(keys(read("keys.json", last))).as(last).containsExactly("1");
        }
    }

    private static List<String> keys(List<String> entries) {
        assertThat(entries).noneMatch(entry -> entry.startsWith("unreadable"));
        return entries.stream()
                .filter(e -> e.matches("\\d+=.*"))
                .map(e -> e.substring(e.indexOf('=') + 1))
                .toList();
    }

    /** Objects within a broken element are none of the array's. */
    @Test
    void a_broken_element_counts_once() {
        for (String broken : List.of("{\"a\":[{\"b\":1},{\"c\":2}],\"d\":\"x},", "{\"d\":\"x,\"e\":{\"f\":1}},")) {
            List<KeyEntry> entries = entries("keys.json", utf8(json("[$1,\n" + broken + "\n$2]")));
            assertThat(entries)
                    .as(broken)
                    .hasSize(3)
                    .last()
                    .satisfies(entry -> assertThat(KeyReading.shortly(entry)).isEqualTo("3=2"));
        }
        KeyEntry entry = entries("keys.json", utf8(json("[{\"d\":\"x,\"e\":{\"f\":1}},\n$2]")))
                .get(0);
        assertThat(((KeyEntry.Invalid) entry).raw()).isEqualTo("{\"d\":\"x,\"e\":{\"f\":1}},\n");
    }

    @Test
    void more_than_one_value_in_a_line() {
        for (String line : List.of("$3 $4", "$3,", "$3}", "$3 x")) {
            assertThat(read("keys.ndjson", json("$1\n" + line + "\n$2")))
                    .hasSize(3)
                    .element(1)
                    .asString()
                    .startsWith("2!the entry is not JSON, it goes wrong at ");
        }
    }

    /** Brackets match in the whole, but only because two marks are missing; the good element between is not lost. */
    @Test
    void two_broken_elements_that_make_up_for_each_other() {
        String broken = "{\"customerId\":\"x,\"contactId\":\"y\"}";
        List<String> entries = read("keys.json", json("[$1," + broken + ",$2," + broken + ",$3]"));
        assertThat(keys(entries)).containsExactly("1", "2", "3");
        assertThat(entries).hasSize(5);
    }

    @Test
    void broken64_ki_b_away() {
        String many = "$1,".repeat(2000);
        for (String broken : List.of("{\"a\":\"x},", "{\"a\":1,", "[", "\"")) {
            List<String> entries = read("keys.json", json("[" + many + broken + many + "$2]"));
            assertThat(entries).as(broken).hasSize(4002).endsWith("4002=2");
            assertThat(keys(entries)).hasSize(4001);
        }
    }

    @Test
    void several_arrays_and_objects_without_one() {
        assertThat(read("keys.json", json(" $1 "))).containsExactly("1=1");
        assertThat(read("keys.json", json("$1\n$2\n"))).containsExactly("1=1", "2=2");
        assertThat(read("keys.json", json("[$1]\n[$2,$3]"))).containsExactly("1=1", "2=2", "3=3");
        assertThat(read("keys.json", json("[$1 $2,,$3,]"))).containsExactly("1=1", "2=2", "3=3");
        assertThat(read("keys.json", "[ ]")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "5", "\"a\"", "]", "}", ",", "null", "customerId,contactId", "\0{}"})
    void no_array_at_all(String text) {
        assertThat(read("keys.json", " \n" + text))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("unreadable: it begins with \""
                        + text.replace("\0", "\\u0000").replace('"', '\''))
                .endsWith("\": expected a JSON array of objects with customerId and contactId, [{…}, {…}]");
    }

    @Test
    void cut_off_array() {
        assertThat(read("keys.json", json("[$1,\n $2,\n")))
                .containsExactly(
                        "1=1",
                        "2=2",
                        "unreadable: the array breaks off after element 2 (line 3, column 1):"
                                + " expected a closing bracket ]");
        assertThat(read("keys.json", "["))
                .containsExactly("unreadable: the array breaks off before the first element (line 1, column 2):"
                        + " expected a closing bracket ]");
        assertThat(read("keys.json", json("[$1,\n  {\"customerId\":\"caf")))
                .containsExactly(
                        "1=1",
                        "2!the entry is not JSON, it goes wrong at its end: expected an object with"
                                + " customerId and contactId",
                        "unreadable: the file breaks off in element 2, which begins in"
                                + " line 2, column 3: expected the rest of it and a closing bracket");
        assertThat(read("keys.json", "{\"customerId\":1"))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("unreadable: the file breaks off in element 1, which begins in line 1, column 1");
    }

    @Test
    void mark_before_a_line() {
        assertThat(read("keys.ndjson", json("$1\n\uFEFF$2"))).containsExactly("1=1", "2=2");
        assertThat(read("keys.json", json("[$1]\uFEFF[$2]"))).containsExactly("1=1", "2=2");
    }
}
