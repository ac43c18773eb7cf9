package de.contactsync.messaging.kafka;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.MessageValidator;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The Camel component {@code key-topic}: takes the records that are there from a Kafka topic, some at once, as the body
 * {@link RecordBatch}, and commits their offsets when the route has ended well. It continues polling while they are
 * worked on, so that no worker is taken for dead because JTL is away. camel-kafka does not: there, whatever takes
 * longer than {@code max.poll.interval.ms} costs the partitions; and it continues behind a batch that failed, or, after
 * a failed poll, one record further, so that records are skipped.
 */
public final class KeyTopicComponent extends DefaultComponent {

    private final KafkaClients clients;
    private final RecordReader reader;
    private final Predicate<UUID> away;
    private final Predicate<UUID> paused;
    private final ConsumerLifecycle lifecycle;

    /**
     * @param away   whether a tenant's JTL is unavailable
     * @param paused false when it is time to try whether it is back
     */
    public KeyTopicComponent(
            KafkaClients clients,
            MessageValidator validator,
            Predicate<UUID> away,
            Predicate<UUID> paused,
            ConsumerLifecycle lifecycle) {
        this.away = away;
        this.paused = paused;
        this.clients = clients;
        this.reader = new RecordReader(validator);
        this.lifecycle = lifecycle;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        return new KeyTopicEndpoint(uri, this, remaining);
    }

    KafkaClients clients() {
        return clients;
    }

    WaitingRecords waitingRecords() {
        return new WaitingRecords(away, paused);
    }

    RecordBatch.Received read(ConsumerRecord<byte[], byte[]> message) {
        return reader.read(message);
    }

    ConsumerLifecycle lifecycle() {
        return lifecycle;
    }
}
