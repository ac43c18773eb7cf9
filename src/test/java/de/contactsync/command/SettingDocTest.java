package de.contactsync.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingDocTest {

    private static List<SettingDoc> docs() throws IOException {
        return SettingDoc.read(Path.of("application.properties"));
    }

    private static SettingDoc doc(Setting setting) throws IOException {
        return docs().stream().filter(doc -> doc.key().equals(setting.key())).findFirst().orElseThrow();
    }

    @Test
    void every_setting_has_a_meaning_and_a_section() throws IOException {
        assertThat(docs()).extracting(SettingDoc::key)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Setting.values()).map(Setting::key).toList());
        assertThat(docs()).allSatisfy(doc -> {
            assertThat(doc.meaning()).as(doc.key()).isNotBlank();
            assertThat(doc.section()).as(doc.key()).isNotBlank();
        });
    }

    @Test
    void allowed_values_are_those_that_the_code_checks() throws IOException {
        assertThat(doc(Setting.CONCURRENCY)).isEqualTo(new SettingDoc("JTL", "jtl.concurrency", "32",
                "a whole number from 1 to 512", "Concurrent calls of the whole process: 1 to 512.", false));
        assertThat(doc(Setting.SINKS).allowed()).isEqualTo("any of crm, database, file, queue");
        assertThat(doc(Setting.REST_FOUND).allowed()).startsWith("a JSON Pointer");
        assertThat(doc(Setting.REST_BATCH_SIZE).allowed()).isEqualTo("a whole number from 1 to 1000");
        assertThat(doc(Setting.CLIENT_SECRET).secret()).isTrue();
    }
}
