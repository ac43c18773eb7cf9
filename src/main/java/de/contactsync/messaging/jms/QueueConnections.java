package de.contactsync.messaging.jms;

import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.apache.qpid.jms.JmsOperationTimedOutException;
import org.apache.qpid.jms.JmsSendTimedOutException;

/**
 * Connections to the broker, each with a session that is transacted where the broker can do that, and the circuit
 * breaker that all of them share. The client library does not reconnect by itself: what a broken session held has to be
 * given up first. Thread-safe.
 */
public final class QueueConnections implements AutoCloseable {

    /** Messages that a broker sends ahead. */
    private static final int SMALL_PREFETCH = 4;

    private static final int LARGE_PREFETCH = 64;

    /** All of them may be as large as messages that are kept whole, and fill no more than this part of the heap. */
    private static final int PART_OF_HEAP = 4;

    private final QueueSettings settings;
    private final BrokerAddress address;
    private final BooleanSupplier diskFull;
    private final ConnectionFactory few;
    private final ConnectionFactory many;
    private final Breaker breaker;
    private final List<String> senders;
    private final QueueProbe probe;
    /** As the broker calls itself; null before the first connection. */
    private final AtomicReference<String> product = new AtomicReference<>();

    private final AtomicBoolean limitSaid = new AtomicBoolean();
    /** RabbitMQ 3 accepts messages for a queue that does not exist, and drops them. */
    private volatile boolean sendersExist;
    /** Whether a queue or the disk of the broker was full when it was last used. */
    private volatile boolean full;

    /**
     * To the broker that the settings name.
     *
     * @param senders queues that messages will be sent to
     * @throws IOException when a trust store or a key store cannot be read; the message names the setting
     */
    public QueueConnections(QueueSettings settings, List<String> senders, Breaker breaker) throws IOException {
        this(settings, BrokerAddress.of(settings), () -> false, senders, breaker);
    }

    /** To the broker of this process. */
    public QueueConnections(QueueSettings settings, EmbeddedBroker broker, List<String> senders, Breaker breaker)
            throws IOException {
        this(settings, broker.address(), broker::isDiskFull, senders, breaker);
    }

    private QueueConnections(
            QueueSettings settings,
            BrokerAddress address,
            BooleanSupplier diskFull,
            List<String> senders,
            Breaker breaker)
            throws IOException {
        this.diskFull = diskFull;
        this.settings = settings;
        this.address = address;
        this.breaker = breaker;
        this.senders = List.copyOf(senders);
        long heap = Runtime.getRuntime().maxMemory();
        SSLContext tls = settings.isTls() ? BrokerTls.context(settings) : null;
        this.few = BrokerConnectionFactory.of(
                settings, address.url(), tls, ahead(SMALL_PREFETCH, heap, settings.consumers()), product);
        this.probe = new QueueProbe(
                BrokerConnectionFactory.of(settings, address.url(), tls, 0, product),
                address,
                settings.transactions(),
                this::isRabbitMq);
        this.many = BrokerConnectionFactory.of(
                settings, address.url(), tls, ahead(LARGE_PREFETCH, heap, settings.consumers()), product);
    }

    /** How many messages a broker may send ahead to each consumer. */
    static int ahead(int most, long heap, int consumers) {
        return (int) Math.max(1, Math.min(most, heap / PART_OF_HEAP / consumers / BrokerFrames.LARGEST));
    }

    Breaker breaker() {
        return breaker;
    }

    /**
     * Connects, as soon as the breaker allows it. That alone proves nothing: whoever gets it tells the breaker whether what he
     * does with it gets through.
     *
     * @param manyAhead whether the broker sends many messages ahead, which other workers then do not get
     * @param stopped   whether not to wait, or no longer, for a broker that is away
     * @throws OutageException when the broker is away
     */
    JMSContext open(boolean manyAhead, BooleanSupplier stopped) {
        breaker.acquire(stopped);
        long began = breaker.now();
        ConnectionFactory factory = manyAhead ? many : few;
        try {
            JMSContext context = factory.createContext(address.username(), address.password(), mode());
            // Connects; the product of the broker is known only then.
            context.start();
            if (isRabbitMq() && !sendersExist) {
                tryQueues(context);
            }
            if (full && settings.transactions()) {
                tryRoom(context);
            }
            return context;
        } catch (JMSRuntimeException e) {
            throw away(began, e);
        } catch (RuntimeException | Error e) {
            breaker.release(began);
            throw e;
        }
    }

    /**
     * Connects, for one who sends what may fail for the sake of its destination; what is sent goes at once.
     *
     * @throws OutageException when the broker is away
     */
    JMSContext openForReplies() {
        // Not for the breaker to allow: whoever works on a request has been allowed to.
        long began = breaker.now();
        JMSContext context = null;
        try {
            context = few.createContext(address.username(), address.password(), JMSContext.AUTO_ACKNOWLEDGE);
            context.start();
            return context;
        } catch (JMSRuntimeException e) {
            if (context != null) {
                close(context);
            }
            throw away(began, e);
        }
    }

    /**
     * Connects, and opens what will be used, without taking or sending a message.
     *
     * @param receivers queues that messages are taken from
     * @param senders   queues that messages are sent to
     * @throws OutageException when the broker is away, or refuses one of the queues
     */
    public void verify(Collection<String> receivers, Collection<String> senders) {
        if (!breaker.tryAcquire()) {
            throw breaker.exception();
        }
        long began = breaker.now();
        try {
            probe.open(receivers, senders);
            breaker.release(began);
        } catch (JMSRuntimeException e) {
            throw away(began, e);
        } finally {
            probe.close();
        }
    }

    /** Over a new connection: the last one may be as broken as whatever made us connect. */
    private void tryQueues(JMSContext context) {
        try {
            probe.close();
            probe.open(List.of(), senders);
            sendersExist = true;
        } catch (JMSRuntimeException e) {
            close(context);
            throw e;
        }
    }

    /**
     * Sends to each queue and takes it back. A batch of keys must not find out instead: each time that would count as a
     * delivery of its messages, of which brokers allow only some.
     */
    private void tryRoom(JMSContext context) {
        try {
            for (String sender : senders) {
                context.createProducer().send(context.createQueue(sender), "");
            }
            context.rollback();
            full = false;
        } catch (JMSRuntimeException e) {
            close(context);
            throw e;
        }
    }

    /** Whoever sends keys to the broker of this process waits then, and nothing else would say why none come. */
    void checkDisk() throws JMSException {
        if (diskFull.getAsBoolean()) {
            throw new JmsSendTimedOutException("its disk is full");
        }
    }

    private boolean isRabbitMq() {
        return RabbitMq.PRODUCT.equals(product.get());
    }

    /** Once; what cannot be asked is said to be so. */
    void logDeliveryLimit(JMSContext context, String queue) {
        if (!settings.isEmbedded() && limitSaid.compareAndSet(false, true)) {
            DeliveryLimit.log(context, queue, product.get());
        }
    }

    private int mode() {
        return settings.transactions() ? JMSContext.SESSION_TRANSACTED : JMSContext.CLIENT_ACKNOWLEDGE;
    }

    /** To be thrown when a session has failed. */
    OutageException away(long began, Exception failure) {
        sendersExist = false;
        full = isFull(failure);
        boolean refused = failure instanceof JMSSecurityRuntimeException || failure instanceof JMSSecurityException;
        return breaker.open(
                began,
                refused ? Kind.SETTINGS : Kind.PASSING,
                settings.broker() + " cannot be used: " + BrokerErrors.describe(failure) + hint(failure, refused),
                failure);
    }

    private String hint(Exception failure, boolean refused) {
        if (isFull(failure)) {
            return ". It takes no message: its queue or its disk is full, so have messages fetched from it or make room"
                    + (settings.isEmbedded() ? " (limit: contacts.queue.max-disk-usage)" : "");
        }
        if (failure instanceof QueueProbe.QueueRefused) {
            return "; check the names in contacts.queue.*, and the user's permissions";
        }
        if (failure instanceof InvalidDestinationException || failure instanceof InvalidDestinationRuntimeException) {
            return "; declare the queue, durable, or check the names under contacts.queue";
        }
        return "; check contacts.queue.url" + (refused ? ", .username and .password" : "") + ", and that it runs"
                + (settings.isArtemis() ? " and speaks AMQP at this port (protocols=CORE,AMQP of the acceptor)" : "")
                + (mayHaveNoTransactions(failure)
                        ? ". Brokers without transactions, such as RabbitMQ, need contacts.queue.transactions=false"
                        : "");
    }

    /** A broker gives such a sender no credit. */
    static boolean isFull(Exception failure) {
        return failure instanceof JmsSendTimedOutException || failure.getCause() instanceof JmsSendTimedOutException;
    }

    /** Such a broker ends the session, or leaves the client library to wait in vain for an answer. */
    private boolean mayHaveNoTransactions(Exception failure) {
        return settings.transactions()
                && (isRabbitMq()
                        || failure.getCause() instanceof JmsOperationTimedOutException
                                && !(failure.getCause() instanceof JmsSendTimedOutException));
    }

    /**
     * What was sent is there for others, and what was received has gone.
     *
     * @throws JMSRuntimeException when the broker did not keep what was sent, so that it has to be sent again
     */
    void commit(JMSContext session) {
        if (session.getTransacted()) {
            session.commit();
        } else {
            if (isRabbitMq()) {
                // A queue that was deleted since the session was opened has taken what was sent to it, and dropped it.
                probe.open(List.of(), senders);
            }
            // What was sent went at once; whoever is killed in between sends it again with the same ids.
            session.acknowledge();
        }
    }

    /** Closes without a word: what matters has been committed or is given back. */
    static void close(JMSContext context) {
        try {
            context.close();
        } catch (JMSRuntimeException e) {
            // The connection is broken, and the broker gives back what it held.
        }
    }

    @Override
    public void close() {
        probe.close();
    }
}
