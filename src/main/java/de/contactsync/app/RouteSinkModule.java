package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.RouteFailures;
import de.contactsync.routes.RouteSink;
import de.contactsync.routes.RouteSinkSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;

/** A route of the user as a sink. */
final class RouteSinkModule implements SinkModule {

    /** How long a list that is not full waits for more contacts. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final RouteSinkSettings settings;
    private final String name;
    private final Outbox outbox;
    private final Breaker breaker;
    private final RouteSink sink;
    private DeliveryWorker worker;

    RouteSinkModule(
            RouteSinkSettings settings,
            Database database,
            RunStore runs,
            BreakerRegistry breakers,
            RouteFailures failures,
            Clock clock,
            Duration timeout,
            Duration patience) {
        this.settings = settings;
        this.name = "the route " + settings.uri();
        this.outbox = new Outbox(database, settings.name(), runs, clock, settings.removesGone(), settings.mostGone());
        runs.addOutbox(outbox);
        this.breaker = breakers.forSink(name);
        this.sink = new RouteSink(settings, breaker, failures, timeout, patience);
    }

    @Override
    public String sink() {
        return settings.name();
    }

    @Override
    public Outbox outbox() {
        return outbox;
    }

    /** The route needs nothing of ours. */
    @Override
    public void bind(RuntimeAdapter runtime) {}

    @Override
    public void start(CamelContext camel, boolean lingering) throws InterruptedException {
        requireRoute(settings, camel);
        sink.connect(camel);
        boolean single = settings.batchSize() == 1;
        worker = DeliveryWorker.start(
                name,
                outbox,
                sink.batchSize(),
                single ? Duration.ZERO : lingering ? LINGER : null,
                breaker,
                () -> {},
                RemovalRecheck.of(camel, outbox),
                batch -> outbox.recordResults(sink.send(batch)),
                lingering);
    }

    /** @throws ConfigurationException when there is no such route */
    static void requireRoute(RouteSinkSettings settings, CamelContext camel) {
        boolean there = camel.getRoutes().stream()
                .anyMatch(route -> settings.isAt(route.getEndpoint().getEndpointUri()));
        if (!there) {
            throw new ConfigurationException(List.of("contacts.sinks names route:" + settings.name()
                    + ", and no route begins with " + settings.uri() + ": define it in " + settings.file()
                    + " in the working directory (" + System.getProperty("user.dir") + "), or name its class in"
                    + " camel.main.routes-builder-classes; docs/extending-routes.md has an example"));
        }
    }

    @Override
    public void markAll() {
        outbox.enqueueAll();
    }

    @Override
    public DeliverySummary flush(DeliveryCounts since, Duration maxWait, BooleanSupplier stopping) {
        return worker.flush("route:" + settings.name(), settings.name(), since, maxWait, stopping);
    }

    @Override
    public void stop() {
        sink.close();
    }

    @Override
    public void close() throws InterruptedException {
        sink.close();
        if (worker != null) {
            worker.close();
        }
    }
}
