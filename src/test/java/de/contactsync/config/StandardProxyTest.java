package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import de.contactsync.config.PropertySources.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as the environment, Java's system properties and our own settings name it. */
class StandardProxyTest {

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Properties system = new Properties();

    StandardProxyTest() {
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", "secret");
    }

    private String read(ConfigKey configKey) {
        Value value = StandardProxy.read(environment, system).get(configKey);
        return value == null ? null : value.text();
    }

    private String shown() {
        return String.valueOf(Settings.load(folder, environment, system).network());
    }

    private String problem() {
        return catchThrowableOfType(ConfigurationException.class, this::shown).getMessage();
    }

    @Test
    void without_any_there_is_none() {
        environment.put("HTTPS_PROXY", "");
        environment.put("https_proxy", " ");
        environment.put("NO_PROXY", "example.org");
        assertThat(StandardProxy.read(environment, system)).isEmpty();
    }

    @Test
    void the_environment_names_it_in_capitals_or_not_with_or_without_its_scheme_and_port() {
        environment.put("https_proxy", "http://small.test:8080/");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://small.test:8080/");
        environment.put("HTTPS_PROXY", "proxy.test:3128");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://proxy.test:3128");
        environment.put("HTTPS_PROXY", "http://proxy.test");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://proxy.test:80");
        assertThat(read(ConfigKey.PROXY_USERNAME)).isNull();
        environment.put("no_proxy", "internal.test");
        assertThat(read(ConfigKey.PROXY_BYPASS)).isEqualTo("internal.test");
        environment.put("NO_PROXY", ".company.test,10.0.0.0/8");
        assertThat(read(ConfigKey.PROXY_BYPASS)).isEqualTo(".company.test,10.0.0.0/8");
    }

    @Test
    void a_login_in_the_address_is_taken_out_of_it_whatever_characters_it_has() {
        environment.put("HTTPS_PROXY", "http://user%40company:p@ss+w%3Ard@proxy.test:3128");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://proxy.test:3128");
        assertThat(read(ConfigKey.PROXY_USERNAME)).isEqualTo("user@company");
        assertThat(read(ConfigKey.PROXY_PASSWORD)).isEqualTo("p@ss+w:rd");
        assertThat(shown()).contains("proxy.test:3128").doesNotContain("p@ss", "user@");
    }

    @Test
    void java_s_own_properties_go_before_the_environment() {
        environment.put("HTTPS_PROXY", "http://user:pw@environment.test:1");
        environment.put("NO_PROXY", "environment.test");
        system.setProperty("https.proxyHost", "java.test");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://java.test:443");
        system.setProperty("https.proxyPort", "8080");
        system.setProperty("http.nonProxyHosts", "*.company.test|10.*");
        assertThat(read(ConfigKey.PROXY)).isEqualTo("http://java.test:8080");
        assertThat(read(ConfigKey.PROXY_BYPASS)).isEqualTo("*.company.test|10.*");
        assertThat(read(ConfigKey.PROXY_USERNAME)).as("of another proxy").isNull();
    }

    @Test
    void our_own_setting_goes_before_both_and_none_means_none() throws Exception {
        environment.put("HTTPS_PROXY", "http://user:pw@environment.test:1");
        system.setProperty("https.proxyHost", "java.test");
        Files.writeString(folder.resolve("application.properties"), "contacts.proxy=http://ours.test:3128\n");
        assertThat(shown()).contains("ours.test:3128").doesNotContain("java.test", "environment.test");
        Files.writeString(folder.resolve("application.properties"), "contacts.proxy=none\n");
        assertThat(shown()).isEqualTo("no proxy is used");
    }

    @Test
    void an_unusable_proxy_is_refused_with_its_origin_and_without_its_password() {
        for (String address : List.of("socks5://proxy.test:1080", "https://user:s3cr3t@proxy.test:1", "http://:8080")) {
            environment.put("HTTPS_PROXY", address);
            assertThat(problem())
                    .as(address)
                    .contains("HTTPS_PROXY", "http://HOST:PORT")
                    .doesNotContain("s3cr3t");
        }
        environment.clear();
        system.setProperty("https.proxyHost", "java.test");
        system.setProperty("https.proxyPort", "many");
        assertThat(problem()).contains("-Dhttps.proxyHost");
        system.remove("https.proxyHost");
        system.setProperty("contacts.proxy", "http://proxy.test:3128");
        system.setProperty("contacts.proxy.password", "s3cr3t");
        assertThat(problem()).contains("contacts.proxy.username").doesNotContain("s3cr3t");
    }
}
