package de.contactsync.messaging.jms;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.MessageValidator;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The messages that are there, as a {@link QueueBatch}; but those of tenants whose JTL is away go to
 * {@link TenantParkingQueue}.
 */
public final class KeyBatchReader implements BatchReader {

    static final Duration WAIT = Duration.ofMillis(500);

    /** What a broker takes to send more, where few are sent ahead and it is never asked. */
    private static final Duration FOR_MORE = Duration.ofMillis(20);
    /** Messages that continue to those held, in one transaction. */
    private static final int MOST_HELD = 500;
    /** Of bodies in one transaction, the last of which may exceed it. */
    private static final int MOST_BYTES = MessageValidator.LARGEST;
    /** Until those held are looked at again, when none of them could be worked on. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final QueueConnections connections;
    private final MessageReader reader;
    private final TenantParkingQueue held;
    private final Predicate<UUID> away;
    private final Predicate<UUID> waits;
    private final Runnable pause;

    private KeyBatchReader(
            QueueConnections connections,
            MessageReader reader,
            QueueSettings settings,
            Predicate<UUID> away,
            Predicate<UUID> waits,
            Runnable pause) {
        this.connections = connections;
        this.reader = reader;
        this.held = new TenantParkingQueue(settings.held());
        this.away = away;
        this.waits = waits;
        this.pause = pause;
    }

    /**
     * For the queue that senders put their keys on.
     *
     * @param away whether a tenant's JTL is unavailable
     */
    public static KeyBatchReader forKeys(
            QueueConnections connections, MessageValidator validator, QueueSettings settings, Predicate<UUID> away) {
        return new KeyBatchReader(connections, new MessageReader(validator, false), settings, away, away, () -> {});
    }

    /**
     * For the queue of those held.
     *
     * @param away  whether a tenant's JTL is unavailable
     * @param asked false when it is time to try whether it is back
     */
    public static KeyBatchReader forParked(
            QueueConnections connections,
            MessageValidator validator,
            QueueSettings settings,
            Predicate<UUID> away,
            Predicate<UUID> asked,
            ConsumerLifecycle lifecycle) {
        return new KeyBatchReader(
                connections, new MessageReader(validator, true), settings, away, asked, () -> lifecycle.pause(PAUSE));
    }

    @Override
    public Taken take(JMSContext session, JMSConsumer consumer, int most) throws JMSException {
        List<QueueBatch.Received> messages = new ArrayList<>();
        List<QueueBatch.Received> aside = new ArrayList<>();
        int keys = 0;
        long bytes = 0;
        Message message = consumer.receive(WAIT.toMillis());
        while (message != null) {
            QueueBatch.Received received = reader.read(message);
            bytes += received.body().length;
            if (received.request().concerns(waits)) {
                aside.add(received);
            } else {
                messages.add(received);
                keys += Math.max(1, received.request().entries().size());
            }
            boolean hasRoom = keys < most && aside.size() < MOST_HELD && bytes < MOST_BYTES;
            message = hasRoom ? next(consumer, messages.size() + aside.size()) : null;
        }
        QueueBatch batch = new QueueBatch(session, messages, aside);
        if (!messages.isEmpty()) {
            return new Taken(batch, keys);
        }
        if (!aside.isEmpty()) {
            putAside(batch);
            connections.commit(session);
            pause.run();
        }
        return null;
    }

    /** Null when there is no other; a message that came alone is not kept waiting for one. */
    private Message next(JMSConsumer consumer, int taken) {
        return taken > 1 ? consumer.receive(FOR_MORE.toMillis()) : consumer.receiveNoWait();
    }

    @Override
    public Object excludeUnavailable(Object body) {
        return ((QueueBatch) body).without(message -> message.request().concerns(away));
    }

    @Override
    public boolean hasWork(Object body) {
        return !((QueueBatch) body).messages().isEmpty();
    }

    @Override
    public void putAside(Object body) throws JMSException {
        QueueBatch batch = (QueueBatch) body;
        for (QueueBatch.Received message : batch.aside()) {
            held.add(batch.session(), message);
        }
    }
}
