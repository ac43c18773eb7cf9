package de.contactsync.messaging.kafka;

import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.support.DefaultConsumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that polls and one that works; after a failure it begins again behind what is committed. */
final class KeyTopicConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(KeyTopicConsumer.class);
    private static final Duration FAILURE_PAUSE = Duration.ofSeconds(1);
    private static final Duration FOR_THE_COMMIT = Duration.ofSeconds(3);

    private final KeyTopicEndpoint endpoint;
    private final KeyTopicComponent component;
    private ExecutorService poller;
    private ExecutorService worker;

    KeyTopicConsumer(KeyTopicEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.component = endpoint.component();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ExecutorServiceManager threads = endpoint.getCamelContext().getExecutorServiceManager();
        worker = threads.newSingleThreadExecutor(this, "topic-work-" + endpoint.name());
        poller = threads.newSingleThreadExecutor(this, "topic-" + endpoint.name());
        poller.execute(this::poll);
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        ExecutorServiceManager threads = endpoint.getCamelContext().getExecutorServiceManager();
        poller.shutdown();
        if (!poller.awaitTermination(FOR_THE_COMMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("what is in flight is not committed and comes again");
        }
        threads.shutdownNow(poller);
        threads.shutdownNow(worker);
    }

    private boolean isRunning() {
        return isRunAllowed()
                && component.lifecycle().isRunning()
                && !Thread.currentThread().isInterrupted();
    }

    private void poll() {
        while (isRunning()) {
            try (KafkaClients.Attempt attempt = component.clients().attempt(() -> !isRunning());
                    KafkaBatchConsumer session = new KafkaBatchConsumer(endpoint, attempt, this::start)) {
                while (isRunning()) {
                    session.turn();
                }
                session.finish();
            } catch (OutageException e) {
                // The breaker has said so, and lets one try again when it is time.
                LOG.debug("No records are taken from {} for now", endpoint.name(), e);
            } catch (KafkaException | IllegalStateException e) {
                if (isRunning()) {
                    say(e);
                    component.lifecycle().pause(FAILURE_PAUSE);
                }
            } catch (RuntimeException | Error e) {
                // Whatever it is: nobody else polls, and a process without a poller looks well.
                LOG.error(
                        "Records cannot be taken from {}, trying again from the committed offset", endpoint.name(), e);
                component.lifecycle().pause(FAILURE_PAUSE);
            }
        }
    }

    private void say(RuntimeException failure) {
        KafkaClients clients = component.clients();
        if (failure instanceof KafkaException kafka
                && clients.away(clients.breaker().now(), kafka) instanceof OutageException) {
            return;
        }
        LOG.error(
                "Records are taken from {} again, from the committed offset: {}",
                endpoint.name(),
                failure.getMessage());
    }

    /** The failure that the route ended with, or null. */
    private Future<Exception> start(RecordBatch batch) {
        return worker.submit(() -> component.lifecycle().process(this, batch));
    }
}
