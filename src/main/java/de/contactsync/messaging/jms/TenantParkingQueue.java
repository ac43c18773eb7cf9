package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyRequest;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;

/**
 * Where messages wait whose tenant's JTL is away, so that those of others pass them: a queue of their own. Whoever
 * takes one from there and finds the tenant still away puts it at the end again. A message goes there, as an answer to
 * it would go out, in the transaction that acknowledges it, and keeps its id, so that it makes the same rows and
 * answers.
 */
final class TenantParkingQueue {

    /** The id that the message had when it first came. */
    static final String ID = "messageId";

    private final String queue;

    TenantParkingQueue(String queue) {
        this.queue = queue;
    }

    void add(JMSContext session, QueueBatch.Received message) throws JMSException {
        KeyRequest request = message.request();
        BytesMessage held = session.createBytesMessage();
        held.writeBytes(message.body());
        held.setStringProperty(ID, request.id());
        held.setJMSCorrelationID(request.correlationId());
        if (request.traceparent() != null) {
            held.setStringProperty(MessageReader.TRACEPARENT, request.traceparent());
        }
        held.setJMSReplyTo(message.replyTo());
        session.createProducer().send(session.createQueue(queue), held);
    }
}
