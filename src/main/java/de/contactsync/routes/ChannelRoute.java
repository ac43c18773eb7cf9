package de.contactsync.routes;

import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.Breaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes what waits in a {@link Channel} to its receiver, one after the other. What the receiver fails on is tried
 * again after the others, and given up when it fails time after time while it takes others. Used by one thread.
 */
public final class ChannelRoute implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelRoute.class);

    /** Claimed at once: as many may be passed twice after a kill. */
    public static final int CLAIMED = 100;

    /** Takes one event, as Camel users know it. */
    @FunctionalInterface
    public interface Receiver {
        void take(Map<String, Object> event) throws Exception;
    }

    private final String what;
    private final Channel<Map<String, Object>> channel;
    private final Breaker breaker;
    private final Receiver receiver;
    private final FailingRecords<Long> failingRecords;
    private volatile boolean stopping;

    /**
     * @param what     the receiver, for people
     * @param patience as of {@link FailingRecords}
     */
    public ChannelRoute(
            String what, Channel<Map<String, Object>> channel, Breaker breaker, Receiver receiver, Duration patience) {
        this.what = what;
        this.channel = channel;
        this.breaker = breaker;
        this.receiver = receiver;
        this.failingRecords = new FailingRecords<>(patience);
    }

    /** What the receiver does not come to stays in the channel. */
    public void pass(Channel.Batch<Map<String, Object>> batch) {
        List<Long> passed = new ArrayList<>();
        List<Long> givenUp = new ArrayList<>();
        List<Long> failed = new ArrayList<>();
        for (Channel.Entry<Map<String, Object>> entry : batch.entries()) {
            if (stopping || System.nanoTime() - batch.ends() >= 0 || !breaker.tryAcquire()) {
                break;
            }
            long began = breaker.now();
            DeliveryResult result = pass(entry, began);
            failingRecords.note(List.of(entry.id()), List.of(result), breaker.now());
            (result instanceof DeliveryResult.Accepted ? passed : failed).add(entry.id());
        }
        for (long id : failed) {
            if (failingRecords.isOwn(id, FAILED, () -> Presence.UNKNOWN, breaker.now())) {
                givenUp.add(id);
                LOG.error(
                        "{} has failed on number {} time after time while it took others: it is not passed again."
                                + " Mend what the exception in the log says",
                        what,
                        id);
            }
        }
        channel.record(passed, givenUp);
    }

    private static final DeliveryResult FAILED = new DeliveryResult.Refused(
            new Outcome.Failed(Reason.RETRIES_EXHAUSTED, null, null, "the route failed", null, 1));

    private DeliveryResult pass(Channel.Entry<Map<String, Object>> entry, long began) {
        try {
            receiver.take(entry.event());
            breaker.recordSuccess();
            return new DeliveryResult.Accepted(null);
        } catch (Exception e) {
            LOG.debug("{} failed on number {}", what, entry.id(), e);
            breaker.recordFailure(began, what + " fails (" + e.getClass().getSimpleName() + ")");
            return FAILED;
        }
    }

    /** Ends with the event in hand. */
    @Override
    public void close() {
        stopping = true;
    }
}
