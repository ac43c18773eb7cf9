package de.contactsync.queue;

import de.contactsync.message.MessageDoor;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The messages that are there, as a {@link QueueBatch}. */
public final class KeyIntake implements Intake {

    static final Duration WAIT = Duration.ofMillis(500);

    private final QueueReader reader;

    public KeyIntake(MessageDoor door) {
        this.reader = new QueueReader(door);
    }

    @Override
    public Taken take(JMSContext session, JMSContext replies, JMSConsumer consumer, int most) throws JMSException {
        List<QueueBatch.Received> messages = new ArrayList<>();
        int keys = 0;
        Message message = consumer.receive(WAIT.toMillis());
        while (message != null) {
            QueueBatch.Received received = reader.read(message);
            messages.add(received);
            keys += Math.max(1, received.request().entries().size());
            message = keys < most ? consumer.receiveNoWait() : null;
        }
        return messages.isEmpty() ? null : new Taken(new QueueBatch(session, replies, messages), keys);
    }
}
