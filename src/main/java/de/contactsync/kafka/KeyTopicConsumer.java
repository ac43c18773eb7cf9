package de.contactsync.kafka;

import de.contactsync.message.MessageWork;
import de.contactsync.outage.OutageException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Processor;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.support.DefaultConsumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that polls and one that works; after a failure it begins again behind what is committed. */
final class KeyTopicConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(KeyTopicConsumer.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
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
        worker = threads.newSingleThreadExecutor(this, "topic-work-" + endpoint.topic());
        poller = threads.newSingleThreadExecutor(this, "topic-" + endpoint.topic());
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

    private boolean isGoing() {
        return isRunAllowed() && component.work().isGoing() && !Thread.currentThread().isInterrupted();
    }

    private void poll() {
        while (isGoing()) {
            try (KafkaClients.Attempt attempt = component.clients().attempt();
                    TopicSession session = new TopicSession(endpoint, attempt, this::start)) {
                while (isGoing()) {
                    session.turn();
                }
                session.finish();
            } catch (OutageException e) {
                // The breaker has said so, and when it may be tried again.
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            } catch (KafkaException | IllegalStateException e) {
                if (isGoing()) {
                    say(e);
                    LockSupport.parkNanos(AFTER_FAILURE.toNanos());
                }
            } catch (RuntimeException | Error e) {
                // Whatever it is: nobody else polls, and a process without a poller looks well.
                LOG.error("Records of {} cannot be taken, trying again from where they were committed",
                        endpoint.topic(), e);
                LockSupport.parkNanos(AFTER_FAILURE.toNanos());
            }
        }
    }

    private void say(RuntimeException failure) {
        KafkaClients clients = component.clients();
        if (failure instanceof KafkaException kafka
                && clients.away(clients.breaker().now(), kafka) instanceof OutageException) {
            return;
        }
        LOG.error("Records of {} are taken again from where they were committed: {}", endpoint.topic(),
                failure.getMessage());
    }

    /** The failure that the route ended with, or null. */
    private Future<Exception> start(TopicBatch batch) {
        return worker.submit(() -> MessageWork.process(this, batch));
    }
}
