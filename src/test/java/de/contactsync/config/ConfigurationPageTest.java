package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The list of settings in {@code docs/configuration.md} and their JSON Schema are generated from the code. After a
 * change to settings, write them anew: {@code ./mvnw test -Dtest=ConfigurationPageTest -Ddocs.write=true}.
 */
class ConfigurationPageTest {

    private static final Path PAGE = Path.of("docs", "configuration.md");
    private static final int LINE_LENGTH = 120;
    private static final String BEGIN =
            "<!-- Generated from the settings in code by ConfigurationPageTest. Do not edit. -->\n";

    @Test
    void the_page_lists_every_setting_as_the_code_has_it() throws IOException {
        String page = Files.readString(PAGE);
        String written = page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + settings();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, written);
        } else {
            assertThat(page).as("run this test with -Ddocs.write=true").isEqualTo(written);
        }
    }

    @Test
    void the_json_schema_has_every_setting_as_the_code_has_it() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(SettingsSchemaTest.FILE, SettingsSchemaTest.generated());
        } else {
            assertThat(SettingsSchemaTest.FILE)
                    .as("run this test with -Ddocs.write=true")
                    .content()
                    .isEqualTo(SettingsSchemaTest.generated());
        }
    }

    private static String settings() throws IOException {
        List<SettingDoc> docs = ShippedProperties.docs();
        assertThat(docs).extracting(SettingDoc::key).hasSize(ConfigKey.values().length);
        StringBuilder page = new StringBuilder();
        String section = "";
        for (int i = 0; i < docs.size(); ) {
            if (!docs.get(i).section().equals(section)) {
                section = docs.get(i).section();
                page.append("\n## ").append(section).append("\n\n");
            }
            List<SettingDoc> together = new ArrayList<>(List.of(docs.get(i++)));
            while (i < docs.size()
                    && docs.get(i).section().equals(section)
                    && !docs.get(i).meaning().isEmpty()
                    && docs.get(i).meaning().equals(together.get(0).meaning())) {
                together.add(docs.get(i++));
            }
            String keys = together.stream().map(doc -> wrapped(key(doc))).collect(Collectors.joining(",\n"));
            page.append("- ").append(keys, 2, keys.length());
            if (!together.get(0).meaning().isEmpty()) {
                page.append("<br>\n").append(wrapped(together.get(0).meaning()));
            }
            page.append('\n');
        }
        return page.toString();
    }

    private static String wrapped(String text) {
        StringBuilder lines = new StringBuilder();
        String line = " ";
        for (String word : text.split(" ")) {
            if (line.length() + 1 + word.length() > LINE_LENGTH) {
                lines.append(line).append('\n');
                line = " ";
            }
            line += " " + word;
        }
        return lines.append(line).toString();
    }

    private static String key(SettingDoc doc) {
        List<String> notes = new ArrayList<>();
        if (doc.defaultValue() != null) {
            notes.add("default `" + doc.defaultValue() + "`");
        }
        if (doc.allowed() != null) {
            notes.add(doc.allowed()
                    .replaceFirst("a duration such as .*, from", "a duration from")
                    .replaceFirst("an address such as https?:.*", "an https URL, or http on this machine"));
        }
        if (doc.secret()) {
            notes.add("secret");
        }
        return "**`" + doc.key() + "`**" + (notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")");
    }
}
