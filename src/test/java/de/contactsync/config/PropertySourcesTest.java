package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.jtl.SecretInLogCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where values come from, which of them counts, and what of it is refused. */
class PropertySourcesTest extends SettingsFixture {

    @Test
    void the_environment_goes_over_the_file_and_the_command_line_over_both() throws IOException {
        file("jtl.concurrency=1", "jtl.max-attempts=1", "contacts.chunk-size=1");
        environment.put("JTL_MAX_ATTEMPTS", "2");
        environment.put("CONTACTS_CHUNK_SIZE", "2");
        system.setProperty("contacts.chunk-size", "3");
        Settings settings = load();

        assertThat(settings.jtl().concurrency()).isEqualTo(1);
        assertThat(settings.jtl().maxAttempts()).isEqualTo(2);
        assertThat(settings.file().chunkSize()).isEqualTo(3);
    }

    @Test
    void a_wrong_value_does_not_matter_where_another_goes_over_it() throws IOException {
        file("jtl.concurrency=many");
        environment.put("JTL_CONCURRENCY", "7");

        assertThat(load().jtl().concurrency()).isEqualTo(7);
    }

    @Test
    void a_misspelt_key_names_its_place_and_the_nearest_right_one() throws IOException {
        file("jtl.tennant-id=x", "contacts.databaseurl=y");
        environment.put("JTL_OAUTH_CLIENTSECRET", SECRET);
        system.setProperty("jtl.conurrency", "5");

        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "Unknown property jtl.tennant-id (application.properties). Did you mean jtl.tenant-id?",
                        "Unknown property contacts.databaseurl (application.properties). Did you mean"
                                + " contacts.database.url?",
                        "Unknown property JTL_OAUTH_CLIENTSECRET (environment). Did you mean JTL_OAUTH_CLIENT_SECRET?",
                        "Unknown property jtl.conurrency (-Djtl.conurrency). Did you mean jtl.concurrency?");
    }

    /** They were read as keys of the user's own, and so passed over in silence. */
    @ParameterizedTest
    @CsvSource({
        "JTL_TENANT_ID, jtl.tenant-id",
        "contact.sinks, contacts.sinks",
        "contact.sink, contacts.sinks",
        "Contacts.chunk-size, contacts.chunk-size",
        "jtl_tenant_id, jtl.tenant-id",
        "jtltenantid, jtl.tenant-id",
        "JTL.base-url, jtl.base-url",
        "contacts-database-url, contacts.database.url",
    })
    void a_key_that_is_ours_but_for_case_separators_or_a_letter_is_refused(String key, String nearest)
            throws IOException {
        file(key + "=x");
        assertThat(problem())
                .isEqualTo("Unknown property " + key + " (application.properties). Did you mean " + nearest + "?");

        file();
        environment.put(key.equals("JTL_TENANT_ID") ? "Jtl_Tenant_Id" : key, "x");
        assertThat(problem())
                .contains("(environment)", nearest.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
    }

    /** All of these were once passed over in silence. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CONTACTS_SINK_TEAMS_BATCH_SIZE=5 | CONTACTS_SINK_TEAMS_BATCH_SIZE | contacts.sink.teams.batch-size",
                "JTL_OAUTH_CLIENT_SECRET_FILE=/x | JTL_OAUTH_CLIENT_SECRET_FILE | jtl.oauth.client-secret",
                "JTL_TENANT=x | JTL_TENANT | jtl.tenant-id",
                "contacts sinks=database | contacts | contacts.sinks",
                "jtl tenant-id = x | jtl | jtl.tenant-id",
                "contacts .sinks=database | contacts | contacts.sinks",
                "CONTACTS.RETENTION=x | CONTACTS.RETENTION | contacts.retention.runs",
            })
    void a_name_for_the_environment_or_with_a_blank_in_it_is_refused_in_the_file(
            String line, String key, String nearest) throws IOException {
        file(line);
        assertThat(problem())
                .startsWith("Unknown property " + key + " (application.properties)")
                .contains(nearest);
    }

    @Test
    void what_cannot_be_seen_in_a_key_or_a_value_is_named() throws IOException {
        file("contacts.sinks\u00A0=database");
        assertThat(problem())
                .contains("contacts.sinks", "a no-break space (U+00A0)", "is invisible")
                .doesNotContain("\u00A0");
        file("\u00A0jtl.concurrency=5");
        assertThat(problem()).contains("a no-break space (U+00A0)", "jtl.concurrency");
        file("#first", "\uFEFFjtl.concurrency=5");
        assertThat(problem()).contains("a byte order mark (U+FEFF)", "jtl.concurrency");
        file("jtl.concurrency=5\u00A0");
        assertThat(problem()).contains("jtl.concurrency", "ends", "a no-break space (U+00A0)");
        file("contacts.crm.token=\u200Babc");
        assertThat(problem())
                .contains("contacts.crm.token", "begins", "a zero-width space (U+200B)")
                .doesNotContain("abc");
        environment.put("JTL_CONCURRENCY", "5\u00A0");
        file();
        assertThat(problem()).contains("JTL_CONCURRENCY", "ends with a no-break space (U+00A0)");
        environment.remove("JTL_CONCURRENCY");
        file("contacts.sinks=database,\u00A0file");
        assertThat(problem()).contains("contacts.sinks", "a no-break space (U+00A0)");
    }

    @Test
    void a_key_that_stands_twice_with_two_values_is_refused() throws IOException {
        file("contacts.sinks=database", "jtl.concurrency=5", "contacts.sinks=database,file", "mine=1", "mine=2");
        assertThat(problem())
                .isEqualTo("contacts.sinks occurs twice in application.properties, with different values: delete one");
        file("contacts.sinks=database", "contacts.sinks=database");
        assertThat(load().sinks()).containsExactly("database");
    }

    @Test
    void a_byte_order_mark_belongs_to_no_key() throws IOException {
        file("\uFEFFjtl.concurrency=7");
        assertThat(load().jtl().concurrency()).isEqualTo(7);

        Files.write(
                folder.resolve("application.properties"),
                "\uFEFFjtl.concurrency=8".getBytes(StandardCharsets.UTF_16LE));
        assertThat(load().jtl().concurrency()).isEqualTo(8);
    }

    /** As Docker Compose passes variables that are not set. */
    @Test
    void an_empty_environment_variable_does_not_undo_the_file() throws IOException {
        file("jtl.concurrency=7", "contacts.sinks=database,file", "jtl.oauth.scope=mine");
        for (ConfigKey configKey : ConfigKey.values()) {
            if (configKey != ConfigKey.SCOPE) {
                environment.put(configKey.environmentName(), "");
                environment.put(configKey.environmentName() + "_FILE", "");
            }
        }
        assertThat(load().jtl().concurrency()).isEqualTo(7);
        assertThat(load().sinks()).containsExactly("database", "file");

        environment.put("JTL_OAUTH_SCOPE", "");
        assertThat(load().others().orElseThrow().oauth().scope())
                .as("an empty scope is one that is not sent")
                .isEmpty();
    }

    @Test
    void a_value_can_be_in_a_file_that_the_environment_names() throws IOException {
        system.remove("jtl.oauth.client-secret");
        Path secret = Files.writeString(folder.resolve("secret"), "\uFEFF" + SECRET + "\r\n");
        file("jtl.oauth.client-secret=of-the-file");
        environment.put("JTL_OAUTH_CLIENT_SECRET_FILE", secret.toString());
        environment.put("JTL_OAUTH_CLIENT_SECRET", "");
        environment.put("CONTACTS_TIMER_FILE", "keys.csv");
        assertThat(load().others().orElseThrow().oauth().clientSecret()).isEqualTo(SECRET);

        environment.put("JTL_OAUTH_CLIENT_SECRET", "another");
        assertThat(problem())
                .isEqualTo("JTL_OAUTH_CLIENT_SECRET_FILE and JTL_OAUTH_CLIENT_SECRET (environment) are both set: remove"
                        + " one of them")
                .doesNotContain(SECRET);

        environment.remove("JTL_OAUTH_CLIENT_SECRET");
        environment.put(
                "JTL_OAUTH_CLIENT_SECRET_FILE", folder.resolve("nowhere").toString());
        assertThat(problem())
                .startsWith("JTL_OAUTH_CLIENT_SECRET_FILE (environment): ")
                .endsWith("there is no such file");

        environment.put(
                "JTL_OAUTH_CLIENT_SECRET_FILE",
                Files.createFile(folder.resolve("empty")).toString());
        assertThat(problem())
                .startsWith("JTL_OAUTH_CLIENT_SECRET_FILE (environment): ")
                .endsWith("empty is empty");

        environment.remove("JTL_OAUTH_CLIENT_SECRET_FILE");
        environment.put(
                "JTL_CONCURRENCY_FILE",
                Files.writeString(folder.resolve("number"), "many").toString());
        assertThat(problem())
                .contains("jtl.concurrency (file ", "number of environment variable JTL_CONCURRENCY_FILE)");

        environment.remove("JTL_CONCURRENCY_FILE");
        environment.put("JTL_OAUTH_CLIENTSECRET_FILE", secret.toString());
        assertThat(problem()).startsWith("Unknown property JTL_OAUTH_CLIENTSECRET_FILE (environment)");
    }

    @Test
    void the_place_of_a_value_is_the_one_that_counts() throws IOException {
        file("jtl.max-attempts=0");
        assertThat(problem()).startsWith("jtl.max-attempts (application.properties) is \"0\"");

        environment.put("JTL_MAX_ATTEMPTS", "21");
        assertThat(problem()).startsWith("jtl.max-attempts (environment variable JTL_MAX_ATTEMPTS) is \"21\"");
    }

    @Test
    void all_problems_are_reported_at_once() throws IOException {
        system.remove("jtl.oauth.client-id");
        system.remove("jtl.oauth.client-secret");
        file("jtl.concurrency=0", "jtl.base-url=nowhere", "jtl.nothing=1", "contacts.file.settle=x");

        assertThat(problems())
                .hasSize(6)
                .anyMatch(
                        line -> line.contains("jtl.oauth.client-id is not set") && line.contains("JTL_OAUTH_CLIENT_ID"))
                .anyMatch(line -> line.contains("jtl.oauth.client-secret is not set"))
                .anyMatch(line -> line.startsWith("Unknown property jtl.nothing "));
    }

    @Test
    void secrets_stay_out_of_messages_whatever_else_is_wrong() throws IOException {
        file("contacts.database.password=" + SECRET, "jtl.oauth.client-secrets=" + SECRET, "jtl.concurrency=0");
        environment.put("JTL_OAUTH_CLIENT_SECRET", SECRET);
        environment.put("JTL_CLIENT_SECRET", SECRET);

        assertThat(String.join("\n", problems())).doesNotContain(SECRET);
        assertThat(Settings.of(Map.of(
                                ConfigKey.CLIENT_ID,
                                "id",
                                ConfigKey.CLIENT_SECRET,
                                SECRET,
                                ConfigKey.DATABASE_PASSWORD,
                                SECRET))
                        .others()
                        .orElseThrow()
                        .oauth()
                        .toString())
                .doesNotContain(SECRET);
    }

    @Test
    void what_kubernetes_says_about_services_of_our_name_is_left_alone() {
        environment.putAll(Map.of(
                "JTL_SERVICE_HOST", "10.0.0.1",
                "JTL_SERVICE_PORT", "80",
                "JTL_SERVICE_PORT_HTTP", "80",
                "JTL_PORT", "tcp://10.0.0.1:80",
                "JTL_CONTACT_SYNC_PORT_80_TCP", "tcp://10.0.0.1:80",
                "CONTACTS_PORT_80_TCP_ADDR", "10.0.0.1",
                "CONTACTS_PORT_80_TCP_PROTO", "tcp",
                "CONTACTS_SERVICE_PORT_MAIN", "80"));

        assertThat(load().jtl().concurrency()).isEqualTo(32);
    }

    @Test
    void keys_of_camel_are_handed_on_and_all_others_are_none_of_our_business() throws IOException {
        file(
                "camel.main.load-health-checks=true",
                "quarkus.log.level=INFO",
                "my.own=1",
                "crm.url=x",
                "contact.page=1",
                "shop.chunk-size=5",
                "jtlx.view=2");
        system.setProperty("camel.main.load-health-checks", "false");

        assertThat(load().camel()).containsOnly(Map.entry("camel.main.load-health-checks", "false"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "camel.management.enabled",
                "camel.management.host",
                "camel.server.enabled",
                "CAMEL.Management.devConsoleEnabled"
            })
    void servers_of_camels_own_are_refused_from_wherever_they_come(String key) throws IOException {
        file(key + "=true");
        assertThat(problem()).startsWith(key + " (application.properties)").contains("contacts.status.port");

        file();
        environment.put(key.toUpperCase(Locale.ROOT).replace('.', '_'), "true");
        assertThat(problem()).contains("(environment)", "contacts.status.port");

        environment.clear();
        system.setProperty(key, "true");
        assertThat(problem()).startsWith(key + " (-D" + key + ")");
    }

    @Test
    void a_file_that_is_no_properties_file_is_named() throws IOException {
        file("jtl.tenant-id=\\u12");
        assertThat(problem()).startsWith("application.properties cannot be read");

        Files.write(folder.resolve("application.properties"), new byte[] {'a', '=', (byte) 0xe4});
        assertThat(problem())
                .startsWith("application.properties cannot be read")
                .contains("UTF-8");
    }

    @Test
    void a_file_with_secrets_that_others_can_read_is_warned_about() throws IOException {
        file("jtl.oauth.client-secret=" + SECRET);
        Path path = folder.resolve("application.properties");
        try (SecretInLogCheck log = new SecretInLogCheck()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
            load();
            assertThat(log.lines()).noneMatch(line -> line.contains("chmod"));

            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
            load();
            assertThat(log.lines()).anyMatch(line -> line.contains("chmod o-r"));
        }
    }

    /** Once, another folder was made and watched in silence. */
    @Test
    void a_blank_behind_the_name_of_the_inbox_is_refused() {
        system.setProperty("contacts.file.directory", "in ");
        assertThat(problems())
                .anyMatch(problem -> problem.contains("contacts.file.directory")
                        && problem.contains("blank")
                        && problem.contains("remove the blank"));
    }
}
