package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.QueueClient;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits when JTL is away, and the broker in the product's own process. */
@Order(1)
class QueueOutageIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String QUEUE = "contact-keys";

    @TempDir
    Path folder;

    private final KeyFiles keys = KeyFiles.good(771, 100);
    private JtlSimulator jtl;
    private Product product;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().port(FreePort.next()).countKeys(true).build());
        product = Product.in(folder.resolve("work")).against(jtl).with("contacts.sources", "queue");
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private static void awaitWork(RunningProduct runningProduct) {
        await().atMost(LONG).until(() -> {
            assertThat(runningProduct.isAlive()).as(runningProduct.toString()).isTrue();
            return runningProduct.stderr().contains("Taking keys from the queue");
        });
    }

    private static void stop(RunningProduct runningProduct) {
        runningProduct.terminate();
        assertThat(runningProduct.exitCode(Duration.ofSeconds(20)))
                .as(runningProduct.toString())
                .isZero();
    }

    private void awaitContacts(Tables tables) {
        await().atMost(LONG)
                .until(() -> tables.number("SELECT count(*) FROM contact")
                        >= keys.keys().size());
    }

    @Tag("outage")
    @Test
    void messages_wait_while_jtl_is_away_and_go_back_when_the_worker_is_stopped() throws Exception {
        int port = jtl.port();
        jtl.close();
        try (ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                .withMaxDeliveryAttempts(2)
                .start()) {
            product.with("contacts.queue.url", artemis.url());
            artemis.sendAll(
                    QUEUE,
                    keys.messages().stream()
                            .map(text -> (ArtemisBroker.MessageMaker) session -> session.createTextMessage(text))
                            .toList());
            RunningProduct worker = product.start("run");
            awaitWork(worker);
            await().atMost(LONG).until(() -> worker.stderr().contains("next try in"));
            // Long enough for many rounds of giving back and taking again, of which there must be none.
            long since = System.nanoTime();
            await().atMost(LONG).pollInterval(SHORT).until(() -> System.nanoTime() - since > 7_000_000_000L);
            assertThat(artemis.browse(ArtemisBroker.DEAD_LETTERS)).isEmpty();
            stop(worker);

            List<Message> back = artemis.browse(QUEUE);
            assertThat(back).as(worker.toString()).hasSize(100);
            for (Message message : back) {
                assertThat(message.getIntProperty("JMSXDeliveryCount"))
                        .as("deliveries so far, and the next one")
                        .isLessThanOrEqualTo(2);
            }
            jtl = JtlSimulator.start(
                    SimulatorOptions.builder().port(port).countKeys(true).build());
            RunningProduct next = product.start("run");
            awaitWork(next);
            Tables tables = Tables.of(product);
            awaitContacts(tables);
            stop(next);
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(tables.number("SELECT count(*) FROM dead_letter")).isZero();
            assertThat(artemis.count(QUEUE) + artemis.count(ArtemisBroker.DEAD_LETTERS))
                    .isZero();
        }
    }

    @Test
    void messages_wait_while_jtl_is_unreachable_and_resume_by_themselves() throws Exception {
        int port = jtl.port();
        try (ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"))) {
            RunningProduct worker =
                    product.with("contacts.queue.url", artemis.amqpUrl()).start("run");
            awaitWork(worker);
            QueueClient client = QueueClient.of(artemis.url());
            client.sendTexts(QUEUE, keys.messages().subList(0, 50));
            Tables tables = Tables.of(product);
            await().atMost(LONG).until(() -> tables.number("SELECT count(*) FROM contact") > 0);
            jtl.close();
            client.sendTexts(QUEUE, keys.messages().subList(50, 100));
            await().atMost(LONG).until(() -> worker.stderr().contains("next try in"));
            jtl = JtlSimulator.start(
                    SimulatorOptions.builder().port(port).countKeys(true).build());

            awaitContacts(tables);
            assertThat(worker.stderr()).contains("is back after");
            stop(worker);
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(tables.number("SELECT count(*) FROM dead_letter")).isZero();
            assertThat(artemis.count(QUEUE) + artemis.count(ArtemisBroker.DEAD_LETTERS))
                    .isZero();
        }
    }

    /** A worker that waited for messages in vain once took that for an answer of the broker. */
    @Tag("outage")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_broker_that_is_frozen_is_not_back_before_it_answers(boolean amqp) throws Exception {
        int port = jtl.port();
        jtl.close();
        // Long enough to freeze the broker before the answer is there.
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .port(port)
                .latency(Duration.ofSeconds(5))
                .build());
        KeyFiles few = KeyFiles.good(773, 10);
        try (ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"))) {
            RunningProduct worker = product.with("contacts.queue.url", amqp ? artemis.amqpUrl() : artemis.url())
                    .with("jtl.bulk-read", "never")
                    .start("run");
            awaitWork(worker);
            artemis.sendText(QUEUE, few.messages().get(0));
            await().atMost(LONG).until(() -> jtl.stats().contactRequests() > 0);
            artemis.freeze();
            try {
                // The answer comes, and then the commit gets none.
                awaitSaid(worker, "cannot be used");
                // Beyond the first try to connect again.
                await().pollDelay(Duration.ofSeconds(10)).atMost(LONG).until(() -> true);
                assertThat(worker.stderr()).doesNotContain("is back");
            } finally {
                artemis.thaw();
            }
            awaitSaid(worker, "is back after");
            assertThat(worker.stderr().split("cannot be used", -1))
                    .as(worker.toString())
                    .hasSize(2);
            QueueClient.of(artemis.url()).sendTexts(QUEUE, few.messages());
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(artemis.count(QUEUE))
                            .as(worker.toString())
                            .isZero());
            stop(worker);
            assertThat(Tables.of(product).contacts()).isEqualTo(few.contacts(jtl));
            assertThat(artemis.count(ArtemisBroker.DEAD_LETTERS)).isZero();
        }
    }

    private static void awaitSaid(RunningProduct worker, String words) {
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(worker.stderr()).as(worker.toString()).contains(words));
    }

    @Test
    void the_broker_within_keeps_its_messages_when_it_is_killed_and_is_one_process_alone() throws Exception {
        int port = FreePort.next();
        product.with("contacts.queue.port", port)
                .with("contacts.queue.username", "shop")
                .with("contacts.queue.password", "s3cr3t")
                .with("contacts.sinks", "database,queue");
        String amqp = "amqp://127.0.0.1:" + port;
        int jtlPort = jtl.port();
        jtl.close();
        RunningProduct first = product.start("run");
        awaitWork(first);
        QueueClient.of(amqp, "shop", "s3cr3t").sendTexts(QUEUE, keys.messages());
        List<QueueClient> strangers = List.of(
                QueueClient.of(amqp, "shop", "wrong"),
                QueueClient.of(amqp),
                // Artemis' own protocol, in which a stranger could take over a session.
                QueueClient.of("tcp://127.0.0.1:" + port, "shop", "s3cr3t"));
        for (QueueClient stranger : strangers) {
            assertThatThrownBy(() -> stranger.sendTexts(QUEUE, keys.messages()))
                    .isInstanceOf(IllegalStateException.class);
        }

        RunningProduct second = product.start("run");
        assertThat(second.exitCode()).as(second.toString()).isEqualTo(2);
        assertThat(second.stderr()).contains("data/broker", "contacts.queue.url=amqp://127.0.0.1:");
        Product elsewhere = product.with("contacts.queue.directory", "elsewhere");
        RunningProduct third = elsewhere.start("run");
        assertThat(third.exitCode()).as(third.toString()).isEqualTo(2);
        assertThat(third.stderr()).contains("contacts.queue.port", Integer.toString(port));
        product.without("contacts.queue.directory");

        assertThat(first.kill()).isTrue();
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().port(jtlPort).countKeys(true).build());
        RunningProduct again = product.start("run");
        awaitWork(again);
        Tables tables = Tables.of(product);
        awaitContacts(tables);
        assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
        List<Message> enriched = QueueClient.of(amqp, "shop", "s3cr3t").receiveAll("contacts-enriched", SHORT);
        assertThat(ids(enriched)).hasSize(100);
        stop(again);
    }

    /** Once, it had a port of its own for this process, beside the one that was asked for. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void the_embedded_broker_listens_only_where_configured() throws IOException {
        int status = FreePort.next();
        product.with("contacts.status.port", status).with("contacts.sinks", "database,queue");
        RunningProduct closed = product.start("run");
        awaitWork(closed);
        awaitListening(closed, status);
        stop(closed);

        int port = FreePort.next();
        RunningProduct open = product.with("contacts.queue.port", port)
                .with("contacts.queue.username", "shop")
                .with("contacts.queue.password", "s3cr3t")
                .start("run");
        awaitWork(open);
        awaitListening(open, status, port);
        stop(open);
    }

    private static void awaitListening(RunningProduct process, Integer... ports) {
        // A file that is closed meanwhile cannot be looked at.
        await().atMost(LONG)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(listeningPorts(process)).containsExactlyInAnyOrder(ports));
    }

    private static Set<Integer> listeningPorts(RunningProduct process) throws IOException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path link : links.toList()) {
                files.add(Files.readSymbolicLink(link).toString());
            }
        }
        Set<Integer> ports = new TreeSet<>();
        for (String sockets : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(sockets))) {
                String[] columns = line.strip().split(" +");
                String address = columns[1];
                if (columns[3].equals("0A") && files.contains("socket:[" + columns[9] + "]")) {
                    ports.add(Integer.valueOf(address.substring(address.indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    @Test
    void what_comes_of_a_file_is_published_too_once_for_each_key() throws Exception {
        KeyFiles file = KeyFiles.mixed(772, 300, 0.05, 0.05);
        Path path = file.write(folder.resolve("keys.csv"));
        try (ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"))) {
            product.without("contacts.sources")
                    .with("contacts.queue.url", artemis.url())
                    .with("contacts.chunk-size", 50)
                    .with("contacts.sinks", "database,queue");
            RunningProduct first = product.start("import", "--json", path);
            assertThat(first.exitCode()).as(first.toString()).isEqualTo(1);

            List<Message> enriched = artemis.receiveAll("contacts-enriched", SHORT);
            List<Message> errors = artemis.receiveAll("contacts-dead-letter", SHORT);
            assertThat(ids(enriched)).hasSize(file.keys().size());
            assertThat(ids(errors)).hasSize(file.invalid());
            assertThat(Files.exists(product.folder().resolve("data/broker"))).isFalse();
        }
    }

    /** Of messages that must all have different ones. */
    private static Set<String> ids(List<Message> messages) throws JMSException {
        List<String> ids = new ArrayList<>();
        for (Message message : messages) {
            ids.add(message.getStringProperty("messageId"));
        }
        assertThat(ids).doesNotHaveDuplicates();
        return new TreeSet<>(ids);
    }
}
