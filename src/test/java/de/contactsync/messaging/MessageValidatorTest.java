package de.contactsync.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageValidatorTest {

    private static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");
    private static final UUID OTHER = UUID.fromString("7a1c9a52-0b1e-4f0e-8e5c-3d1f2a4b5c6d");
    private static final UUID CUSTOMER = new UUID(0xC0, 1);
    private static final UUID CONTACT = new UUID(0xCC, 1);
    private static final String KEY = "{\"customerId\":\"" + CUSTOMER + "\",\"contactId\":\"" + CONTACT + "\"}";
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final MessageValidator validator = new MessageValidator(TenantNames.only(TENANT));

    private KeyRequest read(String body) {
        return validator.read("ID:1", "order-7", TRACE, body.getBytes(UTF_8));
    }

    private static KeyEntry.Invalid only(KeyRequest request) {
        assertThat(request.entries()).singleElement().isInstanceOf(KeyEntry.Invalid.class);
        return (KeyEntry.Invalid) request.entries().get(0);
    }

    @Test
    void a_key_gets_the_tenant_of_the_configuration_unless_it_names_one() {
        assertThat(read(KEY).entries())
                .containsExactly(new KeyEntry.Valid(1, new ContactKey(TENANT, CUSTOMER, CONTACT)));
        assertThat(read(KEY.replace("}", ",\"tenantId\":\"" + OTHER + "\"}")).entries())
                .containsExactly(new KeyEntry.Valid(1, new ContactKey(OTHER, CUSTOMER, CONTACT)));
        assertThat(only(new MessageValidator(TenantNames.only(null)).read("ID:1", null, null, KEY.getBytes(UTF_8)))
                        .problem())
                .contains("jtl.tenant-id");
    }

    @Test
    void several_keys_are_counted_and_a_lone_one_is_not() {
        KeyRequest several = read("[" + KEY + "," + KEY + "]");
        assertThat(several.entries()).hasSize(2);
        assertThat(several.position(0)).isEqualTo("ID:1#1");
        assertThat(several.position(1)).isEqualTo("ID:1#2");
        assertThat(read("[" + KEY + "]").position(0)).isEqualTo("ID:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "", "  \n\t "})
    void a_body_without_a_key_is_one_invalid_entry_and_not_passed_over_in_silence(String body) {
        assertThat(read(body).entries()).singleElement().isInstanceOf(KeyEntry.Invalid.class);
    }

    @Test
    void a_message_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        String filled = KEY + " ".repeat(MessageValidator.LARGEST - KEY.length());
        assertThat(read(filled).entries()).singleElement().isInstanceOf(KeyEntry.Valid.class);

        KeyEntry.Invalid refused = only(read(filled + " "));
        assertThat(refused.problem()).contains("1048577 bytes", "1048576", "split it");
        assertThat(refused.raw()).startsWith(KEY).hasSize(1024);
    }

    @Test
    void a_message_of_some_letters_cannot_become_hundreds_of_thousands_of_dead_letters() {
        assertThat(read("[" + "{},".repeat(9_999) + "{}]").entries()).hasSize(10_000);

        KeyEntry.Invalid refused = only(read("[" + "{},".repeat(300_000) + "{}]"));
        assertThat(refused.problem()).contains("more than 10000 keys", "split it");
    }

    @Test
    void what_is_kept_of_a_refused_message_fits_into_every_database() {
        byte[] body = new byte[3_000];
        Arrays.fill(body, (byte) 0);
        KeyRequest refused = validator.refuse("ID:1", null, null, body, "no");
        assertThat(only(refused).raw()).isEqualTo("\uFFFD".repeat(341));
        assertThat(only(validator.refuse("ID:1", null, null, new byte[0], "no")).raw())
                .isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void a_message_without_an_id_is_known_by_its_content(String id) {
        KeyRequest first = validator.read(id, null, null, KEY.getBytes(UTF_8));
        KeyRequest again = validator.read(id, null, null, KEY.getBytes(UTF_8));
        KeyRequest other = validator.read(id, null, null, "[]".getBytes(UTF_8));
        assertThat(first.id())
                .matches("sha256:[0-9a-f]{64}")
                .isEqualTo(again.id())
                .isNotEqualTo(other.id());
    }

    @Test
    void an_id_that_no_column_should_hold_is_replaced_by_one_that_is_as_stable() {
        String longest = "i".repeat(256);
        assertThat(validator.read(longest, null, null, new byte[0]).id()).isEqualTo(longest);
        String tooLong = longest + "i";
        assertThat(validator.read(tooLong, null, null, new byte[0]).id())
                .matches("sha256:[0-9a-f]{64}")
                .isEqualTo(
                        validator.read(tooLong, null, null, KEY.getBytes(UTF_8)).id())
                .isNotEqualTo(
                        validator.read(tooLong + "i", null, null, new byte[0]).id());
        assertThat(validator.read("a\0b", null, null, new byte[0]).id()).startsWith("sha256:");
    }

    @Test
    void answers_bear_the_senders_correlation_id_or_else_the_messages_own() {
        assertThat(read(KEY).correlationId()).isEqualTo("order-7");
        assertThat(validator.read("ID:1", null, null, new byte[0]).correlationId())
                .isEqualTo("ID:1");
        assertThat(validator.read("ID:1", " ", null, new byte[0]).correlationId())
                .isEqualTo("ID:1");
        assertThat(validator.read("ID:1", "c".repeat(8192), null, new byte[0]).correlationId())
                .hasSize(8192);
        assertThat(validator.read("ID:1", "c".repeat(8193), null, new byte[0]).correlationId())
                .isEqualTo("ID:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nX-Evil: 1",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            })
    void a_trace_that_is_none_is_dropped(String traceparent) {
        assertThat(validator.read("ID:1", null, traceparent, new byte[0]).traceparent())
                .isNull();
        assertThat(read(KEY).traceparent()).isEqualTo(TRACE);
    }

    @Test
    void nothing_that_stood_in_a_message_reaches_a_log_by_way_of_a_message() {
        KeyRequest request = read("{\"customerId\":\"Geheim\"}");
        assertThat(request.toString()).contains("ID:1").doesNotContain("Geheim");
        assertThat(request.entries().toString()).doesNotContain("Geheim");
    }
}
