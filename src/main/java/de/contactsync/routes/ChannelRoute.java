package de.contactsync.routes;

import de.contactsync.http.NetworkErrors;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
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

    private static final DeliveryResult FAILED = new DeliveryResult.Refused(
            new Outcome.Failed(Reason.RETRIES_EXHAUSTED, null, null, "the receiver failed", null, 1));

    /** Takes one event, as Camel users know it. */
    @FunctionalInterface
    public interface Receiver {

        void take(Map<String, Object> event) throws Exception;

        /** Where it is just now with the event that it is taking, for people; null when that is not known. */
        default String place() {
            return null;
        }
    }

    /** Decides what is passed together, and whether it is passed now. */
    public interface Grouping {

        /** Each for itself, at once. */
        Grouping NONE = new Grouping() {
            @Override
            public List<Part> parts(List<Channel.Entry<Map<String, Object>>> entries) {
                return entries.stream()
                        .map(entry -> new Part(List.of(entry.id()), entry.event()))
                        .toList();
            }

            @Override
            public boolean isFull() {
                return false;
            }

            @Override
            public String whyFull() {
                return "";
            }

            @Override
            public void passed(int messages) {}
        };

        /** What is in none of them stays. */
        List<Part> parts(List<Channel.Entry<Map<String, Object>>> entries);

        /** Whether nothing is to be passed for now. */
        boolean isFull();

        /** Why that is so, for people. */
        String whyFull();

        /** The receiver has taken so many parts. */
        void passed(int messages);
    }

    /** @param ids of the rows that the event stands for */
    public record Part(List<Long> ids, Map<String, Object> event) {}

    private final String what;
    private final Channel<Map<String, Object>> channel;
    private final Breaker breaker;
    private final LimitedReceiver receiver;
    private final RouteFailures failures;
    private final Grouping grouping;
    private final FailingRecords<Long> failingRecords;
    private volatile boolean stopping;

    /**
     * @param what     the receiver, for people
     * @param patience as of {@link FailingRecords}
     */
    public ChannelRoute(
            String what,
            Channel<Map<String, Object>> channel,
            Breaker breaker,
            LimitedReceiver receiver,
            RouteFailures failures,
            Grouping grouping,
            Duration patience) {
        this.what = what;
        this.channel = channel;
        this.breaker = breaker;
        this.receiver = receiver;
        this.failures = failures;
        this.grouping = grouping;
        this.failingRecords = new FailingRecords<>(patience);
    }

    /** What the receiver does not come to stays in the channel. */
    public void pass(Channel.Batch<Map<String, Object>> batch) {
        List<Long> passed = new ArrayList<>();
        List<Long> failed = new ArrayList<>();
        int messages = 0;
        for (Part part : grouping.parts(batch.entries())) {
            if (stopping || System.nanoTime() - batch.ends() >= 0 || !breaker.tryAcquire()) {
                break;
            }
            DeliveryResult result = pass(part);
            failingRecords.note(part.ids(), Collections.nCopies(part.ids().size(), result), breaker.now());
            if (result instanceof DeliveryResult.Unsent) {
                break;
            }
            if (result instanceof DeliveryResult.Accepted) {
                messages++;
                passed.addAll(part.ids());
            } else {
                failed.addAll(part.ids());
            }
        }
        List<Long> givenUp = new ArrayList<>();
        for (long id : failed) {
            if (failingRecords.isOwn(id, FAILED, () -> Presence.UNKNOWN, breaker.now())) {
                givenUp.add(id);
                LOG.error(
                        "{} has failed on number {} repeatedly while it accepted others, so it is not sent again."
                                + " Correct the cause that the log names",
                        what,
                        id);
            }
        }
        channel.record(passed, givenUp);
        grouping.passed(messages);
    }

    private DeliveryResult pass(Part part) {
        long began = breaker.now();
        try {
            receiver.take(part.event());
            breaker.recordSuccess();
            return new DeliveryResult.Accepted(null);
        } catch (TimeLimiter.NotBegunException e) {
            breaker.open(began, Outage.Kind.PASSING, what + " " + e.getMessage());
            return new DeliveryResult.Unsent();
        } catch (CancellationException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LOG.debug("{} was stopped", what, e);
            stopping = true;
            breaker.release(began);
            return new DeliveryResult.Unsent();
        } catch (Exception e) {
            LOG.debug("{} failed on {}", what, part.ids(), e);
            String why = what + " " + receiver.words(e, part.event());
            if (NetworkErrors.isUntrusted(e)) {
                breaker.open(began, Outage.Kind.UNTRUSTED, why);
                return new DeliveryResult.Unsent();
            }
            if (e instanceof TimeLimiter.HangsException || RouteFailures.isSlow(breaker.now() - began)) {
                breaker.open(began, Outage.Kind.PASSING, why);
            } else {
                failures.note(what, receiver.words(e, part.event()));
                breaker.recordFailure(began, why);
            }
            return FAILED;
        }
    }

    /** Ends with the event in hand, which has a few seconds. */
    @Override
    public void close() {
        stopping = true;
        receiver.close();
    }
}
