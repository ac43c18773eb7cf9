package de.contactsync.routes;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/** A route of the user that is given events, such as {@code direct:alert}. */
public final class EventRoute implements ChannelRoute.Receiver {

    /** The route failed on an event. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Exchange exchange;

        FailedException(Exchange exchange) {
            super(exchange.getException());
            this.exchange = exchange;
        }

        Exchange exchange() {
            return exchange;
        }
    }

    private final String uri;
    private ProducerTemplate template;
    private Endpoint endpoint;
    private volatile Exchange latest;

    /** @param name behind {@code direct:} */
    public EventRoute(String name) {
        this.uri = "direct:" + name;
    }

    public String uri() {
        return uri;
    }

    /** @param camel started, with the route */
    public void connect(CamelContext camel) {
        template = camel.createProducerTemplate();
        endpoint = camel.getEndpoint(uri);
    }

    @Override
    public void take(Map<String, Object> event) throws FailedException {
        Exchange exchange = endpoint.createExchange();
        exchange.getMessage().setBody(event);
        RouteCall call = RouteCall.begin(exchange);
        latest = exchange;
        template.send(endpoint, exchange);
        if (call.failure() != null) {
            throw new FailedException(exchange);
        }
    }

    @Override
    public String place() {
        return latest == null ? null : RouteStep.of(latest);
    }
}
