package de.contactsync.config;

import java.util.Locale;
import java.util.Set;

/** The keys under {@code contacts.status.}. */
final class StatusSettingsParser {

    private StatusSettingsParser() {}

    /** @return null when the status port is off, or its host is not one that it may listen on */
    static StatusSettings read(SettingsParser read) {
        boolean open = read.yes(ConfigKey.STATUS_OPEN);
        String host = read.ownHost(
                ConfigKey.STATUS_HOST,
                open,
                "a name or address of this machine; other than loopback, it requires contacts.status.open=true,"
                        + " because everybody who reaches it can read health and metrics");
        Set<String> allowedHosts = read.parsed(
                ConfigKey.STATUS_ALLOWED_HOSTS,
                "host names without ports, comma separated",
                value -> value.matches("[A-Za-z0-9._-]+(\\s*,\\s*[A-Za-z0-9._-]+)*")
                        ? Set.of(value.toLowerCase(Locale.ROOT).split("\\s*,\\s*"))
                        : null);
        Integer port = read.port(ConfigKey.STATUS_PORT);
        return port == null || host == null
                ? null
                : new StatusSettings(host, port, open, allowedHosts == null ? Set.of() : allowedHosts);
    }
}
