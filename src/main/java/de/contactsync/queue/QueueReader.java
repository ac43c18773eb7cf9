package de.contactsync.queue;

import de.contactsync.message.KeyRequest;
import de.contactsync.message.MessageDoor;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;

/**
 * Takes from a JMS message what {@link MessageDoor} wants: body, ids, where the reply goes. Bodies that are no text and
 * no bytes are not read at all: an ObjectMessage would make Java objects of whatever the sender chose.
 */
final class QueueReader {

    private static final byte[] NOTHING = {};
    /** A body that could not be fetched so often will not be. */
    private static final int MOST_DELIVERIES = 5;

    private final MessageDoor door;

    QueueReader(MessageDoor door) {
        this.door = door;
    }

    /** @throws JMSException when the session has failed */
    QueueBatch.Received read(Message message) throws JMSException {
        String id = null;
        String correlationId = null;
        String traceparent = null;
        Destination replyTo = null;
        KeyRequest request;
        try {
            id = message.getJMSMessageID();
            correlationId = message.getJMSCorrelationID();
            traceparent = traceparent(message);
            replyTo = message.getJMSReplyTo();
            request = request(message, id, correlationId, traceparent);
        } catch (MessageFormatException | MessageEOFException | RuntimeException e) {
            request = unreadable(id, correlationId, traceparent, e);
        } catch (JMSException e) {
            if (message.getIntProperty("JMSXDeliveryCount") <= MOST_DELIVERIES) {
                throw e;
            }
            request = unreadable(id, correlationId, traceparent, e);
        }
        return new QueueBatch.Received(request, replyTo);
    }

    private KeyRequest request(Message message, String id, String correlationId, String traceparent)
            throws JMSException {
        if (message instanceof TextMessage text) {
            String body = text.getText();
            return door.read(id, correlationId, traceparent,
                    body == null ? NOTHING : body.getBytes(StandardCharsets.UTF_8));
        }
        if (message instanceof BytesMessage bytes) {
            return read(bytes, id, correlationId, traceparent);
        }
        return door.refuse(id, correlationId, traceparent, NOTHING, "the message is " + kind(message)
                + ": expected a text or bytes with a JSON object, or an array of them");
    }

    private KeyRequest read(BytesMessage message, String id, String correlationId, String traceparent)
            throws JMSException {
        long length = message.getBodyLength();
        // One byte more than may be, so that the door sees that it is too long.
        byte[] body = new byte[(int) Math.min(length, MessageDoor.LARGEST + 1L)];
        message.readBytes(body);
        return door.read(id, correlationId, traceparent, body);
    }

    private KeyRequest unreadable(String id, String correlationId, String traceparent, Exception e) {
        return door.refuse(id, correlationId, traceparent, NOTHING,
                "the message cannot be read (" + e.getClass().getSimpleName() + "): expected a text or bytes");
    }

    private static String traceparent(Message message) throws JMSException {
        try {
            return message.getStringProperty("traceparent");
        } catch (MessageFormatException e) {
            return null;
        }
    }

    private static String kind(Message message) {
        return message instanceof ObjectMessage ? "a Java object"
                : message instanceof MapMessage ? "a map"
                : message instanceof StreamMessage ? "a stream"
                : "without a body";
    }
}
