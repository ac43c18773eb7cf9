package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.OutboxPoller;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.routes.ChannelRoute;
import de.contactsync.routes.LimitedReceiver;
import de.contactsync.routes.RouteFailures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
    private final LimitedReceiver receiver;
    private final RouteFailures failures;
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
            LimitedReceiver receiver,
            RouteFailures failures,
            ChannelRoute.Grouping grouping,
            Duration patience) {
        this.what = what;
        this.channel = channel;
        this.breaker = breaker;
        this.receiver = receiver;
        this.failures = failures;
        this.grouping = grouping;
        this.patience = patience;
    }

    Channel<Map<String, Object>> channel() {
        return channel;
    }

    void start() throws InterruptedException {
        route = new ChannelRoute(what, channel, breaker, receiver, failures, grouping, patience);
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
                    poller.flush(most, () -> stopping.getAsBoolean() || breaker.isHeld() || grouping.isFull());
            if (left.isPresent() && breaker.isHeld()) {
                left = breaker.outage().map(Outage::reason);
            } else if (left.isPresent() && grouping.isFull()) {
                left = Optional.of(grouping.whyFull());
            }
            left.ifPresent(
                    why -> LOG.warn("{}: {} wait ({}); the next start passes them on", what, channel.pending(), why));
        } catch (ProcessingHaltedException e) {
            LOG.warn("{}: what waits is passed on by the next start ({})", what, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends with the event in hand, which has a few seconds. */
    void stop() {
        if (route != null) {
            route.close();
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (route != null) {
            route.close();
            poller.close();
        }
    }
}
