package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.config.SettingsReader.Purpose;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.salesforce.SalesforceSettings;
import de.contactsync.imports.KeySelection;
import de.contactsync.routes.RouteSinkSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What values are possible, and what they mean. */
class SettingsTest extends SettingsFixture {

    @Test
    void sinks_that_are_routes_have_names_and_batch_sizes_of_their_own() {
        system.setProperty("contacts.sinks", "database, route:teams, route:mail-list");
        system.setProperty("contacts.sink.teams.batch-size", "100");
        environment.put("CONTACTS_SINK_MAIL_LIST_BATCH_SIZE", "7");
        system.setProperty("contacts.on-gone", "delete");

        assertThat(load().routeSinks())
                .containsExactlyInAnyOrder(
                        new RouteSinkSettings("teams", 100, true, 0.05),
                        new RouteSinkSettings("mail-list", 7, true, 0.05));
    }

    @Test
    void a_sink_that_is_no_route_and_a_batch_size_for_none_are_refused() {
        system.setProperty("contacts.sinks", "database,route:Teams,route:queue,route:ok");
        system.setProperty("contacts.sink.ok.batch-size", "0");
        system.setProperty("contacts.sink.taems.batch-size", "10");

        assertThat(problems())
                .hasSize(4)
                .anyMatch(text -> text.contains("route:Teams needs a name of lower-case letters"))
                .anyMatch(text -> text.contains("route:queue needs a name of lower-case letters"))
                .anyMatch(text -> text.contains("contacts.sink.ok.batch-size (-Dcontacts.sink.ok.batch-size) is \"0\""
                        + ": expected a whole number from 1 to 10000"))
                .anyMatch(text -> text.contains("contacts.sinks does not name route:taems"));
    }

    @Test
    void without_anything_set_the_defaults_are_taken() {
        Settings settings = load();

        assertThat(settings.jtl().baseUrl()).hasToString("https://api.jtl-cloud.com/erp");
        assertThat(settings.jtl().tenantId()).isNull();
        assertThat(settings.jtl().runAs()).isNull();
        assertThat(settings.jtl().companyId()).isNull();
        assertThat(settings.jtl().concurrency()).isEqualTo(32);
        assertThat(settings.jtl().connectTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.jtl().responseTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.jtl().maxAttempts()).isEqualTo(5);
        assertThat(settings.others().orElseThrow().oauth().tokenEndpoint())
                .hasToString("https://auth.jtl-cloud.com/oauth2/token");
        assertThat(settings.others().orElseThrow().oauth().scope()).isEqualTo("customers.read");
        assertThat(settings.file().directory()).isEqualTo(Path.of("inbox"));
        assertThat(settings.file().chunkSize()).isEqualTo(500);
        assertThat(settings.database().url()).isEqualTo("jdbc:sqlite:data/contacts.db");
        assertThat(settings.sources()).containsExactly("file");
    }

    @ParameterizedTest
    @CsvSource({
        "jtl.concurrency, 0, a whole number from 1 to 512",
        "jtl.concurrency, 513, a whole number from 1 to 512",
        "jtl.concurrency, -1, a whole number from 1 to 512",
        "jtl.concurrency, 2.5, a whole number from 1 to 512",
        "jtl.concurrency, 99999999999, a whole number from 1 to 512",
        "jtl.max-attempts, 0, a whole number from 1 to 20",
        "jtl.max-attempts, five, a whole number from 1 to 20",
        "contacts.chunk-size, 10001, a whole number from 1 to 10000",
        "jtl.connect-timeout, 99ms, 'from 100ms to 5m'",
        "jtl.connect-timeout, 5, 'a duration such as 500ms, 30s, 15m or 2h'",
        "jtl.connect-timeout, 5 s, a duration",
        "jtl.response-timeout, 11m, 'from 100ms to 10m'",
        "jtl.response-timeout, 999999999h, 'from 100ms to 10m'",
        "jtl.response-timeout, PT5S, a duration",
        "contacts.file.settle, 2h, 'from 100ms to 1h'",
        "jtl.bulk-read, always, auto or never",
        "jtl.bulk-read, AUTO, auto or never",
        "jtl.tenant-id, 1-1-1-1-1, a uuid such as",
        "jtl.run-as, admin, a number or a uuid",
        "jtl.run-as, 1.5, a number or a uuid",
        "jtl.company-id, '7\r\nX-Evil: yes', a number or a uuid",
        "jtl.base-url, api.jtl-cloud.com, an address such as https://api.jtl-cloud.com/erp",
        "jtl.base-url, ftp://api.jtl-cloud.com/erp, an address",
        "jtl.base-url, https://api.jtl-cloud.com/erp?x=1, an address",
        "jtl.base-url, https://api.jtl-cloud.com/erp#x, an address",
        "jtl.base-url, https://api.jtl-cloud.com:99999/erp, an address",
        "jtl.base-url, https:///erp, an address",
        "jtl.base-url, https://{{sys:user.home}}/erp, an address",
        "jtl.oauth.token-endpoint, nowhere, an address such as https://auth.jtl-cloud.com/oauth2/token",
        "contacts.database.url, jdbc:mysql://host/db, jdbc:sqlite: or jdbc:postgresql:",
        "contacts.database.url, 'jdbc:sqlite:', a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite::memory:, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite:?cache=shared, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite:file::memory:?cache=shared, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite:file:x?mode=memory, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite:file:/x?vfs=memdb, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite:file:, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.database.url, jdbc:sqlite::resource:x.db, a file such as jdbc:sqlite:data/contacts.db",
        "contacts.kafka.brokers, localhost, HOST:PORT",
        "contacts.kafka.topic, a/b, a name of letters",
        "contacts.kafka.output, contact-keys, a topic other than contacts.kafka.topic",
        "contacts.kafka.dead-letter, contact-keys, a topic other than contacts.kafka.topic",
        "contacts.kafka.security-protocol, TLS, SASL_SSL",
        "contacts.kafka.sasl-mechanism, GSSAPI, SCRAM-SHA-512",
        "contacts.kafka.trust-store, nowhere.p12, a readable file",
        "contacts.sources, ftp, 'any of file, '",
        "contacts.timer.schedule, 500ms, a duration from 1s to 24h such as 15m",
        "contacts.timer.schedule, 25h, a duration from 1s to 24h such as 15m",
        "contacts.timer.schedule, 30 2 * * 1-5, 'six or seven fields, seconds first'",
        "contacts.timer.schedule, 0 0 0 1 1 ? 2020, with a time in the future",
        "contacts.timer.zone, Berlin, a time zone such as Europe/Berlin",
        "contacts.timer.run-now, now, true or false",
        "contacts.timer.keys, all, 'one of customers, file, known, sql'",
        "contacts.timer.sql.url, jdbc:oracle:thin:host, a JDBC URL for SQLite",
        "contacts.timer.max-age, 9000h, to 8784h",
        "contacts.status.port, 0, a whole number from 1 to 65535",
        "contacts.status.port, 65536, a whole number from 1 to 65535",
        "contacts.status.port, on, a whole number from 1 to 65535",
        "contacts.status.host, 0.0.0.0, contacts.status.open=true",
        "contacts.status.host, 192.168.1.7, contacts.status.open=true",
        "contacts.status.host, '::', contacts.status.open=true",
        "contacts.status.host, 127.evil.test, contacts.status.open=true",
        "contacts.status.host, watch.example.test, contacts.status.open=true",
        "contacts.status.open, yes, true or false",
        "contacts.sinks, 'database,printer', any of crm, database,",
        "contacts.sinks, file, database, and optionally others",
        "contacts.file.output, xlsx, csv or ndjson",
        "contacts.max-gone-share, 101%, a percentage from 0% to 100%",
        "contacts.on-gone, KEEP, 'keep, flag or delete'",
        "contacts.crm.kind, sugar, 'hubspot, salesforce or rest'",
        "contacts.crm.base-url, http://crm.example.test, with https unless it is on this machine",
        "contacts.crm.api-version, 3, 2026-03",
        "contacts.crm.on-email-conflict, merge, 'dead-letter, adopt or without-email'",
        "contacts.crm.create-property, yes, true or false",
    })
    void an_impossible_value_is_named_with_its_key_its_place_and_what_was_expected(
            String key, String value, String expected) {
        system.setProperty(key, value);

        assertThat(String.join("\n", problems()))
                .startsWith(key + " (-D" + key + ") is \"")
                .contains(value.contains(",") ? value.split(",")[1] : value.split("\r")[0])
                .contains(expected);
    }

    @Test
    void salesforce_needs_its_address_and_a_client_of_its_own() throws IOException {
        system.setProperty("contacts.sinks", "database,crm");
        system.setProperty("contacts.crm.kind", "salesforce");
        assertThat(problems())
                .extracting(problem -> problem.split(" is not set")[0])
                .containsExactlyInAnyOrder(
                        "contacts.crm.base-url", "contacts.crm.oauth.client-id", "contacts.crm.oauth.client-secret");

        system.setProperty("contacts.crm.base-url", "https://shop.my.salesforce.com/");
        system.setProperty("contacts.crm.oauth.client-id", "crm-id");
        system.setProperty("contacts.crm.oauth.client-secret", "crm-secret");
        assertThat(load().crm()).hasValueSatisfying(crm -> {
            SalesforceSettings settings = (SalesforceSettings) crm.kind();
            assertThat(settings.apiVersion()).isEqualTo("v62.0");
            assertThat(settings.object()).isEqualTo("Contact");
            assertThat(settings.client().tokenEndpoint())
                    .hasToString("https://shop.my.salesforce.com/services/oauth2/token");
            assertThat(crm.toString()).doesNotContain("crm-secret");
        });
        system.setProperty("contacts.crm.api-version", "62");
        assertThat(problem()).startsWith("contacts.crm.api-version");
    }

    @Test
    void only_contacts_of_salesforce_belong_to_an_account() throws IOException {
        system.setProperty("contacts.crm.kind", "salesforce");
        system.setProperty("contacts.crm.object", "Lead");
        load();
        system.setProperty("contacts.crm.company", "link");
        assertThat(problem()).contains("contacts.crm.company", "none", "contacts.crm.object", "Contact");
        system.setProperty("contacts.crm.object", "Contact");
        load();
    }

    @Test
    void a_crm_needs_a_token_and_keeps_it_to_itself() throws IOException {
        system.setProperty("contacts.sinks", "database,crm");
        assertThat(problem()).startsWith("contacts.crm.token is not set");

        system.setProperty("contacts.crm.token", "pat-secret");
        assertThat(load().crm()).hasValueSatisfying(crm -> {
            assertThat(((HubSpotSettings) crm.kind()).token()).isEqualTo("pat-secret");
            assertThat(crm.toString()).doesNotContain("pat-secret");
            assertThat(crm.baseUrl()).hasToString("https://api.hubapi.com");
        });
        system.setProperty("contacts.sinks", "database");
        assertThat(load().crm()).isEmpty();
    }

    @Test
    void what_kafka_needs_is_asked_for_when_keys_come_from_it() {
        system.setProperty("contacts.sources", "kafka");
        system.setProperty("contacts.kafka.security-protocol", "SASL_SSL");
        assertThat(String.join("\n", problems()))
                .contains(
                        "contacts.kafka.brokers is not set",
                        "contacts.kafka.username is not set",
                        "contacts.kafka.password is not set");

        system.setProperty("contacts.kafka.brokers", "me:" + SECRET + "@host:9092");
        assertThat(String.join("\n", problems()))
                .contains("contacts.kafka.brokers", "HOST:PORT")
                .doesNotContain(SECRET);

        system.remove("contacts.kafka.brokers");
        system.setProperty("contacts.sources", "file");
        assertThat(load().kafka().topic()).isEqualTo("contact-keys");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:" + SECRET + "@api.jtl-cloud.com/erp",
                "https://user:pass/" + SECRET + "@api.jtl-cloud.com/erp",
                "https://user:p@ss" + SECRET + "@api.jtl-cloud.com/erp",
                "user:" + SECRET + "@api.jtl-cloud.com",
                "https://api.jtl-cloud.com/erp?client_secret=" + SECRET,
                "https://api.jtl-cloud.com/erp?password=" + SECRET + "&a=b",
            })
    void a_password_in_an_address_is_not_repeated(String address) {
        system.setProperty("jtl.base-url", address);
        system.setProperty("contacts.database.url", address);

        assertThat(String.join("\n", problems())).doesNotContain(SECRET).contains("jtl-cloud.com");
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "30s, PT30S", "2m, PT2M", "' 7s ', PT7S"})
    void durations_are_written_with_their_unit(String text, Duration duration) {
        system.setProperty("jtl.connect-timeout", text);

        assertThat(load().jtl().connectTimeout()).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({
        ", , customers.read",
        ", 17, customers.read application.runas",
        "all.read, 17, all.read application.runas",
        "application.runas  all.read, 17, application.runas  all.read",
        "'', , ''",
        "' ', 17, ''",
        "'', 17, ''",
    })
    void the_scope_for_acting_as_a_user_is_added_to_a_scope_that_is_sent(String scope, String runAs, String sent)
            throws IOException {
        file("jtl.run-as=" + (runAs == null ? "" : runAs), scope == null ? "" : "jtl.oauth.scope=" + scope);

        assertThat(load().others().orElseThrow().oauth().scope()).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "17", "3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88"})
    void a_user_and_a_company_are_numbers_or_uuids(String id) {
        system.setProperty("jtl.run-as", id);
        system.setProperty("jtl.company-id", id);

        assertThat(load().jtl().runAs()).isEqualTo(id);
        assertThat(load().jtl().companyId()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://api.example.test/erp", "https://api.example.test/erp/", "http://[::1]:8080/erp//"})
    void the_base_url_may_end_with_a_slash(String address) {
        system.setProperty("jtl.base-url", address);

        assertThat(load().jtl().baseUrl().toString()).isEqualTo(address.replaceFirst("/+$", ""));
    }

    @Test
    void the_token_endpoint_keeps_its_slash_at_the_end_which_is_part_of_its_name() {
        system.setProperty("jtl.oauth.token-endpoint", "https://auth.example.test/token/");

        assertThat(load().others().orElseThrow().oauth().tokenEndpoint())
                .hasToString("https://auth.example.test/token/");
    }

    @Test
    void health_and_metrics_are_served_on_loopback_unless_opened_explicitly() {
        assertThat(load().status()).contains(new StatusSettings("127.0.0.1", 9876, false, Set.of()));

        system.setProperty("contacts.status.host", "0.0.0.0");
        system.setProperty("contacts.status.open", "true");
        system.setProperty("contacts.status.allowed-hosts", "Watch.example.test, contact-sync");
        assertThat(load().status())
                .contains(new StatusSettings("0.0.0.0", 9876, true, Set.of("watch.example.test", "contact-sync")));

        system.setProperty("contacts.status.port", "off");
        assertThat(load().status()).isEmpty();
    }

    private Settings loadToRunOnce() {
        return Settings.load(folder, environment, system, Purpose.RUNS_ONCE);
    }

    @Test
    void a_schedule_that_is_run_once_wants_its_keys_and_no_times() {
        system.setProperty("contacts.sources", "timer");
        system.setProperty("contacts.timer.keys", "file");
        assertThatThrownBy(this::loadToRunOnce)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("contacts.timer.file is not set")
                .hasMessageNotContaining("contacts.timer.schedule");

        system.setProperty("contacts.timer.file", "keys.csv");
        system.remove("contacts.sources");
        assertThat(loadToRunOnce().timer().keys()).isEqualTo(new KeySelection.InFile(Path.of("keys.csv")));
        assertThat(load().timer().keys()).as("of no use to others").isInstanceOf(KeySelection.Known.class);
        system.setProperty("contacts.timer.schedule", "1h");
        assertThat(loadToRunOnce().timer().schedule()).isNull();
    }

    @Test
    void a_timer_wants_its_schedule_and_a_key_file_where_keys_come_from_one() {
        system.setProperty("contacts.sources", "timer");
        system.setProperty("contacts.timer.keys", "file");
        assertThat(problems())
                .satisfiesExactlyInAnyOrder(
                        problem -> assertThat(problem)
                                .startsWith("contacts.timer.schedule is not set")
                                .contains("CONTACTS_TIMER_SCHEDULE"),
                        problem -> assertThat(problem).startsWith("contacts.timer.file is not set"));

        system.setProperty("contacts.timer.schedule", "0 30 2 ? * MON-FRI");
        system.setProperty("contacts.timer.zone", "Europe/Berlin");
        system.setProperty("contacts.timer.file", "keys.csv");
        assertThat(load().timer().schedule().after(Instant.parse("2026-07-01T12:00:00Z")))
                .isEqualTo("2026-07-02T00:30:00Z");
        assertThat(load().timer().keys()).isEqualTo(new KeySelection.InFile(Path.of("keys.csv")));
    }

    @Test
    void a_query_for_keys_wants_its_database_and_keeps_its_password() {
        system.setProperty("contacts.sources", "timer");
        system.setProperty("contacts.timer.schedule", "15m");
        system.setProperty("contacts.timer.keys", "sql");
        assertThat(problems())
                .satisfiesExactlyInAnyOrder(
                        problem -> assertThat(problem).startsWith("contacts.timer.sql.url is not set"),
                        problem -> assertThat(problem).startsWith("contacts.timer.sql.query is not set"));

        system.setProperty("contacts.timer.sql.query", "SELECT 1");
        system.setProperty("contacts.timer.sql.url", "jdbc:postgresql://host/db?password=" + SECRET);
        assertThat(problem()).startsWith("contacts.timer.sql.url").doesNotContain(SECRET);

        system.setProperty("contacts.timer.sql.url", "jdbc:postgresql://host/db");
        system.setProperty("contacts.timer.sql.password", SECRET);
        assertThat(load().timer().toString())
                .contains("jdbc:postgresql://host/db")
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://api.example.test/erp", "http://10.0.0.7/erp", "http://127.evil.test/erp"})
    void plain_http_is_refused_but_on_this_machine(String address) {
        system.setProperty("jtl.base-url", address);
        assertThat(problem()).contains("jtl.base-url", "with https unless it is on this machine");

        system.setProperty("jtl.base-url", "http://127.0.0.1:8080/erp");
        assertThat(load().jtl().baseUrl()).hasToString("http://127.0.0.1:8080/erp");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://host/db?user=u&password=" + SECRET,
                "jdbc:postgresql://host/db?sslpassword=" + SECRET,
                "jdbc:postgresql://u:" + SECRET + "@host/db"
            })
    void a_secret_inside_a_url_is_refused_and_not_repeated(String url) {
        system.setProperty("contacts.database.url", url);

        assertThat(problem())
                .contains("contacts.database.url", "contacts.database.password")
                .doesNotContain(SECRET);
    }
}
