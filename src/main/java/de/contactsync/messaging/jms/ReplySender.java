package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyRequests;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.TemporaryQueue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends replies over connections of their own, because some brokers end the session of whoever sends to a queue that
 * does not exist. A reply that cannot be delivered is dropped: what came of its keys is stored, and giving the request
 * back would only make the next try fail as well. Thread-safe.
 */
public final class ReplySender implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplySender.class);

    /** Nobody fetches a reply later than that; clocks may differ by some minutes. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    /** Until a queue that took no reply in time is tried again, so that it does not delay each request. */
    private static final Duration PAUSE = Duration.ofMinutes(1);
    /** Between two lines of the log. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    private static final int MOST_PAUSED = 1_000;

    private final QueueConnections connections;
    private final Queue<JMSContext> idle = new ConcurrentLinkedQueue<>();
    /** Instants of the breaker's clock, by queue. */
    private final Map<String, Long> pausedUntil = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_PAUSED;
        }
    };

    private long silentUntil;
    private int unsaid;

    public ReplySender(QueueConnections connections) {
        this.connections = connections;
        this.silentUntil = now();
    }

    /**
     * In no transaction, so that a crash right behind it makes the same reply come twice.
     *
     * @throws de.contactsync.resilience.OutageException when the broker is away
     */
    void send(KeyRequests.Answer answer, Destination replyTo) {
        String id = answer.request().id();
        if (isPaused(replyTo)) {
            undelivered(id, replyTo, "the queue has just accepted no reply in time");
            return;
        }
        JMSContext context = idle.poll();
        if (context != null) {
            try {
                send(context, answer, replyTo);
                return;
            } catch (RuntimeException e) {
                // Perhaps only because the connection is an old one.
                if (QueueConnections.isFull(e)) {
                    pause(replyTo);
                    undelivered(id, replyTo, e.getMessage());
                    return;
                }
            }
        }
        context = connections.openForReplies();
        try {
            send(context, answer, replyTo);
        } catch (RuntimeException e) {
            if (QueueConnections.isFull(e)) {
                pause(replyTo);
            }
            undelivered(id, replyTo, e.getMessage());
        }
    }

    private void send(JMSContext context, KeyRequests.Answer answer, Destination replyTo) {
        String outcome = answer.results().size() == 1 ? answer.results().get(0).outcomeName() : "several";
        try {
            JMSProducer producer =
                    QueuePublisher.producer(context, answer.request().id(), outcome, answer.request());
            if (replyTo instanceof TemporaryQueue) {
                producer.setTimeToLive(LONGEST_WAIT.toMillis());
            }
            producer.send(replyTo, answer.json());
            idle.add(context);
        } catch (RuntimeException e) {
            QueueConnections.close(context);
            throw e;
        }
    }

    private long now() {
        return connections.breaker().now();
    }

    private synchronized boolean isPaused(Destination replyTo) {
        Long until = pausedUntil.get(replyTo.toString());
        return until != null && until - now() > 0;
    }

    private synchronized void pause(Destination replyTo) {
        pausedUntil.put(replyTo.toString(), now() + PAUSE.toNanos());
    }

    /** One line for many: a requester that is gone may have left thousands of requests. */
    private synchronized void undelivered(String id, Destination replyTo, String reason) {
        if (silentUntil - now() > 0) {
            unsaid++;
            return;
        }
        LOG.warn(
                "The reply to message {} cannot be delivered to {}: {}. The results of its keys are stored all the"
                        + " same{}",
                id,
                replyTo,
                reason,
                unsaid == 0 ? "" : "; " + unsaid + " other replies could not be delivered since the last such line");
        unsaid = 0;
        silentUntil = now() + SILENCE.toNanos();
    }

    @Override
    public void close() {
        for (JMSContext context = idle.poll(); context != null; context = idle.poll()) {
            QueueConnections.close(context);
        }
    }
}
