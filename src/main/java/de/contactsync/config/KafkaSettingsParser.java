package de.contactsync.config;

import de.contactsync.messaging.kafka.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the settings under {@code contacts.kafka}. */
final class KafkaSettingsParser {

    private KafkaSettingsParser() {}

    /** @param used whether keys come from Kafka, so that what must be set is fetched */
    static KafkaSettings read(SettingsParser read, boolean used) {
        String protocol = read.parsed(
                ConfigKey.KAFKA_SECURITY_PROTOCOL,
                "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
                value -> value.matches("PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL") ? value : null);
        boolean login = used && protocol != null && protocol.startsWith("SASL");
        String brokers = used ? read.required(ConfigKey.KAFKA_BROKERS) : read.text(ConfigKey.KAFKA_BROKERS);
        if (brokers != null && !brokers.matches("|[^\\s,:/@]+:\\d{1,5}(\\s*,\\s*[^\\s,:/@]+:\\d{1,5})*")) {
            read.problem(ConfigKey.KAFKA_BROKERS, "HOST:PORT, comma separated");
        }
        String topic = name(read, ConfigKey.KAFKA_TOPIC);
        String output = name(read, ConfigKey.KAFKA_OUTPUT);
        String deadLetter = name(read, ConfigKey.KAFKA_DEAD_LETTER);
        if (topic != null && (topic.equals(output) || topic.equals(deadLetter))) {
            read.problem(
                    topic.equals(output) ? ConfigKey.KAFKA_OUTPUT : ConfigKey.KAFKA_DEAD_LETTER,
                    "a topic other than contacts.kafka.topic, or every result would be read as a key again");
        }
        return new KafkaSettings(
                brokers,
                topic,
                name(read, ConfigKey.KAFKA_GROUP),
                output,
                deadLetter,
                protocol,
                read.parsed(
                        ConfigKey.KAFKA_SASL_MECHANISM,
                        "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
                        value -> value.matches("PLAIN|SCRAM-SHA-256|SCRAM-SHA-512") ? value : null),
                login ? read.required(ConfigKey.KAFKA_USERNAME) : read.text(ConfigKey.KAFKA_USERNAME),
                login ? read.required(ConfigKey.KAFKA_PASSWORD) : read.text(ConfigKey.KAFKA_PASSWORD),
                read.parsed(
                        ConfigKey.KAFKA_TRUST_STORE,
                        "a readable file",
                        value -> Files.isReadable(Path.of(value)) ? Path.of(value) : null),
                read.text(ConfigKey.KAFKA_TRUST_STORE_PASSWORD));
    }

    /** What Kafka allows. */
    private static String name(SettingsParser read, ConfigKey configKey) {
        return read.parsed(
                configKey,
                "a name of letters, digits, dots, underscores and hyphens",
                value -> value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,248}") ? value : null);
    }
}
