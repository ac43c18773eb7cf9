package de.contactsync.command;

import de.contactsync.jtl.JtlCalls;
import de.contactsync.message.MessageDoor;
import de.contactsync.message.MessageWork;
import de.contactsync.outage.Breaker;
import de.contactsync.outage.Breakers;
import de.contactsync.queue.ChunkIntake;
import de.contactsync.queue.ChunkQueue;
import de.contactsync.queue.EmbeddedBroker;
import de.contactsync.queue.KeyIntake;
import de.contactsync.queue.KeyQueueComponent;
import de.contactsync.queue.QueueConnections;
import de.contactsync.queue.QueueOutput;
import de.contactsync.queue.QueueSessions;
import de.contactsync.queue.QueueSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/** The beans of the routes that take from queues and send to them, and the broker of those who have none. */
final class QueueWiring {

    private QueueWiring() {}

    /** Nothing is made of it unless a source or a sink needs it. */
    static void install(
            Platform platform, Settings settings, boolean withSources, Breakers breakers, JtlCalls calls, MessageWork work,
            Deque<AutoCloseable> resources, Properties properties)
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
        properties.setProperty("contacts.chunk-size", Integer.toString(settings.file().chunkSize()));
        if (!use.any()) {
            return;
        }
        try {
            String what = "the broker " + queue.shownUrl();
            Breaker breaker = use.sink() || use.handsOver() ? breakers.forAll(what) : breakers.forSource(what);
            QueueConnections connections;
            if (queue.isEmbedded()) {
                EmbeddedBroker broker = EmbeddedBroker.start(
                        queue, List.of(queue.name(), queue.chunks(), queue.held(), queue.output(), queue.deadLetter()));
                resources.push(broker);
                connections = new QueueConnections(queue, broker, breaker);
            } else {
                connections = new QueueConnections(queue, use.senders(queue), breaker);
            }
            QueueSessions sessions = new QueueSessions(connections);
            resources.push(sessions);
            platform.bind("queueOutput", new QueueOutput(sessions, queue));
            platform.bind("chunkQueue", new ChunkQueue(sessions, queue));
            MessageDoor door = new MessageDoor(settings.jtl().tenantId());
            platform.bind("key-queue", new KeyQueueComponent(
                    connections,
                    KeyIntake.ofKeys(door, queue, calls::isAway),
                    queue.held(),
                    KeyIntake.ofHeld(door, queue, calls::isAway, calls::isHeld),
                    work));
            platform.bind("chunk-queue", new KeyQueueComponent(connections, new ChunkIntake(), work));
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
    record Use(boolean source, boolean sink, boolean handsOver) {

        static Use of(Settings settings, boolean withSources) {
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

        List<String> receivers(QueueSettings queue) {
            List<String> names = new ArrayList<>();
            if (source) {
                names.addAll(List.of(queue.name(), queue.held()));
            }
            if (chunks()) {
                names.add(queue.chunks());
            }
            return names;
        }

        List<String> senders(QueueSettings queue) {
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
    static boolean needsBroker(Settings settings) {
        return !settings.queue().isEmbedded() && Use.of(settings, true).any();
    }
}
