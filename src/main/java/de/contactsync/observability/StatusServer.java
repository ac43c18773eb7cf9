package de.contactsync.observability;

import de.contactsync.config.StatusSettings;
import de.contactsync.persistence.BacklogQueries;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.StartupListener;
import org.apache.camel.component.micrometer.prometheus.MicrometerPrometheus;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's management server with health and metrics, and nothing else: four paths, GET, no parameters. It listens
 * before the routes start.
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);

    private static final String HEALTH = "/observe/health";
    private static final String METRICS = "/observe/metrics";
    private static final Set<String> PATHS = Set.of(HEALTH, HEALTH + "/live", HEALTH + "/ready", METRICS);

    private final StatusSettings settings;
    private final BacklogMonitor backlogMonitor;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CallMetrics callMetrics = new CallMetrics(registry);
    private final ReadinessCheck readinessCheck;

    public StatusServer(StatusSettings settings, MonitoredComponents components, Clock clock) {
        this.settings = settings;
        this.backlogMonitor = new BacklogMonitor(
                () -> BacklogQueries.read(components.databaseSettings()),
                () -> components.directory() == null
                        ? null
                        : components.directory().oldest(),
                clock,
                System::nanoTime);
        this.readinessCheck = new ReadinessCheck(components, clock);
        Metrics.bind(registry, components, backlogMonitor);
    }

    /**
     * Has {@code main} open the port when it starts.
     *
     * @throws BindException when that would not be possible
     */
    public void install(MainSupport main) throws BindException {
        tryPort();
        main.configure()
                .httpManagementServer()
                .withEnabled(true)
                .withHost(settings.host())
                .withPort(settings.port())
                .withHealthCheckEnabled(true)
                .withHealthPath(HEALTH)
                .withMetricsEnabled(true);
        main.configure().metrics().setEnabled(true);
        // Ours say it all; Camel's own would disclose addresses of endpoints and the version, which is of use to
        // attackers.
        main.configure().health().setExcludePattern("context");
        main.configure().health().setRoutesEnabled(false);
        main.configure().health().setConsumersEnabled(false);
        main.configure().health().setExposureLevel("full");
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport configured) {
                bind(configured.getCamelContext().getRegistry());
            }

            @Override
            public void afterConfigure(BaseMainSupport configured) {
                try {
                    configured.getCamelContext().addStartupListener(new AfterServer());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
    }

    private void bind(Registry beans) {
        beans.bind("metricsRegistry", registry);
        beans.bind("metricsService", scraper());
        beans.bind("callMeters", callMetrics);
        beans.bind("liveness", new LivenessCheck());
        beans.bind("readiness", readinessCheck);
        // One thread to listen and two to answer; nothing is read from the class path, so no cache in the temporary
        // folder.
        beans.bind(
                "statusVertx",
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(2)
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setClassPathResolvingEnabled(false)
                                .setFileCachingEnabled(false)));
    }

    /** Only what Meters names: of its own Camel would count every step of every exchange. */
    private static MicrometerPrometheus scraper() {
        MicrometerPrometheus scraper = new MicrometerPrometheus();
        scraper.setPath(METRICS);
        scraper.setEnableRoutePolicy(false);
        scraper.setEnableExchangeEventNotifier(false);
        scraper.setEnableRouteEventNotifier(false);
        return scraper;
    }

    /** Called when the server has been started and the routes have not. */
    private final class AfterServer implements StartupListener, Ordered {

        @Override
        public void onCamelContextStarting(CamelContext camel, boolean alreadyStarted) {
            guard(camel);
        }

        @Override
        public void onCamelContextStarted(CamelContext camel, boolean alreadyStarted) {
            // Everything is done by then.
        }

        @Override
        public int getOrder() {
            return LOWEST;
        }
    }

    private void guard(CamelContext camel) {
        readinessCheck.follow(camel);
        VertxPlatformHttpRouter paths =
                camel.hasService(ManagementHttpServer.class).getRouter();
        paths.route().order(-1).handler(this::guard);
        // What Vert.x refuses before any path is looked at, such as HTTP/1.1 without a Host; it logs that otherwise.
        Router all = (Router) paths.getServer().getServer().requestHandler();
        all.errorHandler(400, StatusServer::refuseNameless);
    }

    private static void refuseNameless(RoutingContext request) {
        request.response()
                .setStatusCode(400)
                .end(
                        hosts(request.request()).isEmpty()
                                ? "The request has no Host header. Add one, such as Host: localhost.\n"
                                : "The Host header is invalid: expected a plain name, such as Host: localhost.\n");
    }

    /** All names by which the request calls this server: HTTP/2 has one more place for it. */
    private static List<String> hosts(HttpServerRequest request) {
        List<String> hosts = new ArrayList<>(request.headers().getAll("Host"));
        if (request.version() == HttpVersion.HTTP_2 && request.authority() != null) {
            hosts.add(request.authority().toString());
        }
        return hosts;
    }

    /** Camel itself answers 405 to all but GET, and 404 to less than it should. */
    private void guard(RoutingContext request) {
        List<String> hosts = hosts(request.request());
        if (hosts.isEmpty()) {
            refuseNameless(request);
        } else if (!hosts.stream().allMatch(settings::answersTo)) {
            request.response()
                    .setStatusCode(421)
                    .end("Unknown host name. Add names that callers may use to contacts.status.allowed-hosts.\n");
        } else if (!PATHS.contains(request.request().path())) {
            request.response().setStatusCode(404).end();
        } else {
            // Camel would show stack traces to whoever asks for them. The details are ours, and always shown.
            request.request().params().clear().set("data", "true");
            request.next();
        }
    }

    /** Camel's server would log that it cannot listen, and continue. */
    private void tryPort() throws BindException {
        try (ServerSocket trial = new ServerSocket(settings.port(), 1, InetAddress.getByName(settings.host()))) {
            LOG.debug("{} is free", trial);
        } catch (IOException e) {
            throw new BindException("health and metrics cannot be served on " + settings + ": " + e.getMessage()
                    + ". Another process may be using the port: set contacts.status.port to a free port, or to off");
        }
    }

    @Override
    public void close() {
        backlogMonitor.close();
        registry.close();
    }
}
