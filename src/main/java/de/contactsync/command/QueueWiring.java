package de.contactsync.command;

import de.contactsync.message.MessageDoor;
import de.contactsync.message.MessageWork;
import de.contactsync.outage.Breaker;
import de.contactsync.outage.Breakers;
import de.contactsync.queue.EmbeddedBroker;
import de.contactsync.queue.KeyQueueComponent;
import de.contactsync.queue.QueueConnections;
import de.contactsync.queue.QueueOutput;
import de.contactsync.queue.QueueSettings;
import java.io.IOException;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.apache.camel.main.Main;

/** The beans of the routes source-queue and sink-queue, and the broker of those who have none. */
final class QueueWiring {

    private QueueWiring() {}

    /** Nothing is made of it unless a source or a sink needs it. */
    static void install(
            Main main, Settings settings, boolean withSources, Breakers breakers, MessageWork work,
            Deque<AutoCloseable> resources, Properties properties)
            throws Exception {
        QueueSettings queue = settings.queue();
        boolean source = withSources && settings.sources().contains("queue");
        boolean sink = settings.sinks().contains("queue");
        properties.setProperty("source.queue.enabled", Boolean.toString(source));
        properties.setProperty("sink.queue.enabled", Boolean.toString(sink));
        properties.setProperty("contacts.queue.name", queue.name());
        properties.setProperty("contacts.queue.consumers", Integer.toString(queue.consumers()));
        properties.setProperty("contacts.chunk-size", Integer.toString(settings.file().chunkSize()));
        if (!source && !sink) {
            return;
        }
        try {
            if (queue.isEmbedded()) {
                resources.push(EmbeddedBroker.start(queue, List.of(queue.name(), queue.output(), queue.deadLetter())));
            }
            String what = "the broker " + queue.shownUrl();
            Breaker breaker = sink ? breakers.forAll(what) : breakers.forSource(what);
            QueueConnections connections = new QueueConnections(queue, breaker);
            QueueOutput output = new QueueOutput(connections, queue);
            resources.push(output);
            main.bind("queueOutput", output);
            main.bind("key-queue", new KeyQueueComponent(
                    connections, new MessageDoor(settings.jtl().tenantId()), breakers, work));
        } catch (IOException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }
}
