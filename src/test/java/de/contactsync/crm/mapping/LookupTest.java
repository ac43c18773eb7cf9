package de.contactsync.crm.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of files beside the mapping file, by the ids of customers, tenants or contacts. */
class LookupTest {

    private static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    private static final TenantNames TENANTS =
            new TenantNames(null, Map.of("old-mill", TENANT), tenant -> JtlId.Kind.ANY, tenant -> JtlId.Kind.ANY);

    @TempDir
    Path folder;

    private Mapping mapping(String text) {
        return MappingFile.parse(folder, "mapping/rest.yaml", "key: k\ndefault-country: DE\n" + text, TENANTS);
    }

    private static Delivery delivery(int customer, int contact, String phone) {
        return new Delivery(
                new ContactKey(TENANT, JtlId.of(customer), JtlId.of(contact)),
                new CustomerContact(null, null, null, "Groß", phone, null, null, null),
                "hash",
                null,
                false);
    }

    private static Map<String, String> map(Mapping mapping, Delivery delivery) {
        return mapping.map(delivery, NullHandling.OMITTED, Gone.KEEP);
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void columns_are_further_fields_of_a_contact_wherever_one_may_be_named() throws IOException {
        file("customers.csv", "customerId;Preisgruppe 2;Ort\n17;Gold;Köln\n18; ;Bonn\n");
        Mapping mapping = mapping("""
            lookup: customers.csv
            only-if: {Ort: "*"}
            fields:
              group: {from: "Preisgruppe 2", default: none}
              name: {template: "{lastName} ({Ort})"}
              gold: {constant: "yes", when: {"Preisgruppe 2": gold}}
            """);

        assertThat(map(mapping, delivery(17, 1, null)))
                .isEqualTo(Map.of("group", "Gold", "name", "Groß (Köln)", "gold", "yes"));
        assertThat(map(mapping, delivery(18, 1, null))).isEqualTo(Map.of("group", "none", "name", "Groß (Bonn)"));
        assertThat(map(mapping, delivery(19, 1, null))).isEqualTo(Map.of("group", "none", "name", "Groß"));
        assertThat(mapping.leftOut(delivery(17, 1, null))).isNull();
        assertThat(mapping.leftOut(delivery(19, 1, null)).text()).isEqualTo("only-if (mapping/rest.yaml, Ort)");
    }

    @Test
    void a_file_by_tenants_gives_each_its_constants_and_the_country_of_its_numbers() throws IOException {
        file("tenants.csv", "Tenant-ID,unit,land\n" + TENANT + ",Süd,at\n");
        file("contacts.csv", "customerId,contactId,vip\n17,1,true\n");
        Mapping mapping = mapping("""
            lookup: [tenants.csv, contacts.csv]
            fields:
              unit: {from: unit}
              vip: {from: vip, type: boolean}
              phone: {from: phoneNumber, transform: e164, country: {from: land}}
            """);

        assertThat(map(mapping, delivery(17, 1, "01 5134000")))
                .isEqualTo(Map.of("unit", "Süd", "vip", "true", "phone", "+4315134000"));
        assertThat(map(
                        mapping,
                        new Delivery(
                                new ContactKey(new UUID(1, 1), JtlId.of(17), JtlId.of(2)),
                                new CustomerContact(null, null, null, null, "030 901820", null, null, null),
                                "hash",
                                null,
                                false)))
                .as("by default-country")
                .isEqualTo(Map.of("phone", "+4930901820"));
        assertThat(map(mapping, delivery(17, 2, null))).isEqualTo(Map.of("unit", "Süd"));
    }

    /** Only ids were taken, and settings, keys and commands know tenants by their names. */
    @Test
    void a_tenant_is_named_as_in_the_settings_wherever_one_is_named() throws IOException {
        file("tenants.csv", "tenantId,unit\nOld_Mill,Mühle\n");
        file("blocked.txt", "old-mill/17/2\n");
        Mapping mapping = mapping("""
            lookup: tenants.csv
            only-if: {tenantId: [old-mill]}
            block-list: blocked.txt
            fields:
              unit: {from: unit}
              name: {from: lastName, when: {tenantId: OLD-MILL}}
              other: {from: lastName, when: {tenantId: {not: old-mill}}}
              source: {from: tenantId, value-map: {old-mill: Mühle, "*": Zentrale}}
            """);

        assertThat(map(mapping, delivery(17, 1, null)))
                .isEqualTo(Map.of("unit", "Mühle", "name", "Groß", "source", "Mühle"));
        assertThat(mapping.leftOut(delivery(17, 1, null))).isNull();
        assertThat(mapping.leftOut(delivery(17, 2, null)).text()).isEqualTo("block-list (mapping/blocked.txt line 1)");
    }

    @Test
    void a_tenant_that_nobody_has_is_reported_with_what_was_expected() throws IOException {
        file("tenants.csv", "tenantId,unit\nmill,Mühle\n");
        assertThatThrownBy(() -> mapping("lookup: tenants.csv\nfields:\n  unit: {from: unit}\n"))
                .hasMessageStartingWith("mapping/tenants.csv line 2, tenantId: expected a uuid")
                .hasMessageEndingWith("or the NAME of jtl.tenants.NAME");
        assertThatThrownBy(() -> mapping("fields:\n  unit: {from: fax, when: {tenantId: mill}}\n"))
                .hasMessageStartingWith("mapping/rest.yaml line 4, unit: \"mill\" is not a tenant: expected a uuid")
                .hasMessageEndingWith("or the NAME of jtl.tenants.NAME");
    }

    @Test
    void files_are_read_in_the_character_sets_and_with_the_separators_of_key_files() throws IOException {
        String text = "sep=;\r\nort;Customer_ID\r\n\"Köln; \"\"Süd\"\"\";17\r\n\r\n";
        Mapping expected = null;
        for (Charset charset :
                new Charset[] {StandardCharsets.UTF_8, Charset.forName("windows-1252"), StandardCharsets.UTF_16}) {
            Files.write(folder.resolve("customers.csv"), text.getBytes(charset));
            Mapping mapping = mapping("lookup: customers.csv\nfields:\n  city: {from: ort}\n");
            assertThat(map(mapping, delivery(17, 1, null))).isEqualTo(Map.of("city", "Köln; \"Süd\""));
            expected = mapping;
        }
        assertThat(expected).isNotNull();
    }

    /** By it the start says that contacts were sent otherwise. */
    @Test
    void its_hash_covers_the_values_used_and_nothing_else_of_the_file() throws IOException {
        String text = "lookup: customers.csv\nfields:\n  city: {from: ort}\n";
        file("customers.csv", "customerId,ort,x\n17,Köln,1\n18,Bonn,1\n");
        String hash = mapping(text).hash();
        file("customers.csv", "x,customerId,ort\n2,18,Bonn\n2,17,Köln\n");
        assertThat(mapping(text).hash()).isEqualTo(hash);
        file("customers.csv", "customerId,ort,x\n17,Köln,1\n18,Berlin,1\n");
        assertThat(mapping(text).hash()).isNotEqualTo(hash);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kunde,ort\\n"
                        + "17,Köln           | customers.csv line 1: expected a column customerId, tenantId or contactId",
                "customerId,ort,ort\\n          | customers.csv line 1: the column \"ort\" occurs twice there",
                "customerId,Customer-ID\\n      | customers.csv line 1: the column \"Customer-ID\" occurs twice"
                        + " there",
                "customerId,fax,ort\\n          | customers.csv line 1: the column \"fax\" has the name of a field",
                "customerId,ort\\n17,x\\n17,y   | customers.csv line 3: is about the same as line 2: keep one of them",
                "customerId,ort\\nGroß,x        | customers.csv line 2, customerId: expected a uuid",
                "tenantId,ort\\n17,x            | customers.csv line 2, tenantId: expected a uuid",
                "customerId,ort\\n17,\"x\\n     | customers.csv line 2: not CSV from here on",
                "''                            | customers.csv line 1: expected a header line",
                "customerId,stadt\\n17,Köln     | mapping/rest.yaml line 5, city: \"ort\" is not known here"
            })
    void mistakes_are_reported_with_file_line_and_what_was_expected(String text, String message) throws IOException {
        file("customers.csv", text.replace("\\n", "\n"));

        assertThatThrownBy(() -> mapping("lookup: customers.csv\nfields:\n  city: {from: ort}\n"))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("Groß");
    }

    @Test
    void a_file_that_is_not_there_is_named_with_its_whole_path() {
        assertThatThrownBy(() -> mapping("lookup: customers.csv\nfields: {}\n"))
                .hasMessageContaining(
                        "mapping/rest.yaml line 3, lookup: " + folder.resolve("customers.csv") + " cannot be read")
                .hasMessageContaining("beside the mapping file");
    }

    @Test
    void two_files_with_a_column_of_one_name_are_refused() throws IOException {
        file("a.csv", "customerId,ort\n");
        file("b.csv", "tenantId,ort\n");

        assertThatThrownBy(() -> mapping("lookup: [a.csv, b.csv]\nfields: {}\n"))
                .hasMessageContaining(
                        "line 3, lookup: the column \"ort\" of mapping/b.csv is also one of a file before");
    }
}
