package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.JtlId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContactParserTest {

    private static final UUID ID = UUID.fromString("b45f6432-2462-4c6f-b00f-1d9d01000000");
    private static final ContactKey ASKED = new ContactKey(UUID.randomUUID(), UUID.randomUUID(), ID);

    @Test
    void camel_case_and_pascal_case_give_the_same_contact() throws Exception {
        CustomerContact camel = read("{'id':'" + ID + "','department':'Einkauf','honorific':'Herr','firstName':'Jörg',"
                + "'lastName':'Groß','phoneNumber':'01','mobilePhoneNumber':'02','emailAddress':'a@b','fax':'03'}");
        CustomerContact pascal = read("{'Id':'" + ID + "','Department':'Einkauf','Honorific':'Herr','FirstName':'Jörg',"
                + "'LastName':'Groß','PhoneNumber':'01','MobilePhoneNumber':'02','EmailAddress':'a@b','Fax':'03'}");

        assertThat(camel)
                .isEqualTo(pascal)
                .isEqualTo(new CustomerContact("Einkauf", "Herr", "Jörg", "Groß", "01", "02", "a@b", "03"));
    }

    @Test
    void of_api_1_the_id_is_a_number() throws Exception {
        ContactKey asked = new ContactKey(UUID.randomUUID(), JtlId.of(7), JtlId.of(123));
        for (String id : List.of("123", "'123'")) {
            byte[] body =
                    ("{'Id':" + id + ",'LastName':'Groß'}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            assertThat(ContactParser.read(body, asked).lastName()).isEqualTo("Groß");
        }
        byte[] other = "{\"Id\":124,\"LastName\":\"Groß\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ContactParser.read(other, asked)).hasMessageContaining("another id");
    }

    @Test
    void null_absent_and_empty_are_accepted_and_an_empty_string_stays_one() throws Exception {
        CustomerContact contact = read("{'id':'" + ID + "','department':null,'fax':''}");

        assertThat(contact.department()).isNull();
        assertThat(contact.firstName()).isNull();
        assertThat(contact.fax()).isEmpty();
    }

    @Test
    void the_id_is_compared_without_regard_to_case() throws Exception {
        assertThat(read("{'id':'" + ID.toString().toUpperCase() + "','lastName':'x'}")
                        .lastName())
                .isEqualTo("x");
    }

    @Test
    void unknown_fields_are_ignored_however_they_are_built() throws Exception {
        assertThat(read("{'new':{'id':'other','a':[1,{'b':2}]},'more':7,'id':'" + ID + "','lastName':'x'}")
                        .lastName())
                .isEqualTo("x");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                                        | empty",
                "null                                                    | not a JSON object",
                "[]                                                      | not a JSON object",
                "'text'                                                  | not a JSON object",
                "{}                                                      | no id",
                "{'id':null}                                             | no id",
                "{'id':7}                                                | no text in the field id",
                "{'id':'nonsense'}                                       | another id",
                "{'id':'00000000-0000-4000-8000-000000000000'}           | another id",
                "{'id':'ID','lastName':{'a':1}}                          | no text in the field lastName",
                "{'id':'ID','lastName':['a']}                            | no text in the field lastName",
                "{'id':'ID','lastName':true}                             | no text in the field lastName",
                "{'id':'ID','fax':'1','Fax':'2'}                         | the field Fax twice",
                "{'id':'ID','lastName':'M                                | not well-formed",
                "{'id':'ID'                                              | not well-formed",
                "{'id':'ID'} trailing                                    | not well-formed",
                "{'id':'ID'}{'id':'ID'}                                  | trailing data",
                "{'id':'ID','lastName':'\\ud800'}                        | half a character",
                "{'id':'ID','lastName':'a\\udc00'}                       | half a character",
                "{'id':'ID','lastName':'a\\u0000'}                       | NUL",
                "<html><body>Wartung</body></html>                       | not well-formed",
            })
    void a_broken_answer_is_reported_with_what_is_wrong_with_it(String body, String problem) {
        String json = body == null ? "" : body.replace("ID", ID.toString());

        assertThatThrownBy(() -> read(json))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageContaining(problem);
    }

    /** Once, each was told as any of them, with the advice to shorten the contact. */
    @ParameterizedTest(name = "{1}")
    @MethodSource
    void what_is_over_a_limit_is_called_so(String field, String problem) {
        assertThatThrownBy(() -> read("{'id':'" + ID + "'," + field + "}"))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageStartingWith("JTL's answer has " + problem + ":");
    }

    static Stream<Arguments> what_is_over_a_limit_is_called_so() {
        return Stream.of(
                Arguments.of("'lastName':'" + "x".repeat(70_000) + "'", "a text of more than 65536 characters"),
                Arguments.of("'x':" + "9".repeat(2_000), "a number of more than 1000 digits"),
                Arguments.of("'" + "n".repeat(2_000) + "':1", "a field name of more than 1024 characters"),
                Arguments.of("'x':" + "[".repeat(100_000) + "]".repeat(100_000), "more than 32 levels of nesting"));
    }

    /** Once, this was called not well-formed. */
    @ParameterizedTest
    @ValueSource(strings = {"Müller", "Schäfer", "Großü"})
    void bytes_that_are_latin_1_are_called_so(String name) {
        byte[] body = ("{\"id\":\"" + ID + "\",\"lastName\":\"" + name + "\"}").getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> ContactParser.read(body, ASKED))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageContainingAll("not UTF-8", "Latin-1")
                .hasMessageNotContaining("well-formed");
    }

    /** Once, a gateway that echoes what it was asked for made a contact without anything. */
    @ParameterizedTest
    @ValueSource(strings = {"", ",'path':'/v2/customers','status':200", ",'more':{'lastName':'x'}"})
    void the_right_id_alone_is_no_contact(String rest) {
        assertThatThrownBy(() -> read("{'id':'" + ID + "'" + rest + "}"))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageContaining("no other field of a contact");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'fax':null", "'Department':''", "'lastName':'x'"})
    void one_field_of_a_contact_is_enough_whatever_it_holds(String field) throws Exception {
        assertThat(read("{'id':'" + ID + "'," + field + "}")).isNotNull();
    }

    @Test
    void the_message_never_quotes_a_value() {
        assertThatThrownBy(() -> read("{'id':'" + ID + "','lastName':'Geheimrat' oops"))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageNotContaining("Geheimrat");
    }

    private static CustomerContact read(String json) throws ContractViolationException {
        return ContactParser.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), ASKED);
    }
}
