package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.imports.KeySelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The {@code application.properties} that come with the program. */
class ShippedFileTest extends SettingsFixture {

    @Test
    void the_shipped_example_can_be_started() {
        environment.put("CONTACTS_CRM_TOKEN", "demo-token");
        Settings example = Settings.load(Path.of("examples/scheduled-crm-sync"), environment, system);

        assertThat(example.sources()).containsExactly("timer");
        assertThat(example.timer().runNow()).isTrue();
        assertThat(example.timer().keys()).isEqualTo(new KeySelection.Customers(null));
        assertThat(example.crm()).isPresent();
    }

    @ParameterizedTest
    @EnumSource(ConfigKey.class)
    void every_setting_stands_in_the_shipped_file_with_its_default(ConfigKey configKey) throws IOException {
        String shipped = Files.readString(Path.of("application.properties"));
        Matcher line = Pattern.compile("(?m)^#" + Pattern.quote(configKey.key()) + "=(.*)$")
                .matcher(shipped);

        assertThat(line.find()).as(configKey.key()).isTrue();
        assertThat(line.group(1)).isEqualTo(configKey.defaultValue() == null ? "" : configKey.defaultValue());
    }

    @Test
    void the_shipped_file_has_no_key_that_is_none() throws IOException {
        String shipped = Files.readString(Path.of("application.properties"));

        assertThat(Pattern.compile("(?m)^#?((?:jtl|contacts)\\.[^ =]+)=")
                        .matcher(shipped)
                        .results()
                        .map(match -> match.group(1)))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ConfigKey.values()).map(ConfigKey::key).toList());
    }
}
