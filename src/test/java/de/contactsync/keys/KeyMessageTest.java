package de.contactsync.keys;

import static de.contactsync.keys.Reading.bytes;
import static de.contactsync.keys.Reading.json;
import static de.contactsync.keys.Reading.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.contact.KeyEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyMessageTest {

    private static List<String> parse(byte[] body) {
        return KeyMessage.parse(body, 10_000).stream().map(Reading::shortly).toList();
    }

    @Test
    void oneObjectOrAnArrayOfThem() {
        assertThat(parse(utf8(json("$1")))).containsExactly("1=1");
        assertThat(parse(utf8(json("\uFEFF [$1, $2]")))).containsExactly("1=1", "2=2");
        assertThat(parse(utf8("[]"))).isEmpty();
    }

    @Test
    void whatIsNoKeyIsSaid() {
        assertThat(parse(utf8(json("[$1,{\"customerId\":\"{{env:X}}\"},$2]"))))
                .containsExactly("1=1", "2!customerId is \"{{env:X}}\": " + Reading.EXPECTED, "3=2");
        String expected = "expected a JSON array of objects with customerId and contactId, [{…}, {…}]";
        assertThat(parse(new byte[0])).containsExactly("1!the message is empty: " + expected);
        assertThat(parse(utf8(" \n"))).containsExactly("1!the message is empty: " + expected);
        assertThat(parse(bytes("\u00AC\u00ED\0\5sr"))).containsExactly("1!the bytes of the message"
                + " are not UTF-8: " + expected + ", as text in UTF-8");
        assertThat(parse(new byte[] {(byte) 0xC3, 0x28})).singleElement().asString().contains("are not UTF-8");
        assertThat(parse(utf8("nö"))).singleElement().asString().doesNotContain("UTF-8");
    }

    @Test
    void aCutOffMessageIsNotTakenForAWholeOne() {
        assertThat(parse(utf8(json("[$1")))).containsExactly(
                "1=1", "2!the array breaks off after element 1 (line 1, column 106): expected a closing bracket ]");
    }

    @Test
    void whatBreaksOffWithinAKeyIsOneKeyThatIsNone() {
        assertThat(parse(utf8("{\"customerId\":"))).singleElement().asString().startsWith("1!");
        assertThat(parse(utf8(json("[$1,{\"customerId\":")))).hasSize(2)
                .satisfies(entries -> assertThat(entries.get(0)).isEqualTo("1=1"))
                .satisfies(entries -> assertThat(entries.get(1)).startsWith("2!"));
    }

    @Test
    void keepsTheBeginningOfTheBody() {
        KeyEntry entry = KeyMessage.parse(utf8("x\0" + "€".repeat(2000)), 10_000).get(0);
        assertThat(((KeyEntry.Invalid) entry).raw()).isEqualTo("x\uFFFD" + "€".repeat(340));
    }
}
