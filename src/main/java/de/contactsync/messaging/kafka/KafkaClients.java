package de.contactsync.messaging.kafka;

import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes Kafka's clients, and knows the circuit breaker that all of them share. Thread-safe. */
public final class KafkaClients {

    /** What a request may take: brokers that are there answer at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** After which a worker that was killed is taken for gone, and others get its partitions. */
    private static final Duration SILENCE = Duration.ofSeconds(10);
    /** Bytes that a broker sends ahead: some ten thousand keys. A single larger message comes all the same. */
    private static final int FETCH = 8 * 1024 * 1024;

    private final KafkaSettings settings;
    private final Breaker breaker;

    public KafkaClients(KafkaSettings settings, Breaker breaker) {
        this.settings = settings;
        this.breaker = breaker;
    }

    Breaker breaker() {
        return breaker;
    }

    /**
     * A use of the brokers that the breaker allows. To be closed on every way out of it: that gives back what no other
     * end has used up. Passed only when something was done: connecting works where all that follows is refused.
     */
    final class Attempt implements AutoCloseable {

        private final long began = breaker.now();

        void passed() {
            breaker.recordSuccess();
        }

        /** As {@link KafkaClients#away}. */
        RuntimeException away(KafkaException failure) {
            return KafkaClients.this.away(began, failure);
        }

        @Override
        public void close() {
            breaker.release(began);
        }
    }

    /** @throws OutageException when nothing may be tried now */
    Attempt attempt() {
        return attempt(() -> true);
    }

    /**
     * Waits until something may be tried.
     *
     * @param stopped whether not to wait, or no longer
     * @throws OutageException when it is stopped before
     */
    Attempt attempt(BooleanSupplier stopped) {
        breaker.acquire(stopped);
        return new Attempt();
    }

    /**
     * A consumer that has reached its topic.
     *
     * @param most records of one poll
     * @throws OutageException when the brokers are away, or have no such topic
     */
    Consumer<byte[], byte[]> consumer(Attempt attempt, String topic, int most) {
        Consumer<byte[], byte[]> consumer = null;
        try {
            consumer =
                    new KafkaConsumer<>(consumerConfig(most), new ByteArrayDeserializer(), new ByteArrayDeserializer());
            if (consumer.partitionsFor(topic, PATIENCE).isEmpty()) {
                throw breaker.open(
                        attempt.began,
                        Kind.SETTINGS,
                        "Kafka at " + settings.brokers() + " has no topic " + topic
                                + ": create it, or check contacts.kafka.topic");
            }
            return consumer;
        } catch (RuntimeException e) {
            if (consumer != null) {
                close(consumer);
            }
            throw e instanceof KafkaException failure ? attempt.away(failure) : e;
        }
    }

    /** @throws OutageException when the brokers are away, or have no such topic */
    public void verifyConnection(String topic) {
        try (Attempt attempt = attempt()) {
            close(consumer(attempt, topic, 1));
        }
    }

    Producer<String, byte[]> producer() {
        Map<String, Object> config = config();
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        // Whoever is killed publishes again, so that readers go by the message id in any case; and an idempotent
        // producer that meets a partition without a leader may wait out its whole patience for its own lost sequence.
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis(PATIENCE));
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(PATIENCE));
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(PATIENCE.multipliedBy(2)));
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, FETCH);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** To be thrown when a client has failed: an outage where trying again may help, else the failure itself. */
    RuntimeException away(long began, KafkaException failure) {
        // A client that cannot be made at all has been given something wrong, a name that nobody knows for example.
        boolean refused = failure instanceof AuthenticationException
                || failure instanceof AuthorizationException
                || failure.getCause() instanceof ConfigException;
        boolean passing = failure instanceof RetriableException;
        if (!refused && !passing) {
            return failure;
        }
        return breaker.open(
                began,
                refused ? Kind.SETTINGS : Kind.PASSING,
                "Kafka at " + settings.brokers() + " cannot be used: " + reason(failure)
                        + "; check contacts.kafka.brokers" + (refused ? ", .username and .password" : "")
                        + ", and that it runs",
                failure);
    }

    private static String reason(KafkaException failure) {
        return failure.getCause() == null
                ? failure.getMessage()
                : failure.getCause().getMessage();
    }

    /** Leaves the group, so that others get the partitions at once. */
    static void close(Consumer<?, ?> consumer) {
        try {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
        } catch (KafkaException e) {
            // Without a broker there is no group to leave.
        }
    }

    private Map<String, Object> consumerConfig(int most) {
        Map<String, Object> config = config();
        config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // A group that has never committed begins with what is there.
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // Takes from a worker only the partitions that another gets, not all for a moment.
        config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, millis(SILENCE));
        config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, millis(SILENCE.dividedBy(4)));
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(PATIENCE));
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, most);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH);
        // Only what stands in a transaction that was committed.
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return config;
    }

    private Map<String, Object> config() {
        Map<String, Object> config = new HashMap<>();
        config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "jtl-contact-sync");
        // What Kafka's clients would report to brokers about themselves (KIP-714).
        config.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        config.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, settings.securityProtocol());
        if (settings.securityProtocol().startsWith("SASL")) {
            config.put(SaslConfigs.SASL_MECHANISM, settings.saslMechanism());
            config.put(SaslConfigs.SASL_JAAS_CONFIG, login());
        }
        if (settings.trustStore() != null) {
            config.put(
                    SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
                    settings.trustStore().toString());
            config.put(SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG, settings.trustStorePassword());
            // Java reads both PKCS#12 and JKS by this name.
            config.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "JKS");
        }
        return config;
    }

    private String login() {
        String module = settings.saslMechanism().equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return "org.apache.kafka.common.security." + module + " required username=" + quoted(settings.username())
                + " password=" + quoted(settings.password()) + ";";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}
