package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a page of JTL's customers is understood. */
class CustomersReaderTest {

    private static final String A = "00000000-0000-4000-8000-00000000000a";
    private static final String B = "00000000-0000-4000-8000-00000000000b";

    private static Answer.Customers read(String json, int page) throws Exception {
        return CustomersReader.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), page);
    }

    @Test
    void of_a_page_the_ids_are_taken_and_nothing_else() throws Exception {
        Answer.Customers page = read("{\"totalItems\":2,\"pageNumber\":1,\"items\":[{\"id\":\"" + A + "\",\"fax\":{\"id\":7},"
                + "\"address\":{\"id\":\"x\"}},{\"Id\":\"" + B + "\",\"honorific\":3}],\"hasNextPage\":false}", 1);

        assertThat(page.ids()).containsExactly(UUID.fromString(A), UUID.fromString(B));
        assertThat(page.last()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'hasNextPage':true                  | 1 | false",
        "'HasNextPage':true,'totalItems':1   | 1 | false",
        "'hasNextPage':false,'totalItems':900| 1 | true",
        "'totalItems':101                    | 1 | false",
        "'totalItems':200                    | 2 | true",
        "'hasNextPage':null                  | 1 | true",
    })
    void whether_another_page_follows_is_told_or_follows_from_the_numbers(String fields, int page, boolean last)
            throws Exception {
        assertThat(read("{" + fields.replace('\'', '"') + ",\"items\":[{\"id\":\"" + A + "\"}]}", page).last())
                .isEqualTo(last);
    }

    @Test
    void behind_an_empty_page_nothing_is_looked_for() throws Exception {
        assertThat(read("{\"items\":[],\"hasNextPage\":true}", 1).last()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "[]", "{}", "{\"items\":null}", "{\"items\":[{}]}", "{\"items\":[{\"id\":\"1\"}]}", "{\"items\":[7]}",
        "{\"items\":[{\"id\":\"" + A + "\"}", "{\"items\":[{\"id\":\"" + A + "\",\"id\":\"" + A + "\"}]}", "{\"items\":[]"
    })
    void what_is_no_page_of_customers_is_not_taken_for_one(String json) {
        assertThatThrownBy(() -> read(json, 1)).isInstanceOf(ContractViolationException.class);
    }
}
