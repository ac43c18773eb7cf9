package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.routes.RouteCall;
import de.contactsync.routes.RouteFailures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes of the program and of the user, and Camel, which runs them. */
final class RouteModule {

    private static final Logger LOG = LoggerFactory.getLogger(RouteModule.class);

    private final Settings settings;
    private final RouteFiles files;
    private final Predicate<String> wanted;

    /** @throws ConfigurationException when the routes are not to be had */
    RouteModule(Settings settings) throws IOException {
        this.settings = settings;
        files = RouteFiles.in(Path.of(""));
        CamelRouteSettings.require(settings.camel());
        files.warnings().forEach(LOG::warn);
        wanted = name -> !name.equals("sink-crm") || settings.crm().isPresent();
    }

    RouteFiles files() {
        return files;
    }

    /** Has what the routes need made before they are. */
    void install(MainSupport main, RouteFailures failures, ContactLookupService calls) {
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void afterConfigure(BaseMainSupport configured) {
                failures.install(configured.getCamelContext());
                // Before the routes, of which another than enrich may come first.
                calls.setCamelContext(configured.getCamelContext());
                if (files.isAny() || !settings.routeSinks().isEmpty()) {
                    RouteCall.install(configured.getCamelContext());
                }
            }
        });
    }

    /** @param properties of Camel and of the routes, complete but for the routes themselves */
    void configure(MainSupport main, Properties properties) throws IOException {
        // Not over a pattern that the user has set.
        properties.putIfAbsent("camel.main.routes-include-pattern", files.patterns(wanted, properties));
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setOverrideProperties(properties);
    }

    /**
     * @param properties as of {@link #configure}
     * @throws ConfigurationException when a route of the user cannot be started, with its file and line
     */
    CamelContext start(MainSupport main, Properties properties) throws Exception {
        try {
            main.start();
        } catch (ConfigurationException e) {
            throw e;
        } catch (Exception e) {
            Optional<ConfigurationException> explained = RouteErrors.explain(e, main.getCamelContext(), files);
            throw explained.isPresent() ? explained.get() : e;
        }
        CamelContext camel = main.getCamelContext();
        DirectRoutes.require(ShippedRoutes.offered(wanted, properties), settings.routeSinks(), files, camel);
        return camel;
    }
}
