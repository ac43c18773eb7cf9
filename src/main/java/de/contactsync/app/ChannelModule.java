package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.OutboxPoller;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.OutageException;
import de.contactsync.routes.ChannelRoute;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel and what passes its events on. */
final class ChannelModule implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelModule.class);

    /** A command does not wait for longer: what is left is passed on by the next process. */
    private static final Duration LONGEST_FLUSH = Duration.ofSeconds(30);

    private final String what;
    private final Channel<Map<String, Object>> channel;
    private final Breaker breaker;
    private final ChannelRoute.Receiver receiver;
    private final ChannelRoute.Grouping grouping;
    private final Duration patience;
    private ChannelRoute route;
    private OutboxPoller<Channel.Batch<Map<String, Object>>> poller;

    /**
     * @param what     the receiver, for people
     * @param patience as of {@link de.contactsync.outbox.FailingRecords}
     */
    ChannelModule(
            String what,
            Channel<Map<String, Object>> channel,
            Breaker breaker,
            ChannelRoute.Receiver receiver,
            ChannelRoute.Grouping grouping,
            Duration patience) {
        this.what = what;
        this.channel = channel;
        this.breaker = breaker;
        this.receiver = receiver;
        this.grouping = grouping;
        this.patience = patience;
    }

    Channel<Map<String, Object>> channel() {
        return channel;
    }

    void start() throws InterruptedException {
        route = new ChannelRoute(what, channel, breaker, receiver, grouping, patience);
        poller = new OutboxPoller<>(channel, ChannelRoute.CLAIMED, Duration.ZERO, breaker, () -> {}, route::pass);
        try {
            poller.start(Duration.ZERO);
        } catch (OutageException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }

    /** Passes on what waits, before a command ends. */
    void flush(Duration maxWait, BooleanSupplier stopping) {
        Duration most = maxWait.compareTo(LONGEST_FLUSH) < 0 ? maxWait : LONGEST_FLUSH;
        try {
            Optional<String> left =
                    breaker.isHeld() ? breaker.outage().map(outage -> outage.reason()) : poller.flush(most, stopping);
            left.ifPresent(
                    why -> LOG.warn("{}: {} wait ({}); the next start passes them on", what, channel.pending(), why));
        } catch (ProcessingHaltedException e) {
            LOG.warn("{}: what waits is passed on by the next start ({})", what, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (route != null) {
            route.close();
            poller.close();
        }
    }

    /** A route of the user that gets events. */
    static final class ToRoute implements ChannelRoute.Receiver {

        private final String uri;
        private ProducerTemplate template;

        ToRoute(String name) {
            this.uri = "direct:" + name;
        }

        /**
         * @param camel started
         * @throws ConfigurationException when there is no such route
         */
        void connect(CamelContext camel) {
            boolean there = camel.getRoutes().stream()
                    .anyMatch(route -> route.getEndpoint()
                            .getEndpointUri()
                            .replace("//", "")
                            .equals(uri));
            if (!there) {
                throw new ConfigurationException(List.of("routes/" + uri.substring("direct:".length())
                        + ".camel.yaml has no route that begins with " + uri
                        + ": give it one, or take the file out of the folder; docs/extending-routes.md has examples"));
            }
            template = camel.createProducerTemplate();
        }

        @Override
        public void take(Map<String, Object> event) throws Exception {
            Exchange exchange =
                    template.send(uri, prepared -> prepared.getMessage().setBody(event));
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
        }
    }
}
