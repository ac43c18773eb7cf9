package de.contactsync.messaging.http;

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
 * as well, and with nothing where the route fails.
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
        return super.process(exchange, doneSync -> {
            finish(exchange, asked);
            callback.done(doneSync);
        });
    }

    private void finish(Exchange exchange, Map<String, Object> asked) {
        Message answer = exchange.getMessage();
        asked.forEach((name, value) -> {
            if (answer.getHeader(name) == value) {
                answer.removeHeader(name);
            }
        });
        if (exchange.getException() != null) {
            failures.note(exchange);
            exchange.setException(null);
            problem(exchange, 500, "The route failed: the log says why");
        }
    }

    /** Ends the route with what is wrong, as RFC 9457 has it. */
    static void problem(Exchange exchange, int status, String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", status);
        body.put("detail", detail);
        Message answer = exchange.getMessage();
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        answer.setHeader(Exchange.CONTENT_TYPE, "application/problem+json");
        answer.setBody(HttpAnswer.json(body));
        exchange.setRouteStop(true);
    }
}
