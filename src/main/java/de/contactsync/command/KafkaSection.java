package de.contactsync.command;

import de.contactsync.kafka.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the settings under {@code contacts.kafka}. */
final class KafkaSection {

    private KafkaSection() {}

    /** @param used whether keys come from Kafka, so that what must be set is asked for */
    static KafkaSettings read(SettingReader read, boolean used) {
        String protocol = read.parsed(Setting.KAFKA_SECURITY_PROTOCOL, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
                value -> value.matches("PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL") ? value : null);
        boolean login = used && protocol != null && protocol.startsWith("SASL");
        String brokers = used ? read.required(Setting.KAFKA_BROKERS) : read.text(Setting.KAFKA_BROKERS);
        if (brokers != null && !brokers.matches("|[^\\s,:/@]+:\\d{1,5}(\\s*,\\s*[^\\s,:/@]+:\\d{1,5})*")) {
            read.problem(Setting.KAFKA_BROKERS, "HOST:PORT, several with commas in between");
        }
        String topic = name(read, Setting.KAFKA_TOPIC);
        String output = name(read, Setting.KAFKA_OUTPUT);
        String deadLetter = name(read, Setting.KAFKA_DEAD_LETTER);
        if (topic != null && (topic.equals(output) || topic.equals(deadLetter))) {
            read.problem(topic.equals(output) ? Setting.KAFKA_OUTPUT : Setting.KAFKA_DEAD_LETTER,
                    "another topic than contacts.kafka.topic, or every answer would be taken for a key again");
        }
        return new KafkaSettings(
                brokers,
                topic,
                name(read, Setting.KAFKA_GROUP),
                output,
                deadLetter,
                protocol,
                read.parsed(Setting.KAFKA_SASL_MECHANISM, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
                        value -> value.matches("PLAIN|SCRAM-SHA-256|SCRAM-SHA-512") ? value : null),
                login ? read.required(Setting.KAFKA_USERNAME) : read.text(Setting.KAFKA_USERNAME),
                login ? read.required(Setting.KAFKA_PASSWORD) : read.text(Setting.KAFKA_PASSWORD),
                read.parsed(Setting.KAFKA_TRUST_STORE, "a file that can be read",
                        value -> Files.isReadable(Path.of(value)) ? Path.of(value) : null),
                read.text(Setting.KAFKA_TRUST_STORE_PASSWORD));
    }

    /** What Kafka allows. */
    private static String name(SettingReader read, Setting setting) {
        return read.parsed(setting, "a name of letters, digits, and . _ - in between",
                value -> value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,248}") ? value : null);
    }
}
