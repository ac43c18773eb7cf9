package de.contactsync.queue;

import de.contactsync.message.MessageWork;
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
    private final Intake intake;
    private final String heldQueue;
    private final Intake heldIntake;
    private final MessageWork work;

    public KeyQueueComponent(QueueConnections connections, Intake intake, MessageWork work) {
        this(connections, intake, null, null, work);
    }

    /** With a second queue that one more consumer takes from, for the same route. */
    public KeyQueueComponent(
            QueueConnections connections, Intake intake, String heldQueue, Intake heldIntake, MessageWork work) {
        this.connections = connections;
        this.intake = intake;
        this.heldQueue = heldQueue;
        this.heldIntake = heldIntake;
        this.work = work;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        return new KeyQueueEndpoint(uri, this, remaining);
    }

    QueueConnections connections() {
        return connections;
    }

    Intake intake() {
        return intake;
    }

    /** Null when there is none. */
    String heldQueue() {
        return heldQueue;
    }

    Intake heldIntake() {
        return heldIntake;
    }

    MessageWork work() {
        return work;
    }
}
