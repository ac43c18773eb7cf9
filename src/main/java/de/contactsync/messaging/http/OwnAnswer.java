package de.contactsync.messaging.http;

import de.contactsync.routes.RouteCall;
import de.contactsync.routes.RouteFailures;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Answers a request with what the route says: Camel alone would answer with the headers and form fields of the request
 * as well, and with nothing where the route fails, or does not get rid of keys that are refused.
 */
final class OwnAnswer extends DelegateAsyncProcessor {

    private final RouteFailures failures;

    OwnAnswer(Processor route, RouteFailures failures) {
        super(route);
        this.failures = failures;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Map<String, Object> asked = new LinkedHashMap<>(exchange.getMessage().getHeaders());
        RouteCall call = RouteCall.begin(exchange);
        return super.process(exchange, doneSync -> {
            finish(exchange, asked, call.failure());
            callback.done(doneSync);
        });
    }

    private void finish(Exchange exchange, Map<String, Object> asked, Exception failure) {
        Message answer = exchange.getMessage();
        asked.forEach((name, value) -> {
            if (answer.getHeader(name) == value) {
                answer.removeHeader(name);
            }
        });
        if (failure == null) {
            return;
        }
        RefusedKeysException refused = exchange.getException(RefusedKeysException.class);
        if (refused == null) {
            failures.note(exchange);
        }
        exchange.setException(null);
        problem(
                answer,
                refused == null ? 500 : refused.status(),
                refused == null ? "The route failed: the log says why" : refused.getMessage());
    }

    /** As RFC 9457 has it. */
    private static void problem(Message answer, int status, String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", status);
        body.put("detail", detail);
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        answer.setHeader(Exchange.CONTENT_TYPE, "application/problem+json");
        if (status == 503) {
            answer.setHeader("Retry-After", HttpAnswer.RETRY_AFTER);
        }
        answer.setBody(HttpAnswer.json(body));
    }
}
