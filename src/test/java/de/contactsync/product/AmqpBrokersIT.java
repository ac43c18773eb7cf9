package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.brokers.AmqpBroker;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.QueueClient;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Brokers for AMQP 1.0 that are no Artemis: messages, replies, and what becomes of both when somebody dies. */
@Tag("outage")
class AmqpBrokersIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final String QUEUE = "contact-keys";
    private static final int MESSAGES = 600;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"QPID_BROKER_J, true", "ACTIVEMQ_CLASSIC, true", "ACTIVEMQ_CLASSIC, false"})
    void keys_come_in_and_contacts_go_out_each_once_though_worker_and_broker_are_killed(
            AmqpBroker.Kind kind, boolean transactions) throws Exception {
        KeyFiles keys = KeyFiles.good(783, MESSAGES);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .notFoundShare(0.1)
                        .build());
                AmqpBroker broker = AmqpBroker.start(kind, folder.resolve("broker"));
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            // 100 calls a second, so that there is something left to be done by the last.
            product.with("contacts.sources", "queue")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.queue.url", broker.url())
                    .with("contacts.queue.transactions", transactions)
                    .with("jtl.concurrency", 2);
            Tables tables = Tables.of(product);
            QueueClient client = QueueClient.of(broker.url());
            RunningProduct killed = product.start("run");
            assertReplies(client, keys, killed);
            client.sendTexts(QUEUE, keys.messages());
            client.sendTexts(QUEUE, List.of("no key"));

            awaitDone(tables, MESSAGES / 4, killed);
            assertThat(killed.kill()).isTrue();
            RunningProduct worker = product.start("run");
            awaitDone(tables, MESSAGES / 2, worker);
            broker.kill();
            await().alias(worker.toString())
                    .atMost(LONG)
                    .until(() -> worker.stderr().contains("cannot be used"));
            assertThat(done(tables)).as("not finished before the broker went").isLessThan(MESSAGES);
            broker.restart();

            awaitDone(tables, MESSAGES + 2, worker);
            int found = keys.contacts(jtl).size();
            // Two contacts and an error of those who wanted a reply are among them.
            assertPublished(client, "contacts-enriched", found + 2, worker);
            assertPublished(client, "contacts-dead-letter", MESSAGES - found + 2, worker);
            worker.terminate();
            assertThat(worker.exitCode(PATIENT)).as(worker.toString()).isZero();
            assertThat(worker.stderr()).contains("is back after").doesNotContain(" ERROR ");
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
            assertThat(client.receiveAll(QUEUE, SHORT)).isEmpty();
        }
    }

    private static void assertReplies(QueueClient client, KeyFiles keys, RunningProduct worker) throws Exception {
        Message contact = client.request(QUEUE, keys.messages().get(0), PATIENT);
        assertThat(contact).as(worker.toString()).isNotNull();
        assertThat(contact.getStringProperty("outcome")).isEqualTo("found");
        assertThat(new ObjectMapper()
                        .readTree(ArtemisBroker.text(contact))
                        .get("contactId")
                        .textValue())
                .isEqualTo(keys.keys().get(0).contactId().toString());
        Message error = client.request(QUEUE, "{\"customerId\":7}", PATIENT);
        assertThat(error).as(worker.toString()).isNotNull();
        assertThat(error.getStringProperty("outcome")).isEqualTo("invalid-key");
        // Nobody waits for this one any more.
        client.requestAndLeave(QUEUE, keys.messages().get(1));
    }

    private static long done(Tables tables) {
        return tables.number("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM dead_letter)");
    }

    private static void awaitDone(Tables tables, int count, RunningProduct worker) {
        await().alias(worker.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(30))
                .until(() -> {
                    assertThat(worker.isAlive()).isTrue();
                    return done(tables) >= count;
                });
    }

    /** Each once, or with the same id again. */
    private static void assertPublished(QueueClient client, String queue, int count, RunningProduct worker) {
        Set<String> ids = new HashSet<>();
        List<Message> all = new ArrayList<>();
        await().alias(queue + " of " + worker).atMost(LONG).until(() -> {
            for (Message message : client.receiveAll(queue, SHORT)) {
                all.add(message);
                ids.add(id(message));
            }
            return ids.size() >= count;
        });
        assertThat(ids).as(all.size() + " messages").hasSize(count);
    }

    private static String id(Message message) throws JMSException {
        return message.getStringProperty("messageId");
    }
}
