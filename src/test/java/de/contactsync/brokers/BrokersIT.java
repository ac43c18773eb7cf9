package de.contactsync.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the brokers of the tests are brokers: what was given to them is there again when they were killed. */
@Tag("outage")
class BrokersIT {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    Path folder;

    @Test
    void artemis_keeps_messages_when_it_is_killed_and_speaks_both_protocols() throws IOException, JMSException {
        try (ArtemisBroker broker = ArtemisBroker.start(folder)) {
            broker.sendText("keys", "one");
            broker.sendBytes("keys", "two".getBytes(StandardCharsets.UTF_8));
            broker.sendObject("keys", "three");
            broker.sendText("keys", "x".repeat(2_000_000));
            assertThat(broker.count("keys")).isEqualTo(4);

            broker.kill();
            broker.restart();

            assertThat(broker.browse("keys")).hasSize(4);
            assertThat(received(new JmsConnectionFactory(broker.amqpUrl()), "keys"))
                    .isEqualTo("one");
            assertThat(ArtemisBroker.text(broker.receive("keys", LONG))).isEqualTo("two");
            assertThat(broker.receive("keys", LONG).getBody(String.class)).isEqualTo("three");
            assertThat(broker.receiveAll("keys", SHORT))
                    .singleElement()
                    .satisfies(each -> assertThat(ArtemisBroker.text(each)).hasSize(2_000_000));
            assertThat(broker.count("keys")).isZero();
        }
    }

    @Test
    void artemis_gives_a_message_up_after_as_many_deliveries_as_were_set() throws IOException, JMSException {
        try (ArtemisBroker broker =
                ArtemisBroker.in(folder).withMaxDeliveryAttempts(2).start()) {
            broker.sendText("keys", "one");
            ConnectionFactory clients = new ActiveMQConnectionFactory(broker.url());
            assertThat(rolledBack(clients, "keys")).isEqualTo("one");
            assertThat(rolledBack(clients, "keys")).isEqualTo("one");
            assertThat(broker.count("keys")).isZero();
            assertThat(broker.browse(ArtemisBroker.DEAD_LETTERS))
                    .singleElement()
                    .satisfies(each -> assertThat(ArtemisBroker.text(each)).isEqualTo("one"));
        }
    }

    @Test
    void artemis_with_a_login_turns_others_away() throws IOException {
        try (ArtemisBroker broker =
                ArtemisBroker.in(folder).withLogin("me", "secret").start()) {
            broker.sendText("keys", "one");
            assertThat(ArtemisBroker.text(broker.receive("keys", LONG))).isEqualTo("one");
            assertThatThrownBy(() -> received(new ActiveMQConnectionFactory(broker.url(), "me", "wrong"), "keys"))
                    .isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> received(new JmsConnectionFactory("me", "wrong", broker.amqpUrl()), "keys"))
                    .isInstanceOf(JMSException.class);
        }
    }

    @Test
    void kafka_keeps_records_when_it_is_killed() throws IOException {
        try (KafkaBroker broker = KafkaBroker.start(folder)) {
            broker.createTopic("keys", 3);
            broker.produce(IntStream.range(0, 300)
                    .mapToObj(i -> new ProducerRecord<byte[], byte[]>("keys", i % 3, null, ("" + i).getBytes()))
                    .toList());

            broker.kill();
            broker.restart();

            ProducerRecord<byte[], byte[]> last = new ProducerRecord<>("keys", 0, "key".getBytes(), null);
            last.headers().add("from", "a test".getBytes());
            broker.produce(List.of(last));
            assertThat(broker.records("keys"))
                    .hasSize(301)
                    .filteredOn(each -> each.partition() == 1)
                    .extracting(each -> new String(each.value(), StandardCharsets.UTF_8))
                    .isEqualTo(IntStream.range(0, 100)
                            .mapToObj(i -> "" + (3 * i + 1))
                            .toList());
            assertThat(broker.records("keys"))
                    .filteredOn(each -> each.value() == null)
                    .singleElement()
                    .satisfies(
                            each -> assertThat(KafkaBroker.header(each, "from")).isEqualTo("a test"));
            assertThat(broker.committed("nobody")).isEmpty();
        }
    }

    private static String received(ConnectionFactory factory, String queue) throws JMSException {
        return received(factory, queue, true);
    }

    private static String rolledBack(ConnectionFactory factory, String queue) throws JMSException {
        return received(factory, queue, false);
    }

    private static String received(ConnectionFactory factory, String queue, boolean commit) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            connection.start();
            Message message = session.createConsumer(session.createQueue(queue)).receive(LONG.toMillis());
            if (commit) {
                session.commit();
            } else {
                session.rollback();
            }
            return ((TextMessage) message).getText();
        }
    }
}
