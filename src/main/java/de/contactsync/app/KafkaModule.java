package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.messaging.kafka.KafkaClients;
import de.contactsync.messaging.kafka.KafkaPublisher;
import de.contactsync.messaging.kafka.KafkaSettings;
import de.contactsync.messaging.kafka.KeyTopicComponent;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.BreakerRegistry;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.KafkaException;

/** The beans of the routes source-kafka and sink-kafka. */
final class KafkaModule {

    private KafkaModule() {}

    /** Nothing is made of it unless keys come from Kafka: what came that way goes out that way. */
    static void install(
            RuntimeAdapter runtime,
            Settings settings,
            TenantNames tenants,
            boolean withSources,
            BreakerRegistry breakers,
            ContactLookupService calls,
            ConsumerLifecycle lifecycle,
            Deque<AutoCloseable> resources,
            Properties properties) {
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
            runtime.bind(
                    "key-topic",
                    new KeyTopicComponent(
                            clients, new MessageValidator(tenants), calls::isAway, calls::isTenantPaused, lifecycle));
            if (sink) {
                KafkaPublisher output = new KafkaPublisher(clients, kafka);
                resources.push(output);
                runtime.bind("kafkaPublisher", output);
            }
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigurationException(List.of("contacts.kafka cannot be used: " + cause.getMessage()));
        }
    }
}
