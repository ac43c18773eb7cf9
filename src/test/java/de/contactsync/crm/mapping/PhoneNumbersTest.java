package de.contactsync.crm.mapping;

import static de.contactsync.crm.mapping.MappingFixture.delivery;
import static de.contactsync.crm.mapping.MappingFixture.map;
import static de.contactsync.crm.mapping.MappingFixture.withPhone;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.TenantNames;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Phone numbers of a mapping: E.164, the text behind one, countries. */
class PhoneNumbersTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "030 901820 (Zentrale)          | +4930901820  | Zentrale",
                "030 901820 [Zentrale]          | +4930901820  | Zentrale",
                "Tel. 030/901820, App. 12       | +4930901820  | App. 12",
                "0170 1234567 privat            | +491701234567 | privat",
                "0170 1234567 – ab 18 Uhr       | +491701234567 | ab 18 Uhr",
                "030 901820 oder 0170 1234567   | +4930901820  | oder 0170 1234567",
                "030 901820                     | +4930901820  |",
                "030 1234-10/11                 | 030 1234-10/11 |",
                "0800 RUFMICH                   | 0800 RUFMICH |",
                "nur abends                     | nur abends   |",
                "030 12 (alt)                   | 030 12 (alt) |"
            })
    void the_text_behind_a_number_can_be_kept_apart(String phone, String number, String text) {
        Mapping mapping = MappingFile.parse(
                "m.yaml",
                "key: k\ndefault-country: DE\nfields:\n  a: {from: phoneNumber, transform: e164-number}\n"
                        + "  b: {from: phoneNumber, transform: e164-text, overwrite-with-empty: true}\n");

        assertThat(map(mapping, withPhone(phone))).isEqualTo(Map.of("a", number, "b", text == null ? "" : text));
    }

    @Test
    void a_field_can_have_a_country_of_its_own() {
        Mapping mapping = MappingFile.parse(
                "m.yaml",
                "key: k\ndefault-country: DE\nfields:\n  a: {from: phoneNumber, transform: e164}\n"
                        + "  b: {from: phoneNumber, transform: e164, country: AT}\n");

        assertThat(map(mapping, withPhone("01 5134000"))).containsEntry("b", "+4315134000");
        assertThat(mapping.comparison().isSame("b", "+4315134000", "01 5134000"))
                .isTrue();
        assertThat(mapping.comparison().isSame("a", "+4315134000", "01 5134000"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "030 901820, +4930901820",
        "+49 (0)30 901820, +4930901820",
        "0049-69-90009887, +496990009887",
        "(0221) 4710-744, +492214710744",
        "+39 06 69812345, +390669812345",
        "+43 1 5131234, +4315131234",
        "+44 20 7946 0958, +442079460958",
        "030 901820 ext. 12, 030 901820 ext. 12",
        "bitte nicht anrufen, bitte nicht anrufen",
        "12, 12",
        "+49, +49",
        // Germany
        "03012345678, +493012345678",
        "030/123456, +4930123456",
        "030 - 12 34 56, +4930123456",
        "0 30/12 34 56, +4930123456",
        "(0 30) 12 34 56, +4930123456",
        "(030)123456, +4930123456",
        "030-1234-10, +4930123410",
        "030 1234–10, +4930123410",
        "033203/123-45, +493320312345",
        "0171/123 45 67, +491711234567",
        "Tel. 030 123456, +4930123456",
        "Telefon: 030 123456, +4930123456",
        "Fax +49 30 123456, +4930123456",
        "Mobil 0171-1234567, +491711234567",
        "+49(0)30/12 34 56, +4930123456",
        "+49 (0) 30 123456-78, +493012345678",
        "+49 (030) 123456, +4930123456",
        "+49 (30) 123456, +4930123456",
        "(+49) 30 123456, +4930123456",
        "+49-30-1234-10, +4930123410",
        "+49.30.123456, +4930123456",
        "0049 30 123456, +4930123456",
        "00 49 30 123456, +4930123456",
        "0049/30/123456, +4930123456",
        // Austria, Switzerland, Italy, others
        "+43/1/513 12 34, +4315131234",
        "+43 (0)1 513 12 34-0, +43151312340",
        "+43/664/1234567, +436641234567",
        "0043 662 8044-0, +4366280440",
        "+41 (0)44 668 18 00, +41446681800",
        "+41 44 / 668 18 00, +41446681800",
        "0041 44 668 18 00, +41446681800",
        "+39 (0)6 69812345, +390669812345",
        "0039 06/69812345, +390669812345",
        "+39 349/1234567, +393491234567",
        "+39 02.12345678, +390212345678",
        "+1 (212) 555-1234, +12125551234",
        "+1-212-555-1234, +12125551234",
        // Words and extensions, which must not become digits of the number
        "030 123456 Frau, 030 123456 Frau",
        "0171 1234567 (Chef), 0171 1234567 (Chef)",
        "030 12345 ab 14 Uhr, 030 12345 ab 14 Uhr",
        "0221 4711 dw 12, 0221 4711 dw 12",
        "0221 4711 DW 12, 0221 4711 DW 12",
        "01/5131234 Kl. 12, 01/5131234 Kl. 12",
        "030 1234-10/11, 030 1234-10/11",
        "030 1234 - 10 / 11, 030 1234 - 10 / 11",
        "030/1234/11, 030/1234/11",
        "030 1234/35, 030 1234/35",
        "030 123/124, 030 123/124",
        "030123/124, 030123/124",
        "+4930 123/1245, +4930 123/1245",
        "0301234567/68, 0301234567/68",
        "040 1234-0/-22, 040 1234-0/-22",
        "030 1234-10-12, 030 1234-10-12",
        "030 1234 (10), 030 1234 (10)",
        "030 1234 #10, 030 1234 #10",
        "'030 1234-10, -11', '030 1234-10, -11'",
        "'030 12345\n67', '030 12345\n67'",
        "Tel. und Fax 030 123456, Tel. und Fax 030 123456",
    })
    void phone_numbers_become_e164_or_stay_as_they_are(String written, String sent) {
        Mapping mapping = MappingFile.read(folder, "hubspot", TenantNames.only(null));

        assertThat(map(mapping, withPhone(written))).containsEntry("phone", sent);
        assertThat(mapping.unreadablePhoneNumbers()).isEqualTo(written.equals(sent) ? 1 : 0);
    }

    /** One with max-length and too-long: refuse counted twice, one in a step not at all. */
    @Test
    void a_number_that_cannot_be_read_counts_once_wherever_it_is_sent() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: DE
                fields:
                  phone: {from: phoneNumber, transform: e164, max-length: 40, too-long: refuse}
                steps:
                  telefax:
                    update: POST /fax/{key}
                    fields:
                      number: {from: fax, transform: e164}
                """);
        Delivery delivery = delivery(new CustomerContact(null, null, null, null, "??", null, null, "--"));

        assertThat(mapping.refusal(delivery)).isNull();
        map(mapping, delivery);
        assertThat(mapping.unreadablePhoneNumbers()).isEqualTo(1);
        map(mapping.steps().get(0).fields(), delivery);
        assertThat(mapping.unreadablePhoneNumbers()).isEqualTo(2);
    }

    @Test
    void the_default_country_is_for_numbers_that_name_none() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: AT
                fields:
                  phone: {from: phoneNumber, transform: e164}
                """);
        assertThat(map(mapping, withPhone("01 5131234"))).containsEntry("phone", "+4315131234");
        assertThat(map(mapping, withPhone("+49 30 901820"))).containsEntry("phone", "+4930901820");
    }
}
