package de.contactsync.messaging.http;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that claims, has the route work, and records. What failed is tried again after the others. */
final class ReceivedKeysConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(ReceivedKeysConsumer.class);

    /** Between two looks when nobody reports new keys: another process may have left some. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration END = Duration.ofSeconds(3);

    private final ReceivedKeysEndpoint endpoint;
    private final ReceivedKeys keys;
    private final ConsumerLifecycle lifecycle;
    private ExecutorService worker;

    ReceivedKeysConsumer(ReceivedKeysEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.keys = endpoint.component().keys();
        this.lifecycle = endpoint.component().lifecycle();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        worker = endpoint.getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadExecutor(this, "received-keys-" + endpoint.name());
        worker.execute(this::work);
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        worker.shutdown();
        keys.wake();
        if (!worker.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("what is in flight is worked on again");
        }
        endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(worker);
    }

    private void work() {
        while (isRunAllowed()
                && lifecycle.isRunning()
                && !Thread.currentThread().isInterrupted()) {
            boolean any = false;
            try {
                any = lifecycle.isAccepting() && workOnBatches();
            } catch (ProcessingHaltedException e) {
                LOG.debug("the keys cannot be read now", e);
            } catch (RuntimeException e) {
                // Whatever it is: nobody else works on them, and a process without a worker looks well.
                LOG.error("keys received over HTTP cannot be processed, trying again", e);
            }
            if (!any) {
                rest();
            }
        }
    }

    private void rest() {
        try {
            keys.awaitWork(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether something came to its end */
    private boolean workOnBatches() {
        List<ReceivedBatch> batches = keys.claim(endpoint.getMaxKeys());
        List<Long> done = new ArrayList<>();
        for (ReceivedBatch batch : batches) {
            Exception failure = isRunAllowed() && lifecycle.isRunning()
                    ? lifecycle.process(this, batch)
                    : new ProcessingHaltedException("the program was stopped");
            if (failure == null) {
                done.addAll(batch.ids());
            } else if (!(failure instanceof OutageException || failure instanceof ProcessingHaltedException)) {
                LOG.error(
                        "{} are processed again: {}", batch, failure.getClass().getSimpleName());
                LOG.debug("{}", batch, failure);
            }
        }
        if (!batches.isEmpty()) {
            keys.record(done);
        }
        return !done.isEmpty();
    }
}
