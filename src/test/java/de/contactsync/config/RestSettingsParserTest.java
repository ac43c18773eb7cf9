package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.RestMode;
import de.contactsync.crm.rest.RestSettings;
import de.contactsync.model.TenantNames;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said of a CRM by properties, and what cannot. */
class RestSettingsParserTest {

    private static final String SECRET = "s3cr3t-c4n4ry";

    @TempDir
    Path folder;

    private final Properties system = new Properties();

    RestSettingsParserTest() {
        set("jtl.oauth.client-id", "id");
        set("jtl.oauth.client-secret", "secret");
        set("contacts.sinks", "database,crm");
        set("contacts.crm.kind", "rest");
        set("contacts.crm.base-url", "https://crm.example.test");
        set("contacts.crm.token", SECRET);
        set("contacts.crm.rest.mode", "single");
        set("contacts.crm.rest.write", "PUT /a/{key}");
    }

    private void set(String key, String value) {
        system.setProperty(key, value);
    }

    private CrmSettings load() {
        return Settings.load(folder, Map.of(), system).crm().orElseThrow();
    }

    private String problems() {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, this::load);
        assertThat(e).as("the configuration is refused").isNotNull();
        assertThat(e.getMessage()).doesNotContain(SECRET);
        return e.getMessage();
    }

    @Test
    void little_is_needed_and_no_secret_is_shown() {
        assertThat(load().kind()).isInstanceOf(RestSettings.class);
        assertThat(load().toString()).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "single          | batch-size=5              | not applicable with contacts.crm.rest.mode=single, only"
                        + " with batch: remove it",
                "single          | linger=5s                 | only with batch",
                "single          | result-key=/id            | only with batch",
                "single          | find=GET /a?b={key}       | only with find-then-write",
                "single          | found=/items              | only with find-then-write",
                "single          | exists=409                | only with find-then-write",
                "find-then-write | exists=409,,X             | statuses and error codes such as 409,DUPLICATE",
                "single          | update=PUT /a/{remoteId}  | only with find-then-write",
                "batch           | in-flight=2               | only with find-then-write or single",
                "batch           | write=PUT /a/{key}        | {key} cannot stand here, nor any other placeholder",
                "batch           | headers=X: {key}          | {key} cannot stand here, nor any other placeholder",
                "batch           | write=POST /a {\"d\": []} | put \"{records}\" there",
                "find-then-write | write=PUT /a/{key}        | only with batch or single",
                "find-then-write | find=                     | contacts.crm.rest.find is not set",
                "find-then-write | update=                   | contacts.crm.rest.update is not set",
                "find-then-write | create=POST /a/{remoteId} | {remoteId} cannot stand here",
                "single          | write=                    | contacts.crm.rest.write is not set",
                "single          | empty=keep                | keep requires contacts.crm.rest.mode=find-then-write",
                "single          | null=keep                 | omit does the same",
                "single          | null=forget               | expected omit, clear or keep",
                "single          | mode=bulk                 | expected single, batch or find-then-write",
                "single          | mode=                     | contacts.crm.rest.mode is not set",
                "single          | auth=digest               | expected none, bearer, basic, header, oauth or login",
                "single          | auth=none                 | not applicable with contacts.crm.rest.auth=none, only"
                        + " with bearer or header",
                "single          | username=me               | not applicable with contacts.crm.rest.auth=bearer, only"
                        + " with basic",
                "single          | auth=header               | contacts.crm.rest.auth-header is not set",
                "single          | auth=oauth                | contacts.crm.oauth.token-endpoint is not set",
                "single          | key={emailAddress}        | only {contactId}, {customerId}, {tenantId}",
                "single          | key={customerId}          | {contactId} must be in it",
                "single          | results=data              | a JSON Pointer such as /data/items",
                "single          | success=status            | /pointer=value",
                "single          | message=a,b               | JSON Pointers such as /message",
                "single          | retry=429                 | 429 occurs in two of the lists",
                "single          | rate=10                   | 10/1s",
                "single          | rate=0/1s                 | 10/1s",
                "single          | in-flight=33              | a whole number from 1 to 32",
                "single          | wait-headers=X-Wait       | x-ratelimit-reset:s",
                "single          | headers=Authorization: x  | contacts.crm.rest.auth says how to sign in",
                "single          | check=GET /a/{key}        | {key} cannot stand here",
                "find-then-write | found-none=none           | statuses such as 204,404",
            })
    void what_makes_no_sense_is_refused_with_the_key_and_the_remedy(String mode, String setting, String message) {
        set("contacts.crm.rest.mode", mode);
        if (mode.equals("batch")) {
            set("contacts.crm.rest.write", "POST /a");
        } else if (mode.equals("find-then-write")) {
            system.remove("contacts.crm.rest.write");
            set("contacts.crm.rest.find", "GET /a?b={key}");
            set("contacts.crm.rest.create", "POST /a");
            set("contacts.crm.rest.update", "PUT /a/{remoteId}");
        }
        String[] parts = setting.split("=", 2);
        set("contacts.crm.rest." + parts[0], parts[1]);

        assertThat(problems()).contains("contacts.crm.", message);
    }

    @Test
    void what_is_deleted_needs_a_call_that_deletes() {
        set("contacts.on-gone", "delete");
        assertThat(problems()).contains("contacts.crm.rest.delete is not set");
    }

    @Test
    void what_part_of_a_value_an_id_is_must_be_a_regular_expression() {
        set("contacts.crm.rest.id", "/href [^/");
        assertThat(problems()).contains("contacts.crm.rest.id", "regular expression");
    }

    @Test
    void the_address_and_what_we_sign_in_with_must_be_set() {
        system.remove("contacts.crm.base-url");
        system.remove("contacts.crm.token");
        assertThat(problems()).contains("contacts.crm.base-url is not set", "contacts.crm.token is not set");
    }

    @Test
    void a_token_that_no_header_can_hold_is_refused() {
        set("contacts.crm.token", SECRET + "\r\nX-Evil: yes");
        assertThat(problems()).contains("contacts.crm.token", "no header can hold");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zoho",
                "dataverse",
                "pipedrive",
                "directus",
                "suitecrm",
                "espocrm",
                "twenty",
                "weclapp",
                "odoo",
                "odoo-jsonrpc",
                "suitecrm-v8",
                "tryton",
                "opencrx"
            })
    void the_shipped_examples_can_be_read(String example) {
        Path files = Path.of("examples/crm-rest", example);
        Properties secrets = new Properties();
        secrets.setProperty("jtl.oauth.client-id", "id");
        secrets.setProperty("jtl.oauth.client-secret", "secret");
        if (Set.of("suitecrm", "tryton", "opencrx").contains(example)) {
            secrets.setProperty("contacts.crm.rest.username", "anna");
            secrets.setProperty("contacts.crm.rest.password", "secret");
        } else if (example.equals("odoo-jsonrpc")) {
            secrets.setProperty("contacts.crm.rest.password", "secret");
        } else if (Set.of("zoho", "dataverse", "suitecrm-v8").contains(example)) {
            secrets.setProperty("contacts.crm.oauth.client-id", "id");
            secrets.setProperty("contacts.crm.oauth.client-secret", "secret");
        } else {
            secrets.setProperty("contacts.crm.token", "token");
        }
        CrmSettings settings = Settings.load(files, Map.of(), secrets).crm().orElseThrow();

        assertThat(((RestSettings) settings.kind()).mode())
                .isInstanceOf(
                        switch (example) {
                            case "zoho" -> RestMode.Batch.class;
                            case "dataverse" -> RestMode.Single.class;
                            default -> RestMode.FindThenWrite.class;
                        });
        settings.kind().check(MappingFile.read(files, "rest", TenantNames.only(null)));
        // Otherwise sync --full looks for each record, and makes a second one of a person whose first was merged.
        assertThat(settings.kind().readsBeforeItWrites())
                .isEqualTo(!Set.of("dataverse", "pipedrive", "weclapp", "tryton", "opencrx")
                        .contains(example));
    }
}
