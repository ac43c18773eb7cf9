package de.contactsync.crm.mapping;

import static de.contactsync.crm.mapping.MappingFixture.parsed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.TenantNames;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mapping files: which is taken, what is wrong in one, and when one has changed. */
class MappingFileTest {

    @TempDir
    Path folder;

    @Test
    void the_hash_changes_with_what_is_sent_and_not_with_the_layout() {
        String text = "key: k\ndefault-country: DE\nfields:\n  a: {from: lastName}\n";
        String hash = MappingFile.parse("x", text).hash();
        assertThat(MappingFile.parse("x", "# why\n" + text).hash())
                .isEqualTo(hash)
                .hasSize(64);
        assertThat(MappingFile.parse("x", text.replace("lastName", "firstName")).hash())
                .isNotEqualTo(hash);
        assertThat(MappingFile.parse("x", text.replace("DE", "AT")).hash()).isNotEqualTo(hash);
    }

    /** It is stored, and after an update each start said that the mapping has changed. */
    @Test
    void the_hash_of_a_mapping_is_that_of_former_versions() {
        assertThat(parsed("fields: {a: {from: lastName, transform: trim}}").hash())
                .isEqualTo("e5869347eaec4031f7e453a7262a5b811b13b7bd6a6b96d44b00872327dacb45");
    }

    @Test
    void a_file_of_the_working_directory_wins() throws Exception {
        Files.createDirectories(folder.resolve("mapping"));
        Files.writeString(
                folder.resolve("mapping/hubspot.yaml"),
                "key: mine\ndefault-country: DE\nfields: {email: {from: emailAddress}}\n");

        assertThat(MappingFile.read(folder, "hubspot", TenantNames.only(null)).key())
                .isEqualTo("mine");
    }

    @Test
    void one_that_is_there_and_cannot_be_read_is_not_passed_over() throws Exception {
        Files.createDirectories(folder.resolve("mapping/hubspot.yaml"));

        assertThatThrownBy(() -> MappingFile.read(folder, "hubspot", TenantNames.only(null)))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining(folder.resolve("mapping/hubspot.yaml") + " cannot be read");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "key: k                                               | m.yaml line 1, the file: fields is missing",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, transform: [trim, e164]} | line 3, a: e164 needs to know the country",
                "key: k\\ndefault-country: Deutschland\\nfields: {}   | line 2, default-country: expected a country",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {form: x} | line 4, a: \"form\" is not known here,"
                        + " expected any of constant",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {from: x} | line 4, a: \"x\" is not known here,"
                        + " expected one of [tenantId",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {from: fax, transform: [trim, E.164]} | line 4, a:"
                        + " \"E.164\" is not known",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {from: fax, constant: x} | line 4, a: expected one of"
                        + " from, template and constant",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {template: '{fox}'} | line 4, a: {fox} cannot stand"
                        + " here, only {contactId}",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {from: fax, overwrite-with-empty: maybe} | line 4, a:"
                        + " expected overwrite",
                "key: k\\ndefault-country: DE\\nfields:\\n  k: {from: fax} | line 4, k: this is the key",
                "key: k\\ndefault-country: DE\\nfields: {}\\ngone:\\n  k: x | line 5, k: this is the key",
                "key: k\\ndefault-country: DE\\nfields:\\n  a: {from: fax}\\n  a: {from: fax} | line 5, fields:"
                        + " \"a\" occurs twice here",
                "key: k\\nfields:\\n  a: {constant: x, default: y}      | line 3, a: a constant is always the same",
                "key: k\\nfields:\\n  a: {from: []}                    | line 3, a: expected at least one of",
                "key: k\\nfields:\\n  a: {from: [fax, telex]}           | line 3, a: \"telex\" is not known here",
                "key: k\\nfields:\\n  a: {from: fax, value-map: {A: 1, a.: 2}} | line 3, a: \"a.\" occurs twice"
                        + " here",
                "key: k\\nfields:\\n  a: {from: fax, value-map: x}      | line 3, a: expected names",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, max-length: 0}     | line 3, a: expected max-length to be a number",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, too-long: cut}       | line 3, a: too-long needs max-length beside it",
                "key: k\\nfields:\\n  a: {from: fax, max-length: 1, too-long: x} | line 3, a: \"x\" is not known here",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, country: d}          | line 3, a: expected a country in two capitals",
                "key: k\\nfields:\\n  a: {from: fax, country: {}}         | line 3, a: expected country to be as DE",
                "key: k\\nfields:\\n  a: {from: fax, transform: e164-text} | line 3, a: e164 needs to know the country",
                "key: k\\nfields:\\n  a: {from: fax, when: {telex: x}}    | line 3, a: \"telex\" is not known here",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, when: {fax: []}}     | line 3, a: expected at least one value behind",
                "key: k\\nfields:\\n  a: {from: fax, when: {}}            | line 3, a: expected a condition, such as",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, when: {fax: null}}   | line 3, a: expected at least one value behind",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, when: {fax: [x, ~]}} | line 3, a: expected at least one value behind",
                "key: k\\n"
                        + "fields:\\n"
                        + "  a: {from: fax, split: {at: x}}      | line 3, a: expected split to have at and take",
                "key: k\\nfields:\\n  a: {from: fax, split: {at: x, take: 0}} | line 3, a: expected take to be first",
                "key: k\\nfields:\\n  a: {from: fax, type: int}           | line 3, a: \"int\" is not known here",
                "key: k\\nfields:\\n  a: {from: fax, type: number, default: x} | line 3, a: \"x\" cannot be sent as",
                "key: [                                               | m.yaml line",
                "''                                                   | m.yaml is empty",
            })
    void mistakes_are_reported_with_line_field_and_what_was_expected(String text, String message) {
        assertThatThrownBy(() -> MappingFile.parse("m.yaml", text.replace("\\n", "\n")))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{firstName} {lastName", "firstName} {lastName}", "{firstName} {0}"})
    void a_brace_that_stands_alone_in_a_template_is_a_mistake(String template) {
        assertThatThrownBy(() -> parsed("fields:\n  name:\n    template: \"" + template + "\"\n"))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("name: unbalanced brace");
    }

    @Test
    void a_file_that_ends_in_yml_is_read_and_two_of_one_kind_are_refused() throws Exception {
        Path mappings = Files.createDirectory(folder.resolve("mapping"));
        Path own = Files.writeString(
                mappings.resolve("rest.yml"), "key: own\ndefault-country: DE\nfields: {a: {from: fax}}\n");
        assertThat(MappingFile.read(folder, "rest", TenantNames.only(null)).key())
                .isEqualTo("own");
        assertThat(MappingFile.read(folder, "rest", TenantNames.only(null)).origin())
                .isEqualTo(own.toAbsolutePath().toString());
        assertThat(MappingFile.read(folder, "hubspot", TenantNames.only(null)).origin())
                .contains("as it was shipped");
        Files.copy(own, mappings.resolve("rest.yaml"));
        assertThatThrownBy(() -> MappingFile.read(folder, "rest", TenantNames.only(null)))
                .hasMessageContaining("keep one of them");
    }

    @Test
    void a_file_in_windows_1252_is_refused_by_its_line_instead_of_breaking_umlauts() throws Exception {
        Path mappings = Files.createDirectory(folder.resolve("mapping"));
        String text = "key: own\ndefault-country: DE\nfields:\n  a: {constant: Händler}\n";
        Path own = Files.write(mappings.resolve("rest.yml"), text.getBytes(Charset.forName("windows-1252")));
        assertThatThrownBy(() -> MappingFile.read(folder, "rest", TenantNames.only(null)))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("mapping/rest.yml line 4")
                .hasMessageContaining("save the file as UTF-8");
        // Cut off within a character, and as UTF-16.
        Files.write(own, new byte[] {'k', '\n', (byte) 0xC3});
        assertThatThrownBy(() -> MappingFile.read(folder, "rest", TenantNames.only(null)))
                .hasMessageContaining("rest.yml line 2");
        Files.write(own, text.getBytes(StandardCharsets.UTF_16));
        assertThatThrownBy(() -> MappingFile.read(folder, "rest", TenantNames.only(null)))
                .hasMessageContaining("save the file as UTF-8");
        Files.writeString(own, "\uFEFF" + text);
        assertThat(MappingFile.read(folder, "rest", TenantNames.only(null)).key())
                .isEqualTo("own");
    }

    @Test
    void messages_name_the_file_as_it_is_called() throws Exception {
        Path mappings = Files.createDirectory(folder.resolve("mapping"));
        Files.writeString(mappings.resolve("rest.yml"), "key: own\ndefault-country: DE\nfields: {a: {from: fax}}\n");
        Mapping mapping = MappingFile.read(folder, "rest", TenantNames.only(null));
        assertThat(mapping.file()).isEqualTo("mapping/rest.yml");
    }
}
