package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Decimal32;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.junit.jupiter.api.Test;

class AmqpBodyTest {

    private record Described(Object getDescriptor, Object getDescribed) implements DescribedType {}

    private static String text(Object value) throws IOException {
        return new String(AmqpBody.ofValue(value), StandardCharsets.UTF_8);
    }

    /** Once an address in memory, so that the digest that stands for an id differed at each delivery. */
    @Test
    void an_array_is_read_by_its_elements() throws Exception {
        assertThat(text(new int[] {1, 2})).isEqualTo("[1,2]");
        assertThat(text(new Object[] {Symbol.valueOf("a"), new long[] {3}})).isEqualTo("[\"a\",[3]]");
        assertThat(text(Map.of("a", new boolean[] {true}))).isEqualTo("{\"a\":[true]}");
        assertThat(text(Map.of(List.of(7), "b"))).isEqualTo("{\"[7]\":\"b\"}");
        assertThat(text(Map.of(7, "b"))).isEqualTo("{\"7\":\"b\"}");
    }

    @Test
    void a_symbol_is_a_text_and_of_a_described_value_the_value_counts() throws Exception {
        String json = "{\"customerId\":\"a\"}";
        assertThat(text(Symbol.valueOf(json))).isEqualTo(json);
        Object descriptor = UnsignedLong.valueOf(7);
        assertThat(text(new Described(descriptor, json))).isEqualTo(json);
        assertThat(text(new Described(descriptor, List.of(Map.of("a", 1))))).isEqualTo("[{\"a\":1}]");
        assertThat(text(List.of(new Described(descriptor, "b")))).isEqualTo("[\"b\"]");
    }

    /** Once an address in memory, of which was said that it is no JSON. */
    @Test
    void a_decimal_cannot_be_read() {
        assertThatThrownBy(() -> text(Map.of("customerId", new Decimal32(7))))
                .isInstanceOf(IOException.class)
                .hasMessage("it has a decimal, AMQP's Decimal32");
    }
}
