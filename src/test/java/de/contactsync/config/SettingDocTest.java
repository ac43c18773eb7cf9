package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingDocTest {

    private static List<SettingDoc> docs() throws IOException {
        return ShippedProperties.docs();
    }

    private static SettingDoc doc(ConfigKey configKey) throws IOException {
        return docs().stream()
                .filter(doc -> doc.key().equals(configKey.key()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_setting_has_a_meaning_and_a_section() throws IOException {
        assertThat(docs())
                .extracting(SettingDoc::key)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ConfigKey.values()).map(ConfigKey::key).toList());
        assertThat(docs()).allSatisfy(doc -> {
            assertThat(doc.meaning()).as(doc.key()).isNotBlank();
            assertThat(doc.section()).as(doc.key()).isNotBlank();
        });
    }

    @Test
    void allowed_values_are_those_that_the_code_checks() throws IOException {
        assertThat(doc(ConfigKey.CONCURRENCY))
                .isEqualTo(new SettingDoc(
                        "JTL",
                        "jtl.concurrency",
                        "32",
                        "a whole number from 1 to 512",
                        "Concurrent calls in the whole process: 1 to 512.",
                        false));
        assertThat(doc(ConfigKey.SINKS).allowed()).isEqualTo("any of crm, database, file, queue, route:NAME");
        assertThat(doc(ConfigKey.REST_FOUND).allowed()).startsWith("a JSON Pointer");
        assertThat(doc(ConfigKey.REST_BATCH_SIZE).allowed()).isEqualTo("a whole number from 1 to 1000");
        assertThat(doc(ConfigKey.CLIENT_SECRET).secret()).isTrue();
    }
}
