package de.contactsync.messaging.jms;

import de.contactsync.resilience.OutageException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** Sessions for what is sent outside of a consumer's own, each used by one thread at a time. Thread-safe. */
public final class QueueSessions implements AutoCloseable {

    private final QueueConnections connections;
    private final Queue<JMSContext> idle = new ConcurrentLinkedQueue<>();

    public QueueSessions(QueueConnections connections) {
        this.connections = connections;
    }

    /**
     * Commits what {@code work} sends.
     *
     * @throws OutageException when the broker is away; it may have got everything all the same
     */
    void send(Consumer<JMSContext> work) {
        JMSContext known = idle.poll();
        JMSContext session = known == null ? connections.open(false, () -> true) : known;
        long began = connections.breaker().now();
        try {
            work.accept(session);
            connections.commit(session);
            connections.breaker().recordSuccess();
            idle.add(session);
        } catch (JMSRuntimeException e) {
            OutageException outage = connections.away(began, e);
            QueueConnections.close(session);
            // They are as dead after a restart of the broker, and each would be an outage of its own.
            close();
            throw outage;
        } catch (RuntimeException | Error e) {
            QueueConnections.close(session);
            connections.breaker().release(began);
            throw e;
        }
    }

    @Override
    public void close() {
        for (JMSContext session = idle.poll(); session != null; session = idle.poll()) {
            QueueConnections.close(session);
        }
    }
}
