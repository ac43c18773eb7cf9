package de.contactsync.queue;

import de.contactsync.outage.Breaker;
import de.contactsync.outage.Outage.Kind;
import de.contactsync.outage.OutageException;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnectorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSContext;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.apache.activemq.artemis.jms.client.ActiveMQTemporaryQueue;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsDestination;
import org.apache.qpid.jms.JmsOperationTimedOutException;
import org.apache.qpid.jms.JmsSendTimedOutException;
import org.apache.qpid.jms.JmsSession;
import org.apache.qpid.jms.policy.JmsDefaultPrefetchPolicy;

/**
 * Connections to the broker, each with a session that is transacted where the broker can do that, and the circuit
 * breaker that all of them share. Neither client library reconnects by itself: what a broken session held has to be given
 * up first. Thread-safe.
 */
public final class QueueConnections {

    /** Bytes that Artemis sends ahead to a session: a few keys, or enough for large batches. */
    private static final int SMALL_WINDOW = 4 * 1024;
    private static final int LARGE_WINDOW = 64 * 1024;
    /** Messages that a broker sends ahead over AMQP. */
    private static final int SMALL_PREFETCH = 4;
    private static final int LARGE_PREFETCH = 200;
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final QueueSettings settings;
    private final ConnectionFactory few;
    private final ConnectionFactory many;
    private final Breaker breaker;

    /** @throws IOException when a trust store or a key store cannot be read; the message names the setting */
    public QueueConnections(QueueSettings settings, Breaker breaker) throws IOException {
        this.settings = settings;
        this.breaker = breaker;
        SSLContext tls = settings.isTls() ? sslContext(settings) : null;
        this.few = settings.isAmqp() ? amqp(settings, tls, SMALL_PREFETCH) : artemis(settings, SMALL_WINDOW);
        this.many = settings.isAmqp() ? amqp(settings, tls, LARGE_PREFETCH) : artemis(settings, LARGE_WINDOW);
    }

    Breaker breaker() {
        return breaker;
    }

    /**
     * Connects, when the breaker lets us. That alone proves nothing: whoever gets it tells the breaker whether what he
     * does with it gets through.
     *
     * @param manyAhead whether the broker sends many messages ahead, which other workers then do not get
     * @throws OutageException when the broker is away
     */
    JMSContext open(boolean manyAhead) {
        if (!breaker.tryAcquire()) {
            throw breaker.exception();
        }
        long began = breaker.now();
        ConnectionFactory factory = manyAhead ? many : few;
        int mode = settings.transactions() ? JMSContext.SESSION_TRANSACTED : JMSContext.CLIENT_ACKNOWLEDGE;
        try {
            JMSContext context = settings.username() == null
                    ? factory.createContext(mode)
                    : factory.createContext(settings.username(), settings.password(), mode);
            context.start();
            return context;
        } catch (JMSRuntimeException e) {
            throw away(began, e);
        } catch (RuntimeException | Error e) {
            breaker.release(began);
            throw e;
        }
    }

    /** @throws OutageException when the broker is away */
    public void tryOut() {
        long began = breaker.now();
        close(open(false));
        breaker.release(began);
    }

    /** To be thrown when a session has failed. */
    OutageException away(long began, Exception failure) {
        boolean refused = failure instanceof JMSSecurityRuntimeException;
        return breaker.open(began, refused ? Kind.SETTINGS : Kind.PASSING,
                "the broker " + settings.shownUrl() + " cannot be used: " + reason(failure) + "; check contacts.queue.url"
                        + (refused ? ", .username and .password" : "") + ", and that it runs"
                        + (mayHaveNoTransactions(failure)
                                ? ". Brokers that have no transactions, such as RabbitMQ, need contacts.queue.transactions=false"
                                : ""),
                failure);
    }

    /** Such a broker ends the session, and the client library waits in vain for an answer. */
    private boolean mayHaveNoTransactions(Exception failure) {
        return settings.isAmqp() && settings.transactions() && failure.getCause() instanceof JmsOperationTimedOutException
                && !(failure.getCause() instanceof JmsSendTimedOutException);
    }

    /** What was sent is there for others, and what was received has gone. */
    static void commit(JMSContext session) {
        if (session.getTransacted()) {
            session.commit();
        } else {
            // What was sent went at once; whoever is killed in between sends it again with the same ids.
            session.acknowledge();
        }
    }

    /**
     * Whether a temporary queue has gone with its owner, as far as the broker can be asked. Artemis' client would make it
     * anew, and keep what nobody fetches until this process ends.
     */
    static boolean isGone(JMSContext context, Destination destination) {
        if (!(context instanceof ActiveMQJMSContext artemis && destination instanceof ActiveMQTemporaryQueue queue)) {
            return false;
        }
        try {
            return !((ActiveMQSession) artemis.getSession()).getCoreSession()
                    .addressQuery(queue.getSimpleAddress()).isExists();
        } catch (ActiveMQException e) {
            // A session that has failed tells so when it is used.
            return false;
        }
    }

    private static String reason(Exception failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static ConnectionFactory artemis(QueueSettings settings, int window) {
        ActiveMQConnectionFactory factory = settings.isTls()
                ? new ActiveMQConnectionFactory(false, tlsTransport(settings))
                : new ActiveMQConnectionFactory(settings.isEmbedded() ? EmbeddedBroker.URL : settings.url().toString());
        factory.setConsumerWindowSize(window);
        factory.setReconnectAttempts(0);
        factory.setCallTimeout(REQUEST_TIMEOUT.toMillis());
        // Each body is bounded by our door, and none is ever taken for a Java object.
        factory.setDeserializationAllowList("none");
        return factory;
    }

    private static TransportConfiguration tlsTransport(QueueSettings settings) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put(TransportConstants.HOST_PROP_NAME, settings.url().getHost());
        parameters.put(TransportConstants.PORT_PROP_NAME, settings.url().getPort());
        parameters.put(TransportConstants.SSL_ENABLED_PROP_NAME, true);
        if (settings.trustStore() != null) {
            parameters.put(TransportConstants.TRUSTSTORE_PATH_PROP_NAME, settings.trustStore().toString());
            parameters.put(TransportConstants.TRUSTSTORE_PASSWORD_PROP_NAME, settings.trustStorePassword());
            parameters.put(TransportConstants.TRUSTSTORE_TYPE_PROP_NAME, KeyStore.getDefaultType());
        }
        if (settings.keyStore() != null) {
            parameters.put(TransportConstants.KEYSTORE_PATH_PROP_NAME, settings.keyStore().toString());
            parameters.put(TransportConstants.KEYSTORE_PASSWORD_PROP_NAME, settings.keyStorePassword());
            parameters.put(TransportConstants.KEYSTORE_TYPE_PROP_NAME, KeyStore.getDefaultType());
        }
        return new TransportConfiguration(NettyConnectorFactory.class.getName(), parameters);
    }

    private static ConnectionFactory amqp(QueueSettings settings, SSLContext tls, int messages) {
        JmsConnectionFactory factory = new JmsConnectionFactory(settings.url().toString());
        factory.setPrefetchPolicy(new Prefetch(settings.chunks(), messages));
        // Else a queue that takes nothing holds up whoever sends to it, for ever.
        factory.setSendTimeout(SEND_TIMEOUT.toMillis());
        factory.setRequestTimeout(REQUEST_TIMEOUT.toMillis());
        factory.setCloseTimeout(CLOSE_TIMEOUT.toMillis());
        // Else each wait in vain ends in asking the broker for what is left. Artemis may leave that without an answer, so that
        // messages that were sent ahead lie there for a minute; RabbitMQ 3.10 ends the session.
        factory.setReceiveLocalOnly(true);
        factory.setReceiveNoWaitLocalOnly(true);
        if (tls != null) {
            factory.setSslContext(tls);
        }
        return factory;
    }

    private static SSLContext sslContext(QueueSettings settings) throws IOException {
        try {
            TrustManagerFactory trust = null;
            if (settings.trustStore() != null) {
                trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(load(settings.trustStore(), settings.trustStorePassword(), "contacts.queue.trust-store"));
            }
            KeyManagerFactory keys = null;
            if (settings.keyStore() != null) {
                keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(load(settings.keyStore(), settings.keyStorePassword(), "contacts.queue.key-store"),
                        chars(settings.keyStorePassword()));
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys == null ? null : keys.getKeyManagers(), trust == null ? null : trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("contacts.queue.trust-store or .key-store cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore load(Path path, String password, String setting)
            throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(path)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(in, chars(password));
            return store;
        } catch (IOException e) {
            throw new IOException(setting + " " + path + " cannot be read: " + e.getMessage()
                    + "; check the path and " + setting + "-password", e);
        }
    }

    private static char[] chars(String password) {
        return password == null ? null : password.toCharArray();
    }

    /** A message with a chunk is work for long, and goes alone. */
    private static final class Prefetch extends JmsDefaultPrefetchPolicy {

        private final String chunks;

        Prefetch(String chunks, int messages) {
            this.chunks = chunks;
            setAll(messages);
        }

        private Prefetch(Prefetch source) {
            super(source);
            this.chunks = source.chunks;
        }

        @Override
        public Prefetch copy() {
            return new Prefetch(this);
        }

        @Override
        public int getConfiguredPrefetch(JmsSession session, JmsDestination destination, boolean durable, boolean browser) {
            return chunks.equals(destination.getAddress())
                    ? 1
                    : super.getConfiguredPrefetch(session, destination, durable, browser);
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
}
