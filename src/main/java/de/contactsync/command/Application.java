package de.contactsync.command;

import de.contactsync.http.QuotaView;
import de.contactsync.jtl.JtlCalls;
import de.contactsync.ledger.ChunkStore;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.DatabaseCallClock;
import de.contactsync.ledger.Forgetting;
import de.contactsync.ledger.Outbox;
import de.contactsync.ledger.QuotaBuckets;
import de.contactsync.ledger.Retention;
import de.contactsync.ledger.RunLedger;
import de.contactsync.message.MessageWork;
import de.contactsync.outage.Breakers;
import de.contactsync.source.ContactFile;
import de.contactsync.source.FileRuns;
import de.contactsync.source.Inbox;
import de.contactsync.source.Fingerprints;
import de.contactsync.source.Passes;
import de.contactsync.source.RunSummary;
import de.contactsync.source.Settlement;
import de.contactsync.source.Verifier;
import de.contactsync.status.StatusPort;
import de.contactsync.status.Watched;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.main.MainSupport;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything wired together and started: the beans that the routes name, and Camel with the routes. */
final class Application implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    /** Chunks in flight at once, so that one slow call or one commit holds up no others. */
    private static final int CHUNKS_IN_FLIGHT = 4;

    private static final List<String> MESSAGE_SOURCES = List.of("source-queue", "source-chunks", "source-kafka");

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final CamelContext camel;
    private final Passes passes;
    private final Settlement settlement;
    private final RunLedger ledger;
    private final JtlCalls calls;
    private final Database database;
    private final Breakers breakers;
    private final MessageWork messages;
    /** Null when there is none. */
    private final CrmHouse crm;

    private Application(Settings settings, boolean withSources, Duration patience) throws Exception {
        try {
            Clock clock = Clock.systemUTC();
            breakers = new Breakers(clock, System::nanoTime, settings.jtl().refusalPause());
            messages = new MessageWork(breakers);
            database = opened(Database.open(settings.database(), breakers, patience));
            ledger = opened(new RunLedger(database, clock));
            opened(new Retention(database, clock, settings.keepsDeadLetters(), settings.keepsRuns()).start());
            Inbox inbox = new Inbox(settings.file(), clock);
            passes = new Passes(ledger, breakers, new Verifier(ledger.evidence(), settings.file().tenantId()), patience);
            Fingerprints fingerprints = new Fingerprints();
            settlement = new Settlement(ledger, inbox, fingerprints, passes, settings.contactFile()
                    .map(format -> new ContactFile(format, ledger.evidence(), settings.file().tenantId()))
                    .orElse(null));
            QuotaBuckets buckets = QuotaBuckets.of(database);
            JtlModule jtl = opened(new JtlModule(settings, breakers, buckets == null ? null : buckets::reserve,
                    new DatabaseCallClock(database, System::nanoTime), new Forgetting(database, clock), patience));
            calls = jtl.calls();

            Platform platform = new Platform();
            MainSupport main = platform.main();
            platform.bind("passes", passes);
            platform.bind("fileRuns", new FileRuns(settings.file(), ledger, inbox, fingerprints, passes));
            platform.bind("settlement", settlement);
            platform.bind("chunkThreads", chunkThreads());
            jtl.bind(platform);
            TimerBeans.bind(platform, settings, database, ledger, passes, calls, clock);
            crm = settings.crm().isEmpty() ? null
                    : new CrmHouse(settings.crm().get(), settings.crmTimeouts(), settings.network(), database,
                            ledger, breakers, clock);
            if (crm != null) {
                crm.bind(platform);
            }
            ChunkStore store = new ChunkStore(database, ledger, clock, crm == null ? null : crm.outbox());
            platform.bind("chunkStore", store);
            main.setDefaultPropertyPlaceholderLocation("false");
            Properties properties = properties(settings, withSources);
            platform.bind("messageWork", messages);
            QueueWiring.install(platform, settings, withSources, breakers, calls, messages, resources, properties);
            KafkaWiring.install(platform, settings, withSources, breakers, messages, resources, properties);
            main.setOverrideProperties(properties);
            if (withSources && settings.status().isPresent()) {
                Watched watched = new Watched(breakers, jtl.tokens(), calls, store, database, settings.database(),
                        passes, crm == null ? null : crm.outbox(),
                        settings.sources().contains("file") ? inbox : null);
                opened(new StatusPort(settings.status().get(), watched, clock)).install(main);
            }
            resources.push(main::stop);
            if (withSources && settings.sources().contains("file")) {
                inbox.watch();
            }
            if (withSources) {
                settlement.recover();
            }
            main.start();
            camel = main.getCamelContext();
        } catch (BindException e) {
            close();
            throw new ConfigurationException(List.of(e.getMessage()));
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** The sources of the configuration take in work by themselves, and wait for as long as it takes. */
    static Application startSources(Settings settings) throws Exception {
        return new Application(settings, true, FOREVER).startedCrm(true);
    }

    /** Works on what it is given, and waits for at most {@code contacts.max-wait}. */
    static Application start(Settings settings) throws Exception {
        return new Application(settings, false, settings.maxWait()).startedCrm(false);
    }

    private Application startedCrm(boolean lingering) throws Exception {
        if (crm != null) {
            try {
                opened(crm).start(camel, lingering);
            } catch (Exception e) {
                close();
                throw e;
            }
        }
        return this;
    }

    /** Takes one file through the route import-file. */
    RunSummary importFile(File file) {
        return camel.createFluentProducerTemplate()
                .to("direct:import-file")
                .withBody(file)
                .request(RunSummary.class);
    }

    /** What the CRM has been sent so far, to count from; null without a CRM. */
    Outbox.Tally sent() {
        return crm == null ? null : crm.outbox().tally();
    }

    /** Sends what waits for the CRM; null without one. */
    Sent flush(Outbox.Tally since, Duration maxWait) {
        return crm == null ? null : crm.flush(since, maxWait, passes::isStopping);
    }

    /** All contacts there are shall be sent, whatever the CRM has; not without one. */
    void markAll() {
        crm.markAll();
    }

    CamelContext camel() {
        return camel;
    }

    Passes passes() {
        return passes;
    }

    Settlement settlement() {
        return settlement;
    }

    RunLedger ledger() {
        return ledger;
    }

    /** Empty while none is known. */
    Optional<QuotaView> quota() {
        return calls.quota();
    }

    /**
     * Lets the chunks in flight end, but not for long; then gives up those that still wait for JTL, which stay undone.
     */
    void drain() {
        passes.stop();
        messages.stop();
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
        boolean idle = passes.awaitIdle(patience);
        while (idle && MESSAGE_SOURCES.stream().anyMatch(route -> camel.getInflightRepository().size(route) > 0)) {
            idle = System.nanoTime() < end;
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return idle;
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

    private <T extends AutoCloseable> T opened(T resource) {
        resources.push(resource);
        return resource;
    }

    private static Properties properties(Settings settings, boolean withSources) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "jtl-contact-sync");
        properties.setProperty("camel.main.routes-include-pattern", Platform.routes());
        if (settings.crm().isEmpty()) {
            properties.setProperty("camel.main.routes-exclude-pattern", "**/sink-crm.camel.yaml");
        }
        properties.setProperty("camel.main.shutdown-timeout", "4");
        // Answers are small and come as bytes: nothing to cache, and no check for it at every step.
        properties.setProperty("camel.main.stream-caching-enabled", "false");
        // What the routes may read. No secret: those stay in their beans.
        properties.setProperty("contacts.file.directory", settings.file().directory().toString());
        for (String source : List.of("file", "timer")) {
            properties.setProperty("source." + source + ".enabled",
                    Boolean.toString(withSources && settings.sources().contains(source)));
        }
        settings.camel().forEach(properties::setProperty);
        return properties;
    }

    /** One thread more than chunks in flight: Camel's splitter keeps one to fetch the next chunk. */
    private static ExecutorService chunkThreads() {
        int count = CHUNKS_IN_FLIGHT + 1;
        return new ThreadPoolExecutor(
                count, count, 0, TimeUnit.SECONDS, new SynchronousQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "chunk", true), Application::waitForThread);
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
