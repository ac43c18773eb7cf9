package de.contactsync.routes;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends contacts through a route of the user, one at a time in the order of the batch. What the route does not reject
 * and does not fail on counts as taken. A list that it rejects or fails on is halved down to the contact that it means.
 * Used by one thread.
 */
public final class RouteSink implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RouteSink.class);

    /** Claimed at once where the route is given single contacts: as many may be sent twice after a kill. */
    private static final int CLAIMED = 500;

    /** So many tries that an earlier process must have failed on it: one that fails counts two, one that is killed one. */
    private static final int TRIES_OF_FAILED = 6;

    private final RouteSinkSettings settings;
    private final Breaker breaker;
    private final RouteFailures failures;
    private final TimeLimiter limiter;
    private final FailingRecords<ContactKey> failingRecords;
    private ProducerTemplate template;
    private Endpoint endpoint;
    private volatile boolean stopping;

    /**
     * @param timeout  of the route, for one contact or one list
     * @param patience how long a contact may fail while hardly any other is sent, as of {@link FailingRecords}
     */
    public RouteSink(
            RouteSinkSettings settings, Breaker breaker, RouteFailures failures, Duration timeout, Duration patience) {
        this.settings = settings;
        this.breaker = breaker;
        this.failures = failures;
        this.limiter = new TimeLimiter("sink-" + settings.name(), timeout);
        this.failingRecords = new FailingRecords<>(patience);
    }

    /** Contacts that are claimed at once. */
    public int batchSize() {
        return settings.batchSize() > 1 ? settings.batchSize() : CLAIMED;
    }

    /** @param camel started, with the route */
    public void connect(CamelContext camel) {
        template = camel.createProducerTemplate();
        endpoint = camel.getEndpoint(settings.uri());
    }

    /** What the route does not come to, because it is unavailable or we are stopping, stays unsent. */
    public DeliveryReport send(DeliveryBatch batch) {
        List<Delivery> deliveries = batch.deliveries();
        // A removal counts as tried also when JTL was asked about it in vain.
        deliveries.stream()
                .filter(each -> each.tries() >= TRIES_OF_FAILED && !each.gone())
                .forEach(each -> failingRecords.recall(each.key(), breaker.now()));
        DeliveryResult[] results = new DeliveryResult[deliveries.size()];
        Arrays.fill(results, new DeliveryResult.Unsent(false));
        Set<Delivery> own = new HashSet<>();
        Deque<List<Integer>> parts = parts(deliveries.size());
        while (!parts.isEmpty() && !stopping && System.nanoTime() - batch.ends() < 0 && breaker.tryAcquire()) {
            List<Integer> part = parts.poll();
            DeliveryResult result = send(part.stream().map(deliveries::get).toList(), own);
            boolean halved = part.size() > 1 && result instanceof DeliveryResult.Refused;
            part.forEach(i -> results[i] = halved ? new DeliveryResult.Unsent() : result);
            if (result instanceof DeliveryResult.Unsent) {
                break;
            }
            if (halved) {
                // In front, so that their order stays.
                parts.addFirst(part.subList(part.size() / 2, part.size()));
                parts.addFirst(part.subList(0, part.size() / 2));
            }
        }
        Set<Delivery> failedOn = new HashSet<>();
        for (int i = 0; i < results.length; i++) {
            Delivery delivery = deliveries.get(i);
            if (!own.contains(delivery) && !isOwn(delivery, results[i])) {
                results[i] = new DeliveryResult.Unsent();
                failedOn.add(delivery);
            }
        }
        return new DeliveryReport(batch, List.of(results), failedOn);
    }

    private boolean isOwn(Delivery delivery, DeliveryResult result) {
        return failingRecords.isOwn(delivery.key(), result, () -> Presence.UNKNOWN, breaker.now());
    }

    private Deque<List<Integer>> parts(int size) {
        Deque<List<Integer>> parts = new ArrayDeque<>();
        for (int from = 0; from < size; from += settings.batchSize()) {
            parts.add(IntStream.range(from, Math.min(size, from + settings.batchSize()))
                    .boxed()
                    .toList());
        }
        return parts;
    }

    /**
     * @param own gets the contact that it is about, where that is certain
     * @return {@link DeliveryResult.Accepted} or {@link DeliveryResult.Refused}, of all of them, or
     *     {@link DeliveryResult.Unsent} when we are stopping, or too many earlier ones still hang
     */
    private DeliveryResult send(List<Delivery> part, Set<Delivery> own) {
        long began = breaker.now();
        Exchange exchange = endpoint.createExchange();
        fill(exchange.getMessage(), part);
        RouteCall call = RouteCall.begin(exchange);
        try {
            limiter.call(() -> template.send(endpoint, exchange), () -> RouteStep.of(exchange));
        } catch (TimeLimiter.HangsException e) {
            String why = e.getMessage() + ": see contacts.route-timeout";
            DeliveryResult result = noted(part, refused(Reason.RETRIES_EXHAUSTED, "The route " + why));
            recordFailure(part, result, began, true, why, own);
            return result;
        } catch (TimeLimiter.NotBegunException e) {
            breaker.open(began, Outage.Kind.PASSING, what() + " " + e.getMessage());
            return new DeliveryResult.Unsent(false);
        } catch (CancellationException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            failures.note(what(), "was interrupted at " + RouteStep.of(exchange) + ", because the program is stopping");
            LOG.debug("the route {} was stopped", settings.uri(), e);
            stopping = true;
            breaker.release(began);
            return new DeliveryResult.Unsent();
        } catch (Exception e) {
            // What Camel lets through, such as an Error of a step.
            exchange.setException(e);
        }
        Exception failure = call.failure();
        String rejected = failure == null ? call.rejection() : rejection(failure);
        if (rejected != null) {
            breaker.recordSuccess();
            return noted(part, refused(Reason.SINK_REJECTED, rejected));
        }
        if (failure == null) {
            breaker.recordSuccess();
            return noted(part, new DeliveryResult.Accepted(null));
        }
        LOG.debug("the route {} failed on a contact", settings.uri(), failure);
        DeliveryResult result = noted(part, refused(Reason.RETRIES_EXHAUSTED, words(failure)));
        recordFailure(part, result, began, false, RouteFailures.words(exchange, List.of(ContactBody.of(part))), own);
        return result;
    }

    /** A list that is not taken says nothing of its contacts. */
    private DeliveryResult noted(List<Delivery> part, DeliveryResult result) {
        if (part.size() == 1 || result instanceof DeliveryResult.Accepted) {
            failingRecords.note(
                    part.stream().map(Delivery::key).toList(), Collections.nCopies(part.size(), result), breaker.now());
        }
        return result;
    }

    private String what() {
        return "The route " + settings.uri();
    }

    /**
     * A list is halved at once, also where it hangs: behind a rest the route would be given the same list again. What is
     * about the contact says nothing of the route, so that others like it are not kept waiting by a rest.
     */
    private void recordFailure(
            List<Delivery> part, DeliveryResult result, long began, boolean hangs, String why, Set<Delivery> own) {
        if (part.size() == 1 && isOwn(part.get(0), result)) {
            own.add(part.get(0));
            failures.note(what(), why);
            breaker.release(began);
        } else if (part.size() == 1 && (hangs || RouteFailures.isSlow(breaker.now() - began))) {
            breaker.open(began, Outage.Kind.PASSING, what() + " " + why);
        } else {
            failures.note(what(), why);
            breaker.recordFailure(began, what() + " " + why);
        }
    }

    private void fill(Message message, List<Delivery> part) {
        if (settings.batchSize() > 1) {
            message.setBody(ContactBody.of(part));
            return;
        }
        Delivery delivery = part.get(0);
        Map<String, Object> body = ContactBody.of(delivery.key(), delivery.contact());
        message.setBody(body);
        message.setHeader(ContactBody.TENANT_ID, body.get(ContactBody.TENANT_ID));
        message.setHeader(ContactBody.CUSTOMER_ID, body.get(ContactBody.CUSTOMER_ID));
        message.setHeader(ContactBody.CONTACT_ID, body.get(ContactBody.CONTACT_ID));
        message.setHeader(ContactBody.CHANGE, ContactBody.change(delivery));
        message.setHeader(ContactBody.CONTENT_HASH, delivery.hash());
    }

    /** Null where it is a failure like any other. */
    private static String rejection(Exception failure) {
        RejectedContactException rejected = ObjectHelper.getException(RejectedContactException.class, failure);
        return rejected == null ? null : words(rejected);
    }

    /** Without what Camel puts around the failure of a part of a list. */
    private static String words(Exception failure) {
        Throwable e = failure;
        while (e.getCause() != null && (e instanceof CamelExchangeException || e instanceof RuntimeCamelException)) {
            e = e.getCause();
        }
        String message = RouteFailures.message(e);
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    private static DeliveryResult refused(Reason reason, String words) {
        return new DeliveryResult.Refused(new Outcome.Failed(reason, null, null, words, null, 1));
    }

    /** Ends with the contact in hand, which has a few seconds. */
    @Override
    public void close() {
        stopping = true;
        limiter.close();
    }
}
