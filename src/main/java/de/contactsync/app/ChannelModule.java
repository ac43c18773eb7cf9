package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.OutboxPoller;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.routes.ChannelRoute;
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
    private final ChannelRoute.Grouping grouping;
    private final ChannelRoute route;
    private OutboxPoller<Channel.Batch<Map<String, Object>>> poller;

    /** @param what the receiver, for people */
    ChannelModule(
            String what,
            Channel<Map<String, Object>> channel,
            Breaker breaker,
            ChannelRoute.Grouping grouping,
            ChannelRoute route) {
        this.what = what;
        this.channel = channel;
        this.breaker = breaker;
        this.grouping = grouping;
        this.route = route;
    }

    Channel<Map<String, Object>> channel() {
        return channel;
    }

    void start() throws InterruptedException {
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
            left.ifPresent(why ->
                    LOG.warn("{}: {} pending ({}); the next start passes them on", what, channel.pending(), why));
        } catch (ProcessingHaltedException e) {
            LOG.warn("{}: the next start passes on what is pending ({})", what, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends with the event in hand, which has a few seconds. */
    void stop() {
        route.close();
    }

    @Override
    public void close() throws InterruptedException {
        route.close();
        if (poller != null) {
            poller.close();
        }
    }
}
