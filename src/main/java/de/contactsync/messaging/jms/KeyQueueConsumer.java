package de.contactsync.messaging.jms;

import de.contactsync.messaging.AdaptiveBatchSize;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.OutageException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with a connection for each of the concurrent consumers, and one for messages that are held; connects again
 * when one is lost.
 */
final class KeyQueueConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(KeyQueueConsumer.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(50);
    private static final Duration FAILURE_PAUSE = Duration.ofSeconds(1);

    private final KeyQueueEndpoint endpoint;
    private final KeyQueueComponent component;
    private ExecutorService threads;

    KeyQueueConsumer(KeyQueueEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.component = endpoint.component();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        int count = endpoint.getConcurrentConsumers();
        String held = component.heldQueue();
        threads = endpoint.getCamelContext()
                .getExecutorServiceManager()
                .newFixedThreadPool(this, "queue-" + endpoint.name(), count + (held == null ? 0 : 1));
        for (int i = 0; i < count; i++) {
            threads.execute(() -> work(endpoint.name(), component.batchReader()));
        }
        if (held != null) {
            threads.execute(() -> work(held, component.heldIntake()));
        }
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        // A thread that is interrupted while it connects makes the client library complain at length.
        endpoint.getCamelContext()
                .getExecutorServiceManager()
                .shutdownGraceful(threads, 2 * KeyBatchReader.WAIT.toMillis());
    }

    private boolean isRunning() {
        return isRunAllowed()
                && component.lifecycle().isRunning()
                && !Thread.currentThread().isInterrupted();
    }

    private void work(String queue, BatchReader batchReader) {
        AdaptiveBatchSize size = new AdaptiveBatchSize(endpoint.getMaxKeys());
        while (isRunning()) {
            if (!component.lifecycle().isAccepting()) {
                component.lifecycle().awaitAccepting();
                continue;
            }
            try {
                takeFrom(queue, batchReader, component.connections().open(size.isLarge(), () -> !isRunning()), size);
            } catch (OutageException e) {
                // The breaker has said so, and lets one try again when it is time.
                LOG.debug("No messages of {} are taken for now", queue, e);
            } catch (RuntimeException | Error e) {
                // Perhaps for the sake of one message, which then costs few others.
                size.failed();
                LOG.error("Messages of {} cannot be taken, trying again", queue, e);
                component.lifecycle().pause(FAILURE_PAUSE);
            }
        }
    }

    /**
     * Until we stop, a batch or the session fails, or it is sent too many messages ahead or too few. What it has then
     * and is not committed, the broker gives to others as soon as the session is closed.
     */
    private void takeFrom(String queue, BatchReader batchReader, JMSContext context, AdaptiveBatchSize size) {
        Breaker breaker = component.connections().breaker();
        long began = breaker.now();
        boolean large = size.isLarge();
        try {
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            if (component.heldQueue() != null) {
                component.connections().logDeliveryLimit(context, endpoint.name());
            }
            boolean fresh = true;
            boolean done = true;
            while (done && isRunning() && size.isLarge() == large) {
                if (!component.lifecycle().isAccepting()) {
                    component.lifecycle().awaitAccepting();
                    continue;
                }
                BatchReader.Taken taken = batchReader.take(context, consumer, size.keys());
                if (taken != null) {
                    long taking = System.nanoTime();
                    done = isDone(queue, batchReader, context, taken.body());
                    size.record(taken.keys(), Duration.ofNanos(System.nanoTime() - taking));
                }
                if (taken == null) {
                    component.connections().checkDisk();
                }
                // Who waits in vain does not ask the broker, which has answered when the session was new.
                if (taken == null ? fresh : done) {
                    breaker.recordSuccess();
                }
                fresh = false;
            }
            breaker.release(began);
        } catch (JMSException | JMSRuntimeException e) {
            if (isRunning()) {
                size.failed();
                // Since the session began: whatever breaks after the broker was back proves nothing.
                throw component.connections().away(began, e);
            }
            breaker.release(began);
        } catch (RuntimeException | Error e) {
            breaker.release(began);
            throw e;
        } finally {
            QueueConnections.close(context);
        }
    }

    /** False when it is to be given back. */
    private boolean isDone(String queue, BatchReader batchReader, JMSContext session, Object body) throws JMSException {
        Object rest = body;
        Exception failure = component.lifecycle().process(this, rest);
        while (failure instanceof OutageException outage && !outage.concernsAll() && isRunning()) {
            component.lifecycle().pause(RETRY_PAUSE);
            rest = batchReader.excludeUnavailable(rest);
            failure = batchReader.hasWork(rest) ? component.lifecycle().process(this, rest) : null;
        }
        if (failure == null) {
            batchReader.putAside(rest);
            component.connections().commit(session);
            return true;
        }
        if (failure instanceof JMSRuntimeException refused) {
            // Not again at once: after some deliveries a broker gives a message up.
            throw refused;
        }
        if (failure instanceof OutageException || !isRunning()) {
            LOG.debug("{} are given back to {}", body, queue, failure);
        } else {
            LOG.error(
                    "{} are given back to {}, trying again: {}",
                    body,
                    queue,
                    failure instanceof ProcessingHaltedException ? failure.getMessage() : failure.toString());
            component.lifecycle().pause(FAILURE_PAUSE);
        }
        return false;
    }
}
