package de.contactsync.keyfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.JtlId.Kind;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of a record that is no key of its tenant. */
class WrongKeyOfTenantTest {

    private static final UUID TENANT = new UUID(0x7E, 1);
    private static final UUID OTHER = new UUID(0x7E, 2);
    private static final String UUIDS =
            "{\"customerId\": \"3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\", \"contactId\":\"3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5c\"}";

    private static TenantNames tenants(Kind bySettings, Kind known) {
        return new TenantNames(OTHER, Map.of("shop", TENANT), tenant -> bySettings, tenant -> known);
    }

    private static KeyEntry.Invalid invalid(String json, TenantNames tenants) {
        KeyEntry entry = KeyMessageParser.parse(json.getBytes(UTF_8), 1).get(0).orTenant(tenants);
        assertThat(entry).isInstanceOf(KeyEntry.Invalid.class);
        return (KeyEntry.Invalid) entry;
    }

    /** The sentence named uuids and numbers whatever the tenant's API has. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"customerId\":\"x\",\"contactId\":1}",
                "{\"customerId\":null,\"contactId\":1}",
                "{\"customerId\":1,\"contactId\":12345678901}"
            })
    void only_the_kind_of_id_is_named_that_the_tenant_has(String json) {
        assertThat(invalid(json, tenants(Kind.ANY, Kind.NUMBER)).problem())
                .endsWith(": expected a whole number from 1 to 2147483647 without leading zeros, as this tenant's"
                        + " JTL-Wawi is called by its API 1")
                .doesNotContain("uuid");
        assertThat(invalid(json, tenants(Kind.UUID, Kind.UUID)).problem()).endsWith(": " + KeyReading.EXPECTED);
        assertThat(invalid(json, tenants(Kind.ANY, Kind.ANY)).problem()).endsWith(KeyReading.OR_NUMBER);
    }

    /** The row in dead_letter had no tenant, so nobody could tell whose key it was. */
    @Test
    void the_tenant_that_an_invalid_record_names_is_kept() {
        String wrong = "{\"customerId\":\"x\",\"contactId\":1,\"tenantId\":\"%s\"}";
        TenantNames tenants = tenants(Kind.ANY, Kind.ANY);
        assertThat(invalid(wrong.formatted(OTHER), tenants).tenantId()).isEqualTo(OTHER);
        assertThat(invalid(wrong.formatted("Shop"), tenants).tenantId()).isEqualTo(TENANT);
        assertThat(invalid(wrong.formatted("nobody"), tenants).tenantId()).isNull();
        assertThat(invalid("{\"customerId\":\"x\"}", tenants).tenantId()).isNull();
        assertThat(invalid("{\"customerId\":1,\"tenantId\":\"shop\"}", tenants).tenantId())
                .isEqualTo(TENANT);
        assertThat(invalid("{\"customerId\":1,\"tenantId\":\"shop\"\u00e9}", tenants)
                        .tenantId())
                .isNull();
    }

    /** It was written anew, such as "7 1234" for a line of a file with other columns. */
    @Test
    void what_came_in_is_shown_of_a_key_with_ids_of_another_api() {
        KeyEntry.Invalid numbers =
                invalid("{ \"customerId\": 7, \"contactId\": \"1234\" }", tenants(Kind.UUID, Kind.UUID));
        assertThat(numbers.raw()).isEqualTo("{ \"customerId\": 7, \"contactId\": \"1234\" }");
        assertThat(numbers.tenantId()).as("named none").isNull();
        assertThat(invalid(UUIDS, tenants(Kind.NUMBER, Kind.NUMBER)).raw()).isEqualTo(UUIDS);
        assertThat(invalid(UUIDS, tenants(Kind.ANY, Kind.NUMBER).strict()).raw())
                .isEqualTo(UUIDS);
    }

    @Test
    void which_records_of_a_run_are_keys_does_not_change_with_what_is_learned_of_a_tenant() {
        assertThat(KeyMessageParser.parse(UUIDS.getBytes(UTF_8), 1).get(0).orTenant(tenants(Kind.ANY, Kind.NUMBER)))
                .isInstanceOf(KeyEntry.Valid.class);
    }

    @Test
    void no_log_gets_what_stood_in_a_record() {
        KeyEntry read = KeyMessageParser.parse(
                        UUIDS.replace("}", ",\"name\":\"Geheim\"}").getBytes(UTF_8), 1)
                .get(0);
        assertThat(read.toString()).doesNotContain("Geheim");
    }
}
