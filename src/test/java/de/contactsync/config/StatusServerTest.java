package de.contactsync.config;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import de.contactsync.FreePort;
import de.contactsync.app.Application;
import de.contactsync.app.InboxTest;
import de.contactsync.persistence.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the status port answers to whoever reaches it, and what not. */
@Tag("slow")
@Timeout(90)
class StatusServerTest {

    private static final String SECRET = "kanariensecret";
    private static final String TOKEN = "kanarien.token-4711";
    private static final String NAME = "Kanarienvogel";
    private static final UUID HEALTHY = new UUID(0x4000, 1L << 63 | 1);
    private static final UUID UNLICENSED = new UUID(0x4000, 1L << 63 | 2);

    @TempDir
    Path folder;

    private final WireMockServer jtl =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
    private final HttpClient client = HttpClient.newHttpClient();
    private TestDatabase database;
    private ApplicationFixture fixture;
    private Application application;
    private int port;

    @BeforeEach
    void start() throws Exception {
        jtl.start();
        jtl.stubFor(post("/token")
                .willReturn(
                        okJson("{\"access_token\":\"" + TOKEN + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")));
        jtl.stubFor(get(urlPathMatching("/erp/.*"))
                .atPriority(10)
                .willReturn(okJson("{\"id\":\"{{request.path.[5]}}\",\"lastName\":\"" + NAME + "\"}")
                        .withHeader("X-RateLimit-Limit", "600")
                        .withHeader("X-RateLimit-Interval-Length-Seconds", "60")
                        .withHeader("X-RateLimit-Remaining", "450")
                        .withTransformers("response-template")));
        jtl.stubFor(get(urlPathMatching("/erp/.*"))
                .atPriority(1)
                .withHeader("x-tenant-id", equalTo(UNLICENSED.toString()))
                .willReturn(aResponse().withStatus(402).withBody("{\"errorMessage\":\"" + NAME + " has not paid\"}")));
        database = TestDatabase.create(TestDatabase.Kind.SQLITE);
        fixture = new ApplicationFixture(folder, database);
        port = FreePort.next();
        application = Application.startSources(Settings.of(settings(port)));
    }

    @AfterEach
    void stop() throws Exception {
        application.close();
        database.close();
        jtl.stop();
    }

    private Map<ConfigKey, String> settings(int port) {
        Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
        values.put(ConfigKey.BASE_URL, jtl.baseUrl() + "/erp");
        values.put(ConfigKey.TOKEN_ENDPOINT, jtl.baseUrl() + "/token");
        values.put(ConfigKey.CLIENT_ID, "client");
        values.put(ConfigKey.CLIENT_SECRET, SECRET);
        values.put(ConfigKey.TENANT_ID, HEALTHY.toString());
        values.put(ConfigKey.FILE_DIRECTORY, fixture.inbox.toString());
        values.put(ConfigKey.FILE_SETTLE, "100ms");
        values.put(ConfigKey.CHUNK_SIZE, "4");
        values.put(ConfigKey.DATABASE_URL, database.settings().url());
        values.put(ConfigKey.STATUS_PORT, Integer.toString(port));
        return values;
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(20))
                        .header("Accept", "*/*")
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode ready() throws Exception {
        return new ObjectMapper().readTree(ask("GET", "/observe/health/ready").body());
    }

    /** The value of a series, as the text of the metrics has it. */
    private String series(String name) throws Exception {
        return ask("GET", "/observe/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("no " + name);
    }

    /** On a slow machine what the tables hold is unknown at first. */
    private String known(String name) {
        return InboxTest.soon().until(() -> series(name), value -> !value.equals("NaN"));
    }

    private void drop(String name, UUID tenant, int keys) throws IOException {
        List<String> lines = new ArrayList<>(List.of("tenantId,customerId,contactId,name"));
        for (int i = 0; i < keys; i++) {
            lines.add(tenant + "," + new UUID(0x4000, 1L << 63 | 500 + i) + "," + new UUID(0x4000, 1L << 63 | 900 + i)
                    + "," + NAME);
        }
        fixture.drop(name, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void all_is_well_and_the_figures_are_those_of_what_was_done() throws Exception {
        drop("keys.csv", HEALTHY, 10);
        InboxTest.soon().until(() -> fixture.closedRuns() == 1);

        assertThat(ask("GET", "/observe/health").body())
                .isEqualTo("{\"status\":\"UP\",\"checks\":[{\"name\":\"process\",\"status\":\"UP\"},"
                        + "{\"name\":\"work\",\"status\":\"UP\"}]}");
        assertThat(series("contacts_keys_total{outcome=\"stored\"}")).isEqualTo("10.0");
        assertThat(series("jtl_calls_total{status=\"200\"}")).isEqualTo("10.0");
        assertThat(series("jtl_calls_total{status=\"none\"}")).isEqualTo("0.0");
        assertThat(series("jtl_call_duration_seconds_count")).isEqualTo("10");
        assertThat(series("jtl_call_duration_seconds_bucket{le=\"30.0\"}")).isEqualTo("10");
        assertThat(series("jtl_quota_limit")).isEqualTo("600.0");
        assertThat(series("jtl_quota_remaining")).isEqualTo("450.0");
        assertThat(series("jtl_quota_used_ratio")).isEqualTo("0.25");
        assertThat(Double.parseDouble(series("jtl_token_age_seconds"))).isBetween(0.0, 90.0);
        assertThat(known("contacts_dead_letters_open")).isEqualTo("0.0");
        assertThat(known("contacts_oldest_pending_seconds")).isEqualTo("0.0");
        assertThat(ask("GET", "/observe/metrics").body().lines().filter(line -> !line.startsWith("#")))
                .allMatch(line -> line.matches("(jtl|contacts|jvm|process|system)_.*"))
                .hasSizeLessThan(80);
    }

    @Test
    void one_refused_tenant_is_reported_and_readiness_drops_only_when_no_other_works() throws Exception {
        drop("unlicensed.csv", UNLICENSED, 3);
        await().atMost(Duration.ofSeconds(40))
                .until(() -> "DOWN".equals(ready().path("status").asText()));
        JsonNode outage = ready().at("/checks/0/data/outOfReach/0");
        assertThat(outage.path("what").asText()).isEqualTo("JTL for tenant " + UNLICENSED);
        assertThat(outage.path("why").asText()).startsWith("HTTP 402: ").doesNotContain("(JTL", NAME);
        assertThat(Instant.parse(outage.path("since").asText()))
                .isBetween(Instant.now().minusSeconds(90), Instant.now());
        assertThat(Instant.parse(outage.path("nextTry").asText()))
                .isAfter(Instant.now().plusSeconds(3_000));
        assertThat(ask("GET", "/observe/health/ready").statusCode()).isEqualTo(503);
        assertThat(ask("GET", "/observe/health/live").statusCode()).isEqualTo(200);

        drop("healthy.csv", HEALTHY, 3);
        InboxTest.soon().until(() -> fixture.closedRuns() == 1);
        assertThat(ready().path("status").asText()).isEqualTo("UP");
        assertThat(ready().at("/checks/0/data/outOfReach/0/what").asText()).contains(UNLICENSED.toString());
        assertThat(series("contacts_paused{reason=\"jtl\"}")).isEqualTo("1.0");
        assertThat(series("contacts_paused{reason=\"token\"}")).isEqualTo("0.0");
        assertThat(Double.parseDouble(known("contacts_oldest_pending_seconds"))).isPositive();
    }

    @Test
    void nothing_that_it_says_holds_a_secret_a_token_a_contact_or_in_the_metrics_a_tenant() throws Exception {
        drop("unlicensed.csv", UNLICENSED, 3);
        drop("healthy.csv", HEALTHY, 3);
        InboxTest.soon()
                .until(() -> fixture.closedRuns() == 1 && ready().toString().contains("402"));

        for (String question : List.of("", "?stackTrace=true", "?data=true&exposureLevel=full&stackTrace=true")) {
            for (String path : List.of("/observe/health", "/observe/health/live", "/observe/health/ready")) {
                assertThat(ask("GET", path + question).body())
                        .doesNotContain(SECRET, TOKEN, NAME, "stacktrace", "\tat ", "camel");
            }
        }
        assertThat(ask("GET", "/observe/metrics").body())
                .contains("jtl_calls_total{status=\"402\"}")
                .doesNotContain(SECRET, TOKEN, NAME, UNLICENSED.toString(), HEALTHY.toString(), "keys.csv");
    }

    @Test
    void nothing_but_four_paths_is_answered() throws Exception {
        for (String path : List.of(
                "/",
                "/observe",
                "/observe/",
                "/observe/info",
                "/observe/jolokia",
                "/observe/health/",
                "/observe/health/live/x",
                "/observe/metrics/x",
                "/Observe/health",
                "/%6fbserve/health",
                "/q/dev",
                "/q/dev/top",
                "/q/upload",
                "/q/download",
                "/q/send",
                "/favicon.ico")) {
            assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(raw("GET /q/../observe/health HTTP/1.1")).startsWith("HTTP/1.1 404");
        assertThat(raw("GET //observe/health HTTP/1.1")).startsWith("HTTP/1.1 404");
    }

    @Test
    void nothing_but_get_is_answered_and_no_other_site_may_read_it() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND")) {
            assertThat(ask(method, "/observe/health").statusCode()).as(method).isEqualTo(405);
        }
        assertThat(raw("TRACE /observe/health HTTP/1.1"))
                .startsWith("HTTP/1.1 405")
                .doesNotContain("evil");
        assertThat(raw("OPTIONS /observe/metrics HTTP/1.1"))
                .startsWith("HTTP/1.1 405")
                .doesNotContainIgnoringCase("access-control");
        assertThat(raw("GET /observe/metrics HTTP/1.1"))
                .startsWith("HTTP/1.1 200")
                .doesNotContainIgnoringCase("access-control")
                .doesNotContainIgnoringCase("set-cookie");
    }

    /** A page of another site could read it by a name of that site which leads to this machine (DNS rebinding). */
    @Test
    void it_answers_by_its_own_names_only() throws Exception {
        for (String own :
                List.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port, "LOCALHOST", "localhost.")) {
            assertThat(raw("GET /observe/metrics HTTP/1.1", own)).as(own).startsWith("HTTP/1.1 200");
        }
        for (String other :
                List.of("evil.test", "evil.test:" + port, "127.0.0.1.evil.test", "localhost.evil.test:80", "")) {
            assertThat(raw("GET /observe/metrics HTTP/1.1", other)).as(other).startsWith("HTTP/1.1 421");
        }
        assertThat(answer("GET /observe/health HTTP/1.1\r\nHost: 192.168.7.7\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 421")
                .contains("to contacts.status.allowed-hosts");
        assertThat(answer("GET /observe/health HTTP/1.1\r\nHost: localhost@evil.test\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("The Host header is invalid")
                .doesNotContain("has no Host header");
    }

    /** HTTP/1.1 without one once logged a stack trace each time. */
    @Test
    void a_request_that_names_no_host_is_refused_without_a_word_in_the_log() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        try {
            for (String line :
                    List.of("GET /observe/health HTTP/1.0", "GET /observe/health HTTP/1.1", "GET /x HTTP/1.1")) {
                assertThat(send(line + "\r\nConnection: close\r\n\r\n"))
                        .as(line)
                        .contains(" 400 ");
            }
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
        assertThat(send("GET /observe/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n"
                        + "Connection: close\r\n\r\n"))
                .doesNotContain(" 200 ");
    }

    /** HTTP/2 names the host in another place; whoever spoke it was answered by any name. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void http_2_is_held_to_the_same_names(boolean upgrade) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            io.vertx.core.http.HttpClient two = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(upgrade));
            assertThat(statusByHttp2(two, "evil.test")).isEqualTo(421);
            assertThat(statusByHttp2(two, "localhost")).isEqualTo(200);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    private int statusByHttp2(io.vertx.core.http.HttpClient two, String host) throws Exception {
        return two.request(new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                        .setHost(host)
                        .setPort(port)
                        .setURI("/observe/health"))
                .compose(HttpClientRequest::send)
                .map(answer -> {
                    assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
                    return answer.statusCode();
                })
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void an_open_port_also_answers_by_addresses_and_by_the_names_that_are_set() throws Exception {
        application.close();
        Map<ConfigKey, String> values = settings(port);
        values.put(ConfigKey.STATUS_HOST, "0.0.0.0");
        values.put(ConfigKey.STATUS_OPEN, "true");
        values.put(ConfigKey.STATUS_ALLOWED_HOSTS, "contact-sync,watch.example.test");
        application = Application.startSources(Settings.of(values));
        for (String own :
                List.of("contact-sync:9876", "Watch.example.test", "10.1.2.3:9876", "[fd00::7]", "localhost")) {
            assertThat(raw("GET /observe/health/live HTTP/1.1", own)).as(own).startsWith("HTTP/1.1 200");
        }
        assertThat(raw("GET /observe/health/live HTTP/1.1", "evil.test")).startsWith("HTTP/1.1 421");
    }

    /** The head of the answer to a request as a page of another site would have it sent. */
    private String raw(String line) throws IOException {
        return raw(line, "localhost:" + port);
    }

    private String raw(String line, String host) throws IOException {
        return send(line + "\r\nHost: " + host + "\r\nOrigin: http://evil.test\r\n"
                + "Access-Control-Request-Method: GET\r\nConnection: close\r\n\r\n");
    }

    /** The head of the answer. */
    private String send(String request) throws IOException {
        return answer(request).split("\r\n\r\n")[0];
    }

    private String answer(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_port_that_is_taken_ends_the_start_with_the_key_to_change() {
        assertThatThrownBy(() -> Application.startSources(Settings.of(settings(port))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("contacts.status.port");
    }

    @Test
    void an_import_opens_no_port() throws Exception {
        int other = FreePort.next();
        try (Application importing = Application.start(Settings.of(settings(other)))) {
            assertThat(importing.camel().getStatus().isStarted()).isTrue();
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), other).close())
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void who_stops_is_not_ready_any_more() throws Exception {
        application.coordinator().stop();

        assertThat(ask("GET", "/observe/health/ready").statusCode()).isEqualTo(503);
        assertThat(ready().at("/checks/0/message").asText()).isEqualTo("stopping");
        assertThat(ask("GET", "/observe/health/live").statusCode()).isEqualTo(200);
    }

    /** Right after a failover: a file was halted for good, and the process said that it was ready. */
    @Test
    void while_the_server_only_takes_reads_the_process_is_not_ready() throws Exception {
        application.close();
        try (TestDatabase server = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
            Map<ConfigKey, String> values = settings(port);
            values.put(ConfigKey.DATABASE_URL, server.settings().url());
            values.put(ConfigKey.DATABASE_USERNAME, server.settings().username());
            values.put(ConfigKey.DATABASE_PASSWORD, server.settings().password());
            application = Application.startSources(Settings.of(values));
            assertThat(ready().path("status").asText()).isEqualTo("UP");
            String name = server.one("SELECT current_database()");
            server.execute("ALTER DATABASE " + name + " SET default_transaction_read_only = on");
            server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
            drop("keys.csv", HEALTHY, 10);

            JsonNode away = InboxTest.soon()
                    .until(this::ready, ready -> ready.path("status").asText().equals("DOWN"));
            assertThat(away.toString()).contains("primary");
            assertThat(ask("GET", "/observe/health/live").statusCode()).isEqualTo(200);

            server.execute(
                    "BEGIN READ WRITE; ALTER DATABASE " + name + " SET default_transaction_read_only = off; COMMIT");
            InboxTest.soon()
                    .until(this::ready, ready -> ready.path("status").asText().equals("UP"));
            InboxTest.soon()
                    .until(() -> server.rows("SELECT stored, state FROM import_run"), List.of("10|finished")::equals);
            application.close();
        }
    }

    @Test
    void without_the_inbox_the_process_is_not_ready() throws Exception {
        Files.delete(folder.resolve("inbox"));

        assertThat(ready().path("status").asText()).isEqualTo("DOWN");
        assertThat(ready().at("/checks/0/message").asText()).contains("contacts.file.directory");
    }

    @Test
    void a_process_that_only_works_by_a_schedule_misses_no_inbox() throws Exception {
        application.close();
        Files.delete(fixture.inbox);
        Map<ConfigKey, String> values = settings(port);
        values.put(ConfigKey.SOURCES, "timer");
        values.put(ConfigKey.TIMER_SCHEDULE, "24h");
        application = Application.startSources(Settings.of(values));

        assertThat(ready().get("status").asText()).isEqualTo("UP");
        assertThat(known("contacts_oldest_pending_seconds")).isEqualTo("0.0");
        assertThat(fixture.inbox).doesNotExist();
    }
}
