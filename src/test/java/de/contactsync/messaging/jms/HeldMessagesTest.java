package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.TestBreakers;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages that wait for a tenant, once it is back. */
@Timeout(60)
class HeldMessagesTest {

    private static final String QUEUE = "contact-keys";
    private static final int CONSUMERS = 4;
    private static final int MESSAGES = 40;

    @TempDir
    Path folder;

    /** Once, a single consumer worked on what had come during an outage, while all others had nothing to do. */
    @Test
    @Tag("slow")
    void what_was_held_is_worked_on_by_all_consumers_that_have_nothing_else_to_do() throws Exception {
        QueueSettings settings = settings();
        Queue<String> worked = new ConcurrentLinkedQueue<>();
        Queue<String> alone = new ConcurrentLinkedQueue<>();
        AtomicBoolean first = new AtomicBoolean(true);
        CountDownLatch together = new CountDownLatch(1 + CONSUMERS + 1);
        BreakerRegistry breakers = TestBreakers.create();
        ConsumerLifecycle lifecycle = new ConsumerLifecycle(breakers);
        try (EmbeddedBroker broker =
                        EmbeddedBroker.start(settings, List.of(QUEUE, settings.held(), settings.output()));
                QueueConnections connections =
                        new QueueConnections(settings, broker, List.of(settings.held()), breakers.forSource("broker"));
                DefaultCamelContext camel = new DefaultCamelContext()) {
            hold(broker, settings);
            MessageValidator validator = new MessageValidator(TenantNames.only(UUID.randomUUID()));
            camel.addComponent(
                    "key-queue",
                    new KeyQueueComponent(
                            connections,
                            KeyBatchReader.forKeys(connections, validator, settings, tenant -> false),
                            settings.held(),
                            KeyBatchReader.forParked(
                                    connections, validator, settings, tenant -> false, tenant -> false, lifecycle),
                            lifecycle));
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("key-queue:" + QUEUE + "?maxKeys=1&concurrentConsumers=" + CONSUMERS)
                            .process(exchange -> {
                                QueueBatch batch = exchange.getMessage().getBody(QueueBatch.class);
                                together.countDown();
                                // The first one calls the others.
                                if (!first.compareAndSet(true, false) && !together.await(15, TimeUnit.SECONDS)) {
                                    alone.add(exchange.getFromRouteId());
                                }
                                batch.messages()
                                        .forEach(each ->
                                                worked.add(each.request().id()));
                            });
                }
            });
            camel.start();
            await().atMost(Duration.ofSeconds(40)).until(() -> worked.size() >= MESSAGES || !alone.isEmpty());
            lifecycle.stop();
            camel.stop();
        }
        assertThat(alone).as("waited in vain for the others").isEmpty();
        assertThat(worked)
                .as("each once, by the id that it came with")
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                        .mapToObj(i -> "message-" + i)
                        .toList());
    }

    private QueueSettings settings() {
        return new QueueSettings(
                null,
                null,
                100,
                true,
                folder.resolve("broker"),
                null,
                null,
                null,
                null,
                null,
                null,
                QUEUE,
                CONSUMERS,
                "contacts-enriched",
                "contacts-dead-letter");
    }

    /** As {@link TenantParkingQueue} leaves them. */
    private static void hold(EmbeddedBroker broker, QueueSettings settings) throws Exception {
        BrokerAddress address = broker.address();
        try (JMSContext session = BrokerConnectionFactory.of(settings, address.url(), null, 4, new AtomicReference<>())
                .createContext(address.username(), address.password(), JMSContext.SESSION_TRANSACTED)) {
            JMSProducer producer = session.createProducer();
            Destination held = session.createQueue(settings.held());
            for (int i = 0; i < MESSAGES; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(
                        ("{\"customerId\":\"" + UUID.randomUUID() + "\",\"contactId\":\"" + UUID.randomUUID() + "\"}")
                                .getBytes(StandardCharsets.UTF_8));
                message.setStringProperty(TenantParkingQueue.ID, "message-" + i);
                producer.send(held, message);
            }
            session.commit();
        }
    }
}
