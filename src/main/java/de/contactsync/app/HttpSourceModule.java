package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.http.HttpSourceSettings;
import de.contactsync.messaging.http.KeyAcceptor;
import de.contactsync.messaging.http.KeyHttpServer;
import de.contactsync.messaging.http.PlatformHttpRoutes;
import de.contactsync.messaging.http.ReceivedKeys;
import de.contactsync.messaging.http.ReceivedKeysComponent;
import de.contactsync.messaging.http.UnservedHttpRoutes;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.routes.RouteFailures;
import java.io.IOException;
import java.net.BindException;
import java.time.Clock;
import java.util.List;
import java.util.Properties;

/** The beans of the routes source-http and accept-keys, and the server that takes keys in. */
final class HttpSourceModule implements AutoCloseable {

    private final ReceivedKeys keys;
    /** Null when only routes of the user bring keys. */
    private final KeyHttpServer server;

    private HttpSourceModule(ReceivedKeys keys, KeyHttpServer server) {
        this.keys = keys;
        this.server = server;
    }

    ReceivedKeys keys() {
        return keys;
    }

    /** @return null when no keys come over HTTP, or from routes of the user */
    static HttpSourceModule install(
            RuntimeAdapter runtime,
            Settings settings,
            TenantNames tenants,
            boolean withSources,
            Database database,
            RunStore runs,
            Clock clock,
            ConsumerLifecycle lifecycle,
            RouteFailures failures,
            Properties properties)
            throws IOException {
        boolean source = withSources
                && (settings.sources().contains("http") || settings.sources().contains("route"));
        properties.setProperty("source.http.enabled", Boolean.toString(source));
        if (!withSources || settings.http() == null) {
            runtime.bind(PlatformHttpRoutes.BEAN, new UnservedHttpRoutes(!withSources));
        }
        if (!source) {
            return null;
        }
        ReceivedKeys keys = new ReceivedKeys(database, runs, clock);
        runtime.bind("receivedKeys", keys);
        runtime.bind("received-keys", new ReceivedKeysComponent(keys, lifecycle));
        runtime.bind("keyAcceptor", new KeyAcceptor(keys, tenants.strict()));
        HttpSourceSettings http = settings.http();
        if (http == null) {
            return new HttpSourceModule(keys, null);
        }
        KeyHttpServer server = new KeyHttpServer(http, keys, tenants.strict(), lifecycle, failures);
        runtime.bind(PlatformHttpRoutes.BEAN, server.routes());
        runtime.bind(server.routes().routerName(), server.routes().router());
        return new HttpSourceModule(keys, server);
    }

    /** Listens from now on, if it is to. */
    void start() {
        if (server == null) {
            return;
        }
        try {
            server.start();
        } catch (BindException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
