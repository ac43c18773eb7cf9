package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.DeadLetterBody;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;

/** The channels in use. Those of shipped routes, which do nothing, are not: nothing is written for them. */
final class Channels implements AutoCloseable {

    /** Those of them that are files of the user. */
    static final List<String> ROUTES = List.of(DeadLetterBody.CHANNEL);

    private final List<ChannelModule> modules = new ArrayList<>();
    private final List<ChannelModule.ToRoute> routes = new ArrayList<>();

    Channels(
            Settings settings,
            RouteFiles files,
            Database database,
            RunStore runs,
            BreakerRegistry breakers,
            Clock clock)
            throws IOException {
        if (files.isChanged(DeadLetterBody.CHANNEL)) {
            runs.passDeadLettersTo(DeadLetterBody.CHANNEL);
            ChannelModule.ToRoute route = new ChannelModule.ToRoute(DeadLetterBody.CHANNEL);
            routes.add(route);
            String what = "the route direct:" + DeadLetterBody.CHANNEL;
            modules.add(new ChannelModule(
                    what,
                    new Channel<>(
                            database,
                            runs,
                            clock,
                            "dead_letter",
                            DeadLetterBody.CHANNEL,
                            new DeadLetterBody(settings.deadLetterWithKey())),
                    breakers.forSink(what),
                    route,
                    settings.crmTimeouts().patience()));
        }
    }

    List<Channel<?>> all() {
        return modules.stream().<Channel<?>>map(ChannelModule::channel).toList();
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
    }
}
