package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.mail.MessagingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People are told by mail, webhook and route what is wrong, once, over a kill, and when it is well again. */
@OnBothRuntimes
class AlertIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    private static final String ROUTE = """
            - route:
                id: alert
                from:
                  uri: direct:alert
                  steps:
                    - setBody:
                        simple: "${body[severity]} ${body[kind]}"
                    - to:
                        uri: file:out
                        parameters:
                          fileName: alerts.txt
                          fileExist: Append
                          appendChars: \\n
            """;

    @TempDir
    Path folder;

    private final GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private final List<String> posted = new CopyOnWriteArrayList<>();
    private HttpServer web;

    @BeforeEach
    void start() throws Exception {
        smtp.start();
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        web.start();
    }

    @AfterEach
    void stop() {
        smtp.stop();
        web.stop(0);
    }

    private List<String> subjects() {
        return Arrays.stream(smtp.getReceivedMessages())
                .map(mail -> {
                    try {
                        return mail.getSubject();
                    } catch (MessagingException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private List<String> routed() throws Exception {
        Path file = folder.resolve("home/out/alerts.txt");
        return Files.exists(file) ? Files.readAllLines(file) : new ArrayList<>();
    }

    @Test
    void an_outage_and_its_end_are_alerted_once_by_all_three_despite_a_kill() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home/routes")).getParent();
        Files.writeString(home.resolve("routes/alert.camel.yaml"), ROUTE);
        JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
        int port = jtl.port();
        try (Product product = Product.in(home).against(jtl)) {
            product.with("contacts.sources", "file")
                    .with("contacts.file.settle", "100ms")
                    .with("contacts.alert.after", "1s")
                    .with("contacts.alert.mail", "office@example.com")
                    .with("contacts.alert.mail.host", "127.0.0.1")
                    .with("contacts.alert.mail.port", smtp.getSmtp().getPort())
                    .with("contacts.alert.mail.tls", "none")
                    .with(
                            "contacts.alert.webhook",
                            "http://127.0.0.1:" + web.getAddress().getPort() + "/hook");
            jtl.close();
            KeyFiles.good(15, 30)
                    .write(Files.createDirectories(home.resolve("inbox")).resolve("keys.csv"));

            RunningProduct killed = product.start("run");
            await().atMost(LONG).untilAsserted(() -> {
                assertThat(posted).as(killed.toString()).hasSize(2);
                assertThat(subjects()).hasSameSizeAs(posted);
                assertThat(routed()).hasSameSizeAs(posted);
            });
            assertThat(killed.kill()).isTrue();
            int told = posted.size();
            assertThat(posted)
                    .anyMatch(each -> each.contains("\"kind\":\"out-of-reach\""))
                    .anyMatch(each -> each.contains("\"kind\":\"run-halted\""));

            RunningProduct next = product.start("run");
            try (JtlSimulator back =
                    JtlSimulator.start(SimulatorOptions.builder().port(port).build())) {
                await().atMost(LONG).untilAsserted(() -> {
                    assertThat(posted).as(next.toString()).hasSizeGreaterThanOrEqualTo(2 * told);
                    assertThat(subjects()).hasSameSizeAs(posted);
                    assertThat(routed()).hasSameSizeAs(posted);
                });
                assertThat(posted.stream().filter(each -> each.contains("\"severity\":\"error\"")))
                        .as("each outage once, although the process was killed")
                        .hasSameSizeAs(posted.stream()
                                .filter(each -> each.contains("All well again"))
                                .toList())
                        .doesNotHaveDuplicates();
                assertThat(subjects())
                        .anyMatch(subject -> subject.startsWith("[info] jtl-contact-sync: All well again"));
                assertThat(routed()).contains("error out-of-reach", "info out-of-reach");
                next.terminate();
                assertThat(next.exitCode(LONG)).as(next.toString()).isZero();
            }
        }
    }

    @Test
    void an_import_sends_alerts_of_its_halt_and_dead_letters_before_it_ends() throws Exception {
        Path file = KeyFiles.good(15, 30).write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(1).build());
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            product.with(
                    "contacts.alert.webhook",
                    "http://127.0.0.1:" + web.getAddress().getPort() + "/hook");

            RunningProduct imported = product.start("import", file);

            assertThat(imported.exitCode(LONG)).as(imported.toString()).isEqualTo(1);
            assertThat(posted)
                    .singleElement()
                    .asString()
                    .contains("\"kind\":\"dead-letters\"", "30 of its 30 records", "keys.csv");
        }
    }
}
