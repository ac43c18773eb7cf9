package de.contactsync.messaging.kafka;

import java.nio.file.Path;

/**
 * How messages come and go over Kafka.
 *
 * @param brokers          some of the cluster: {@code host:port}, comma separated
 * @param group            workers of one group share the partitions of the topic
 * @param securityProtocol {@code PLAINTEXT}, {@code SSL}, {@code SASL_PLAINTEXT} or {@code SASL_SSL}
 * @param saslMechanism    {@code PLAIN}, {@code SCRAM-SHA-256} or {@code SCRAM-SHA-512}; used with SASL only
 * @param username         or null
 * @param password         or null
 * @param trustStore       certificates that the brokers' are checked by, PKCS#12 or JKS; null for those of the JVM
 */
public record KafkaSettings(
        String brokers,
        String topic,
        String group,
        String output,
        String deadLetter,
        String securityProtocol,
        String saslMechanism,
        String username,
        String password,
        Path trustStore,
        String trustStorePassword) {

    /** Without the passwords. */
    @Override
    public String toString() {
        return "KafkaSettings[" + topic + " of " + brokers + "]";
    }
}
