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
 * when one is lost. While messages that were held can be worked on, half of the consumers help with them, and all that
 * have nothing else to do.
 */
final class KeyQueueConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(KeyQueueConsumer.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(50);
    private static final Duration FAILURE_PAUSE = Duration.ofSeconds(1);

    private final KeyQueueEndpoint endpoint;
    private final KeyQueueComponent component;
    /** Whether messages that were held could be worked on when somebody last looked. */
    private volatile boolean heldReady;

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
            boolean often = i % 2 == 1;
            threads.execute(() -> work(new Work(endpoint.name(), component.batchReader(), false, often)));
        }
        if (held != null) {
            threads.execute(() -> work(new Work(held, component.heldIntake(), true, false)));
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

    /** @param helpsOften whether it helps with messages that were held also while there are others */
    private record Work(String queue, BatchReader batchReader, boolean isHeld, boolean helpsOften) {}

    private void work(Work own) {
        AdaptiveBatchSize size = new AdaptiveBatchSize(endpoint.getMaxKeys());
        Work held = new Work(component.heldQueue(), component.heldIntake(), true, false);
        Work now = own;
        while (isRunning()) {
            if (!component.lifecycle().isAccepting()) {
                component.lifecycle().awaitAccepting();
                continue;
            }
            try {
                boolean change =
                        takeFrom(now, own, component.connections().open(size.isLarge(), () -> !isRunning()), size);
                now = !change ? now : now == own ? held : own;
            } catch (OutageException e) {
                // The breaker has said so, and lets one try again when it is time.
                LOG.debug("No messages are taken from {} for now", now.queue, e);
            } catch (RuntimeException | Error e) {
                // Perhaps for the sake of one message, which then costs few others.
                size.failed();
                LOG.error("Messages cannot be taken from {}, trying again", now.queue, e);
                component.lifecycle().pause(FAILURE_PAUSE);
            }
        }
    }

    /**
     * Until we stop, a batch or the session fails, or it is sent too many messages ahead or too few. What it has then
     * and is not committed, the broker gives to others as soon as the session is closed.
     *
     * @param own what this consumer is there for
     * @return whether to go on with messages that were held, or to go back from them
     */
    private boolean takeFrom(Work work, Work own, JMSContext context, AdaptiveBatchSize size) {
        Breaker breaker = component.connections().breaker();
        long began = breaker.now();
        boolean large = size.isLarge();
        try {
            JMSConsumer consumer = context.createConsumer(context.createQueue(work.queue));
            if (component.heldQueue() != null) {
                component.connections().logDeliveryLimit(context, endpoint.name());
            }
            boolean fresh = true;
            boolean done = true;
            boolean change = false;
            while (done && !change && isRunning() && size.isLarge() == large) {
                if (!component.lifecycle().isAccepting()) {
                    component.lifecycle().awaitAccepting();
                    continue;
                }
                BatchReader.Taken taken = work.batchReader.take(context, consumer, size.keys());
                if (taken != null) {
                    long taking = System.nanoTime();
                    done = isDone(work, context, taken.body());
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
                change = isChange(work, own, taken != null);
            }
            breaker.release(began);
            return change;
        } catch (JMSException | JMSRuntimeException e) {
            if (isRunning()) {
                size.failed();
                // Since the session began: whatever breaks after the broker was back proves nothing.
                throw component.connections().away(began, e);
            }
            breaker.release(began);
            return false;
        } catch (RuntimeException | Error e) {
            breaker.release(began);
            throw e;
        } finally {
            QueueConnections.close(context);
        }
    }

    private boolean isChange(Work work, Work own, boolean taken) {
        if (work.isHeld) {
            if (!taken) {
                heldReady = false;
            }
            return work != own && !taken;
        }
        return heldReady && (own.helpsOften || !taken);
    }

    /** False when it is to be given back. */
    private boolean isDone(Work work, JMSContext session, Object body) throws JMSException {
        Object rest = body;
        Exception failure = component.lifecycle().process(this, rest);
        while (failure instanceof OutageException outage && !outage.concernsAll() && isRunning()) {
            component.lifecycle().pause(RETRY_PAUSE);
            rest = work.batchReader.excludeUnavailable(rest);
            failure = work.batchReader.hasWork(rest) ? component.lifecycle().process(this, rest) : null;
        }
        if (failure == null) {
            work.batchReader.putAside(rest);
            component.connections().commit(session);
            if (work.isHeld && work.batchReader.hasWork(rest)) {
                heldReady = true;
            }
            return true;
        }
        if (failure instanceof JMSRuntimeException refused) {
            // Not again at once: after some deliveries a broker gives a message up.
            throw refused;
        }
        if (failure instanceof OutageException || !isRunning()) {
            LOG.debug("{} are given back to {}", body, work.queue, failure);
        } else {
            LOG.error(
                    "{} are given back to {}, trying again: {}",
                    body,
                    work.queue,
                    failure instanceof ProcessingHaltedException ? failure.getMessage() : failure.toString());
            component.lifecycle().pause(FAILURE_PAUSE);
        }
        return false;
    }
}
