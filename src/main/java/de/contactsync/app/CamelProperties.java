package de.contactsync.app;

import de.contactsync.config.Settings;
import java.util.List;
import java.util.Properties;

/** What Camel and its routes are configured with before modules add their own; settings of the user come over it. */
final class CamelProperties {

    private CamelProperties() {}

    static Properties of(Settings settings, boolean withSources) {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "jtl-contact-sync");
        properties.setProperty("camel.main.shutdown-timeout", "4");
        // Answers are small and come as bytes: nothing to cache, and no check for it at every step.
        properties.setProperty("camel.main.stream-caching-enabled", "false");
        // What steps log of routes of the user appears from INFO on, as what this program logs.
        properties.setProperty("camel.main.log-name", "de.contactsync.route.${routeId}");
        // What the routes may read. No secret: those stay in their beans.
        properties.setProperty(
                "contacts.file.directory", settings.file().directory().toString());
        for (String source : List.of("file", "timer")) {
            properties.setProperty(
                    "source." + source + ".enabled",
                    Boolean.toString(withSources && settings.sources().contains(source)));
        }
        settings.camel().forEach(properties::setProperty);
        return properties;
    }
}
