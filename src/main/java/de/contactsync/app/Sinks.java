package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.OutboxWriter;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.RouteFailures;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;

/** The sinks that are fed from outboxes: the CRM, and routes of the user. */
record Sinks(List<SinkModule> modules) {

    static Sinks of(
            Settings settings,
            Database database,
            SecretVault vault,
            RunStore runs,
            BreakerRegistry breakers,
            RouteFailures failures,
            Clock clock) {
        List<SinkModule> modules = new ArrayList<>();
        settings.crm()
                .ifPresent(crm -> modules.add(new CrmModule(
                        crm,
                        settings.file().tenants(),
                        settings.crmTimeouts(),
                        settings.network(),
                        database,
                        vault,
                        runs,
                        breakers,
                        clock)));
        settings.routeSinks()
                .forEach(route -> modules.add(new RouteSinkModule(
                        route,
                        database,
                        runs,
                        breakers,
                        failures,
                        clock,
                        settings.routeTimeout(),
                        settings.crmTimeouts().patience())));
        return new Sinks(List.copyOf(modules));
    }

    /** Before Camel is started. */
    void bind(RuntimeAdapter runtime) {
        modules.forEach(sink -> sink.bind(runtime));
    }

    OutboxWriter[] writers() {
        return modules.stream().map(SinkModule::outbox).toArray(OutboxWriter[]::new);
    }

    /** By the names of their sinks. */
    Map<String, Outbox> outboxes() {
        return modules.stream().collect(Collectors.toMap(SinkModule::sink, SinkModule::outbox));
    }

    /**
     * As {@link SinkModule#start}, of all.
     *
     * @param resources that are closed in the end
     */
    void start(CamelContext camel, boolean lingering, Deque<AutoCloseable> resources) throws Exception {
        for (SinkModule sink : modules) {
            resources.push(sink);
            sink.start(camel, lingering);
        }
    }

    /** What each has been sent so far, to count from. */
    List<DeliveryCounts> counts() {
        return modules.stream().map(sink -> sink.outbox().counts()).toList();
    }

    /** Marks all contacts to be sent, whatever these sinks have. */
    void markAll() {
        modules.forEach(SinkModule::markAll);
    }

    /**
     * Sends all that waits, to all sinks at once: none waits for another that fails.
     *
     * @param since of each, as of {@link #counts}
     */
    List<DeliverySummary> flush(List<DeliveryCounts> since, Duration maxWait, BooleanSupplier stopping) {
        List<CompletableFuture<DeliverySummary>> flushes = IntStream.range(0, modules.size())
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> modules.get(i).flush(since.get(i), maxWait, stopping),
                        task -> new Thread(task, "flush-" + modules.get(i).sink()).start()))
                .toList();
        try {
            return flushes.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What is being sent has a few seconds; nothing else is begun. */
    void stop() {
        modules.forEach(SinkModule::stop);
    }
}
