package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.AmqpSender;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.RabbitMqBroker;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.Message;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Brokers that are full, that count deliveries, or that have no queues but those declared beforehand. */
@Order(1)
@Tag("outage")
class QueueLimitsIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String QUEUE = "contact-keys";

    @TempDir
    Path folder;

    private final int statusPort = FreePort.next();

    private Product worker(JtlSimulator jtl) throws Exception {
        return Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.sources", "queue")
                .with("contacts.sinks", "database,queue")
                .with("contacts.status.port", statusPort);
    }

    private int ready() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + statusPort + "/observe/health/ready"))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private static void awaitSaid(RunningProduct runningProduct, String words) {
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .until(() -> runningProduct.stderr().contains(words));
    }

    /** Senders once waited forever, and readiness was UP. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_full_disk_of_the_embedded_broker_is_an_outage_that_ends_with_room(boolean queueOnly) throws Exception {
        Path disk = Path.of("/dev/shm");
        assumeThat(disk).as("a disk that can be filled").isWritable();
        long size = Files.getFileStore(disk).getTotalSpace();
        assumeThat(size).as("1 percent is more than a broker's journal").isGreaterThan(4L << 30);
        Path onDisk = Files.createTempDirectory(disk, "full");
        Path filler = onDisk.resolve("filler");
        KeyFiles keys = KeyFiles.good(1219, 50);
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(0).build());
                Product product = worker(jtl)
                        .with("contacts.sources", queueOnly ? "queue" : "file")
                        .with("contacts.queue.directory", onDisk.resolve("broker"))
                        .with("contacts.queue.max-disk-usage", 1)) {
            new ProcessBuilder("fallocate", "-l", Long.toString(size / 80), filler.toString())
                    .start()
                    .waitFor();
            RunningProduct worker = product.start("run");
            if (queueOnly) {
                // Nothing was once said while other programs waited with their keys.
                awaitSaid(worker, "limit: contacts.queue.max-disk-usage");
                assertThat(ready()).isEqualTo(503);
                Files.delete(filler);
                awaitBack(worker);
                await().atMost(LONG).until(() -> ready() == 200);
                return;
            }
            awaitSaid(worker, "Watching");
            // The broker looks at its disk every five seconds.
            await().pollDelay(Duration.ofSeconds(7)).atMost(LONG).until(() -> true);
            Path inbox = product.folder().resolve("inbox");
            keys.write(Files.createDirectories(inbox).resolve("keys.csv"));
            awaitSaid(worker, "limit: contacts.queue.max-disk-usage");
            assertThat(ready()).isEqualTo(503);
            Files.delete(filler);
            await().alias(worker.toString()).atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/keys.csv")));
            assertThat(ready()).isEqualTo(200);
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(jtl));
        } finally {
            Files.deleteIfExists(filler);
            try (Stream<Path> files = Files.walk(onDisk)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    /** Each try to publish was once a delivery of the keys, of which a broker allows only some. */
    @Test
    void a_blocking_full_queue_is_an_outage_that_uses_up_no_deliveries() throws Exception {
        KeyFiles keys = KeyFiles.good(1218, 60);
        int port = FreePort.next();
        String output = ArtemisBroker.SMALL + ".contacts";
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(0).build());
                ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                        .withFewCredits(port)
                        .start();
                Product product = worker(jtl)
                        .with("contacts.queue.url", "tcp://127.0.0.1:" + port)
                        .with("contacts.queue.output", output)
                        .with("contacts.queue.consumers", 2)) {
            RunningProduct worker = product.start("run");
            awaitSaid(worker, "Taking keys");
            send(URI.create(artemis.amqpUrl()), null, QUEUE, keys);
            awaitSaid(worker, "so have messages fetched from it or make room");
            assertThat(ready()).isEqualTo(503);
            long asked = jtl.stats().contactRequests();
            // One try more.
            long since = System.nanoTime();
            await().atMost(LONG).pollInterval(SHORT).until(() -> System.nanoTime() - since > 18_000_000_000L);
            assertThat(worker.stderr())
                    .as("whoever only connects proves nothing")
                    .doesNotContain("is back");
            assertThat(jtl.stats().contactRequests())
                    .as("keys are not taken again before there is room")
                    .isEqualTo(asked);
            Set<Object> ids = new HashSet<>();
            await().alias(worker.toString()).atMost(LONG).until(() -> {
                for (Message message : artemis.receiveAll(output, SHORT)) {
                    ids.add(message.getStringProperty("messageId"));
                }
                return ids.size() == 60;
            });
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(artemis.count(ArtemisBroker.DEAD_LETTERS)).isZero();
            await().atMost(LONG).until(() -> ready() == 200);
        }
    }

    /** Prefetched messages were once abandoned by the broker; without an id one key made several dead letters. */
    @Test
    void kills_use_up_no_deliveries_and_a_message_without_an_id_keeps_its_digest() throws Exception {
        KeyFiles keys = KeyFiles.good(1217, 600);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .notFoundShare(0.2)
                        .build());
                ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                        .withMaxDeliveryAttempts(5)
                        .start();
                Product product = worker(jtl)
                        .with("contacts.queue.url", artemis.url())
                        .with("jtl.concurrency", 2)
                        .with("jtl.bulk-read", "never")
                        .with("contacts.status.port", "off")) {
            send(URI.create(artemis.amqpUrl()), null, QUEUE, keys);
            Tables tables = Tables.of(product);
            String limit = "The broker gives a message of contact-keys up after 5 deliveries (max-delivery-attempts)"
                    + " and puts it into DLQ";
            for (int kill = 1; kill <= 3; kill++) {
                RunningProduct worker = product.start("run");
                awaitSaid(worker, limit);
                awaitDone(tables, 100 * kill, worker);
                assertThat(worker.kill()).isTrue();
            }
            RunningProduct last = product.start("run");
            awaitDone(tables, 400, last);
            artemis.kill();
            awaitSaid(last, "cannot be used");
            artemis.restart();
            awaitDone(tables, 600, last);
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(tables.number("SELECT count(*) FROM dead_letter"))
                    .isEqualTo(600 - keys.contacts(jtl).size());
            assertThat(artemis.count(ArtemisBroker.DEAD_LETTERS)).isZero();
        }
    }

    /** Plain names once declared transient queues, which a restart emptied, or could not be used at all. */
    @Test
    void rabbitmq_needs_its_queues_declared_and_loses_nothing_when_it_starts_again() throws Exception {
        assumeThat(RabbitMqBroker.isInstalled()).isTrue();
        KeyFiles keys = KeyFiles.good(1216, 200);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .notFoundShare(0)
                        .build());
                RabbitMqBroker rabbit = RabbitMqBroker.start(
                        folder.resolve("rabbit"),
                        List.of(QUEUE, QUEUE + ".held", QUEUE + ".chunks", "contacts-enriched"));
                Product product = worker(jtl)
                        .with("contacts.queue.url", rabbit.url())
                        .with("jtl.concurrency", 2)
                        .with("jtl.bulk-read", "never")
                        .with("contacts.queue.transactions", false)
                        .with("contacts.queue.username", "guest")
                        .with("contacts.queue.password", "guest")) {
            RunningProduct check = product.start("check");
            assertThat(check.exitCode(LONG)).isNotZero();
            assertThat(check.stdout()).contains("its queue contacts-dead-letter cannot be used (declare it, durable)");
            RunningProduct worker = product.start("run");
            awaitSaid(worker, "its queue contacts-dead-letter cannot be used");
            rabbit.declare(List.of("contacts-dead-letter"));
            List<String> declared = rabbit.queues();
            awaitBack(worker);
            rabbit.delete("contacts-enriched");
            URI address = URI.create(rabbit.url());
            send(address, "guest", rabbit.address(QUEUE), keys);
            // RabbitMQ 3 accepts what is sent to a queue that was deleted; contacts were once lost in silence.
            awaitSaid(worker, "its queue contacts-enriched cannot be used (declare it, durable)");
            assertThat(ready()).isEqualTo(503);
            rabbit.declare(List.of("contacts-enriched"));
            awaitBack(worker);
            Tables tables = Tables.of(product);
            awaitDone(tables, 50, worker);
            rabbit.stop();
            await().alias(worker.toString()).atMost(LONG).until(() -> !isBack(worker));
            rabbit.restart();
            awaitDone(tables, 200, worker);
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            Set<Object> ids = new HashSet<>();
            try (AmqpSender client = new AmqpSender(address.getHost(), address.getPort(), "guest", "guest")) {
                await().alias(worker.toString()).atMost(LONG).until(() -> {
                    for (var message : client.receiveAll(rabbit.address("contacts-enriched"), SHORT)) {
                        ids.add(message.property("messageId"));
                    }
                    return ids.size() == 200;
                });
            }
            assertThat(rabbit.queues()).isEqualTo(declared);
        }
    }

    private static void awaitBack(RunningProduct worker) {
        await().alias(worker.toString()).atMost(LONG).until(() -> isBack(worker));
    }

    private static boolean isBack(RunningProduct worker) {
        String said = worker.stderr();
        return said.lastIndexOf("is back after") > said.lastIndexOf("cannot be used");
    }

    private static void awaitDone(Tables tables, int count, RunningProduct worker) {
        await().alias(worker.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(30))
                .ignoreExceptions()
                .until(() -> tables.number("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM dead_letter)")
                        >= count);
    }

    /** Without an id. */
    private static void send(URI address, String login, String queue, KeyFiles keys) throws ClientException {
        List<org.apache.qpid.protonj2.client.Message<?>> messages = new ArrayList<>();
        for (String key : keys.messages()) {
            messages.add(org.apache.qpid.protonj2.client.Message.create(key.getBytes(StandardCharsets.UTF_8)));
        }
        try (AmqpSender sender = new AmqpSender(address.getHost(), address.getPort(), login, login)) {
            sender.send(queue, messages);
        }
    }
}
