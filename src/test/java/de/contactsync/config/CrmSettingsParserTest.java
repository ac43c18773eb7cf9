package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import de.contactsync.crm.OAuthClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is set for one kind of CRM and has no use with another. */
class CrmSettingsParserTest {

    @TempDir
    Path folder;

    private final Properties system = new Properties();

    CrmSettingsParserTest() {
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", "secret");
        system.setProperty("contacts.sinks", "database,crm");
    }

    private String problems() {
        ConfigurationException e =
                catchThrowableOfType(ConfigurationException.class, () -> Settings.load(folder, Map.of(), system));
        assertThat(e).as("the configuration is refused").isNotNull();
        return e.getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rest       | company=link                   | hubspot or salesforce",
                "rest       | api-version=v3                 | hubspot or salesforce",
                "rest       | object=Contact                 | salesforce",
                "rest       | create-property=true           | hubspot",
                "salesforce | create-property=true           | hubspot",
                "salesforce | on-email-conflict=adopt        | hubspot",
                "salesforce | token=s3cr3t                   | hubspot or rest",
                "hubspot    | oauth.grant=password           | rest or salesforce",
                "hubspot    | object=Lead                    | salesforce",
                "hubspot    | rest.mode=single               | rest",
                "salesforce | rest.write=PUT /a/{key}        | rest",
            })
    void what_the_kind_has_no_use_for_is_refused(String kind, String setting, String others) {
        system.setProperty("contacts.crm.kind", kind);
        String[] parts = setting.split("=", 2);
        system.setProperty("contacts.crm." + parts[0], parts[1]);

        assertThat(problems())
                .contains("contacts.crm." + parts[0] + " (-Dcontacts.crm." + parts[0]
                        + "): not applicable with contacts.crm.kind=" + kind + ", only with " + others
                        + ": remove it");
    }

    @Test
    void hubspot_has_the_token_of_a_private_app_or_an_app_with_oauth() {
        system.setProperty("contacts.crm.kind", "hubspot");
        system.setProperty("contacts.crm.oauth.client-id", "app");
        assertThat(problems())
                .contains("contacts.crm.oauth.client-secret", "contacts.crm.oauth.refresh-token")
                .doesNotContain("contacts.crm.token");

        system.setProperty("contacts.crm.oauth.client-secret", "s3cr3t");
        system.setProperty("contacts.crm.oauth.refresh-token", "r3fr3sh");
        system.setProperty("contacts.crm.token", "t0ken");
        assertThat(problems())
                .contains("contacts.crm.token", "set only one of them")
                .doesNotContain("t0ken");

        system.remove("contacts.crm.token");
        OAuthClient client = Settings.load(folder, Map.of(), system)
                .crm()
                .orElseThrow()
                .kind()
                .client();
        assertThat(client.tokenEndpoint()).hasToString("https://api.hubapi.com/oauth/2026-03/token");
        assertThat(client.grant()).isEqualTo(OAuthClient.Grant.REFRESH_TOKEN);
        assertThat(client.inBody()).isTrue();
        assertThat(client.toString()).doesNotContain("s3cr3t", "r3fr3sh");
    }

    @Test
    void of_a_kind_that_is_not_known_nothing_else_is_asked() {
        system.setProperty("contacts.crm.kind", "hubsopt");
        system.setProperty("contacts.crm.create-property", "true");

        assertThat(problems())
                .contains("contacts.crm.kind ", "\"hubsopt\"")
                .doesNotContain("base-url", "client-id", "property");
    }
}
