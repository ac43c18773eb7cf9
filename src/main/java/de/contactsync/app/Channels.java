package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.observability.AlertReceivers;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.ChannelRoute;
import de.contactsync.routes.DeadLetterBody;
import de.contactsync.routes.EventRoute;
import de.contactsync.routes.LimitedReceiver;
import de.contactsync.routes.RouteFailures;
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

    private final Settings settings;
    private final BreakerRegistry breakers;
    private final Clock clock;
    private final AlertReceivers receivers;
    private final List<ChannelModule> modules = new ArrayList<>();
    private final RouteFailures failures;
    private final List<EventRoute> routes = new ArrayList<>();
    private final Map<String, LimitedReceiver> alertReceivers = new LinkedHashMap<>();
    private final Alerts alerts;

    /** @param lingering whether halted runs go on by themselves */
    Channels(
            Settings settings,
            RouteFiles files,
            Database database,
            RunStore runs,
            BreakerRegistry breakers,
            RouteFailures failures,
            Clock clock,
            boolean lingering)
            throws IOException {
        this.settings = settings;
        this.breakers = breakers;
        this.failures = failures;
        this.clock = clock;
        this.receivers = new AlertReceivers(settings.alerts(), settings.network());
        if (files.isChanged(DeadLetterBody.CHANNEL)) {
            runs.passDeadLettersTo(DeadLetterBody.CHANNEL);
            add(
                    new Channel<>(
                            database,
                            runs,
                            clock,
                            "dead_letter",
                            DeadLetterBody.CHANNEL,
                            new DeadLetterBody(settings.deadLetterWithKey())),
                    route(DeadLetterBody.CHANNEL),
                    ChannelRoute.Grouping.NONE);
        }
        if (files.isChanged(ALERT)) {
            alertReceivers.put(ALERT, route(ALERT));
        }
        receivers.all().forEach((name, receiver) -> alertReceivers.put(name, limited(name, receiver)));
        alertReceivers.forEach((name, receiver) -> {
            ChannelRoute.Grouping stormLimit = AlertReceivers.stormLimit(database, name);
            add(Alerts.channel(database, runs, clock, name, stormLimit::isFull), receiver, stormLimit);
        });
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

    private LimitedReceiver route(String name) {
        EventRoute route = new EventRoute(name);
        routes.add(route);
        return limited(name, route);
    }

    private LimitedReceiver limited(String name, ChannelRoute.Receiver receiver) {
        return new LimitedReceiver(name, receiver, settings.routeTimeout());
    }

    private void add(Channel<Map<String, Object>> channel, LimitedReceiver receiver, ChannelRoute.Grouping grouping) {
        String what = "The channel " + channel.name();
        Breaker breaker = breakers.forSink(what);
        Duration patience = settings.crmTimeouts().patience();
        modules.add(new ChannelModule(
                what,
                channel,
                breaker,
                grouping,
                new ChannelRoute(what, channel, breaker, receiver, failures, grouping, patience)));
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
                failures.note("The channel " + name, receiver.words(e, event));
                LOG.debug("the channel {} fails", name, e);
            }
        });
    }

    /** @param camel started */
    void start(CamelContext camel) throws InterruptedException {
        for (EventRoute route : routes) {
            route.connect(camel);
        }
        for (ChannelModule module : modules) {
            module.start();
        }
    }

    /** Passes on what waits, before a command ends. */
    void flush(Duration maxWait, BooleanSupplier stopping) {
        modules.forEach(module -> module.flush(maxWait, stopping));
    }

    /** What is being passed on has a few seconds; nothing else is begun. */
    void stop() {
        modules.forEach(ChannelModule::stop);
    }

    @Override
    public void close() throws InterruptedException {
        for (ChannelModule module : modules) {
            module.close();
        }
        receivers.close();
    }
}
