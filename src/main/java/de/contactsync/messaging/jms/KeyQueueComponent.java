package de.contactsync.messaging.jms;

import de.contactsync.messaging.ConsumerLifecycle;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * The Camel components {@code key-queue} and {@code chunk-queue}, each with an intake of its own: takes messages from a
 * JMS queue, some at once. The session commits when the route has ended well and rolls back otherwise.
 * camel-jms takes one message per transaction, which costs a commit of database and broker for each contact.
 */
public final class KeyQueueComponent extends DefaultComponent {

    private final QueueConnections connections;
    private final BatchReader batchReader;
    private final String heldQueue;
    private final BatchReader heldIntake;
    private final ConsumerLifecycle lifecycle;

    public KeyQueueComponent(QueueConnections connections, BatchReader batchReader, ConsumerLifecycle lifecycle) {
        this(connections, batchReader, null, null, lifecycle);
    }

    /** With a second queue that one more consumer takes from, for the same route. */
    public KeyQueueComponent(
            QueueConnections connections,
            BatchReader batchReader,
            String heldQueue,
            BatchReader heldIntake,
            ConsumerLifecycle lifecycle) {
        this.connections = connections;
        this.batchReader = batchReader;
        this.heldQueue = heldQueue;
        this.heldIntake = heldIntake;
        this.lifecycle = lifecycle;
    }

    /** An address may have escapes. */
    @Override
    public boolean useRawUri() {
        return true;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        return new KeyQueueEndpoint(uri, this, remaining);
    }

    QueueConnections connections() {
        return connections;
    }

    BatchReader batchReader() {
        return batchReader;
    }

    /** Null when there is none. */
    String heldQueue() {
        return heldQueue;
    }

    BatchReader heldIntake() {
        return heldIntake;
    }

    ConsumerLifecycle lifecycle() {
        return lifecycle;
    }
}
