package de.contactsync.jtl;

import de.contactsync.http.ForeignHostException;
import de.contactsync.http.NetworkErrors;
import de.contactsync.http.ResponseTooLargeException;
import de.contactsync.model.CallClock;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.QuotaHeaders;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;

/** Makes single calls through JTL's routes; what follows from each its {@link ClientLoop} decides. */
final class JtlClient implements AutoCloseable {

    /** So often keys are refused before their turn while a quota is learnt. */
    private static final int FEW_REFUSALS = 5;

    private final CallClock clock;
    private final Producer contact;
    private final Producer list;
    private final Producer customers;
    private final CallListener listener;

    /**
     * @param clock of the moments when calls begin
     */
    JtlClient(CamelContext camel, CallClock clock) throws Exception {
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

    /**
     * One try. Blocks, for no longer than the deadline of a call.
     *
     * @param loop that the try belongs to
     * @param key  that it is about, or null
     * @param inFlight notes its begin and end; null for a single call that says nothing of the tenant when it fails or is
     *     not answered
     * @param othersPass whether JTL has answered for other keys since this call began, or does now; asked when this
     *     failure would otherwise be the one that is believed to be everybody's
     */
    CallResult call(
            Object body,
            ClientLoop loop,
            TenantState tenant,
            ContactKey key,
            CallInFlight inFlight,
            BooleanSupplier othersPass) {
        Producer producer =
                body instanceof CustomerContactsQuery ? list : body instanceof CustomersPage ? customers : contact;
        loop.begin();
        long started = System.nanoTime();
        long askedAt = clock.now();
        Exchange call = producer.getEndpoint().createExchange();
        call.getMessage().setBody(body);
        call.setProperty(CallInFlight.PROPERTY, inFlight);
        try {
            producer.process(call);
        } catch (Exception e) {
            call.setException(e);
        }
        boolean answered = call.getException() == null;
        if (inFlight != null) {
            inFlight.end(answered);
        }
        CallResult result = answered
                ? call.getMessage().getBody(CallResult.class)
                : failure(call.getException(), producer != contact, tenant.connection());
        result = result.askedAt(askedAt);
        notifyListener(call, started);
        if (result instanceof CallResult.Listed || result instanceof CallResult.ListNotFound) {
            tenant.lists().passed();
        }
        QuotaHeaders quota = call.getProperty(ResponseProcessor.QUOTA, QuotaHeaders.class);
        if (!(result instanceof CallResult.Retry retry)) {
            if (loop.end(result.verdict(producer == list), quota, answered) == ClientLoop.Next.DONE) {
                tenant.evidence().passed(loop.began(), key);
            }
            return result;
        }
        // Failures that end at the same moment would all find that none of them is the one that opens the breaker.
        tenant.evidence().proof().lock();
        try {
            boolean decides = retry.isCountedByTenant(producer == list)
                            && tenant.breaker().isAboutToOpen()
                    || producer == contact && !retry.costsAttempt() && isBeyondQuota(loop, retry);
            boolean ofKey = inFlight == null && retry.costsAttempt() || decides && othersPass.getAsBoolean();
            CallResult.Retry judged = ofKey ? retry.ofKeyAlone() : retry;
            loop.end(judged.verdict(producer == list), quota, answered);
            return judged;
        } finally {
            tenant.evidence().proof().unlock();
        }
    }

    /** Whether a refusal for the quota is none that every key meets now and then. */
    private static boolean isBeyondQuota(ClientLoop loop, CallResult.Retry retry) {
        return loop.quotaRefusals() >= FEW_REFUSALS || loop.isBeyondWindow(retry.retryAfter());
    }

    private CallResult failure(Exception e, boolean ofList, JtlConnection connection) {
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
        String trouble = NetworkErrors.describe(
                failure,
                "jtl",
                "no answer from " + connection.settings().baseUrl().getAuthority());
        if (NetworkErrors.isUntrusted(failure)) {
            // No key's fault, and none that ends by itself.
            return new CallResult.Untrusted(trouble);
        }
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
}
