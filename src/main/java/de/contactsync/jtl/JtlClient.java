package de.contactsync.jtl;

import de.contactsync.http.ForeignHostException;
import de.contactsync.http.NetworkErrors;
import de.contactsync.http.ResponseTooLargeException;
import de.contactsync.model.CallClock;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.AdaptiveRateLimiter;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.QuotaHeaders;
import de.contactsync.resilience.RateLimitedQueue;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes single calls through JTL's routes, and tells the rate limiter of the lane and the tenant's breaker how each
 * went.
 */
final class JtlClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JtlClient.class);

    private final String host;
    private final CallClock clock;
    private final Producer contact;
    private final Producer list;
    private final Producer customers;
    private final CallListener listener;

    /**
     * @param host  whom a failed call names
     * @param clock of the moments when calls begin
     */
    JtlClient(CamelContext camel, String host, CallClock clock) throws Exception {
        this.host = host;
        this.clock = clock;
        this.contact = camel.getEndpoint(GetCustomerContactRoute.URI).createProducer();
        this.list = camel.getEndpoint(QueryCustomerContactsRoute.URI).createProducer();
        this.customers = camel.getEndpoint(QueryCustomersRoute.URI).createProducer();
        ServiceHelper.startService(contact, list, customers);
        CallListener bound = camel.getRegistry().findSingleByType(CallListener.class);
        this.listener = bound == null ? (status, nanos) -> {} : bound;
    }

    @Override
    public void close() {
        ServiceHelper.stopService(contact, list, customers);
    }

    /** Blocks, for no longer than the deadline of a call. */
    CallResult call(LookupRequest request) {
        Object body = request.body();
        Producer producer =
                body instanceof CustomerContactsQuery ? list : body instanceof CustomersPage ? customers : contact;
        return call(producer, body, request.lane(), request.tenant(), request.key());
    }

    /** As {@link #call(Question)}, for a contact that nobody waits for. */
    CallResult call(ContactKey key, TenantState tenant) {
        return call(contact, key, tenant.queue(), tenant, key);
    }

    private CallResult call(
            Producer producer, Object body, RateLimitedQueue queue, TenantState tenant, ContactKey key) {
        long began = tenant.breaker().now();
        long started = System.nanoTime();
        long askedAt = clock.now();
        Exchange call = producer.getEndpoint().createExchange();
        call.getMessage().setBody(body);
        try {
            producer.process(call);
        } catch (Exception e) {
            call.setException(e);
        }
        CallResult result = call.getException() == null
                ? call.getMessage().getBody(CallResult.class)
                : failure(call.getException(), producer == list);
        result = result.askedAt(askedAt);
        notifyListener(call, started);
        updateRateLimiter(queue.limiter(), result, call, tenant.id(), started);
        if (result instanceof CallResult.Listed) {
            tenant.lists().passed();
        }
        if (result instanceof CallResult.Conclusive && !(result instanceof CallResult.ListFailed)) {
            tenant.passed(began, key);
        } else if (producer == list) {
            tenant.breaker().release(began);
        } else {
            updateBreaker(tenant.breaker(), result, began);
        }
        return result;
    }

    private CallResult failure(Exception e, boolean ofList) {
        if (e instanceof ProcessingHaltedException processingHaltedException) {
            return new CallResult.Halt(processingHaltedException);
        }
        if (ofList && (e instanceof ResponseTooLargeException || !(e instanceof IOException))) {
            String trouble = e instanceof IOException ? e.getMessage() : "unexpected failure: " + e;
            return new CallResult.ListFailed(
                    trouble, false, false, new Outcome.Failed(Reason.CONTRACT_VIOLATION, null, null, trouble, null, 1));
        }
        if (e instanceof ResponseTooLargeException) {
            return new CallResult.Misrouted(
                    new Outcome.Failed(Reason.CONTRACT_VIOLATION, null, null, e.getMessage(), null, 1),
                    e.getMessage(),
                    true);
        }
        if (e instanceof ForeignHostException || !(e instanceof IOException failure)) {
            return new CallResult.Halt(new ProcessingHaltedException("unexpected failure while asking JTL: " + e, e));
        }
        String trouble = "no answer from " + host + ": " + NetworkErrors.describe(failure);
        return new CallResult.Retry(
                new Outcome.Failed(Reason.RETRIES_EXHAUSTED, null, null, trouble, null, 1), trouble, null, true, true);
    }

    private void notifyListener(Exchange call, long started) {
        // Without a token there was no call.
        if (!(call.getException() instanceof ProcessingHaltedException)) {
            Integer status =
                    call.getException() == null ? call.getProperty(ResponseProcessor.STATUS, Integer.class) : null;
            listener.ended(status == null ? CallListener.NO_ANSWER : status, System.nanoTime() - started);
        }
    }

    private static void updateRateLimiter(
            AdaptiveRateLimiter limiter, CallResult result, Exchange call, UUID tenantId, long started) {
        long now = System.nanoTime();
        QuotaHeaders quota = call.getProperty(ResponseProcessor.QUOTA, QuotaHeaders.class);
        if (call.getException() != null) {
            limiter.unanswered();
        } else if (result instanceof CallResult.Retry retry && !retry.costsAttempt()) {
            Duration pause = limiter.refused(started, now, quota, retry.retryAfter());
            if (pause != null) {
                LOG.info("JTL's quota of tenant {} is spent: going on in {} ms", tenantId, pause.toMillis());
            }
        } else {
            limiter.passed(started, now, quota);
        }
    }

    private static void updateBreaker(Breaker breaker, CallResult result, long began) {
        // An answer of 500 may be the key's own; it reports JTL only when JTL was away before.
        if (result instanceof CallResult.Retry retry
                && retry.costsAttempt()
                && (retry.outage() || breaker.isProbing())) {
            breaker.recordFailure(began, retry.trouble());
        } else {
            breaker.release(began);
        }
    }
}
