package de.contactsync.crm.mapping;

import static de.contactsync.crm.mapping.MappingFixture.KEY;
import static de.contactsync.crm.mapping.MappingFixture.delivery;
import static de.contactsync.crm.mapping.MappingFixture.map;
import static de.contactsync.crm.mapping.MappingFixture.parsed;
import static de.contactsync.crm.mapping.MappingFixture.withPhone;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmField;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.NullHandling.Rule;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.TenantNames;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a mapping makes of a contact. */
class MappingTest {

    @TempDir
    Path folder;

    /** What is too long was cut in any case. */
    @Test
    void a_value_that_is_too_long_can_have_its_contact_refused() {
        Mapping mapping = MappingFile.parse(
                "m.yaml", "key: k\nfields:\n  a: {from: phoneNumber, max-length: 3, too-long: refuse}\n");

        assertThat(mapping.refusal(withPhone("110"))).isNull();
        assertThat(mapping.refusal(withPhone(null))).isNull();
        assertThat(mapping.refusal(withPhone("1100")))
                .isEqualTo("Its value for a has 4 characters, and m.yaml allows 3 (too-long: refuse): shorten it in"
                        + " JTL-Wawi, or let the mapping cut it");
        assertThat(MappingFile.parse("m.yaml", "key: k\nfields:\n  a: {from: phoneNumber, max-length: 3}\n")
                        .refusal(withPhone("1100")))
                .isNull();
    }

    @Test
    void the_shipped_mapping_fills_what_hubspot_has_by_default_and_two_fields_of_our_own() {
        Mapping mapping = MappingFile.read(folder, "hubspot", TenantNames.only(null));

        assertThat(mapping.key()).isEqualTo("jtl_contact_id");
        assertThat(map(
                        mapping,
                        delivery(new CustomerContact(
                                " Einkauf",
                                "hr.",
                                " Jörg ",
                                "Groß",
                                "030 / 901820",
                                "0170 1234567",
                                " Joerg.Gross@Example.ORG ",
                                "+49 (0)30 901821"))))
                .containsExactly(
                        Map.entry("email", "joerg.gross@example.org"),
                        Map.entry("firstname", "Jörg"),
                        Map.entry("lastname", "Groß"),
                        Map.entry("salutation", "Herr"),
                        Map.entry("phone", "+4930901820"),
                        Map.entry("mobilephone", "+491701234567"),
                        Map.entry("fax", "+4930901821"),
                        Map.entry("jtl_department", "Einkauf"),
                        Map.entry("jtl_customer_id", KEY.customerId().toString()));
        assertThat(Mapping.id(delivery(null))).isEqualTo(KEY.tenantId() + "/" + KEY.contactId());
    }

    /** A CRM with such columns was taken for a person who had changed them. */
    @Test
    void truth_may_be_1_and_a_number_may_have_more_decimals() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                fields:
                  constant: {constant: true}
                  truth: {from: lastName, type: boolean}
                  number: {from: lastName, type: number}
                  text: {from: lastName}
                """);
        ValueComparison comparison = mapping.comparison();
        assertThat(comparison.isSame("constant", "true", "1")).isTrue();
        assertThat(comparison.isSame("constant", "true", "0")).isFalse();
        assertThat(comparison.isSame("truth", "false", "0")).isTrue();
        assertThat(comparison.isSame("number", "3", "3.0")).isTrue();
        assertThat(comparison.isSame("number", "30", "3.0")).isFalse();
        assertThat(comparison.isSame("text", "1", "true")).isFalse();
    }

    /** What nobody sees stood in the middle of the text. */
    @Test
    void trim_is_for_each_value_of_a_template() {
        Mapping mapping = MappingFile.parse(
                "m.yaml", "key: k\nfields:\n  name: {template: \"{firstName} {lastName}\", transform: trim}\n");
        assertThat(map(
                        mapping,
                        delivery(new CustomerContact(
                                null, null, "\uFEFF Jürgen\u2060 ", "\u00A0Ätz ", null, null, null, null))))
                .containsExactly(Map.entry("name", "Jürgen Ätz"));
    }

    @Test
    void a_value_that_is_cut_does_not_lose_the_accent_of_its_last_letter() {
        Mapping mapping = MappingFile.parse("m.yaml", "key: k\nfields:\n  name: {from: lastName, max-length: 3}\n");
        assertThat(map(mapping, delivery(new CustomerContact(null, null, null, "Ane\u0301s", null, null, null, null))))
                .containsExactly(Map.entry("name", "An"));
    }

    @Test
    void no_value_is_not_sent_unless_it_is_to_clear_the_field() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: DE
                fields:
                  a: {from: firstName}
                  b: {from: firstName, overwrite-with-empty: true}
                  c: {from: lastName, transform: trim, overwrite-with-empty: true}
                  d: {constant: from JTL}
                """);
        CustomerContact empty = new CustomerContact(null, null, "", "  ", null, null, null, null);
        assertThat(map(mapping, delivery(empty))).isEqualTo(Map.of("b", "", "c", "", "d", "from JTL"));
        CustomerContact none = new CustomerContact(null, null, null, null, null, null, null, null);
        assertThat(map(mapping, delivery(none))).isEqualTo(Map.of("b", "", "c", "", "d", "from JTL"));
    }

    @Test
    void a_template_is_made_of_several_values_and_of_none_it_is_nothing() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: DE
                fields:
                  name: {template: "{firstName} {lastName}", transform: trim, overwrite-with-empty: true}
                  braces: {constant: "{firstName}"}
                """);
        assertThat(map(mapping, delivery(new CustomerContact(null, null, null, "Groß", null, null, null, null))))
                .isEqualTo(Map.of("name", "Groß", "braces", "{firstName}"));
        assertThat(map(mapping, delivery(new CustomerContact(null, null, "", null, null, null, null, null))))
                .isEqualTo(Map.of("name", "", "braces", "{firstName}"));
    }

    @Test
    void values_become_what_the_file_has_for_them() {
        Mapping mapping = parsed("""
                fields:
                  a:
                    from: [honorific, department]
                    value-map: {Herr: mr, Frau.: ms, Firma: ~}
                  b:
                    from: honorific
                    value-map: {Herr: mr, "*": null}
                    default: other
                """);
        assertThat(map(mapping, honorific(" HERR ", "x"))).isEqualTo(Map.of("a", "mr", "b", "mr"));
        assertThat(map(mapping, honorific("Frau", "x"))).isEqualTo(Map.of("a", "ms", "b", "other"));
        assertThat(map(mapping, honorific("Firma", "x")))
                .as("what is dropped is no value")
                .isEqualTo(Map.of("a", "x", "b", "other"));
        assertThat(map(mapping, honorific("Dr", "x"))).isEqualTo(Map.of("a", "Dr", "b", "other"));
        assertThat(mapping.misfits(new CrmField("b", "enumeration", true, Set.of("mr"), 0), Gone.KEEP))
                .containsExactly("b does not take \"other\", only mr");
        assertThat(mapping.misfits(new CrmField("a", "enumeration", true, Set.of("mr"), 0), Gone.KEEP))
                .containsExactly("a does not take \"ms\", only mr");
    }

    @Test
    void what_is_longer_than_the_crm_takes_is_cut_between_characters() {
        Mapping mapping = parsed("fields:\n  a: {from: lastName, max-length: 5}\n"
                + "  b: {from: department, default: Zentrale, max-length: 4}\n");
        assertThat(map(mapping, honorific(null, null))).isEqualTo(Map.of("a", "x", "b", "Zent"));
        for (String[] each : new String[][] {
            {"Großmann", "Großm"},
            {"Groß", "Groß"},
            {"ab \ud83d\ude00\ud83d\ude00\ud83d\ude00", "ab \ud83d\ude00\ud83d\ude00"},
            {"von d Au", "von d"},
            {"vonn Au", "vonn"}
        }) {
            assertThat(map(mapping, delivery(new CustomerContact(null, null, null, each[0], null, null, null, null))))
                    .containsEntry("a", each[1]);
        }
    }

    private static Delivery honorific(String honorific, String department) {
        return delivery(new CustomerContact(department, honorific, null, "x", null, null, null, null));
    }

    @Test
    void a_field_is_filled_only_for_contacts_that_it_is_meant_for() {
        Mapping mapping = parsed("""
                fields:
                  a: {constant: buyer, when: {department: [Einkauf, "Abt. Einkauf"], honorific: "*"}}
                  b: {from: lastName, default: none, when: {department: IT}}
                """);
        assertThat(map(mapping, honorific("Frau", " EINKAUF. "))).isEqualTo(Map.of("a", "buyer"));
        assertThat(map(mapping, honorific("Frau", "Abt. Einkauf"))).isEqualTo(Map.of("a", "buyer"));
        assertThat(map(mapping, honorific(" ", "Einkauf")))
                .as("of no value is any")
                .isEmpty();
        assertThat(map(mapping, honorific("Frau", "Verkauf"))).isEmpty();
        assertThat(map(mapping, honorific(null, "IT"))).isEqualTo(Map.of("b", "x"));
        assertThat(mapping.isConstant("a")).as("of all contacts").isFalse();
        assertThat(mapping.flagged()).isEmpty();
        assertThat(mapping.misfits(new CrmField("a", "enumeration", true, Set.of("seller"), 0), Gone.KEEP))
                .containsExactly("a does not take \"buyer\", only seller");
        assertThat(mapping.hash())
                .isNotEqualTo(parsed("fields: {a: {constant: buyer}, b: {from: lastName, default: none}}")
                        .hash());
    }

    @Test
    void of_a_value_one_part_can_be_taken() {
        Mapping mapping = parsed("""
                fields:
                  first: {from: department, split: {at: "/", take: first}, transform: upper-case}
                  second: {from: department, split: {at: "/", take: 2}, default: none}
                  last: {from: department, split: {at: "/", take: last}}
                """);
        assertThat(map(mapping, honorific(null, " Einkauf / IT/ Lager ")))
                .isEqualTo(Map.of("first", "EINKAUF", "second", "IT", "last", "Lager"));
        assertThat(map(mapping, honorific(null, "Einkauf//")))
                .isEqualTo(Map.of("first", "EINKAUF", "second", "none", "last", "Einkauf"));
        assertThat(map(mapping, honorific(null, "/"))).isEqualTo(Map.of("second", "none"));
    }

    @Test
    void a_value_can_be_sent_as_a_number_or_a_boolean() {
        Mapping mapping = parsed("""
                fields:
                  title: {from: honorific, type: number, value-map: {Herr: 3, Frau: 4}}
                  adult: {from: honorific, type: boolean, value-map: {Herr: true, Frau: false}}
                """);
        Map<String, String> fields = map(mapping, honorific("Herr", null));
        assertThat(fields).isEqualTo(Map.of("title", "3", "adult", "true"));
        assertThat(mapping.isLiteral("title", "3")).isTrue();
        assertThat(mapping.isLiteral("adult", "true")).isTrue();
        assertThat(mapping.isLiteral("title", "03")).isFalse();
        assertThat(map(mapping, honorific("Firma", null)))
                .as("what is no number")
                .isEmpty();
        assertThat(mapping.misfits(new CrmField("title", "number", true, null, 0), Gone.KEEP))
                .isEmpty();
    }

    @Test
    void upper_case_is_that_of_no_country() {
        Mapping mapping = parsed("fields: {a: {from: lastName, transform: [trim, upper-case]}}");
        assertThat(map(
                        mapping,
                        delivery(new CustomerContact(null, null, null, " Günther-Irrgang ", null, null, null, null))))
                .isEqualTo(Map.of("a", "GÜNTHER-IRRGANG"));
    }

    @Test
    void of_several_sources_the_first_with_a_value_is_sent() {
        Mapping mapping = parsed("fields:\n  a: {from: [mobilePhoneNumber, phoneNumber, fax], transform: trim}\n");
        assertThat(map(mapping, phones("1", "2", "3"))).isEqualTo(Map.of("a", "1"));
        assertThat(map(mapping, phones(" ", "2", "3"))).isEqualTo(Map.of("a", "2"));
        assertThat(map(mapping, phones(null, "", "3"))).isEqualTo(Map.of("a", "3"));
        assertThat(map(mapping, phones(null, null, " "))).isEmpty();
        assertThat(mapping.hash())
                .isNotEqualTo(parsed("fields:\n  a: {from: [mobilePhoneNumber, phoneNumber], transform: trim}\n")
                        .hash());
    }

    private static Delivery phones(String mobile, String phone, String fax) {
        return delivery(new CustomerContact(null, null, null, "x", phone, mobile, null, fax));
    }

    @Test
    void a_default_is_sent_where_nothing_is_left() {
        Mapping mapping = parsed("fields:\n  a: {from: department, transform: trim, default: Zentrale}\n"
                + "  b: {template: 'Abt. {department}', default: none, overwrite-with-empty: true}\n");
        for (String department : new String[] {null, "", " \u00a0"}) {
            CustomerContact contact = new CustomerContact(department, null, null, null, null, null, null, null);
            assertThat(map(mapping, delivery(contact))).isEqualTo(Map.of("a", "Zentrale", "b", "none"));
        }
        CustomerContact contact = new CustomerContact("Einkauf", null, null, null, null, null, null, null);
        assertThat(map(mapping, delivery(contact))).isEqualTo(Map.of("a", "Einkauf", "b", "Abt. Einkauf"));
        assertThat(mapping.misfits(new CrmField("a", "enumeration", true, Set.of("Einkauf"), 0), Gone.KEEP))
                .as("at the start")
                .containsExactly("a does not take \"Zentrale\", only Einkauf");
        assertThat(mapping.hash())
                .isNotEqualTo(parsed("fields:\n  a: {from: department, transform: trim, default: x}\n"
                                + "  b: {template: 'Abt. {department}', default: none, overwrite-with-empty: true}\n")
                        .hash());
    }

    /** Copied from a web page or a letter; they stayed around names, and an address with one was refused. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\u00a0Groß\u202f|Groß",
                "\u200bGroß\ufeff|Groß",
                "\u2060 Groß\u00a0\u200e|Groß",
                "Groß\u00a0AG|Groß\u00a0AG",
                "Gro\u00adß|Gro\u00adß",
                "\u00a0 \u200b|"
            })
    void trim_takes_away_what_nobody_sees_around_a_value(String value, String wanted) {
        Mapping mapping = parsed("fields: {a: {from: lastName, transform: trim}}");
        assertThat(map(mapping, delivery(new CustomerContact(null, null, null, value, null, null, null, null))))
                .isEqualTo(wanted == null ? Map.of() : Map.of("a", wanted));
    }

    @Test
    void only_a_constant_without_quotes_is_no_text() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: DE
                fields:
                  a: {constant: 5}
                  b: {constant: true}
                  c: {constant: "5"}
                  d: {constant: work}
                  e: {from: fax}
                """);
        Map<String, String> fields = map(mapping, delivery(withFax("5")));
        assertThat(mapping.fieldNames().stream().filter(name -> mapping.isLiteral(name, fields.get(name))))
                .containsExactly("a", "b");
        assertThat(mapping.fieldNames().stream().filter(mapping::isConstant)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void what_says_that_a_contact_is_gone_is_cleared_where_no_field_has_a_value_for_it() {
        Mapping mapping = MappingFile.parse("m.yaml", """
                key: k
                default-country: DE
                gone: {status: inactive, note: gone, flag: true, word: "true"}
                fields:
                  status: {constant: active}
                  note: {from: fax}
                """);
        assertThat(mapping.map(delivery(withFax(null)), NullHandling.OMITTED, Gone.FLAG))
                .isEqualTo(Map.of("status", "active", "note", "", "flag", "", "word", ""));
        assertThat(mapping.map(delivery(withFax("1")), NullHandling.OMITTED, Gone.FLAG))
                .containsEntry("note", "1");
        assertThat(map(mapping, delivery(withFax(null)))).isEqualTo(Map.of("status", "active"));
        assertThat(mapping.gone())
                .containsExactly(
                        Map.entry("status", "inactive"),
                        Map.entry("note", "gone"),
                        Map.entry("flag", "true"),
                        Map.entry("word", "true"));
    }

    @ParameterizedTest
    @CsvSource({
        "OMIT, CLEAR, {}, {a=}, false",
        "KEEP, OMIT, {a=null}, {}, false",
        "CLEAR, KEEP, {a=}, {a=null}, false",
        "OMIT, OMIT, {a=}, {a=}, true"
    })
    void null_and_empty_are_distinguished(Rule ofNull, Rule ofEmpty, String forNull, String forEmpty, boolean clears) {
        Mapping mapping = MappingFile.parse(
                "m.yaml",
                "key: k\ndefault-country: DE\nfields: {a: {from: fax, overwrite-with-empty: " + clears + "}}\n");
        NullHandling nullHandling = new NullHandling(ofNull, ofEmpty);

        assertThat(mapping.map(delivery(withFax(null)), nullHandling, Gone.KEEP))
                .hasToString(forNull);
        assertThat(mapping.map(delivery(withFax("")), nullHandling, Gone.KEEP)).hasToString(forEmpty);
        assertThat(mapping.map(delivery(withFax("1")), nullHandling, Gone.KEEP)).isEqualTo(Map.of("a", "1"));
    }

    private static CustomerContact withFax(String fax) {
        return new CustomerContact(null, null, null, null, null, null, null, fax);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{lastName}, {firstName} | Groß | | Groß",
                "{lastName}, {firstName} | | Jörg | Jörg",
                "{lastName}, {firstName} | Groß | Jörg | Groß, Jörg",
                "{lastName} ({firstName}) | Groß | | Groß",
                "Kontakt: {firstName} {lastName}! | Groß | | Kontakt: Groß!",
                "{lastName}, {firstName} ({department}) | Groß | | Groß"
            })
    void a_template_keeps_no_separator_of_a_field_without_a_value(
            String template, String last, String first, String wanted) {
        Mapping mapping = parsed("fields:\n  name:\n    template: \"" + template + "\"\n");
        assertThat(map(mapping, delivery(new CustomerContact(null, null, first, last, null, null, null, null))))
                .containsExactly(Map.entry("name", wanted));
    }

    @Test
    void a_flag_has_a_value_for_both_ways_and_comes_with_the_constants() {
        Mapping mapping = parsed("""
                fields:
                  "@type": {constant: org.opencrx.Contact}
                  name: {from: lastName}
                gone:
                  active: {gone: false, back: true}
                  note: gone
                """);
        assertThat(mapping.flagged())
                .isEqualTo(Map.of("@type", "org.opencrx.Contact", "active", "false", "note", "gone"));
        Map<String, String> back = mapping.map(
                delivery(new CustomerContact(null, null, null, "Groß", null, null, null, null)),
                NullHandling.OMITTED,
                Gone.FLAG);
        assertThat(back).containsEntry("active", "true").containsEntry("note", "");
        assertThat(mapping.isLiteral("active", "true")).isTrue();
    }
}
