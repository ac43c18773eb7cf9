package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.config.SettingsOverview.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsOverviewTest {

    private static final String CANARY = "canary-of-a-secret";

    @TempDir
    Path folder;

    private final Properties system = new Properties();

    private SettingsOverview overview(Map<String, String> environment) {
        return SettingsOverview.of(folder, environment, system);
    }

    private static Entry entry(SettingsOverview overview, ConfigKey configKey) {
        return overview.entries().stream()
                .filter(entry -> entry.key().equals(configKey.key()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_setting_comes_with_value_source_default_and_meaning() throws IOException {
        Files.writeString(folder.resolve("application.properties"), "jtl.concurrency=8\njtl.max-attempts=7\n");
        system.setProperty("jtl.max-attempts", "9");
        SettingsOverview overview = overview(Map.of("JTL_RUN_AS", "4711"));

        assertThat(overview.entries())
                .hasSameSizeAs(ConfigKey.values())
                .allSatisfy(entry -> assertThat(entry.meaning()).isNotBlank());
        assertThat(overview.problems()).isEmpty();
        assertThat(entry(overview, ConfigKey.CONCURRENCY))
                .extracting(Entry::value, Entry::source, Entry::defaultValue, Entry::allowed)
                .containsExactly("8", "application.properties", "32", "a whole number from 1 to 512");
        assertThat(entry(overview, ConfigKey.MAX_ATTEMPTS))
                .extracting(Entry::value, Entry::source)
                .containsExactly("9", "-Djtl.max-attempts");
        assertThat(entry(overview, ConfigKey.RUN_AS).source()).isEqualTo("environment variable JTL_RUN_AS");
        assertThat(entry(overview, ConfigKey.CHUNK_SIZE))
                .extracting(Entry::value, Entry::source)
                .containsExactly("500", "default");
        assertThat(entry(overview, ConfigKey.TENANT_ID).value()).isNull();
    }

    @Test
    void no_secret_is_shown_whichever_setting_holds_it() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), CANARY);
        Arrays.stream(ConfigKey.values())
                .filter(configKey -> configKey.isSecret() || configKey.mayHoldSecret())
                .forEach(configKey -> system.setProperty(configKey.key(), CANARY));
        system.remove("jtl.oauth.client-secret");
        system.setProperty("contacts.database.url", "jdbc:postgresql://host/db?user=me&password=" + CANARY);
        system.setProperty("contacts.queue.url", "amqp://me:" + CANARY + "@host:5672");
        SettingsOverview overview = overview(Map.of("JTL_OAUTH_CLIENT_SECRET_FILE", secret.toString()));

        assertThat(overview.toString()).doesNotContain(CANARY);
        assertThat(entry(overview, ConfigKey.CLIENT_SECRET))
                .extracting(Entry::value, Entry::source)
                .containsExactly("***", "file " + secret + " of environment variable JTL_OAUTH_CLIENT_SECRET_FILE");
    }

    @Test
    void a_wrong_value_is_listed_and_reported_as_a_problem() {
        system.setProperty("jtl.concurrency", "many");

        assertThat(entry(overview(Map.of()), ConfigKey.CONCURRENCY).value()).isEqualTo("many");
        assertThat(overview(Map.of()).problems())
                .singleElement()
                .asString()
                .isEqualTo("jtl.concurrency (-Djtl.concurrency) is \"many\": expected a whole number from 1 to 512");
    }
}
