package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.observability.AlertReceivers;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.ChannelRoute;
import de.contactsync.routes.DeadLetterBody;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channels in use. Those of shipped routes, which do nothing, are not: nothing is written for them. */
final class Channels implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    private static final String ALERT = "alert";

    /** Those of them that are files of the user. */
    static final List<String> ROUTES = List.of(DeadLetterBody.CHANNEL, ALERT);

    private final Settings settings;
    private final Database database;
    private final RunStore runs;
    private final BreakerRegistry breakers;
    private final Clock clock;
    private final AlertReceivers receivers;
    private final List<ChannelModule> modules = new ArrayList<>();
    private final List<ChannelModule.ToRoute> routes = new ArrayList<>();
    private final Map<String, ChannelRoute.Receiver> alertReceivers = new LinkedHashMap<>();
    private final Alerts alerts;

    /** @param lingering whether halted runs go on by themselves */
    Channels(
            Settings settings,
            RouteFiles files,
            Database database,
            RunStore runs,
            BreakerRegistry breakers,
            Clock clock,
            boolean lingering)
            throws IOException {
        this.settings = settings;
        this.database = database;
        this.runs = runs;
        this.breakers = breakers;
        this.clock = clock;
        this.receivers = new AlertReceivers(settings.alerts(), settings.network());
        if (files.isChanged(DeadLetterBody.CHANNEL)) {
            runs.passDeadLettersTo(DeadLetterBody.CHANNEL);
            add(
                    "dead_letter",
                    DeadLetterBody.CHANNEL,
                    new DeadLetterBody(settings.deadLetterWithKey()),
                    route(DeadLetterBody.CHANNEL),
                    ChannelRoute.Grouping.NONE);
        }
        if (files.isChanged(ALERT)) {
            alertReceivers.put(ALERT, route(ALERT));
        }
        alertReceivers.putAll(receivers.all());
        alertReceivers.forEach(
                (name, receiver) -> add(Alerts.TABLE, name, Alerts::read, receiver, AlertReceivers.stormLimit()));
        alerts = alertReceivers.isEmpty()
                ? null
                : new Alerts(
                        database,
                        runs,
                        clock,
                        List.copyOf(alertReceivers.keySet()),
                        settings.alerts().mostDeadLetters(),
                        lingering ? settings.alerts().after() : Duration.ZERO);
        if (alerts != null) {
            runs.addListener(alerts);
        }
    }

    private ChannelModule.ToRoute route(String name) {
        ChannelModule.ToRoute route = new ChannelModule.ToRoute(name);
        routes.add(route);
        return route;
    }

    private void add(
            String table,
            String name,
            Channel.Reader<Map<String, Object>> reader,
            ChannelRoute.Receiver receiver,
            ChannelRoute.Grouping grouping) {
        String what = "the channel " + name;
        modules.add(new ChannelModule(
                what,
                new Channel<>(database, runs, clock, table, name, reader),
                breakers.forSink(what),
                receiver,
                grouping,
                settings.crmTimeouts().patience()));
    }

    List<Channel<?>> all() {
        return modules.stream().<Channel<?>>map(ChannelModule::channel).toList();
    }

    /** Empty when nobody is notified. */
    Optional<Alerts> alerts() {
        return Optional.ofNullable(alerts);
    }

    /** Notifies people at once, past the database. */
    void send(Alert alert) {
        Map<String, Object> event = Alerts.event(alert, clock.instant());
        alertReceivers.forEach((name, receiver) -> {
            try {
                receiver.take(event);
            } catch (Exception e) {
                LOG.warn("the channel {} fails ({})", name, e.getClass().getSimpleName());
                LOG.debug("the channel {} fails", name, e);
            }
        });
    }

    /** @param camel started */
    void start(CamelContext camel) throws InterruptedException {
        routes.forEach(route -> route.connect(camel));
        for (ChannelModule module : modules) {
            module.start();
        }
    }

    /** Passes on what waits, before a command ends. */
    void flush(Duration maxWait, BooleanSupplier stopping) {
        modules.forEach(module -> module.flush(maxWait, stopping));
    }

    @Override
    public void close() throws InterruptedException {
        for (ChannelModule module : modules) {
            module.close();
        }
        receivers.close();
    }
}
