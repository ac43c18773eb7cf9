package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.ArtemisBroker.MessageMaker;
import de.contactsync.brokers.QueueClient;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two tenants on one queue, of whom JTL refuses one for lack of a licence. */
@Tag("outage")
class QueueTenantsIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final String QUEUE = "contact-keys";
    private static final String HELD = "contact-keys.held";
    private static final String REFUSED = "7a1c9a52-0b1e-4f0e-8e5c-3d1f2a4b5c6d";
    private static final int EACH = 200;
    private static final String STORED = "SELECT count(*) FROM contact WHERE tenant_id = ";

    @TempDir
    Path folder;

    private final List<KeyFiles.Key> keys = KeyFiles.good(791, 2 * EACH).keys();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void while_one_tenant_is_refused_the_others_messages_pass_and_each_is_done_once(boolean amqp) throws Exception {
        List<KeyFiles.Key> refused = keys.subList(0, EACH);
        UUID[] ids = refused.stream().map(KeyFiles.Key::contactId).toArray(UUID[]::new);
        JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                .port(FreePort.next())
                .fault(Fault.status(402).onlyFor(ids))
                .build());
        int port = jtl.port();
        try (ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                        .withMaxDeliveryAttempts(3)
                        .start();
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.sources", "queue")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.queue.url", amqp ? artemis.amqpUrl() : artemis.url())
                    .with("jtl.bulk-read", "never")
                    .with("jtl.refusal-pause", "3s");
            Tables tables = Tables.of(product);
            QueueClient client = QueueClient.of(artemis.url());
            // More than all sessions together take at once, so that they would all wait for the tenant that is refused.
            List<String> sent = new ArrayList<>(client.send(QUEUE, messages(refused, REFUSED)));
            RunningProduct killed = product.start("run");
            await().alias(killed.toString())
                    .atMost(LONG)
                    .until(() -> killed.stderr().contains("next try in"));
            sent.addAll(client.send(QUEUE, messages(keys.subList(EACH, 2 * EACH), Product.TENANT)));
            await().alias(killed.toString())
                    .atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> tables.number(STORED + "'" + Product.TENANT + "'") == EACH);
            await().alias(killed.toString()).atMost(LONG).until(() -> artemis.count(HELD) == EACH);
            assertThat(killed.kill()).isTrue();

            RunningProduct worker = product.start("run");
            await().alias(worker.toString())
                    .atMost(LONG)
                    .until(() -> worker.stderr().contains("next try in"));
            long asked = jtl.stats().contactRequests();
            long since = System.nanoTime();
            // Some rounds of looking whether the tenant is back.
            await().pollDelay(Duration.ofSeconds(7)).atMost(LONG).until(() -> true);
            long more = jtl.stats().contactRequests() - asked;
            long seconds = Duration.ofNanos(System.nanoTime() - since).toSeconds();
            assertThat(more)
                    .as("calls in " + seconds + " s while it is refused")
                    .isBetween(1L, seconds / 3 + 3);
            // A message goes to its end of the queue again and again, where it is counted twice or not for a moment.
            await().atMost(LONG).until(() -> artemis.count(HELD) == EACH);
            assertThat(artemis.count(QUEUE)).isZero();
            assertThat(tables.number(STORED + "'" + REFUSED + "'")).isZero();

            jtl.close();
            jtl = JtlSimulator.start(SimulatorOptions.builder().port(port).build());
            await().alias(worker.toString())
                    .atMost(LONG)
                    .until(() -> tables.number(STORED + "'" + REFUSED + "'") == EACH);
            await().atMost(LONG).until(() -> artemis.count(HELD) == 0);
            worker.terminate();
            assertThat(worker.exitCode(Duration.ofSeconds(30)))
                    .as(worker.toString())
                    .isZero();
            assertThat(worker.stderr()).contains("licence").doesNotContain(" ERROR ");
            assertThat(tables.number("SELECT count(*) FROM contact")).isEqualTo(2 * EACH);
            assertThat(tables.number("SELECT count(*) FROM dead_letter")).isZero();
            assertThat(artemis.browse(ArtemisBroker.DEAD_LETTERS))
                    .as("given up by the broker")
                    .isEmpty();
            assertThat(published(client, "contacts-enriched")).isEqualTo(new HashSet<>(sent));
            assertThat(published(client, "answers")).isEqualTo(new HashSet<>(sent));
        } finally {
            jtl.close();
        }
    }

    /** Each round once sent the messages of the tenant that waits to their queue again. */
    @Test
    void without_transactions_a_failed_publication_copies_no_waiting_messages() throws Exception {
        int few = 20;
        List<KeyFiles.Key> refused = keys.subList(0, few);
        UUID[] ids = refused.stream().map(KeyFiles.Key::contactId).toArray(UUID[]::new);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .fault(Fault.status(402).onlyFor(ids))
                        .build());
                ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"));
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.sources", "queue")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.queue.url", artemis.amqpUrl())
                    .with("contacts.queue.transactions", false)
                    .with("contacts.queue.output", ArtemisBroker.MISSING + ".contacts")
                    .with("contacts.queue.consumers", 1)
                    .with("jtl.bulk-read", "never");
            List<MessageMaker> mixed = new ArrayList<>();
            for (int i = 0; i < few; i++) {
                mixed.addAll(messages(keys.subList(i, i + 1), REFUSED));
                mixed.addAll(messages(keys.subList(EACH + i, EACH + i + 1), Product.TENANT));
            }
            QueueClient.of(artemis.url()).send(QUEUE, mixed);
            RunningProduct worker = product.start("run");
            await().alias(worker.toString())
                    .atMost(LONG)
                    .until(() -> worker.stderr().contains("cannot be used"));
            // Two rounds more.
            await().pollDelay(Duration.ofSeconds(12)).atMost(LONG).until(() -> true);
            assertThat(artemis.count(HELD)).isLessThanOrEqualTo(few);
            assertThat(artemis.count(QUEUE) + artemis.count(HELD)).isEqualTo(2L * few);
        }
    }

    private static List<MessageMaker> messages(List<KeyFiles.Key> keys, String tenant) {
        List<MessageMaker> makers = new ArrayList<>();
        for (KeyFiles.Key key : keys) {
            String text = "{\"tenantId\":\"" + tenant + "\"," + key.json().substring(1);
            makers.add(session -> {
                Message message = session.createTextMessage(text);
                message.setJMSCorrelationID("order-" + key.contactId());
                message.setJMSReplyTo(session.createQueue("answers"));
                return message;
            });
        }
        return makers;
    }

    /** The message ids of all; each bears the correlation id of its request. */
    private static Set<String> published(QueueClient client, String queue) throws Exception {
        Set<String> ids = new HashSet<>();
        for (Message message : client.receiveAll(queue, SHORT)) {
            ids.add(message.getStringProperty("messageId"));
            assertThat(ArtemisBroker.text(message))
                    .contains(message.getJMSCorrelationID().substring("order-".length()));
        }
        return ids;
    }
}
