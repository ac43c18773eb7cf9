package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.LogFormat;
import java.util.List;

/** The log on stderr, which Quarkus writes as its own settings say. */
public final class LogOutput {

    private LogOutput() {}

    public static void use(LogFormat format) {
        if (format == LogFormat.JSON) {
            throw new ConfigurationException(List.of("contacts.log.format=json is for the default build: on Quarkus"
                    + " build with the extension quarkus-logging-json instead, and take the setting out"));
        }
    }
}
