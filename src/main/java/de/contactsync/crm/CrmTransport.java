package de.contactsync.crm;

import de.contactsync.http.ForeignHostException;
import de.contactsync.http.NetworkErrors;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;

/** Makes single calls of the CRM through {@link CrmCallRoute}, and says what it means where no answer comes. */
final class CrmTransport implements AutoCloseable {

    /**
     * @param answer  null when none came
     * @param tooSlow whether it did not come in time
     */
    record Try(CrmResponse answer, CallDecision decision, boolean tooSlow) {

        private Try(CallDecision decision) {
            this(null, decision, false);
        }
    }

    private final String name;
    private volatile Producer producer;

    /** @param name for people */
    CrmTransport(String name) {
        this.name = name;
    }

    /** @param camel with {@link CrmCallRoute} in it */
    void connect(CamelContext camel) throws Exception {
        Producer started = camel.getEndpoint(CrmCallRoute.URI_OF_ROUTE).createProducer();
        ServiceHelper.startService(started);
        producer = started;
    }

    /**
     * @param judge what an answer means
     * @throws ProcessingHaltedException after a failure that nobody foresaw
     */
    Try makeTry(CrmRequest request, Function<CrmResponse, CallDecision> judge, CrmClient.Watcher watcher) {
        watcher.sending();
        try {
            CrmResponse answer = call(request);
            boolean foreign = answer.status() / 100 == 2 && answer.foreign() != null;
            return new Try(answer, foreign ? foreign(answer) : judge.apply(answer), false);
        } catch (ForeignHostException e) {
            watcher.notSent();
            return new Try(new CallDecision.Halt(Kind.SETTINGS, e.getMessage()));
        } catch (OutageException e) {
            // There is no token available.
            watcher.notSent();
            return new Try(new CallDecision.Halt(e.outage().kind(), e.getMessage()));
        } catch (IOException e) {
            return unanswered(e, judge, watcher);
        }
    }

    private Try unanswered(IOException e, Function<CrmResponse, CallDecision> judge, CrmClient.Watcher watcher) {
        String trouble = NetworkErrors.describe(e, "contacts.crm", "no answer from " + name);
        boolean unconnected = NetworkErrors.isUnconnected(e);
        if (unconnected) {
            watcher.notSent();
        }
        if (NetworkErrors.isUntrusted(e)) {
            return new Try(new CallDecision.Halt(Kind.UNTRUSTED, trouble));
        }
        boolean inDoubt = !unconnected && judge.apply(CrmResponse.unanswered()) instanceof CallDecision.Doubt;
        return new Try(
                null,
                inDoubt ? new CallDecision.Doubt(trouble, null) : new CallDecision.Retry(trouble, null),
                e instanceof SocketTimeoutException);
    }

    private CallDecision foreign(CrmResponse answer) {
        return new CallDecision.Unexpected(name + " answered HTTP " + answer.status() + " with " + answer.foreign()
                + ", as a sign-in page or a proxy does, so nothing counts as delivered: check"
                + " contacts.crm.base-url and any proxy in between");
    }

    private CrmResponse call(CrmRequest request) throws IOException {
        Exchange exchange = producer.getEndpoint().createExchange();
        exchange.getMessage().setBody(request);
        try {
            producer.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        if (failure == null) {
            return exchange.getMessage().getBody(CrmResponse.class);
        }
        if (failure instanceof IOException io) {
            throw io;
        }
        throw failure instanceof ProcessingHaltedException processingHaltedException
                ? processingHaltedException
                : new ProcessingHaltedException("unexpected failure while calling " + name + ": " + failure, failure);
    }

    @Override
    public void close() {
        if (producer != null) {
            ServiceHelper.stopService(producer);
        }
    }
}
