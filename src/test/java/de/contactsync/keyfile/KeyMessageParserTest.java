package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.bytes;
import static de.contactsync.keyfile.KeyReading.json;
import static de.contactsync.keyfile.KeyReading.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyMessageParserTest {

    private static final String EXPECTED =
            "expected one JSON object with customerId and contactId, or an array of such objects";
    private static final String NOT_UTF_8 =
            "1!the message has bytes that are not UTF-8: " + EXPECTED + ", as text in UTF-8";

    private static List<String> parse(byte[] body) {
        return KeyMessageParser.parse(body, 10_000).stream()
                .map(KeyReading::shortly)
                .toList();
    }

    @Test
    void one_object_or_an_array_of_them() {
        assertThat(parse(utf8(json("$1")))).containsExactly("1=1");
        assertThat(parse(utf8(json("\uFEFF [$1, $2]")))).containsExactly("1=1", "2=2");
        assertThat(parse(utf8("[]"))).isEmpty();
    }

    /** Once, over HTTP, they were taken for Windows-1252. */
    @Test
    void bytes_in_json_lines_that_are_not_utf_8_are_called_so_and_cost_no_key() {
        byte[] lines = (json("$1") + "\n{\"customerId\":\"M\u00FCller\"}\n"
                        + json("$2").replaceFirst("\\{", "{\"name\":\"M\u00FCller\","))
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(KeyMessageParser.parseLines(lines, 10_000).stream().map(KeyReading::shortly))
                .containsExactly("1=1", "2" + NOT_UTF_8.substring(1), "3=2");
    }

    @Test
    void invalid_keys_are_reported_with_the_reason() {
        assertThat(parse(utf8(json("[$1,{\"customerId\":\"{{env:X}}\"},$2]"))))
                .containsExactly(
                        "1=1", "2!customerId is \"{{env:X}}\": " + KeyReading.EXPECTED + KeyReading.OR_NUMBER, "3=2");
        assertThat(parse(new byte[0])).containsExactly("1!the message is empty: " + EXPECTED);
        assertThat(parse(utf8(" \n"))).containsExactly("1!the message is empty: " + EXPECTED);
        assertThat(parse(utf8("42"))).containsExactly("1!it begins with \"42\": " + EXPECTED);
        assertThat(parse(utf8("true"))).containsExactly("1!it begins with \"true\": " + EXPECTED);
        assertThat(parse(bytes("\u00AC\u00ED\0\5sr"))).containsExactly(NOT_UTF_8);
        assertThat(parse(new byte[] {(byte) 0xC3, 0x28}))
                .singleElement()
                .asString()
                .isEqualTo(NOT_UTF_8);
        assertThat(parse(utf8("nö"))).singleElement().asString().doesNotContain("UTF-8");
    }

    /** They were shown as the characters they would be in Windows-1252, a guess that is made for files only. */
    @Test
    void ids_of_bytes_that_are_not_utf8_are_called_so() {
        byte[] latin1 = "{\"customerId\":\"Jörg\",\"contactId\":\"2\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(parse(latin1)).containsExactly(NOT_UTF_8);
        assertThat(((KeyEntry.Invalid) KeyMessageParser.parse(latin1, 1).get(0)).raw())
                .isEqualTo("{\"customerId\":\"J\uFFFDrg\",\"contactId\":\"2\"}");
    }

    @Test
    void fields_that_are_not_utf8_cost_no_key_whose_ids_can_be_read() {
        byte[] latin1 =
                json("[$1,{\"name\":\"Jörg\",\"contactId\":\"x\"},{},$2]").getBytes(StandardCharsets.ISO_8859_1);

        assertThat(parse(latin1))
                .containsExactly("1=1", NOT_UTF_8.replaceFirst("1", "2"), "3!customerId is missing", "4=2");
    }

    @Test
    void the_form_in_which_the_database_keeps_a_number_is_no_id() {
        assertThat(parse(utf8("{\"customerId\":7,\"contactId\":\"00000000-0000-8000-8000-000000000012\"}")))
                .containsExactly("1!contactId is \"00000000-0000-8000-8000-000000000012\": so the database keeps the"
                        + " number 12; expected the id as JTL has it");
    }

    /** They stood within quotation marks like those around it. */
    @Test
    void quotation_marks_of_what_was_sent_are_shown_as_single_ones() {
        assertThat(parse(utf8("\"x\""))).containsExactly("1!it begins with \"'x'\": " + EXPECTED);
        assertThat(parse(utf8("[\"x\\\"\"]"))).singleElement().asString().startsWith("1!the entry is the text \"x'\":");
        assertThat(parse(utf8("{\"customerId\":\"a\\\"b\",\"contactId\":\"\"}")))
                .singleElement()
                .asString()
                .startsWith("1!customerId is \"a'b\":");
    }

    @Test
    void a_cut_off_message_is_not_taken_for_a_whole_one() {
        assertThat(parse(utf8(json("[$1"))))
                .containsExactly(
                        "1=1",
                        "2!the array breaks off after element 1 (line 1, column 106): expected a closing bracket ]");
    }

    @Test
    void what_breaks_off_within_a_key_is_one_key_that_is_none() {
        assertThat(parse(utf8("{\"customerId\":"))).singleElement().asString().startsWith("1!");
        assertThat(parse(utf8(json("[$1,{\"customerId\":"))))
                .hasSize(2)
                .satisfies(entries -> assertThat(entries.get(0)).isEqualTo("1=1"))
                .satisfies(entries -> assertThat(entries.get(1)).startsWith("2!"));
    }

    @Test
    void keeps_the_beginning_of_the_body() {
        KeyEntry entry =
                KeyMessageParser.parse(utf8("x\0" + "€".repeat(2000)), 10_000).get(0);
        assertThat(((KeyEntry.Invalid) entry).raw()).isEqualTo("x\uFFFD" + "€".repeat(340));
    }
}
