package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.messaging.jms.ChunkBatchReader;
import de.contactsync.messaging.jms.ChunkPublisher;
import de.contactsync.messaging.jms.EmbeddedBroker;
import de.contactsync.messaging.jms.KeyBatchReader;
import de.contactsync.messaging.jms.KeyQueueComponent;
import de.contactsync.messaging.jms.QueueConnections;
import de.contactsync.messaging.jms.QueuePublisher;
import de.contactsync.messaging.jms.QueueSessions;
import de.contactsync.messaging.jms.QueueSettings;
import de.contactsync.messaging.jms.ReplySender;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/** The beans of the routes that take from queues and send to them, and the broker of those who have none. */
public final class JmsModule {

    private JmsModule() {}

    /** Nothing is made of it unless a source or a sink needs it. */
    static void install(
            RuntimeAdapter runtime,
            Settings settings,
            TenantNames tenants,
            boolean withSources,
            BreakerRegistry breakers,
            ContactLookupService calls,
            ConsumerLifecycle lifecycle,
            Deque<AutoCloseable> resources,
            Properties properties)
            throws Exception {
        QueueSettings queue = settings.queue();
        Use use = Use.of(settings, withSources);
        properties.setProperty("source.queue.enabled", Boolean.toString(use.source()));
        properties.setProperty("source.chunks.enabled", Boolean.toString(use.chunks()));
        properties.setProperty("chunks.via.queue", Boolean.toString(use.handsOver()));
        properties.setProperty("sink.queue.enabled", Boolean.toString(use.sink()));
        properties.setProperty("contacts.queue.name", queue.name());
        properties.setProperty("contacts.queue.chunks", queue.chunks());
        properties.setProperty("contacts.queue.consumers", Integer.toString(queue.consumers()));
        properties.setProperty(
                "contacts.chunk-size", Integer.toString(settings.file().chunkSize()));
        if (!use.any()) {
            return;
        }
        try {
            String what = queue.broker();
            Breaker breaker = use.sink() || use.handsOver() ? breakers.forAll(what) : breakers.forSource(what);
            QueueConnections connections;
            if (queue.isEmbedded()) {
                EmbeddedBroker broker = EmbeddedBroker.start(
                        queue, List.of(queue.name(), queue.chunks(), queue.held(), queue.output(), queue.deadLetter()));
                resources.push(broker);
                connections = new QueueConnections(queue, broker, use.senders(queue), breaker);
            } else {
                connections = new QueueConnections(queue, use.senders(queue), breaker);
            }
            resources.push(connections);
            QueueSessions sessions = new QueueSessions(connections);
            resources.push(sessions);
            ReplySender replies = new ReplySender(connections);
            resources.push(replies);
            runtime.bind("queuePublisher", new QueuePublisher(sessions, replies, queue));
            runtime.bind("chunkPublisher", new ChunkPublisher(sessions, queue));
            MessageValidator validator = new MessageValidator(tenants);
            runtime.bind(
                    "key-queue",
                    new KeyQueueComponent(
                            connections,
                            KeyBatchReader.forKeys(connections, validator, queue, calls::isAway),
                            queue.held(),
                            KeyBatchReader.forParked(
                                    connections, validator, queue, calls::isAway, calls::isTenantPaused, lifecycle),
                            lifecycle));
            runtime.bind("chunk-queue", new KeyQueueComponent(connections, new ChunkBatchReader(), lifecycle));
        } catch (IOException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }

    /**
     * What a process needs the broker for.
     *
     * @param source    keys come from the queue
     * @param sink      contacts and errors go to queues
     * @param handsOver parts of files go to all processes
     */
    public record Use(boolean source, boolean sink, boolean handsOver) {

        public static Use of(Settings settings, boolean withSources) {
            // What comes from Kafka goes out by Kafka, so whoever takes nothing else needs no queue.
            boolean kafkaOnly = withSources && settings.sources().equals(Set.of("kafka"));
            return new Use(
                    withSources && settings.sources().contains("queue"),
                    settings.sinks().contains("queue") && !kafkaOnly,
                    settings.chunksViaQueue());
        }

        boolean any() {
            return source || sink || handsOver;
        }

        /** Whoever hands chunks over works on them as well, so that a lone process gets on. */
        boolean chunks() {
            return source || handsOver;
        }

        public List<String> receivers(QueueSettings queue) {
            List<String> names = new ArrayList<>();
            if (source) {
                names.addAll(List.of(queue.name(), queue.held()));
            }
            if (chunks()) {
                names.add(queue.chunks());
            }
            return names;
        }

        public List<String> senders(QueueSettings queue) {
            List<String> names = new ArrayList<>();
            if (source) {
                names.add(queue.held());
            }
            if (handsOver) {
                names.add(queue.chunks());
            }
            if (sink) {
                names.addAll(List.of(queue.output(), queue.deadLetter()));
            }
            return names;
        }
    }

    /** Whether {@code run} would use a broker outside of its process. */
    public static boolean needsBroker(Settings settings) {
        return !settings.queue().isEmbedded() && Use.of(settings, true).any();
    }
}
