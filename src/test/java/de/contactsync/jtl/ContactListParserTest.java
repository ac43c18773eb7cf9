package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.CustomerContact;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which contacts come out of a list, and what an element that is not as it should be costs. */
class ContactListParserTest {

    private static final UUID FIRST = id(1);
    private static final UUID SECOND = id(2);

    private static UUID id(int number) {
        return new UUID(0x4000, 1L << 63 | number);
    }

    /** {@code '} for quotation marks, $1 and $2 for the two ids asked for. */
    private static InputStream body(String json) {
        return new ByteArrayInputStream(json.replace('\'', '"')
                .replace("$1", FIRST.toString())
                .replace("$2", SECOND.toString())
                .getBytes(StandardCharsets.UTF_8));
    }

    private static Map<UUID, Outcome> read(String json) throws Exception {
        return ContactListParser.read(body(json), 200, Set.of(FIRST, SECOND)::contains, false);
    }

    private static Outcome found(String firstName) {
        return new Outcome.Found(new CustomerContact(null, null, firstName, null, null, null, null, null));
    }

    @Test
    void keeps_what_was_asked_for_in_any_order_and_either_case() throws Exception {
        assertThat(read("[{'firstName':'B','id':'$2'},{'id':'" + id(3) + "'},{'Id':'$1','FirstName':'A','X':[1]}]"))
                .isEqualTo(Map.of(FIRST, found("A"), SECOND, found("B")));
        assertThat(read(" [ ] ")).isEmpty();
        assertThat(read("\uFEFF[{'id':'$1','fax':null}]")).containsOnlyKeys(FIRST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'id':'$1','fax':17}",
                "{'id':'$1','fax':{'a':1}}",
                "{'fax':['a'],'id':'$1'}",
                "{'fax':'a\\u0000','id':'$1'}",
                "{'id':'$1','fax':'\\ud83d'}",
                "{'id':'$1','fax':'a','Fax':'a'}",
                "{'id':'$1','fax':''},{'id':'$1','fax':''}",
                "{'id':'$1','fax':''},{'id':'$1','fax':''},{'id':'$1','fax':''}",
            })
    void an_element_that_breaks_the_contract_costs_its_own_key_only(String element) throws Exception {
        Map<UUID, Outcome> outcomes = read("[" + element + ",{'id':'$2','firstName':'B'}]");

        assertThat(outcomes).containsOnlyKeys(FIRST, SECOND).containsEntry(SECOND, found("B"));
        Outcome.Failed failed = (Outcome.Failed) outcomes.get(FIRST);
        assertThat(failed.reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
        assertThat(failed.httpStatus()).isEqualTo(200);
        assertThat(failed.errorMessage()).isNotBlank();
    }

    @Test
    void what_is_wrong_with_others_does_not_matter() throws Exception {
        assertThat(read("[{'id':'" + id(3) + "','fax':1},{'id':'" + id(3) + "'},{'id':'$1','fax':''}]"))
                .containsOnlyKeys(FIRST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``| an empty body",
                "{'id':'$1'}| no JSON array",
                "{'items':[]}| no JSON array",
                "null| no JSON array",
                "<html>| not well-formed",
                "[{'id':'$1'},{'fax':''}]| no proper id",
                "[{'id':'$1'},{'id':null}]| no proper id",
                "[{'id':'$1'},{'id':17}]| no proper id",
                "[{'id':'$1'},{'id':'17'}]| no proper id",
                "[{'id':'$2','id':'$1'}]| no proper id",
                "[{'id':'$1'},1]| not a JSON object",
                "[{'id':'$1'},[]]| not a JSON object",
                "[{'id':'$1'},null]| not a JSON object",
                "[{'id':'$1'}| not well-formed",
                "[{'id':'$1'| not well-formed",
                "[{'id':'$1'}] {}| something follows",
                "[{'id':'$1','x':[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]| a list that has more than 32 levels of nesting",
            })
    void what_is_no_list_of_contacts_is_said_without_its_words(String json, String problem) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining(FIRST.toString());
    }

    @Test
    void a_text_in_no_encoding_of_json_is_no_list() {
        byte[] utf32WithoutOrder = {0, 0, (byte) 0xFF, (byte) 0xFE, '['};
        assertThatThrownBy(() ->
                        ContactListParser.read(new ByteArrayInputStream(utf32WithoutOrder), 200, id -> false, false))
                .isInstanceOf(ContractViolationException.class);
    }

    @Test
    void a_stream_that_fails_is_no_matter_of_what_it_said() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };
        assertThatThrownBy(() -> ContactListParser.read(
                        new SequenceInputStream(body("[{'id':'$1'},"), broken), 200, FIRST::equals, false))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("connection reset");
    }

    @Test
    void takes_a_list_of_thousands() throws Exception {
        String list = IntStream.range(0, 5_000)
                .mapToObj(n -> "{'id':'" + id(n) + "','firstName':'N" + n + "'}")
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(read(list)).isEqualTo(Map.of(FIRST, found("N1"), SECOND, found("N2")));
    }
}
