package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.imports.FileFinalizer;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.RunVerifier;
import de.contactsync.imports.ScheduledRuns;
import de.contactsync.imports.TimerSettings;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.TenantNames;
import de.contactsync.observability.AlertMonitor;
import de.contactsync.observability.MonitoredComponents;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseCallClock;
import de.contactsync.persistence.Erasure;
import de.contactsync.persistence.QuotaBuckets;
import de.contactsync.persistence.Retention;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.QuotaView;
import de.contactsync.routes.RouteFailures;
import de.contactsync.tracing.TraceExport;
import java.io.File;
import java.net.BindException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.main.MainSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything wired together and started: the beans that the routes name, and Camel with the routes. */
public final class Application implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    /** For how long a tenant may leave all its calls unanswered before its work yields to that of others. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final CamelContext camel;
    private final RunCoordinator coordinator;
    private final FileModule files;
    private final RunStore runs;
    private final ScheduledRuns scheduledRuns;
    private final ContactLookupService calls;
    private final Database database;
    private final ConsumerLifecycle lifecycle;
    private final Sinks sinks;
    private final Channels channels;
    /** Null when no keys come over HTTP. */
    private final HttpSourceModule httpSource;

    private final Optional<AlertMonitor> monitor;

    private Application(Settings settings, boolean withSources, Duration patience) throws Exception {
        try {
            Clock clock = Clock.systemUTC();
            RouteModule routes = new RouteModule(settings);
            BreakerRegistry breakers =
                    new BreakerRegistry(clock, System::nanoTime, settings.jtl().refusalPause());
            lifecycle = new ConsumerLifecycle(breakers);
            settings.tracing().ifPresent(this::trace);
            database = opened(Database.open(settings.database(), breakers, patience));
            runs = opened(new RunStore(database, clock));
            SecretVault vault = new SecretVault(settings.database(), settings.secretKeys());
            opened(new Retention(database, clock, settings.deadLetterRetention(), settings.runRetention()).start());
            coordinator = new RunCoordinator(
                    runs,
                    breakers,
                    new RunVerifier(runs.audit(), settings.file().tenants()),
                    patience);
            files = new FileModule(settings, runs, coordinator, clock, withSources);
            QuotaBuckets buckets = QuotaBuckets.of(database);
            JtlModule jtl = opened(new JtlModule(
                    settings,
                    SecretStore.of(database, vault),
                    breakers,
                    buckets == null ? null : buckets::reserve,
                    new DatabaseCallClock(database, System::nanoTime),
                    new Erasure(database, clock),
                    ChunkThreads.CHUNKS_IN_FLIGHT * settings.file().chunkSize(),
                    patience,
                    withSources ? QUIET : null));
            calls = jtl.calls();
            TenantNames tenants = settings.file().tenants().knowing(jtl.connections()::ids);

            RuntimeAdapter runtime = new RuntimeAdapter();
            MainSupport main = runtime.main();
            RouteFailures failures = new RouteFailures();
            routes.install(main, failures, calls);
            runtime.bind("runCoordinator", coordinator);
            files.bind(runtime, tenants);
            jtl.bind(runtime);
            scheduledRuns = ScheduleModule.bind(
                    runtime, settings.timer().with(tenants), database, runs, coordinator, calls, clock);
            sinks = Sinks.of(settings, database, vault, runs, breakers, failures, clock);
            sinks.bind(runtime);
            channels = new Channels(settings, routes.files(), database, runs, breakers, failures, clock, withSources);
            ChunkStore store = new ChunkStore(database, runs, clock, sinks.writers());
            runtime.bind("chunkStore", store);
            Properties properties = CamelProperties.of(settings, withSources);
            runtime.bind("consumerLifecycle", lifecycle);
            JmsModule.install(
                    runtime, settings, tenants, withSources, breakers, calls, lifecycle, resources, properties);
            KafkaModule.install(
                    runtime, settings, tenants, withSources, breakers, calls, lifecycle, resources, properties);
            httpSource = HttpSourceModule.install(
                    runtime, settings, tenants, withSources, database, runs, clock, lifecycle, failures, properties);
            routes.configure(main, properties);
            if (withSources) {
                MonitoredComponents components = new MonitoredComponents(
                        breakers,
                        jtl.connections(),
                        calls,
                        store,
                        database,
                        settings.database(),
                        coordinator,
                        sinks.outboxes(),
                        channels.all(),
                        files.watched(),
                        httpSource == null ? null : httpSource.keys());
                monitor = MonitoringModule.install(
                        main,
                        settings,
                        components,
                        channels,
                        new ScheduledRunStore(database, runs, clock),
                        clock,
                        resources);
            } else {
                monitor = Optional.empty();
            }
            resources.push(main::stop);
            if (files.watched() != null) {
                files.watched().watch();
            }
            if (withSources) {
                files.finalizer().recover();
            }
            camel = routes.start(main, properties);
        } catch (BindException e) {
            close();
            throw new ConfigurationException(List.of(e.getMessage()));
        } catch (Exception e) {
            close();
            throw e;
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
            sinks.start(camel, lingering, resources);
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
    public List<DeliveryCounts> sent() {
        return sinks.counts();
    }

    /** Sends what waits for the sinks, and passes on what waits in the channels. */
    public List<DeliverySummary> flush(List<DeliveryCounts> since, Duration maxWait) {
        List<DeliverySummary> deliveries = sinks.flush(since, maxWait, coordinator::isStopping);
        // Last, because the sinks write dead letters as well.
        channels.flush(maxWait, coordinator::isStopping);
        return deliveries;
    }

    /** Marks all contacts to be sent, whatever these sinks have. */
    public void markAll() {
        sinks.markAll();
    }

    public CamelContext camel() {
        return camel;
    }

    public RunCoordinator coordinator() {
        return coordinator;
    }

    public FileFinalizer fileFinalizer() {
        return files.finalizer();
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
        sinks.stop();
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
                    "contacts.tracing.endpoint is set, but OpenTelemetry's SDK is missing: put its jars into lib/"
                            + " beside the program, as docs/operations.md says, or remove the setting"));
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        resources.push(resource);
        return resource;
    }
}
