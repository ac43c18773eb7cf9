package de.contactsync.command;

import de.contactsync.kafka.KafkaClients;
import de.contactsync.kafka.KafkaSettings;
import de.contactsync.kafka.KeyTopicComponent;
import de.contactsync.kafka.TopicOutput;
import de.contactsync.message.MessageDoor;
import de.contactsync.message.MessageWork;
import de.contactsync.outage.Breakers;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.KafkaException;

/** The beans of the routes source-kafka and sink-kafka. */
final class KafkaWiring {

    private KafkaWiring() {}

    /** Nothing is made of it unless keys come from Kafka: what came that way goes out that way. */
    static void install(
            Platform platform, Settings settings, boolean withSources, Breakers breakers, MessageWork work,
            Deque<AutoCloseable> resources, Properties properties) {
        KafkaSettings kafka = settings.kafka();
        boolean source = withSources && settings.sources().contains("kafka");
        boolean sink = source && settings.sinks().contains("queue");
        properties.setProperty("source.kafka.enabled", Boolean.toString(source));
        properties.setProperty("sink.kafka.enabled", Boolean.toString(sink));
        properties.setProperty("contacts.kafka.topic", kafka.topic());
        if (!source) {
            return;
        }
        try {
            KafkaClients clients = new KafkaClients(kafka, breakers.forSource("Kafka at " + kafka.brokers()));
            platform.bind("key-topic", new KeyTopicComponent(
                    clients, new MessageDoor(settings.jtl().tenantId()), work));
            if (sink) {
                TopicOutput output = new TopicOutput(clients, kafka);
                resources.push(output);
                platform.bind("topicOutput", output);
            }
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigurationException(List.of("contacts.kafka cannot be used: " + cause.getMessage()));
        }
    }
}
