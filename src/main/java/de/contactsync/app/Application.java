package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.imports.ContactFileWriter;
import de.contactsync.imports.FileFinalizer;
import de.contactsync.imports.FileRunOpener;
import de.contactsync.imports.Fingerprints;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.RunVerifier;
import de.contactsync.imports.ScheduledRuns;
import de.contactsync.imports.TimerSettings;
import de.contactsync.imports.WatchedDirectory;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.TenantNames;
import de.contactsync.observability.AlertMonitor;
import de.contactsync.observability.MonitoredComponents;
import de.contactsync.observability.StatusServer;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseCallClock;
import de.contactsync.persistence.Erasure;
import de.contactsync.persistence.OutboxWriter;
import de.contactsync.persistence.QuotaBuckets;
import de.contactsync.persistence.Retention;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.QuotaView;
import de.contactsync.routes.ContactFormat;
import de.contactsync.routes.RouteCall;
import de.contactsync.routes.RouteFailures;
import de.contactsync.tracing.TraceExport;
import java.io.File;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything wired together and started: the beans that the routes name, and Camel with the routes. */
public final class Application implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    /** Full chunks in flight at once, so that one slow call or one commit does not block others. */
    private static final int CHUNKS_IN_FLIGHT = 4;

    /** Where a file names many tenants, and its chunks are small: those of tenants out of reach keep some waiting. */
    private static final int SMALL_CHUNKS_IN_FLIGHT = 32;

    /** Of chunks that are read and wait. */
    private static final int MOST_KEYS_READ = 16_000;

    /** For how long a tenant may leave all its calls unanswered before its work yields to that of others. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final CamelContext camel;
    private final RunCoordinator coordinator;
    private final FileFinalizer fileFinalizer;
    private final RunStore runs;
    private final ScheduledRuns scheduledRuns;
    private final ContactLookupService calls;
    private final Database database;
    private final BreakerRegistry breakers;
    private final ConsumerLifecycle lifecycle;
    private final List<SinkModule> sinks = new ArrayList<>();
    private final Channels channels;
    /** Null when no keys come over HTTP. */
    private final HttpSourceModule httpSource;

    private final Optional<AlertMonitor> monitor;

    private Application(Settings settings, boolean withSources, Duration patience) throws Exception {
        try {
            Clock clock = Clock.systemUTC();
            RouteFiles routes = RouteFiles.in(Path.of(""));
            RouteFiles.requireRoutes(settings.camel());
            routes.warnings().forEach(LOG::warn);
            breakers =
                    new BreakerRegistry(clock, System::nanoTime, settings.jtl().refusalPause());
            lifecycle = new ConsumerLifecycle(breakers);
            settings.tracing().ifPresent(this::trace);
            database = opened(Database.open(settings.database(), breakers, patience));
            runs = opened(new RunStore(database, clock));
            SecretVault vault = new SecretVault(settings.database(), settings.secretKeys());
            opened(new Retention(database, clock, settings.keepsDeadLetters(), settings.keepsRuns()).start());
            WatchedDirectory directory = new WatchedDirectory(settings.file(), clock);
            coordinator = new RunCoordinator(
                    runs,
                    breakers,
                    new RunVerifier(runs.audit(), settings.file().tenants()),
                    patience);
            Fingerprints fingerprints = new Fingerprints();
            fileFinalizer = new FileFinalizer(
                    runs,
                    directory,
                    fingerprints,
                    coordinator,
                    settings.contactFile()
                            .map(format -> new ContactFileWriter(
                                    format, runs.audit(), settings.file().tenants()))
                            .orElse(null));
            QuotaBuckets buckets = QuotaBuckets.of(database);
            JtlModule jtl = opened(new JtlModule(
                    settings,
                    SecretStore.of(database, vault),
                    breakers,
                    buckets == null ? null : buckets::reserve,
                    new DatabaseCallClock(database, System::nanoTime),
                    new Erasure(database, clock),
                    CHUNKS_IN_FLIGHT * settings.file().chunkSize(),
                    patience,
                    withSources ? QUIET : null));
            calls = jtl.calls();
            TenantNames tenants = settings.file().tenants().knowing(jtl.connections()::ids);

            RuntimeAdapter runtime = new RuntimeAdapter();
            MainSupport main = runtime.main();
            RouteFailures failures = new RouteFailures();
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void afterConfigure(BaseMainSupport configured) {
                    failures.install(configured.getCamelContext());
                    // Before the routes, of which another than enrich may come first.
                    calls.setCamelContext(configured.getCamelContext());
                    if (routes.isAny() || !settings.routeSinks().isEmpty()) {
                        RouteCall.install(configured.getCamelContext());
                    }
                }
            });
            runtime.bind("runCoordinator", coordinator);
            runtime.bind(
                    "fileRunOpener",
                    new FileRunOpener(settings.file().with(tenants), runs, directory, fingerprints, coordinator));
            runtime.bind("fileFinalizer", fileFinalizer);
            runtime.bind("contactsJson", new ContactFormat.Json());
            runtime.bind("contactsCsv", new ContactFormat.Csv());
            runtime.bind("chunkThreads", chunkThreads(settings.file().chunkSize()));
            jtl.bind(runtime);
            scheduledRuns = ScheduleModule.bind(
                    runtime, settings.timer().with(tenants), database, runs, coordinator, calls, clock);
            settings.crm()
                    .ifPresent(crm -> sinks.add(new CrmModule(
                            crm, settings.crmTimeouts(), settings.network(), database, vault, runs, breakers, clock)));
            settings.routeSinks()
                    .forEach(route -> sinks.add(new RouteSinkModule(
                            route,
                            database,
                            runs,
                            breakers,
                            failures,
                            clock,
                            settings.routeTimeout(),
                            settings.crmTimeouts().patience())));
            sinks.forEach(sink -> sink.bind(runtime));
            channels = new Channels(settings, routes, database, runs, breakers, failures, clock, withSources);
            ChunkStore store = new ChunkStore(
                    database,
                    runs,
                    clock,
                    sinks.stream().map(SinkModule::outbox).toArray(OutboxWriter[]::new));
            runtime.bind("chunkStore", store);
            main.setDefaultPropertyPlaceholderLocation("false");
            Properties properties = properties(settings, withSources);
            runtime.bind("consumerLifecycle", lifecycle);
            JmsModule.install(
                    runtime, settings, tenants, withSources, breakers, calls, lifecycle, resources, properties);
            KafkaModule.install(
                    runtime, settings, tenants, withSources, breakers, calls, lifecycle, resources, properties);
            httpSource = HttpSourceModule.install(
                    runtime, settings, tenants, withSources, database, runs, clock, lifecycle, failures, properties);
            Predicate<String> wanted =
                    name -> !name.equals("sink-crm") || settings.crm().isPresent();
            // Not over a pattern that the user has set.
            properties.putIfAbsent("camel.main.routes-include-pattern", routes.patterns(wanted, properties));
            main.setOverrideProperties(properties);
            if (withSources) {
                MonitoredComponents components = new MonitoredComponents(
                        breakers,
                        jtl.connections(),
                        calls,
                        store,
                        database,
                        settings.database(),
                        coordinator,
                        sinks.stream().collect(Collectors.toMap(SinkModule::sink, SinkModule::outbox)),
                        channels.all(),
                        settings.sources().contains("file") ? directory : null,
                        httpSource == null ? null : httpSource.keys());
                if (settings.status().isPresent()) {
                    opened(new StatusServer(settings.status().get(), components, clock))
                            .install(main);
                }
                AlertMonitor.Scheduled scheduled = settings.timer().schedule() == null
                        ? null
                        : new AlertMonitor.Scheduled(
                                settings.timer().schedule(), new ScheduledRunStore(database, runs, clock)::latestBegin);
                monitor = channels.alerts()
                        .map(alerts -> new AlertMonitor(
                                components, settings.alerts(), alerts, scheduled, channels::send, clock));
            } else {
                monitor = Optional.empty();
            }
            resources.push(main::stop);
            if (withSources && settings.sources().contains("file")) {
                directory.watch();
            }
            if (withSources) {
                fileFinalizer.recover();
            }
            camel = started(main, routes);
            DirectRoutes.require(RouteFiles.offered(wanted, properties), settings.routeSinks(), routes, camel);
        } catch (BindException e) {
            close();
            throw new ConfigurationException(List.of(e.getMessage()));
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private static CamelContext started(MainSupport main, RouteFiles routes) throws Exception {
        try {
            main.start();
            return main.getCamelContext();
        } catch (ConfigurationException e) {
            throw e;
        } catch (Exception e) {
            Optional<ConfigurationException> explained = RouteErrors.explain(e, main.getCamelContext(), routes);
            throw explained.isPresent() ? explained.get() : e;
        }
    }

    /** The sources of the configuration take in work by themselves, and wait for as long as it takes. */
    public static Application startSources(Settings settings) throws Exception {
        return new Application(settings, true, FOREVER).startedSinks(true);
    }

    /** Works on what it is given, and waits for at most {@code contacts.max-wait}. */
    public static Application start(Settings settings) throws Exception {
        return new Application(settings, false, settings.maxWait()).startedSinks(false);
    }

    private Application startedSinks(boolean lingering) throws Exception {
        try {
            for (SinkModule sink : sinks) {
                opened(sink).start(camel, lingering);
            }
            opened(channels).start(camel);
            monitor.ifPresent(alerts -> opened(alerts).start());
            if (httpSource != null) {
                opened(httpSource).start();
            }
        } catch (Exception e) {
            close();
            throw e;
        }
        return this;
    }

    /** Takes one file through the route import-file. */
    public RunSummary importFile(File file) {
        return camel.createFluentProducerTemplate()
                .to("direct:import-file")
                .withBody(file)
                .request(RunSummary.class);
    }

    /** Takes what the schedule looks up of one part through the route process-run, due or not. */
    public RunSummary lookUp(TimerSettings.Part part) {
        return camel.createFluentProducerTemplate()
                .to("direct:process-run")
                .withBody(scheduledRuns.openNow(part))
                .request(RunSummary.class);
    }

    /** What each sink that is fed from an outbox has been sent so far, to count from. */
    public List<Outbox.Tally> sent() {
        return sinks.stream().map(sink -> sink.outbox().tally()).toList();
    }

    /** Sends what waits for the sinks, and passes on what waits in the channels. */
    public List<DeliverySummary> flush(List<Outbox.Tally> since, Duration maxWait) {
        List<DeliverySummary> deliveries = SinkModule.flush(sinks, since, maxWait, coordinator::isStopping);
        // Last, because the sinks write dead letters as well.
        channels.flush(maxWait, coordinator::isStopping);
        return deliveries;
    }

    /** Marks all contacts to be sent, whatever these sinks have. */
    public void markAll() {
        sinks.forEach(SinkModule::markAll);
    }

    public CamelContext camel() {
        return camel;
    }

    public RunCoordinator coordinator() {
        return coordinator;
    }

    public FileFinalizer fileFinalizer() {
        return fileFinalizer;
    }

    public ScheduledRuns scheduledRuns() {
        return scheduledRuns;
    }

    public RunStore runs() {
        return runs;
    }

    /** Empty while none is known. */
    public Optional<QuotaView> quota() {
        return calls.quota();
    }

    /**
     * Lets the chunks in flight end, but not for long; then abandons those that still wait for JTL, which stay undone.
     */
    public void drain() {
        coordinator.stop();
        lifecycle.stop();
        sinks.forEach(SinkModule::stop);
        channels.stop();
        boolean idle = awaitIdle(Duration.ofSeconds(16));
        calls.abandon();
        // Also when no file is worked on: one may just be waiting to be opened.
        database.abandon();
        if (!idle) {
            awaitIdle(Duration.ofSeconds(5));
        }
    }

    /** Nothing is worked on: no file, and no message. */
    private boolean awaitIdle(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        return coordinator.awaitIdle(patience) && lifecycle.awaitIdle(Duration.ofNanos(end - System.nanoTime()));
    }

    @Override
    public void close() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                LOG.warn("could not be closed: {}", e.toString());
            }
        }
    }

    private void trace(URI collector) {
        try {
            opened(TraceExport.start(collector));
        } catch (ClassNotFoundException e) {
            throw new ConfigurationException(List.of(
                    "contacts.tracing.endpoint is set, but OpenTelemetry's SDK is not there: put its jars into lib/"
                            + " beside the program, as docs/operations.md says, or leave the key out"));
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        resources.push(resource);
        return resource;
    }

    private static Properties properties(Settings settings, boolean withSources) {
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

    /**
     * One thread more than chunks in flight: Camel's splitter keeps one to fetch the next chunk. Virtual ones, although
     * SQLite's driver holds their carrier while it commits: with platform threads an import took 8 % more CPU.
     */
    private static ExecutorService chunkThreads(int chunkSize) {
        int count = 1 + Math.max(CHUNKS_IN_FLIGHT, Math.min(SMALL_CHUNKS_IN_FLIGHT, MOST_KEYS_READ / chunkSize));
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "chunk", true),
                Application::waitForThread);
    }

    /** No chunk is read before there is a thread for it, so that a file of any size takes the same memory. */
    private static void waitForThread(Runnable task, ThreadPoolExecutor executor) {
        try {
            executor.getQueue().put(task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while all chunk threads were busy", e);
        }
    }
}
