package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.MessageValidator;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.qpid.jms.message.JmsMessage;
import org.apache.qpid.jms.provider.amqp.message.AmqpJmsMessageFacade;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes from a message what {@link MessageValidator} wants: body, ids, where the reply goes. Never fails for the sake
 * of one message, and never makes a Java object of one.
 */
final class MessageReader {

    static final String TRACEPARENT = "traceparent";

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    private static final byte[] NOTHING = {};
    /** When Artemis took the message, where it is set up to say so. */
    private static final String INGRESS_TIME = "x-opt-ingress-time";

    private final MessageValidator validator;
    private final boolean held;

    /** @param held whether it reads from {@link TenantParkingQueue}, so that a message has an id from before */
    MessageReader(MessageValidator validator, boolean held) {
        this.validator = validator;
        this.held = held;
    }

    QueueBatch.Received read(Message message) {
        byte[] body = NOTHING;
        String problem = null;
        try {
            // One byte more than may be, so that the validator sees that it is too long.
            body = AmqpBody.bytes(message, MessageValidator.LARGEST + 1);
        } catch (IOException e) {
            problem = "the message cannot be read: " + e.getMessage()
                    + ", where a text, bytes, a map or a list of maps with"
                    + " customerId and contactId was expected";
        } catch (JMSException | RuntimeException e) {
            LOG.debug("a message cannot be read", e);
            problem = "the message cannot be read: expected a text or bytes";
        }
        AmqpJmsMessageFacade amqp = (AmqpJmsMessageFacade) ((JmsMessage) message).getFacade();
        String id = held
                ? lenient(() -> message.getStringProperty(TenantParkingQueue.ID))
                : AmqpBody.idText(amqp.getProviderMessageIdObject());
        String correlation = lenient(message::getJMSCorrelationID);
        if (id == null || id.isBlank()) {
            id = MessageValidator.digest(body, times(amqp));
        } else if (correlation == null || correlation.isBlank()) {
            // In the client library's notation, which says of what type it is: answers bear the same.
            correlation = held ? id : lenient(message::getJMSMessageID);
        }
        String traceparent = lenient(() -> message.getStringProperty(TRACEPARENT));
        Destination replyTo = lenient(message::getJMSReplyTo);
        KeyRequest request = problem == null
                ? validator.read(id, correlation, traceparent, body)
                : validator.refuse(id, correlation, traceparent, body, problem);
        return new QueueBatch.Received(request, replyTo, body);
    }

    /** What two messages without an id differ by, and one keeps however often it is delivered. */
    private static byte[] times(AmqpJmsMessageFacade message) {
        long ingress = message.getTracingAnnotation(INGRESS_TIME) instanceof Number time ? time.longValue() : 0;
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(message.getTimestamp())
                .putLong(ingress)
                .array();
    }

    private interface Part<T> {
        T get() throws JMSException;
    }

    /** Null where a sender gave something that this cannot be. */
    private static <T> T lenient(Part<T> part) {
        try {
            return part.get();
        } catch (JMSException | RuntimeException e) {
            return null;
        }
    }
}
