package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.JtlId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a page of JTL's customers is understood. */
class CustomersParserTest {

    private static final String A = "00000000-0000-4000-8000-00000000000a";
    private static final String B = "00000000-0000-4000-8000-00000000000b";

    private static CallResult.Customers read(String json) throws Exception {
        return CustomersParser.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), false);
    }

    @Test
    void of_a_page_the_ids_are_taken_and_nothing_else() throws Exception {
        CallResult.Customers page =
                read("{\"totalItems\":2,\"pageNumber\":1,\"items\":[{\"id\":\"" + A + "\",\"fax\":{\"id\":7},"
                        + "\"address\":{\"id\":\"x\"}},{\"Id\":\"" + B + "\",\"honorific\":3}],\"hasNextPage\":false}");

        assertThat(page.ids()).containsExactly(UUID.fromString(A), UUID.fromString(B));
        assertThat(page.hasNext()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'hasNextPage':true                  | true  | -1",
                "'HasNextPage':false,'totalItems':900| false | 900",
                "'totalItems':101                    |       | 101",
                "'hasNextPage':null                  |       | -1",
            })
    void what_the_envelope_says_of_further_pages_is_taken_over(String fields, Boolean hasNext, long total)
            throws Exception {
        CallResult.Customers page = read("{" + fields.replace('\'', '"') + ",\"items\":[{\"id\":\"" + A + "\"}]}");

        assertThat(page.hasNext()).isEqualTo(hasNext);
        assertThat(page.total()).isEqualTo(total);
    }

    @Test
    void of_api_1_the_ids_are_numbers() throws Exception {
        String page = "{\"Items\":[{\"Id\":12},{\"Id\":\"" + A + "\"},{\"Id\":1.5}],\"HasNextPage\":false}";
        CallResult.Customers customers =
                CustomersParser.read(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)), true);
        assertThat(customers.ids()).containsExactly(JtlId.of(12));
        assertThat(customers.unusable()).containsExactly(2, 3);
    }

    @Test
    void a_customer_without_a_usable_id_costs_the_others_nothing() throws Exception {
        CallResult.Customers page = read("{\"items\":[{\"id\":\"1\"},{\"id\":\"" + A + "\"}]}");

        assertThat(page.ids()).containsExactly(UUID.fromString(A));
        assertThat(page.unusable()).containsExactly(1);
    }

    /** Once, one element that was no object, or a page of nothing else, stopped the schedule for good. */
    @Test
    void what_is_no_customer_costs_its_own_place_only() throws Exception {
        String bad = "{\"id\":\"kaputt\"},{\"number\":\"K1\"},{\"id\":17},null,7,[{\"id\":\"" + B + "\"}],{},{\"id\":\""
                + B + "\",\"id\":\"" + B + "\"}";

        CallResult.Customers mixed = read("{\"items\":[{\"id\":\"" + A + "\"}," + bad + ",{\"id\":\"" + B + "\"}]}");
        CallResult.Customers alone = read("{\"items\":[" + bad + "],\"totalItems\":8}");

        assertThat(mixed.ids()).containsExactly(UUID.fromString(A), UUID.fromString(B));
        assertThat(mixed.unusable()).containsExactly(2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(alone.ids()).isEmpty();
        assertThat(alone.unusable()).hasSize(8);
        assertThat(alone.total()).isEqualTo(8);
    }

    /** Once, a text of more than 65,536 characters in one customer stopped the schedule for good. */
    @Test
    void whatever_a_customer_has_beside_its_id_costs_no_other() throws Exception {
        String nested = "[".repeat(500) + "]".repeat(500);
        CallResult.Customers page = read("{\"items\":[{\"id\":\"" + A + "\",\"fax\":\"" + "9".repeat(5_000_000)
                + "\",\"" + "n".repeat(20_000) + "\":" + nested + ",\"number\":" + "1".repeat(5_000) + "},{\"id\":\""
                + "a".repeat(200_000) + "\"},{\"id\":\"" + B + "\"}]}");

        assertThat(page.ids()).containsExactly(UUID.fromString(A), UUID.fromString(B));
        assertThat(page.unusable()).containsExactly(2);
    }

    @Test
    void a_page_over_a_limit_of_the_parser_is_called_so() {
        assertThatThrownBy(() -> read("{\"items\":[{\"id\":\"" + A + "\",\"x\":" + "[".repeat(2_000) + "]}"))
                .isInstanceOf(ContractViolationException.class)
                .hasMessageContaining("a page that has more than 1000 levels of nesting");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"items\":null}",
                "{\"items\":{}}",
                "{\"items\":[7",
                "{\"items\":[{\"id\":\"" + A + "\"}",
                "{\"items\":[]"
            })
    void what_is_no_page_of_customers_is_not_taken_for_one(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(ContractViolationException.class);
    }
}
