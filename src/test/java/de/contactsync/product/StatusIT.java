package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar is watched while it works, loses JTL and finds it again. */
@OnBothRuntimes
class StatusIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private JtlSimulator jtl;
    private Product product;
    private Path inbox;
    private int port;

    @BeforeEach
    void start() throws IOException {
        jtl = simulator(FreePort.next());
        product = Product.in(folder.resolve("work")).against(jtl);
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
        port = FreePort.next();
        product.with("contacts.status.port", port);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private static JtlSimulator simulator(int port) {
        return JtlSimulator.start(
                SimulatorOptions.builder().port(port).notFoundShare(0.1).build());
    }

    @Test
    void the_figures_add_up_to_the_account_and_an_outage_shows_while_it_lasts() throws Exception {
        RunningProduct runningProduct = product.start("run");
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
        assertThat(get("/observe/health").statusCode()).isEqualTo(200);
        assertThat(get("/observe/health/live").body()).contains("\"process\"");
        assertThat(get("/observe/health/ready").body()).contains("\"work\"");

        drop("first.csv", KeyFiles.mixed(71, 900, 0.05, 0.05));
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/first.csv")));
        assertThat(outcomes()).isEqualTo(account());
        assertThat(known("contacts_dead_letters_open")).isEqualTo(count("dead_letter"));
        assertThat(series("jtl_calls_total{status=\"200\"}") + series("jtl_calls_total{status=\"404\"}"))
                .isEqualTo(requests());
        assertThat(series("jtl_call_duration_seconds_count")).isEqualTo(requests());

        jtl.close();
        drop("second.csv", KeyFiles.mixed(72, 300, 0, 0));
        await().atMost(LONG).until(() -> get("/observe/health/ready").statusCode() == 503);
        JsonNode outage =
                new ObjectMapper().readTree(get("/observe/health/ready").body()).at("/checks/0/data/outOfReach/0");
        assertThat(outage.path("what").asText()).isEqualTo("JTL for tenant " + Product.TENANT);
        assertThat(outage.path("why").asText()).startsWith("no answer from 127.0.0.1:" + jtl.port());
        assertThat(outage.path("nextTry").asText())
                .isGreaterThan(outage.path("since").asText());
        assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
        assertThat(series("contacts_paused{reason=\"jtl\"}")).isEqualTo(1);
        assertThat(series("jtl_calls_total{status=\"none\"}")).isPositive();
        // The tables are looked at every five seconds.
        await().atMost(LONG).until(() -> series("contacts_oldest_pending_seconds") > 0);

        jtl = simulator(jtl.port());
        await().atMost(LONG).until(() -> get("/observe/health/ready").statusCode() == 200);
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/second.csv")));
        assertThat(outcomes()).isEqualTo(account());
        assertThat(series("contacts_paused{reason=\"jtl\"}")).isZero();

        runningProduct.terminate();
        assertThat(runningProduct.exitCode()).isZero();
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    @Test
    void deliveries_to_the_crm_are_counted_and_pending_ones_reported() throws Exception {
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard())) {
            KeyFiles keys = KeyFiles.good(74, 40);
            hubSpot.refuse(Product.TENANT + "/" + keys.keys().get(7).contactId());
            jtl.close();
            jtl = JtlSimulator.start(SimulatorOptions.builder().port(jtl.port()).build());
            RunningProduct runningProduct =
                    product.into(hubSpot).withHarmlessMapping().start("run");
            await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
            drop("first.csv", keys);
            await().atMost(LONG).until(this::deliveries, counted -> counted.equals(List.of(39.0, 1.0, 0.0)));
            drop("again.csv", keys);
            await().atMost(LONG).until(this::deliveries, counted -> counted.equals(List.of(39.0, 1.0, 40.0)));
            // What is delivered is reported within a second.
            String told = "HubSpot at 127.0.0.1:" + hubSpot.port() + ": 39 delivered, 1 refused";
            await().atMost(LONG).until(() -> runningProduct.stderr().contains(told));
            String offered = get("/observe/metrics").body();
            assertThat(metricsNamedIn("ops/prometheus/alerts.yml")).allMatch(offered::contains);
            assertThat(metricsNamedIn("ops/grafana/dashboard.json")).allMatch(offered::contains);

            hubSpot.close();
            drop("second.csv", KeyFiles.good(75, 5));
            await().atMost(LONG).until(() -> series("contacts_deliveries_pending{sink=\"crm\"}") == 5);
            await().atMost(LONG).until(() -> series("contacts_paused{reason=\"crm\"}") == 1);
            runningProduct.terminate();
            assertThat(runningProduct.exitCode()).isZero();
        }
    }

    private static List<String> metricsNamedIn(String file) throws IOException {
        List<String> names = Pattern.compile("\\b(jtl|contacts|jvm|process)_[a-z_]+\\b")
                .matcher(Files.readString(Path.of(file)))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(names).hasSizeGreaterThan(4);
        return names;
    }

    private List<Double> deliveries() throws Exception {
        List<Double> counted = new ArrayList<>();
        for (String outcome : List.of("delivered", "refused", "unchanged")) {
            counted.add(series("contacts_deliveries_total{outcome=\"" + outcome + "\",sink=\"crm\"}"));
        }
        return counted;
    }

    @Test
    void a_second_process_with_the_same_port_ends_at_once_and_says_what_to_change() throws Exception {
        RunningProduct first = product.start("run");
        await().atMost(LONG).until(() -> first.stderr().contains("Watching"));

        RunningProduct second = product.start("run");
        assertThat(second.exitCode()).isEqualTo(2);
        assertThat(second.stderr()).contains("127.0.0.1:" + port, "contacts.status.port");
        ImportCommandIT.assertNoStackTrace(second);
        assertThat(get("/observe/health/ready").statusCode()).isEqualTo(200);
    }

    private void drop(String name, KeyFiles file) throws IOException {
        Path draft = file.write(folder.resolve(name + ".part"));
        Files.move(draft, inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private double series(String name) throws Exception {
        return get("/observe/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + name));
    }

    /** On a slow machine what the tables hold is unknown at first. */
    private double known(String name) {
        return await().atMost(LONG).until(() -> series(name), value -> !value.isNaN());
    }

    /** As {@link #account} has them. */
    private List<Double> outcomes() throws Exception {
        List<Double> outcomes = new ArrayList<>();
        for (String outcome : List.of("stored", "not-found", "rejected", "invalid", "failed", "duplicate")) {
            outcomes.add(series("contacts_keys_total{outcome=\"" + outcome + "\"}"));
        }
        return outcomes;
    }

    private List<Double> account() {
        return Tables.of(product)
                .rows("SELECT sum(stored), sum(not_found), sum(rejected), sum(invalid), sum(failed),"
                        + " sum(duplicates) FROM import_run")
                .get(0)
                .stream()
                .map(Double::valueOf)
                .toList();
    }

    private double requests() {
        return jtl.stats().contactRequests() + jtl.stats().listRequests();
    }

    private double count(String table) {
        return Double.parseDouble(
                Tables.of(product).rows("SELECT count(*) FROM " + table).get(0).get(0));
    }
}
