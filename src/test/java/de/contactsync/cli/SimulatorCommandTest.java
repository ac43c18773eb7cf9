package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.Fault;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.RequestedKey;
import de.contactsync.simulator.SimulatorOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SimulatorCommandTest {

    /** What the process runs that the tests below start. */
    static final class Start {
        public static void main(String[] args) {
            System.exit(new CommandLine(new SimulatorCommand()).execute(args));
        }
    }

    @Tag("slow")
    @Test
    void prints_settings_that_work_and_ends_with_0_on_sigterm() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Start.class.getName(),
                        "--client-id",
                        "me",
                        "--client-secret",
                        "C:\\secret")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = process.inputReader()) {
            StringBuilder printed = new StringBuilder();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                printed.append(line).append('\n');
                if (line.contains("/simulator/stats")) {
                    break;
                }
            }
            Properties settings = new Properties();
            settings.load(new StringReader(printed.toString()));
            assertThat(settings.getProperty("jtl.base-url")).matches("http://127\\.0\\.0\\.1:\\d+/erp");
            assertThat(settings.getProperty("jtl.oauth.client-id")).isEqualTo("me");
            assertThat(settings.getProperty("jtl.oauth.client-secret")).isEqualTo("C:\\secret");
            HttpResponse<String> refused = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(settings.getProperty("jtl.oauth.token-endpoint")))
                                    .header("Content-Type", "application/x-www-form-urlencoded")
                                    .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(refused.body()).contains("invalid_client");

            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void every_option_reaches_the_simulator() {
        SimulatorCommand command = new SimulatorCommand();
        new CommandLine(command)
                .parseArgs(
                        "--port",
                        "18080",
                        "--latency",
                        "50ms",
                        "--quota",
                        "60/10s",
                        "--quota-window",
                        "sliding",
                        "--retry-after",
                        "--not-found-share",
                        "0.02",
                        "--token-lifetime",
                        "15m",
                        "--client-id",
                        "a",
                        "--client-secret",
                        "b",
                        "--fault",
                        "status=503,share=0.01",
                        "--fault",
                        "drip=5ms",
                        "--seed",
                        "7",
                        "--count-keys",
                        "--revision",
                        "3",
                        "--changed-share",
                        "0.5",
                        "--pascal-case");
        SimulatorOptions options = command.options();
        assertThat(options)
                .usingRecursiveComparison()
                .ignoringFields("nanoTime")
                .isEqualTo(SimulatorOptions.builder()
                        .port(18080)
                        .latency(Duration.ofMillis(50))
                        .quota(new Quota(60, Duration.ofSeconds(10), Quota.Window.SLIDING, true, true))
                        .notFoundShare(0.02)
                        .tokenLifetime(Duration.ofMinutes(15))
                        .client("a", "b")
                        .fault(Fault.status(503).share(0.01))
                        .fault(Fault.drip(Duration.ofMillis(5)))
                        .seed(7)
                        .countKeys(true)
                        .revision(3)
                        .changedShare(0.5)
                        .pascalCase(true)
                        .build());
    }

    @Test
    void contacts_come_from_a_key_file(@TempDir Path folder) throws IOException {
        UUID customer = new UUID(1, 2);
        Path file = Files.writeString(
                folder.resolve("keys.csv"), "customerId;contactId\n" + customer + ";" + new UUID(3, 4) + "\nno;key\n");
        SimulatorCommand command = new SimulatorCommand();
        new CommandLine(command).parseArgs("--contacts", file.toString());

        assertThat(command.options().contacts()).containsExactly(new RequestedKey(customer, new UUID(3, 4)));
    }

    @Test
    void without_options_it_is_the_default_simulator() {
        SimulatorCommand command = new SimulatorCommand();
        new CommandLine(command).parseArgs();
        assertThat(command.options())
                .usingRecursiveComparison()
                .ignoringFields("nanoTime")
                .isEqualTo(SimulatorOptions.defaults());
    }

    @ParameterizedTest
    @CsvSource({
        "--fault, body=rotten, html|truncated",
        "--latency, soon, 500ms",
        "--quota, many, 60/10s",
        "--quota-window, leaky, sliding",
        "--quota-window, bucket, --quota",
        "--port, 99999, 65535",
        "--revision-every, 0s, 1ms or longer",
        "--not-found-share, 3, not-found share",
        "--crm-field, a=date, select:A",
        "--crm-field, a=text:none, text:40",
        "--contacts, nowhere.csv, nowhere.csv cannot be read",
        "--contacts, pom.xml, pom.xml cannot be read"
    })
    void a_wrong_value_ends_with_2_and_says_what_is_allowed(String option, String value, String allowed) {
        StringWriter errors = new StringWriter();
        int exit = new CommandLine(new SimulatorCommand())
                .setErr(new PrintWriter(errors))
                .execute(option, value);
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains(allowed);
    }

    @Test
    void a_simulated_salesforce_comes_with_the_settings_that_lead_to_it() throws Exception {
        StringWriter printed = new StringWriter();
        try (SimulatedCrm crm = SimulatedCrm.start(
                "salesforce", 0, Map.of("Type__c", "select:A,B", "Ref__c", "text:5"), Duration.ZERO)) {
            crm.print(new PrintWriter(printed));
        }
        Properties settings = new Properties();
        settings.load(new StringReader(printed.toString()));
        assertThat(settings)
                .containsEntry("contacts.crm.kind", "salesforce")
                .containsKeys(
                        "contacts.crm.base-url", "contacts.crm.oauth.client-id", "contacts.crm.oauth.client-secret");
    }
}
