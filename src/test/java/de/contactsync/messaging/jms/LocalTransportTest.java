package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalTransportTest {

    private static final String QUEUE = "contact-keys";

    @TempDir
    Path folder;

    private QueueSettings settings;

    @BeforeEach
    void start() {
        settings = new QueueSettings(
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
                1,
                "contacts-enriched",
                "contacts-dead-letter");
    }

    private ConnectionFactory factory(URI url) {
        return BrokerConnectionFactory.of(settings, url, null, 4, new AtomicReference<>());
    }

    @Test
    void messages_of_many_frames_go_to_the_broker_and_back_over_several_connections() throws Exception {
        byte[] large = new byte[1_000_000];
        new Random(12).nextBytes(large);
        try (EmbeddedBroker broker = EmbeddedBroker.start(settings, List.of(QUEUE))) {
            BrokerAddress address = broker.address();
            ConnectionFactory factory = factory(address.url());
            for (int i = 0; i < 3; i++) {
                try (JMSContext sender =
                        factory.createContext(address.username(), address.password(), JMSContext.SESSION_TRANSACTED)) {
                    sender.createProducer().send(sender.createQueue(QUEUE), large);
                    sender.commit();
                }
            }
            try (JMSContext receiver = factory.createContext(
                            address.username(), address.password(), JMSContext.SESSION_TRANSACTED);
                    var consumer = receiver.createConsumer(receiver.createQueue(QUEUE))) {
                for (int i = 0; i < 3; i++) {
                    assertThat(consumer.receiveBody(byte[].class, 20_000)).isEqualTo(large);
                }
                receiver.commit();
            }
        }
    }

    @Test
    void a_connection_that_the_broker_takes_with_it_fails() throws Exception {
        EmbeddedBroker broker = EmbeddedBroker.start(settings, List.of(QUEUE));
        BrokerAddress address = broker.address();
        try (JMSContext context = factory(address.url())
                .createContext(address.username(), address.password(), JMSContext.SESSION_TRANSACTED)) {
            context.start();
            broker.close();

            assertThatThrownBy(() -> context.createProducer().send(context.createQueue(QUEUE), "late"))
                    .isInstanceOf(JMSRuntimeException.class);
        }
    }

    @Test
    void without_its_password_nobody_can_connect() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(settings, List.of(QUEUE))) {
            ConnectionFactory factory = factory(broker.address().url());

            assertThatThrownBy(() -> factory.createContext(broker.address().username(), "wrong")
                            .start())
                    .isInstanceOf(JMSRuntimeException.class);
        }
    }

    @Test
    void where_no_broker_is_a_connection_is_refused() {
        assertThatThrownBy(() -> factory(URI.create("local://nobody"))
                        .createContext("a", "b")
                        .start())
                .isInstanceOf(JMSRuntimeException.class);
    }
}
