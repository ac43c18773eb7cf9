package de.contactsync.messaging.jms;

import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsDestination;
import org.apache.qpid.jms.JmsSession;
import org.apache.qpid.jms.policy.JmsDefaultPrefetchPolicy;
import org.apache.qpid.jms.policy.JmsDeserializationPolicy;
import org.apache.qpid.jms.provider.Provider;
import org.apache.qpid.jms.provider.ProviderFutureFactory;
import org.apache.qpid.jms.provider.amqp.AmqpProvider;

/** Connections of the client library as we need them: with {@link BrokerFrames}, bounded waits and no Java objects. */
final class BrokerConnectionFactory extends JmsConnectionFactory {

    private static final long serialVersionUID = 1L;

    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    /** The library's own default of 1 MiB is held several times over by each connection. */
    private static final int LARGEST_FRAME = 64 * 1024;
    /** Queues that a session keeps open to send to. */
    private static final int LINKS = 8;

    private final String chunks;
    private final AtomicReference<String> product;

    private BrokerConnectionFactory(URI url, String chunks, AtomicReference<String> product) {
        super(url);
        this.chunks = chunks;
        this.product = product;
    }

    @Override
    protected Provider createProvider(URI url) throws Exception {
        AmqpProvider provider = url.getScheme().equals(LocalTransport.SCHEME)
                ? new AmqpProvider(url, new LocalTransport(url), ProviderFutureFactory.create(new HashMap<>()))
                : (AmqpProvider) super.createProvider(url);
        BrokerFrames.listenTo(provider, chunks, product);
        provider.setMaxFrameSize(LARGEST_FRAME);
        provider.setAnonymousFallbackCacheSize(LINKS);
        // It would also close links of sessions that have ended, in vain, and then abandon the connection.
        provider.setAnonymousFallbackCacheTimeout(0);
        return provider;
    }

    /**
     * @param url      where the broker takes AMQP 1.0 connections
     * @param tls      or null
     * @param messages that the broker sends ahead
     * @param product  set to the name of the broker when a connection is open
     */
    static ConnectionFactory of(
            QueueSettings settings, URI url, SSLContext tls, int messages, AtomicReference<String> product) {
        JmsConnectionFactory factory = new BrokerConnectionFactory(url, settings.chunks(), product);
        factory.setDeserializationPolicy(new NoJavaObjects());
        factory.setPrefetchPolicy(new Prefetch(settings.chunks(), messages));
        // Else a queue that takes nothing blocks whoever sends to it, forever.
        factory.setSendTimeout(SEND_TIMEOUT.toMillis());
        factory.setRequestTimeout(REQUEST_TIMEOUT.toMillis());
        factory.setCloseTimeout(CLOSE_TIMEOUT.toMillis());
        // Else each wait in vain ends in asking the broker for what is left. Artemis may leave that without an answer,
        // so that messages that were sent ahead lie there for a minute; RabbitMQ 3.10 ends the session.
        factory.setReceiveLocalOnly(true);
        factory.setReceiveNoWaitLocalOnly(true);
        // Whether a message has expired is for the broker to say: its clock and the sender's are not ours.
        factory.setLocalMessageExpiry(false);
        if (tls != null) {
            factory.setSslContext(tls);
        }
        return factory;
    }

    /** Whatever asks for it: a message never becomes an object of the sender's choice. */
    private static final class NoJavaObjects implements JmsDeserializationPolicy {

        @Override
        public JmsDeserializationPolicy copy() {
            return this;
        }

        @Override
        public boolean isTrustedType(JmsDestination destination, Class<?> type) {
            return false;
        }
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
        public int getConfiguredPrefetch(
                JmsSession session, JmsDestination destination, boolean durable, boolean browser) {
            int most = super.getConfiguredPrefetch(session, destination, durable, browser);
            return chunks.equals(destination.getAddress()) ? Math.min(1, most) : most;
        }
    }
}
