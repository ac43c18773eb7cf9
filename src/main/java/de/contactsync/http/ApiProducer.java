package de.contactsync.http;

import java.io.IOException;
import java.net.URI;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.component.http.HttpProducer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.classic.methods.HttpUriRequest;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;

/**
 * Camel's http producer for many small calls of one server. Takes an {@link HttpUriRequestBase} that was built by us
 * as the body, adds the message's headers that the endpoint's strategy allows, and leaves an {@link ApiResponse}.
 *
 * <p>Its parent works out the address of every call anew from the message's headers, which costs three parses of a URI,
 * and copies body and headers of the answer. Nothing on the message chooses the address here.
 */
public final class ApiProducer extends HttpProducer {

    private final HttpHost server;

    /** @param endpoint of {@link HttpEndpointFactory}, with {@code disableStreamCache}: answers are read as they come */
    public ApiProducer(HttpEndpoint endpoint) {
        super(endpoint);
        URI base = endpoint.getHttpUri();
        this.server = new HttpHost(base.getScheme(), base.getHost(), base.getPort());
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        boolean answered = false;
        try {
            super.process(exchange);
            answered = true;
        } finally {
            // The credentials are on it.
            message.removeHeaders("*");
            if (!answered) {
                message.setBody(null);
            }
        }
    }

    @Override
    protected HttpUriRequest createMethod(Exchange exchange) {
        return (HttpUriRequest) exchange.getMessage().getBody();
    }

    @Override
    protected HttpHost createHost(HttpUriRequest request) {
        return server;
    }

    @Override
    protected void populateResponse(
            Exchange exchange,
            HttpUriRequest request,
            ClassicHttpResponse response,
            HeaderFilterStrategy strategy,
            int status)
            throws IOException {
        exchange.getMessage().setBody(ApiResponse.of(response));
    }
}
