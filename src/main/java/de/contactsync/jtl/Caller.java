package de.contactsync.jtl;

import de.contactsync.contact.CallClock;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.http.ForeignHostException;
import de.contactsync.http.NoAnswer;
import de.contactsync.http.Pacer;
import de.contactsync.http.QuotaHeaders;
import de.contactsync.http.ResponseTooLargeException;
import de.contactsync.outage.Breaker;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes single calls through JTL's routes, and tells the pacer of the lane and the tenant's breaker how each went. */
final class Caller implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Caller.class);

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
    Caller(CamelContext camel, String host, CallClock clock) throws Exception {
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
    Answer ask(Question question) {
        Object body = question.body();
        Producer producer = body instanceof CustomerContacts ? list : body instanceof CustomersPage ? customers : contact;
        return ask(producer, body, question.lane(), question.tenant(), question.key());
    }

    /** As {@link #ask(Question)}, for a contact that nobody waits for. */
    Answer ask(ContactKey key, TenantState tenant) {
        return ask(contact, key, tenant.lane(), tenant, key);
    }

    private Answer ask(
            Producer producer, Object body, CallDispatcher.Lane lane, TenantState tenant, ContactKey key) {
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
        Answer answer = call.getException() == null
                ? call.getMessage().getBody(Answer.class)
                : failure(call.getException(), producer == list);
        answer = answer.askedAt(askedAt);
        tellListener(call, started);
        tellPacer(lane.pacer(), answer, call, tenant.id(), started);
        if (answer instanceof Answer.Listed) {
            tenant.lists().passed();
        }
        if (answer instanceof Answer.Conclusive && !(answer instanceof Answer.ListFailed)) {
            tenant.passed(began, key);
        } else if (producer == list) {
            tenant.breaker().release(began);
        } else {
            tellBreaker(tenant.breaker(), answer, began);
        }
        return answer;
    }

    private Answer failure(Exception e, boolean ofList) {
        if (e instanceof HaltException halt) {
            return new Answer.Halt(halt);
        }
        if (ofList && (e instanceof ResponseTooLargeException || !(e instanceof IOException))) {
            String trouble = e instanceof IOException ? e.getMessage() : "unexpected failure: " + e;
            return new Answer.ListFailed(trouble, false, false,
                    new Outcome.Failed(Reason.CONTRACT_VIOLATION, null, null, trouble, null, 1));
        }
        if (e instanceof ResponseTooLargeException) {
            return new Answer.Misrouted(
                    new Outcome.Failed(Reason.CONTRACT_VIOLATION, null, null, e.getMessage(), null, 1), e.getMessage(), true);
        }
        if (e instanceof ForeignHostException || !(e instanceof IOException failure)) {
            return new Answer.Halt(new HaltException("unexpected failure while asking JTL: " + e, e));
        }
        String trouble = "no answer from " + host + ": " + NoAnswer.describe(failure);
        return new Answer.Retry(
                new Outcome.Failed(Reason.RETRIES_EXHAUSTED, null, null, trouble, null, 1), trouble, null, true, true);
    }

    private void tellListener(Exchange call, long started) {
        // Without a token there was no call.
        if (!(call.getException() instanceof HaltException)) {
            Integer status = call.getException() == null
                    ? call.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class)
                    : null;
            listener.ended(status == null ? CallListener.NO_ANSWER : status, System.nanoTime() - started);
        }
    }

    private static void tellPacer(Pacer pacer, Answer answer, Exchange call, UUID tenantId, long started) {
        long now = System.nanoTime();
        QuotaHeaders quota = call.getProperty(AnswerProcessor.QUOTA, QuotaHeaders.class);
        if (call.getException() != null) {
            pacer.unanswered();
        } else if (answer instanceof Answer.Retry retry && !retry.costsAttempt()) {
            Duration pause = pacer.refused(started, now, quota, retry.retryAfter());
            if (pause != null) {
                LOG.info("JTL's quota of tenant {} is spent: going on in {} ms", tenantId, pause.toMillis());
            }
        } else {
            pacer.passed(started, now, quota);
        }
    }

    private static void tellBreaker(Breaker breaker, Answer answer, long began) {
        // An answer of 500 may be the key's own; it tells of JTL only when JTL was away before.
        if (answer instanceof Answer.Retry retry && retry.costsAttempt() && (retry.outage() || breaker.isProbing())) {
            breaker.failed(began, retry.trouble());
        } else {
            breaker.release(began);
        }
    }
}
