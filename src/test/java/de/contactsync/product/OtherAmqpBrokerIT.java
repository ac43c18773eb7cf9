package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.QueueClient;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.Message;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against the AMQP 1.0 broker that the environment variable {@code TEST_AMQP_URL} names, such as
 * {@code amqp://guest:guest@localhost:5672}. It must make queues when they are first used, or have them:
 * {@code TEST_AMQP_QUEUE}, and that with {@code .chunks}, {@code .held}, {@code -out} and {@code -errors} behind
 * it. With {@code TEST_AMQP_TRANSACTIONS=false} it is one that has none.
 */
class OtherAmqpBrokerIT {

    private static final String URL = System.getenv("TEST_AMQP_URL");
    private static final boolean TRANSACTIONS = !"false".equals(System.getenv("TEST_AMQP_TRANSACTIONS"));
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void keys_come_in_and_contacts_go_out() throws Exception {
        if (URL == null) {
            System.out.println("No other AMQP 1.0 broker is tested: set TEST_AMQP_URL=amqp://USER:PASSWORD@HOST:PORT");
        }
        assumeThat(URL).as("TEST_AMQP_URL names a broker that speaks AMQP 1.0").isNotNull();
        URI address = URI.create(URL);
        String bare = address.getScheme() + "://" + address.getHost() + ":" + address.getPort();
        String[] login = address.getUserInfo() == null
                ? new String[2]
                : address.getUserInfo().split(":", 2);
        String queue = System.getenv().getOrDefault("TEST_AMQP_QUEUE", "contact-keys-" + UUID.randomUUID());

        // Without transactions it is likely to be RabbitMQ, which fails when it is fetched what is left.
        String local = TRANSACTIONS ? "" : "?jms.receiveLocalOnly=true&jms.receiveNoWaitLocalOnly=true";
        QueueClient client = QueueClient.of(bare + local, login[0], login[1]);
        KeyFiles keys = KeyFiles.good(781, 200);
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(0.1).build());
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.sources", "queue")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.queue.url", bare)
                    .with("contacts.queue.name", queue)
                    .with("contacts.queue.output", queue + "-out")
                    .with("contacts.queue.dead-letter", queue + "-errors");
            if (login[0] != null) {
                product.with("contacts.queue.username", login[0]).with("contacts.queue.password", login[1]);
            }
            if (!TRANSACTIONS) {
                RunningProduct unaware = product.start("run");
                await().alias(unaware.toString())
                        .atMost(LONG)
                        .until(() ->
                                unaware.stderr().contains("such as RabbitMQ, need contacts.queue.transactions=false"));
                unaware.kill();
                product.with("contacts.queue.transactions", false);
            }
            RunningProduct worker = product.start("run");
            client.sendEach(queue, keys.messages());
            client.sendEach(queue, List.of("no key"));
            Tables tables = Tables.of(product);
            int found = keys.contacts(jtl).size();
            Set<String> ids = new HashSet<>();
            await().atMost(LONG).until(() -> {
                assertThat(worker.isAlive()).as(worker.toString()).isTrue();
                for (String output : List.of(queue + "-out", queue + "-errors")) {
                    for (Message message : client.receiveAll(output, Duration.ofMillis(500))) {
                        ids.add(message.getStringProperty("messageId"));
                    }
                }
                return ids.size() >= 201;
            });
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(tables.number("SELECT count(*) FROM dead_letter")).isEqualTo(201 - found);
            worker.terminate();
            assertThat(worker.exitCode(Duration.ofSeconds(30)))
                    .as(worker.toString())
                    .isZero();
            assertThat(client.receiveAll(queue, Duration.ofMillis(500))).isEmpty();
        }
    }
}
