package de.contactsync.config;

import de.contactsync.messaging.jms.QueueSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the settings under {@code contacts.queue}. */
final class QueueSettingsParser {

    private static final Set<String> SCHEMES = Set.of("tcp", "ssl", "amqp", "amqps");

    private static final String ANOTHER =
            "a queue other than contacts.queue.name, or every result would be read as a key again";
    private static final String TLS = "contacts.queue.url to begin with ssl:// or amqps://";

    private QueueSettingsParser() {}

    static QueueSettings read(SettingsParser read) {
        URI url = read.parsed(
                ConfigKey.QUEUE_URL,
                "tcp://HOST:PORT or ssl://HOST:PORT for Artemis, amqp://HOST:PORT or"
                        + " amqps://HOST:PORT for AMQP 1.0, with the password in contacts.queue.password",
                QueueSettingsParser::url);
        Integer port = read.port(ConfigKey.QUEUE_PORT);
        String password = read.text(ConfigKey.QUEUE_PASSWORD);
        String username =
                password == null ? read.text(ConfigKey.QUEUE_USERNAME) : read.required(ConfigKey.QUEUE_USERNAME);
        String name = name(read, ConfigKey.QUEUE_NAME);
        String output = name(read, ConfigKey.QUEUE_OUTPUT);
        String deadLetter = name(read, ConfigKey.QUEUE_DEAD_LETTER);
        QueueSettings settings = new QueueSettings(
                url,
                port,
                read.number(ConfigKey.QUEUE_MAX_DISK_USAGE, 1, 100),
                read.yes(ConfigKey.QUEUE_TRANSACTIONS),
                Path.of(read.required(ConfigKey.QUEUE_DIRECTORY)),
                username,
                password,
                path(read, ConfigKey.QUEUE_TRUST_STORE),
                read.text(ConfigKey.QUEUE_TRUST_STORE_PASSWORD),
                path(read, ConfigKey.QUEUE_KEY_STORE),
                read.text(ConfigKey.QUEUE_KEY_STORE_PASSWORD),
                name,
                read.number(ConfigKey.QUEUE_CONSUMERS, 1, 64),
                output,
                deadLetter);
        check(read, settings);
        return settings;
    }

    /** What does not go together. */
    private static void check(SettingsParser read, QueueSettings settings) {
        Set<String> taken = new HashSet<>(
                List.of(settings.name() == null ? "" : settings.name(), settings.chunks(), settings.held()));
        if (taken.contains(settings.output())) {
            read.problem(ConfigKey.QUEUE_OUTPUT, ANOTHER);
        }
        if (taken.contains(settings.deadLetter())) {
            read.problem(ConfigKey.QUEUE_DEAD_LETTER, ANOTHER);
        }
        if (!settings.transactions() && settings.isEmbedded()) {
            read.problem(
                    ConfigKey.QUEUE_TRANSACTIONS,
                    "true, unless contacts.queue.url names a broker without transactions");
        }
        if (settings.isEmbedded() && settings.port() != null && settings.username() == null) {
            read.problem(
                    ConfigKey.QUEUE_PORT, "off, or contacts.queue.username and .password for the programs that use it");
        }
        if (settings.username() != null && settings.password() == null && settings.isEmbedded()) {
            read.problem(ConfigKey.QUEUE_USERNAME, "contacts.queue.password as well");
        }
        if (!settings.isTls() && settings.trustStore() != null) {
            read.problem(ConfigKey.QUEUE_TRUST_STORE, TLS);
        }
        if (!settings.isTls() && settings.keyStore() != null) {
            read.problem(ConfigKey.QUEUE_KEY_STORE, TLS);
        }
    }

    private static URI url(String text) {
        URI url = URI.create(text);
        boolean known = url.getScheme() != null && SCHEMES.contains(url.getScheme());
        boolean secret = SecretInUrl.isIn(text) || url.getRawUserInfo() != null;
        boolean optionsLost = "ssl".equals(url.getScheme()) && url.getRawQuery() != null;
        boolean whole = url.getHost() != null && url.getPort() > 0 && url.getPort() < 65_536;
        return known && whole && !secret && !optionsLost ? url : null;
    }

    /** A name goes into an endpoint's address, so it is a plain one. */
    private static String name(SettingsParser read, ConfigKey configKey) {
        return read.parsed(
                configKey,
                "the name of a queue, of letters, digits and . _ - /, or an AMQP address that begins with /",
                value -> value.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}|/[A-Za-z0-9][A-Za-z0-9._/%-]{0,199}")
                        ? value
                        : null);
    }

    private static Path path(SettingsParser read, ConfigKey configKey) {
        String text = read.text(configKey);
        return text == null ? null : Path.of(text);
    }
}
