package de.contactsync.crm;

import de.contactsync.http.AllowedHeaders;
import de.contactsync.http.GuardedEndpoint;
import de.contactsync.http.RetryAfter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;

/**
 * One call of the CRM: takes a {@link CrmRequest}, leaves a {@link CrmAnswer}. In Java because most of it is options of
 * the HTTP endpoint. An I/O failure leaves as the exchange's exception: whoever calls decides on retries.
 */
public final class CrmCallRoute extends RouteBuilder {

    public static final String URI_OF_ROUTE = "direct:call-crm";

    /** A batch of a hundred may take its time. */
    static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(45);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Set<String> OUT = Set.of("authorization", "accept", "content-type");
    private static final Set<String> IN = Set.of("content-type", "retry-after");

    private final URI baseUrl;
    private final CrmKind kind;
    private final Processor authorization;
    private final Clock clock;

    /** @param authorization sets the header of that name */
    public CrmCallRoute(CrmSettings settings, Processor authorization, Clock clock) {
        this.baseUrl = settings.baseUrl();
        this.kind = settings.kind();
        this.authorization = authorization;
        this.clock = clock;
    }

    @Override
    public void configure() {
        GuardedEndpoint endpoint = new GuardedEndpoint(
                "crmGuard", "crmAllowedHeaders", "crmConnections", CONNECT_TIMEOUT, RESPONSE_TIMEOUT);
        Set<String> in = new HashSet<>(IN);
        in.addAll(kind.quotaHeaders());
        bindToRegistry("crmAllowedHeaders", new AllowedHeaders(OUT, in));
        bindToRegistry("crmConnections", endpoint.pool(2));
        from(URI_OF_ROUTE)
                .routeId("call-crm")
                .description("Makes one call of the CRM: token, call, answer.")
                .errorHandler(noErrorHandler())
                .process(CrmCallRoute::request).id("call-crm-request")
                .process(authorization).id("call-crm-authorization")
                .doTry()
                    .to(endpoint.address(baseUrl, "")).id("call-crm-http")
                .doFinally()
                    // After a call without an answer it would still be on the message.
                    .removeHeader("Authorization").id("call-crm-drop-token")
                .end()
                .process(this::answer).id("call-crm-answer");
    }

    /** A message made new for the call: nothing else can be on it. */
    private static void request(Exchange exchange) {
        CrmRequest request = exchange.getMessage().getBody(CrmRequest.class);
        Message message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_METHOD, request.method());
        message.setHeader(Exchange.HTTP_PATH, request.path());
        message.setHeader("Accept", "application/json");
        if (request.body() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        }
        message.setBody(request.body());
    }

    private void answer(Exchange exchange) {
        Message message = exchange.getMessage();
        byte[] body = message.getBody(byte[].class);
        Map<String, String> quotaHeaders = new HashMap<>();
        kind.quotaHeaders().forEach(name -> quotaHeaders.put(name, message.getHeader(name, String.class)));
        message.setBody(new CrmAnswer(
                message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class),
                kind.quota(quotaHeaders),
                RetryAfter.read(message.getHeader("Retry-After", String.class), clock),
                body == null ? new byte[0] : body));
    }
}
