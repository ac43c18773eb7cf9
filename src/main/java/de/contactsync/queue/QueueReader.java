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

    static final String TRACEPARENT = "traceparent";

    private static final byte[] NOTHING = {};
    /** A body that could not be fetched so often will not be. */
    private static final int MOST_DELIVERIES = 5;

    private final MessageDoor door;
    private final boolean held;

    /** @param held whether it reads from {@link HeldMessages}, so that a message has an id from before */
    QueueReader(MessageDoor door, boolean held) {
        this.door = door;
        this.held = held;
    }

    /** @throws JMSException when the session has failed */
    QueueBatch.Received read(Message message) throws JMSException {
        String id = null;
        String correlationId = null;
        String traceparent = null;
        Destination replyTo = null;
        byte[] body = NOTHING;
        KeyRequest request;
        try {
            id = held ? message.getStringProperty(HeldMessages.ID) : message.getJMSMessageID();
            correlationId = message.getJMSCorrelationID();
            traceparent = traceparent(message);
            replyTo = message.getJMSReplyTo();
            if (message instanceof TextMessage text) {
                body = text.getText() == null ? NOTHING : text.getText().getBytes(StandardCharsets.UTF_8);
            } else if (message instanceof BytesMessage bytes) {
                body = read(bytes);
            }
            request = request(message, id, correlationId, traceparent, body);
        } catch (MessageFormatException | MessageEOFException | RuntimeException e) {
            request = unreadable(id, correlationId, traceparent, e);
        } catch (JMSException e) {
            if (message.getIntProperty("JMSXDeliveryCount") <= MOST_DELIVERIES) {
                throw e;
            }
            request = unreadable(id, correlationId, traceparent, e);
        }
        return new QueueBatch.Received(request, replyTo, body);
    }

    private KeyRequest request(Message message, String id, String correlationId, String traceparent, byte[] body) {
        if (message instanceof TextMessage || message instanceof BytesMessage) {
            return door.read(id, correlationId, traceparent, body);
        }
        return door.refuse(id, correlationId, traceparent, NOTHING, "the message is " + kind(message)
                + ": expected a text or bytes with a JSON object, or an array of them");
    }

    private static byte[] read(BytesMessage message) throws JMSException {
        long length = message.getBodyLength();
        // One byte more than may be, so that the door sees that it is too long.
        byte[] body = new byte[(int) Math.min(length, MessageDoor.LARGEST + 1L)];
        message.readBytes(body);
        return body;
    }

    private KeyRequest unreadable(String id, String correlationId, String traceparent, Exception e) {
        return door.refuse(id, correlationId, traceparent, NOTHING,
                "the message cannot be read (" + e.getClass().getSimpleName() + "): expected a text or bytes");
    }

    private static String traceparent(Message message) throws JMSException {
        try {
            return message.getStringProperty(TRACEPARENT);
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
