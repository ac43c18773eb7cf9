package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.resilience.QuotaHeaders;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The three doors to JTL, as {@code jtl.auth} and what belongs to each set them up. */
class JtlSettingsParserTest {

    @TempDir
    Path folder;

    private Settings load(String... keysAndValues) {
        Properties given = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            given.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return Settings.load(folder, Map.of(), given);
    }

    @Test
    void a_login_needs_no_secret_and_asks_for_a_refresh_token() {
        Settings settings =
                load("jtl.auth", "authorization-code", "jtl.oauth.client-id", "id", "jtl.response-timeout", "10m");
        assertThat(settings.jtl().auth()).isEqualTo(JtlAuth.AUTHORIZATION_CODE);
        assertThat(settings.others().orElseThrow().oauth().clientSecret()).isEmpty();
        assertThat(settings.others().orElseThrow().oauth().scope()).isEqualTo("openid offline_access customers.read");
        assertThat(settings.others().orElseThrow().oauth().responseTimeout())
                .as("others take the token for abandoned after three minutes")
                .isEqualTo(Duration.ofSeconds(75));
        assertThat(settings.others().orElseThrow().login().redirectUri()).hasToString("http://127.0.0.1:8765/callback");
        assertThat(settings.others().orElseThrow().login().authorizationEndpoint())
                .hasToString("https://auth.jtl-cloud.com/oauth2/auth");
        assertThat(settings.others().orElseThrow().login().revocationEndpoint()).isNull();
    }

    @Test
    void an_owner_s_server_needs_its_address_and_neither_tenant_nor_client() {
        JtlSettings jtl = load(
                        "jtl.auth", "wawi-app",
                        "jtl.base-url", "http://127.0.0.1:5883/api/eazybusiness",
                        "jtl.path-style", "plain",
                        "jtl.api-version", "1.0",
                        "jtl.rate", "10/1s",
                        "jtl.certificate-fingerprint", "AB:".repeat(31) + "AB")
                .jtl();
        assertThat(jtl.tenantId()).isNotNull();
        assertThat(load("jtl.auth", "wawi-app", "jtl.base-url", "http://127.0.0.1:1/api/moved")
                        .jtl()
                        .tenantId())
                .as("contacts stay those of the same tenant when the server moves")
                .isEqualTo(jtl.tenantId());
        assertThat(jtl.versionInPath()).isFalse();
        assertThat(jtl.apiVersion()).isEqualTo("1.0");
        assertThat(jtl.rate()).isEqualTo(new QuotaHeaders(10, Duration.ofSeconds(1), -1));
        assertThat(jtl.fingerprint()).isEqualTo("ab".repeat(32));
        assertThatThrownBy(() -> load("jtl.auth", "wawi-app"))
                .hasMessageContaining("jtl.base-url")
                .hasMessageContaining("requires the address of your JTL-Wawi's REST server");
    }

    @ParameterizedTest
    @CsvSource({
        "client-credentials, jtl.app.id, not applicable with jtl.auth=client-credentials\\, only with" + " wawi-app",
        "client-credentials, jtl.oauth.redirect-uri, only with authorization-code",
        "authorization-code, jtl.api-version, only with wawi-app",
        "wawi-app, jtl.oauth.client-secret, only with authorization-code or client-credentials",
        "wawi-app, jtl.oauth.scope, only with authorization-code or client-credentials",
    })
    void what_belongs_to_another_door_is_refused_with_the_reason(String auth, String key, String words) {
        String value = key.endsWith("uri") ? "http://127.0.0.1:1/cb" : "2.0";
        assertThatThrownBy(() -> load(
                        "jtl.auth",
                        auth,
                        "jtl.base-url",
                        "http://127.0.0.1:1/api",
                        "jtl.oauth.client-id",
                        "id",
                        key,
                        value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(words.replace("\\", ""));
    }

    @Test
    void a_short_key_for_secrets_is_refused_and_not_shown() {
        assertThatThrownBy(() -> load("contacts.secret-key", "hunter2", "contacts.secret-key-previous", "x".repeat(30)))
                .hasMessageContaining("contacts.secret-key (-Dcontacts.secret-key) is \"***\"")
                .hasMessageContaining("20 characters")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void the_lower_of_two_rates_counts() {
        QuotaHeaders slow = new QuotaHeaders(60, Duration.ofMinutes(1), 7);
        QuotaHeaders fast = new QuotaHeaders(10, Duration.ofSeconds(1), -1);
        assertThat(QuotaHeaders.lower(slow, fast)).isSameAs(slow);
        assertThat(QuotaHeaders.lower(fast, slow)).isSameAs(slow);
        assertThat(QuotaHeaders.lower(null, fast)).isSameAs(fast);
        assertThat(QuotaHeaders.lower(slow, null)).isSameAs(slow);
    }
}
