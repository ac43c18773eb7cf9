package de.contactsync.routes;

import java.time.Duration;
import java.util.Map;

/** Gives a receiver each event for a limited time. Thread-safe. */
public final class LimitedReceiver implements ChannelRoute.Receiver, AutoCloseable {

    private final ChannelRoute.Receiver receiver;
    private final TimeLimiter limiter;

    /**
     * @param name  of the receiver, as that of threads
     * @param limit for each event
     */
    public LimitedReceiver(String name, ChannelRoute.Receiver receiver, Duration limit) {
        this.receiver = receiver;
        this.limiter = new TimeLimiter(name, limit);
    }

    /**
     * @throws TimeLimiter.HangsException                 when it does not end
     * @throws TimeLimiter.NotBegunException              when too many events that it hangs on are left behind
     * @throws java.util.concurrent.CancellationException when the program is being stopped
     */
    @Override
    public void take(Map<String, Object> event) throws Exception {
        limiter.call(
                () -> {
                    receiver.take(event);
                    return null;
                },
                receiver::place);
    }

    /** Why it failed on an event, for people: without secrets and without what the event holds. */
    public String words(Exception failure, Map<String, Object> event) {
        return failure instanceof TimeLimiter.HangsException
                ? failure.getMessage() + ": see contacts.route-timeout"
                : failure instanceof EventRoute.FailedException failed
                        ? RouteFailures.words(failed.exchange(), event.values())
                        : "fails: " + RouteFailures.words(failure, event.values());
    }

    /** What is being taken may end within a few seconds. */
    @Override
    public void close() {
        limiter.close();
    }
}
