package de.contactsync.crm.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockListTest {

    private static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");
    private static final ContactKey KEY = new ContactKey(TENANT, JtlId.of(17), JtlId.of(3));

    private static int line(String list, String email) {
        CustomerContact contact = new CustomerContact(null, null, null, null, null, null, email, null);
        return BlockList.parse("mapping/blocked.txt", list, TenantNames.only(null))
                .line(new Delivery(KEY, contact, "hash", null, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17/3                                        | 1",
                "17/*                                        | 1",
                "17/4                                        | 0",
                "3/17                                        | 0",
                "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604/17/3   | 1",
                "0D9F4F3E-7C1B-4A58-9E36-52C1A8B7D604/17/*   | 1",
                "1d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604/17/3   | 0"
            })
    void a_contact_is_known_by_its_key(String entry, int line) {
        assertThat(line(entry, null)).isEqualTo(line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "info@example.org    | Info@Example.org               | 1",
                "info@example.org    | xinfo@example.org              | 0",
                "info@example.org    | a@b.de; info@example.org       | 1",
                "info@example.org    | Groß <info@example.org>        | 1",
                "info@example.org    | mailto:info@example.org        | 1",
                "@example.org        | anybody@example.org            | 1",
                "@example.org        | anybody@mail.example.org       | 1",
                "@example.org        | anybody@notexample.org         | 0",
                "@example.org        | anybody@example.org.de         | 0",
                "@müller.example     | info@xn--mller-kva.example     | 1",
                "info@müller.example | INFO@MÜLLER.example            | 1",
                "@example.org        | no address                     | 0"
            })
    void addresses_and_domains_are_compared_as_mail_servers_do(String entry, String email, int line) {
        assertThat(line(entry, email)).isEqualTo(line);
    }

    @Test
    void empty_lines_and_remarks_are_passed_over_and_blanks_nobody_sees_do_not_matter() {
        assertThat(line("# who objected\r\n\r\n\u00A0info@example.org\u200B\r\n", "info@example.org"))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org",
                "17",
                "17/x",
                "a/17/3",
                "1/2/3/4",
                "17/",
                "*/3",
                "a@b.de, c@d.de",
                "@",
                "@de",
                "Groß"
            })
    void what_is_none_of_these_halts_the_start_and_is_not_shown(String entry) {
        assertThatThrownBy(() -> line("17/3\n" + entry, null))
                .isInstanceOf(MappingException.class)
                .hasMessageStartingWith("mapping/blocked.txt line 2: expected CUSTOMER/CONTACT");
    }
}
