package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.io.TempDir;

/** Settings from a folder, an environment and system properties of the test. */
abstract class SettingsFixture {

    static final String SECRET = "s3cr3t-c4n4ry";

    @TempDir
    Path folder;

    final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/bin", "HOME", "/root"));
    final Properties system = new Properties();

    SettingsFixture() {
        system.setProperty("java.version", "17");
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", SECRET);
    }

    final Settings load() {
        return Settings.load(folder, environment, system);
    }

    final String[] problems() {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, this::load);
        assertThat(e).as("the configuration is refused").isNotNull();
        return e.getMessage().split(System.lineSeparator());
    }

    final String problem() {
        String[] problems = problems();
        assertThat(problems).hasSize(1);
        return problems[0];
    }

    final void file(String... lines) throws IOException {
        Files.write(folder.resolve("application.properties"), Arrays.asList(lines));
    }
}
