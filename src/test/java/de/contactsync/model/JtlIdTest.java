package de.contactsync.model;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.JtlId.Kind;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JtlIdTest {

    private static final UUID UUID_ID = UUID.fromString("3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b");
    private static final UUID TENANT = new UUID(1, 1);

    @ParameterizedTest
    @ValueSource(strings = {"1", "123", "2147483647", " 123 ", "\"123\"", "=\"123\""})
    void a_number_is_kept_as_a_uuid_and_written_as_it_came(String text) {
        UUID id = JtlId.parse(text).orElseThrow();
        assertThat(JtlId.isNumber(id)).isTrue();
        assertThat(JtlId.text(id)).isEqualTo(text.replaceAll("[=\" ]", ""));
        assertThat(JtlId.parse(id.toString())).as("as it is stored").contains(id);
        assertThat(JtlId.of(Integer.parseInt(JtlId.text(id)))).isEqualTo(id);
    }

    @Test
    void a_stored_number_shows_its_digits() {
        assertThat(JtlId.of(123)).hasToString("00000000-0000-8000-8000-000000000123");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "012", "1.5", "1e3", "2147483648", "99999999999", "\u0661", "x"})
    void what_is_neither_number_nor_uuid_is_no_id(String text) {
        assertThat(JtlId.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b",
                "00000000-0000-8000-8000-00000000000a",
                "00000000-0000-8000-8000-000000000000",
                "00000000-0000-8000-8000-100000000001",
                "00000000-0000-4000-8000-000000000001"
            })
    void a_uuid_stays_one(String text) {
        UUID id = JtlId.parse(text).orElseThrow();
        assertThat(JtlId.isNumber(id)).isFalse();
        assertThat(JtlId.text(id)).isEqualTo(text);
    }

    @Test
    void a_tenant_has_the_ids_of_its_api() {
        ContactKey numbers = new ContactKey(TENANT, JtlId.of(1), JtlId.of(2));
        ContactKey uuids = new ContactKey(TENANT, UUID_ID, UUID_ID);
        ContactKey mixed = new ContactKey(TENANT, JtlId.of(1), UUID_ID);
        assertThat(JtlId.problem(numbers, Kind.of("1.0"))).isEmpty();
        assertThat(JtlId.problem(uuids, Kind.of("2.0"))).isEmpty();
        assertThat(JtlId.problem(mixed, Kind.ANY)).isEmpty();
        assertThat(JtlId.problem(numbers, Kind.of("2.0")).orElseThrow())
                .startsWith("customerId is \"1\": expected a uuid such as ")
                .endsWith("numbers are the ids of JTL-Wawi's API 1");
        assertThat(JtlId.problem(mixed, Kind.of("1")).orElseThrow())
                .isEqualTo("contactId is \"" + UUID_ID + "\": expected a whole number from 1 to 2147483647 without"
                        + " leading zeros, as this tenant's JTL-Wawi is called by its API 1");
        assertThat(Kind.of("10.0")).isEqualTo(Kind.UUID);
    }

    @Test
    void a_key_with_the_ids_of_another_api_is_invalid_where_settings_name_the_api() {
        KeyEntry entry = new KeyEntry.Valid(7, new ContactKey(null, JtlId.of(12), JtlId.of(34)), "shop", null);
        assertThat(entry.orTenant(shop(Kind.UUID))).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
            assertThat(invalid.problem()).startsWith("customerId is \"12\": expected a uuid");
            assertThat(invalid.tenantId()).isEqualTo(TENANT);
        });
        assertThat(entry.orTenant(shop(Kind.NUMBER))).isInstanceOf(KeyEntry.Valid.class);
    }

    private static TenantNames shop(Kind kind) {
        return new TenantNames(null, Map.of("shop", TENANT), tenant -> kind, tenant -> kind);
    }
}
