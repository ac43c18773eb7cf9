package de.contactsync.command;

import de.contactsync.queue.QueueSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the settings under {@code contacts.queue}. */
final class QueueSection {

    private static final Set<String> SCHEMES = Set.of("tcp", "ssl", "amqp", "amqps");

    private static final String ANOTHER =
            "another queue than contacts.queue.name, or every answer would be taken for a key again";
    private static final String TLS = "contacts.queue.url to begin with ssl:// or amqps://";

    private QueueSection() {}

    static QueueSettings read(SettingReader read) {
        URI url = read.parsed(Setting.QUEUE_URL, "tcp://HOST:PORT or ssl://HOST:PORT for Artemis, amqp://HOST:PORT or"
                + " amqps://HOST:PORT for AMQP 1.0, with the password in contacts.queue.password", QueueSection::url);
        Integer port = "off".equals(read.text(Setting.QUEUE_PORT)) ? null : read.number(Setting.QUEUE_PORT, 1, 65_535);
        String password = read.text(Setting.QUEUE_PASSWORD);
        String username = password == null ? read.text(Setting.QUEUE_USERNAME) : read.required(Setting.QUEUE_USERNAME);
        String name = name(read, Setting.QUEUE_NAME);
        String output = name(read, Setting.QUEUE_OUTPUT);
        String deadLetter = name(read, Setting.QUEUE_DEAD_LETTER);
        QueueSettings settings = new QueueSettings(
                url,
                port,
                read.number(Setting.QUEUE_MAX_DISK_USAGE, 1, 100),
                read.yes(Setting.QUEUE_TRANSACTIONS),
                Path.of(read.required(Setting.QUEUE_DIRECTORY)),
                username,
                password,
                path(read, Setting.QUEUE_TRUST_STORE),
                read.text(Setting.QUEUE_TRUST_STORE_PASSWORD),
                path(read, Setting.QUEUE_KEY_STORE),
                read.text(Setting.QUEUE_KEY_STORE_PASSWORD),
                name,
                read.number(Setting.QUEUE_CONSUMERS, 1, 64),
                output,
                deadLetter);
        check(read, settings);
        return settings;
    }

    /** What does not go together. */
    private static void check(SettingReader read, QueueSettings settings) {
        Set<String> taken = new HashSet<>(List.of(settings.name() == null ? "" : settings.name(), settings.chunks(),
                settings.held()));
        if (taken.contains(settings.output())) {
            read.problem(Setting.QUEUE_OUTPUT, ANOTHER);
        }
        if (taken.contains(settings.deadLetter())) {
            read.problem(Setting.QUEUE_DEAD_LETTER, ANOTHER);
        }
        if (!settings.transactions() && settings.isEmbedded()) {
            read.problem(Setting.QUEUE_TRANSACTIONS, "true, or contacts.queue.url of a broker that has none");
        }
        if (settings.isEmbedded() && settings.port() != null && settings.username() == null) {
            read.problem(Setting.QUEUE_PORT, "off, or contacts.queue.username and .password for the programs that use it");
        }
        if (settings.username() != null && settings.password() == null && settings.isEmbedded()) {
            read.problem(Setting.QUEUE_USERNAME, "contacts.queue.password beside it");
        }
        if (!settings.isTls() && settings.trustStore() != null) {
            read.problem(Setting.QUEUE_TRUST_STORE, TLS);
        }
        if (!settings.isTls() && settings.keyStore() != null) {
            read.problem(Setting.QUEUE_KEY_STORE, TLS);
        }
    }

    private static URI url(String text) {
        URI url = URI.create(text);
        boolean known = url.getScheme() != null && SCHEMES.contains(url.getScheme());
        boolean secret = SettingReader.holdsSecret(text) || url.getRawUserInfo() != null;
        boolean optionsLost = "ssl".equals(url.getScheme()) && url.getRawQuery() != null;
        boolean whole = url.getHost() != null && url.getPort() > 0 && url.getPort() < 65_536;
        return known && whole && !secret && !optionsLost ? url : null;
    }

    /** A name goes into an endpoint's address, so it is a plain one. */
    private static String name(SettingReader read, Setting setting) {
        return read.parsed(setting, "the name of a queue: letters, digits, and . _ - / in between; or, with a / before it, an AMQP address",
                value -> value.matches("/?[A-Za-z0-9][A-Za-z0-9._/-]{0,199}") ? value : null);
    }

    private static Path path(SettingReader read, Setting setting) {
        String text = read.text(setting);
        return text == null ? null : Path.of(text);
    }
}
