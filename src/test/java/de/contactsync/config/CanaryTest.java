package de.contactsync.config;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import de.contactsync.app.Application;
import de.contactsync.app.ConnectionLeakDetector;
import de.contactsync.app.ExitCode;
import de.contactsync.cli.ImportCommand;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.WawiRegistration;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.persistence.SecretTable;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.TestBreakers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole import with words that must turn up nowhere but where they belong. */
@Tag("slow")
@Timeout(60)
class CanaryTest {

    private static final String SECRET = "kanari&ensecret/ü";
    private static final String ENCODED = URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
    private static final String BASIC =
            Base64.getEncoder().encodeToString(("client:" + ENCODED).getBytes(StandardCharsets.UTF_8));
    private static final String TOKEN = "kanarien.token-4711";
    private static final String REFRESH = "kanarien.refresh-4711";
    private static final String ROTATED = "kanarien.refresh-4712";
    private static final String NAME = "Kanarienvogel";
    private static final String EMAIL = "vogel@kanarien.example";
    private static final String PHONE = "0815 / 471100-1";
    private static final String FAX = "0815 / 471100-9";

    private static final List<String> SECRETS = List.of(SECRET, ENCODED, BASIC, TOKEN, REFRESH, ROTATED);
    private static final List<String> CONTACT = List.of(NAME, EMAIL, PHONE, FAX);
    private static final List<String> ALL =
            Stream.concat(SECRETS.stream(), CONTACT.stream()).toList();

    private static final String FIELDS = "\"lastName\":\"" + NAME + "\",\"emailAddress\":\"" + EMAIL
            + "\",\"phoneNumber\":\"" + PHONE + "\",\"fax\":\"" + FAX + "\"}";
    private static final WireMockServer JTL =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    @TempDir
    Path folder;

    private ConnectionLeakDetector logs;

    @BeforeEach
    void start() {
        if (!JTL.isRunning()) {
            JTL.start();
        }
        JTL.resetAll();
        JTL.stubFor(post("/token")
                .willReturn(
                        okJson("{\"access_token\":\"" + TOKEN + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")));
        JTL.stubFor(get(urlPathMatching("/erp/.*")).atPriority(10).willReturn(contact()));
        logs = new ConnectionLeakDetector(ALL);
    }

    @AfterEach
    void nothing_has_leaked() {
        logs.close();
        assertThat(logs.leaks()).isEmpty();
        assertThat(logs.loggers())
                .anyMatch(logger -> logger.startsWith("org.apache.camel"))
                .anyMatch(logger -> logger.startsWith("de.contactsync"))
                .anyMatch(logger -> logger.startsWith("com.zaxxer.hikari"));
    }

    @AfterAll
    static void stop() {
        JTL.stop();
    }

    private static ResponseDefinitionBuilder contact() {
        return okJson("{\"id\":\"{{request.path.[5]}}\"," + FIELDS).withTransformers("response-template");
    }

    /** An error whose words quote all they should not. */
    private static ResponseDefinitionBuilder error(int status) {
        return aResponse()
                .withStatus(status)
                .withBody("{\"errorCode\":\"E1\",\"errorMessage\":\"" + NAME + " " + EMAIL
                        + " asked with " + TOKEN + "\",\"errors\":{\"token\":[\"" + TOKEN + "\"]},\"stacktrace\":\""
                        + FAX
                        + "\"}");
    }

    /** Its words are shown, as a person must mend it. */
    private static ResponseDefinitionBuilder refusal() {
        return aResponse().withStatus(401).withBody("{\"errorMessage\":\"not with " + TOKEN + "\"}");
    }

    private static UUID id(int number) {
        return new UUID(0x4000, 1L << 63 | number);
    }

    /** First this answer for the key, then another, which stays. */
    private static void answers(int key, ResponseDefinitionBuilder first, ResponseDefinitionBuilder then) {
        String path = "/erp/.*/" + id(key);
        JTL.stubFor(get(urlPathMatching(path))
                .atPriority(1)
                .inScenario("key " + key)
                .whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("asked")
                .willReturn(first));
        JTL.stubFor(get(urlPathMatching(path))
                .atPriority(1)
                .inScenario("key " + key)
                .whenScenarioStateIs("asked")
                .willReturn(then));
    }

    private Path keys(int count) throws Exception {
        List<String> lines = new ArrayList<>(List.of("customerId,contactId,name"));
        for (int i = 0; i < count; i++) {
            lines.add(id(1000 + i) + "," + id(i) + "," + NAME);
        }
        lines.add("no uuid,no uuid," + NAME);
        return Files.write(folder.resolve("keys.csv"), lines);
    }

    private String sqlite() {
        return "jdbc:sqlite:" + folder.resolve("contacts.db");
    }

    private static Settings settings(int maxAttempts, String database, Path inbox) {
        return Settings.of(Map.ofEntries(
                Map.entry(ConfigKey.BASE_URL, JTL.baseUrl() + "/erp"),
                Map.entry(ConfigKey.FILE_DIRECTORY, inbox.toString()),
                Map.entry(ConfigKey.FILE_SETTLE, "100ms"),
                Map.entry(ConfigKey.STATUS_PORT, "off"),
                Map.entry(ConfigKey.TOKEN_ENDPOINT, JTL.baseUrl() + "/token"),
                Map.entry(ConfigKey.CLIENT_ID, "client"),
                Map.entry(ConfigKey.CLIENT_SECRET, SECRET),
                Map.entry(ConfigKey.TENANT_ID, id(7).toString()),
                Map.entry(ConfigKey.CONCURRENCY, "2"),
                Map.entry(ConfigKey.MAX_ATTEMPTS, Integer.toString(maxAttempts)),
                Map.entry(ConfigKey.DATABASE_URL, database),
                Map.entry(ConfigKey.MAX_WAIT, "0s")));
    }

    /** Imports and gives what stands on stdout. */
    private String importing(int keys, int maxAttempts, int exitCode, String database) throws Exception {
        return importing(keys, exitCode, settings(maxAttempts, database, folder));
    }

    private String importing(int keys, int exitCode, Settings settings) throws Exception {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        int code = ImportCommand.run(
                settings, List.of(keys(keys).toFile()), true, new PrintStream(stdout, true, StandardCharsets.UTF_8));
        String text = stdout.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(exitCode);
        assertThat(text).doesNotContain(ALL);
        return text;
    }

    private static String table(String database, String name) throws Exception {
        StringBuilder text = new StringBuilder();
        try (Connection connection = DriverManager.getConnection(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + name)) {
            while (rows.next()) {
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    text.append(rows.getString(i)).append('|');
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void an_import_with_failures_of_all_kinds_keeps_contacts_and_secrets_to_itself() throws Exception {
        answers(1, error(404), error(404));
        answers(2, error(400), error(400));
        answers(3, error(500), contact());
        answers(4, error(503), error(422));
        answers(5, okJson("{\"id\":\"" + id(5) + "\",\"firstName\":\"x\",\"lastName\":\"" + NAME), contact());
        answers(6, okJson("{\"id\":\"" + id(8) + "\"," + FIELDS), contact());
        answers(7, okJson("{\"id\":\"" + id(7) + "\",\"fax\":{\"" + NAME + "\":\"" + FAX + "\"}}"), contact());
        answers(8, okJson("{" + FIELDS).withHeader("Content-Encoding", "gzip"), contact());
        answers(9, aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK), contact());
        answers(10, okJson("{" + FIELDS + " ".repeat(300_000)), contact());
        answers(11, error(401), error(401));
        answers(12, error(429).withHeader("Retry-After", "1"), contact());
        answers(13, okJson("{" + FIELDS).withStatus(302).withHeader("Location", "/" + NAME), contact());

        String summary = importing(15, 3, ExitCode.DEAD_LETTERS, sqlite());

        assertThat(summary).contains("\"stored\":6,\"notFound\":1,\"rejected\":4,\"invalid\":1,\"failed\":4");
        assertThat(logs.loggers()).anyMatch(logger -> logger.startsWith("org.apache.hc.client5"));
        assertThat(table(sqlite(), "contact")).contains(CONTACT).doesNotContain(SECRETS);
        assertThat(table(sqlite(), "dead_letter"))
                .contains("asked with ***")
                .doesNotContain(SECRETS)
                .doesNotContain(FAX);
        assertThat(table(sqlite(), "import_run")).doesNotContain(ALL);
        assertThat(Files.readString(folder.resolve("keys.csv.errors.csv")))
                .contains("asked with ***")
                .doesNotContain(SECRETS);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 404, 500, 503})
    void a_halt_quotes_neither_secret_nor_contact(int status) throws Exception {
        ResponseDefinitionBuilder answer = status == 404
                ? aResponse().withStatus(404).withBody("<html>" + NAME + TOKEN + "</html>")
                : error(status).withBody("{\"errorMessage\":\"" + TOKEN + (status == 401 ? "" : NAME) + "\"}");
        JTL.stubFor(get(urlPathMatching("/erp/.*")).atPriority(2).willReturn(answer));

        assertThat(importing(40, 1, ExitCode.HALTED, sqlite())).contains("\"halted\":true", "\"message\"");
        assertThat(table(sqlite(), "import_run")).contains("halted").doesNotContain(ALL);
        assertThat(table(sqlite(), "dead_letter")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {402, 403, 412})
    void a_failure_for_the_operator_quotes_jtl_without_the_token(int status) throws Exception {
        JTL.stubFor(get(urlPathMatching("/erp/.*"))
                .atPriority(2)
                .willReturn(aResponse().withStatus(status).withBody("{\"errorMessage\":\"not with " + TOKEN + "\"}")));

        assertThat(importing(3, 1, ExitCode.HALTED, sqlite())).contains("HTTP " + status, "(JTL: not with ***)");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 500})
    void a_token_endpoint_that_quotes_the_secret_is_not_repeated(int status) throws Exception {
        JTL.stubFor(post("/token")
                .atPriority(1)
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("Content-Type", "application/json")
                        .withBody("{\"error\":\"invalid_client\",\"error_description\":\"no " + ENCODED + " " + BASIC
                                + "\"}")));

        assertThat(importing(3, 1, ExitCode.HALTED, sqlite())).contains("/token");
    }

    /** By another door, where what was given out is kept in a file beside the database. */
    private Settings door(JtlAuth auth, Map<ConfigKey, String> more) {
        Map<ConfigKey, String> settings = new EnumMap<>(Map.of(
                ConfigKey.AUTH,
                auth.id(),
                ConfigKey.BASE_URL,
                JTL.baseUrl() + "/erp",
                ConfigKey.FILE_DIRECTORY,
                folder.toString(),
                ConfigKey.STATUS_PORT,
                "off",
                ConfigKey.MAX_ATTEMPTS,
                "1",
                ConfigKey.DATABASE_URL,
                sqlite(),
                ConfigKey.MAX_WAIT,
                "0s"));
        settings.putAll(more);
        return Settings.of(settings);
    }

    private void keep(String name, String secret) {
        DatabaseSettings settings = new DatabaseSettings(sqlite(), null, null);
        try (Database database = Database.open(settings, TestBreakers.create(), Duration.ZERO)) {
            new SecretTable(database, new SecretVault(settings, SecretKeys.NONE)).put(name, secret);
        }
    }

    @Test
    void the_key_of_a_registration_is_shown_nowhere_whatever_errors_quote() throws Exception {
        keep("jtl:registration", new WawiRegistration(TOKEN, "2.0", null).toText());
        answers(1, error(404), error(404));
        answers(2, error(400), error(400));
        Settings settings = door(JtlAuth.WAWI_APP, Map.of());

        importing(4, ExitCode.DEAD_LETTERS, settings);
        assertThat(table(sqlite(), "dead_letter")).contains("asked with ***").doesNotContain(SECRETS);

        JTL.stubFor(get(urlPathMatching("/erp/.*")).atPriority(0).willReturn(refusal()));
        assertThat(importing(4, ExitCode.HALTED, settings)).contains("Register again with the command register");
        assertThat(table(sqlite(), "import_run")).doesNotContain(ALL);
        assertThat(table(sqlite(), "secret")).contains("jtl:registration").doesNotContain(ALL);
    }

    @Test
    void the_tokens_of_a_login_are_shown_nowhere_whatever_errors_quote() throws Exception {
        keep("jtl:login", REFRESH);
        Settings settings = door(
                JtlAuth.AUTHORIZATION_CODE,
                Map.of(
                        ConfigKey.TOKEN_ENDPOINT,
                        JTL.baseUrl() + "/token",
                        ConfigKey.AUTHORIZATION_ENDPOINT,
                        JTL.baseUrl() + "/auth",
                        ConfigKey.CLIENT_ID,
                        "client",
                        ConfigKey.TENANT_ID,
                        id(7).toString()));
        JTL.stubFor(post("/token")
                .atPriority(1)
                .willReturn(okJson("{\"access_token\":\"" + TOKEN + "\",\"refresh_token\":\"" + ROTATED
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")));
        answers(1, error(404), error(404));
        importing(4, ExitCode.DEAD_LETTERS, settings);
        assertThat(table(sqlite(), "dead_letter")).contains("asked with ***").doesNotContain(SECRETS);
        JTL.verify(postRequestedFor(urlPathEqualTo("/token")).withRequestBody(containing(REFRESH)));

        JTL.stubFor(get(urlPathMatching("/erp/.*")).atPriority(0).willReturn(refusal()));
        JTL.stubFor(post("/token")
                .atPriority(0)
                .willReturn(aResponse()
                        .withStatus(400)
                        .withHeader("Content-Type", "application/json")
                        .withBody("{\"error\":\"invalid_grant\",\"error_description\":\"no " + ROTATED + "\"}")));
        assertThat(importing(4, ExitCode.HALTED, settings)).contains("Log in again with the command login");
        assertThat(table(sqlite(), "import_run")).doesNotContain(ALL);
        assertThat(table(sqlite(), "secret")).contains("jtl:login").doesNotContain(ALL);
        JTL.verify(postRequestedFor(urlPathEqualTo("/token")).withRequestBody(containing(ROTATED)));
    }

    @Test
    void a_file_that_is_no_key_file_is_quoted_in_its_error_file_only() throws Exception {
        Path inbox = Files.createDirectories(folder.resolve("inbox"));
        Files.write(inbox.resolve("people.csv"), List.of(NAME + ";" + EMAIL + ";" + PHONE, "a;b;c"));
        try (Application application = Application.startSources(settings(1, sqlite(), inbox))) {
            Path error = inbox.resolve(".failed/people.csv.error.txt");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !application.coordinator().active().isPresent()
                            && Files.exists(inbox.resolve(".failed/people.csv")));

            assertThat(Files.readString(error)).contains(NAME);
        }
    }

    @Test
    void a_database_that_refuses_a_contact_is_not_quoted() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            String url = server.getJdbcUrl("postgres", "postgres");
            Database.open(new DatabaseSettings(url, null, null), TestBreakers.create(), Duration.ZERO)
                    .close();
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                // A failure that may be temporary, then one that lasts.
                statement.execute("CREATE SEQUENCE tries");
                statement.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF nextval('tries') = 1 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END IF;"
                        + " RETURN NEW; END $$");
                statement.execute(
                        "CREATE TRIGGER refuse BEFORE INSERT ON contact" + " FOR EACH ROW EXECUTE FUNCTION refuse()");
                statement.execute("ALTER TABLE contact ADD CONSTRAINT no_birds CHECK (last_name <> '" + NAME + "')");
            }

            importing(3, 1, ExitCode.DEAD_LETTERS, url);

            assertThat(table(url, "(SELECT error_message FROM dead_letter WHERE reason = 'sink-rejected') AS refused"))
                    .contains("no_birds")
                    .doesNotContain(ALL);
        }
    }
}
