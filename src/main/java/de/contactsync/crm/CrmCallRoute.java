package de.contactsync.crm;

import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpEndpointFactory;
import de.contactsync.http.SecretMask;
import de.contactsync.resilience.RetryAfter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.http.HttpConstants;

/**
 * One call of the CRM: takes a {@link CrmRequest}, leaves a {@link CrmResponse}. In Java because most of it is options
 * of the HTTP endpoint. An I/O failure leaves as the exchange's exception: whoever calls decides on retries.
 */
public final class CrmCallRoute extends RouteBuilder {

    public static final String URI_OF_ROUTE = "direct:call-crm";

    /** The {@link CrmRequest}, for whoever puts a token into its body. */
    public static final String REQUEST_PROPERTY = "crmRequest";

    private static final Set<String> OUT = Set.of("accept", "content-type");
    private static final Set<String> IN = Set.of("content-type", "date", "retry-after", "location");

    private static final String CREDENTIAL = "crmCredential";

    /** The exchange property with the token that was fetched for the call, which may be in its body alone. */
    public static final String FETCHED_TOKEN = "crmFetchedToken";

    private final URI baseUrl;
    private final CrmKind kind;
    private final CrmTimeouts timeouts;
    private final Processor authorization;

    /** @param authorization sets {@link CrmKind#credentialHeader}, and a body that is {@link CrmRequest#signed} */
    public CrmCallRoute(CrmSettings settings, Processor authorization) {
        this(settings, CrmTimeouts.DEFAULT, authorization);
    }

    /** As the other, for a CRM that takes longer or less long. */
    public CrmCallRoute(CrmSettings settings, CrmTimeouts timeouts, Processor authorization) {
        this.timeouts = timeouts;
        this.baseUrl = settings.baseUrl();
        this.kind = settings.kind();
        this.authorization = authorization;
    }

    @Override
    public void configure() {
        HttpEndpointFactory endpoint = new HttpEndpointFactory(
                "crmGuard", "crmAllowedHeaders", "crmConnections", timeouts.connect(), timeouts.response());
        Set<String> in = new HashSet<>(IN);
        in.addAll(kind.quotaHeaders());
        Set<String> out = new HashSet<>(OUT);
        out.add(kind.credentialHeader().toLowerCase(Locale.ROOT));
        out.addAll(kind.requestHeaders());
        bindToRegistry("crmAllowedHeaders", new HeaderAllowlist(out, in));
        endpoint.bindPool(getContext().getRegistry(), kind.maxConcurrentCalls() + 1);
        from(URI_OF_ROUTE)
                .routeId("call-crm")
                .description("Makes one call of the CRM: token, call, answer.")
                .errorHandler(noErrorHandler())
                .process(this::request)
                .id("call-crm-request")
                .process(authorization)
                .id("call-crm-authorization")
                .setProperty(CREDENTIAL, header(kind.credentialHeader()))
                .id("call-crm-keep-token")
                .doTry()
                .to(endpoint.address(baseUrl, ""))
                .id("call-crm-http")
                .doFinally()
                // After a call without an answer it would still be on the message.
                .removeHeader(kind.credentialHeader())
                .id("call-crm-drop-token")
                .end()
                .process(this::answer)
                .id("call-crm-answer");
    }

    /** A message made new for the call: nothing else can be on it. */
    private void request(Exchange exchange) {
        CrmRequest request = exchange.getMessage().getBody(CrmRequest.class);
        exchange.setProperty(REQUEST_PROPERTY, request);
        Message message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_METHOD, request.method());
        message.setHeader(Exchange.HTTP_PATH, request.path());
        if (request.query() != null) {
            message.setHeader(HttpConstants.HTTP_RAW_QUERY, request.query());
        }
        message.setHeader("Accept", kind.accepts().header());
        request.headers().forEach(message::setHeader);
        if (request.body() != null || request.signed() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, kind.contentType());
        }
        message.setBody(request.body());
    }

    private void answer(Exchange exchange) {
        Message message = exchange.getMessage();
        byte[] body = message.getBody(byte[].class);
        Map<String, String> headers = new HashMap<>();
        kind.quotaHeaders().forEach(name -> headers.put(name, message.getHeader(name, String.class)));
        Duration retryAfter = RetryAfter.read(
                message.getHeader("Retry-After", String.class), message.getHeader("Date", String.class), Instant.now());
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Object credential = exchange.removeProperty(CREDENTIAL);
        String fetched = (String) exchange.removeProperty(FETCHED_TOKEN);
        byte[] given = body == null ? new byte[0] : without(credential, fetched, body);
        message.setBody(new CrmResponse(
                status,
                headers,
                kind.quota(headers),
                retryAfter != null ? retryAfter : kind.pause(headers),
                location(message.getHeader("Location", String.class)),
                given,
                kind.accepts().foreign(status, message.getHeader(Exchange.CONTENT_TYPE, String.class), given)));
    }

    /** Relative to the base URL (RFC 9110, section 10.2.2); null when it is on another host, or none. */
    private String location(String given) {
        if (given == null) {
            return null;
        }
        try {
            URI location = baseUrl.resolve(new URI(given));
            String base = baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
            boolean own = baseUrl.getScheme().equalsIgnoreCase(location.getScheme())
                    && String.valueOf(baseUrl.getAuthority()).equalsIgnoreCase(location.getAuthority())
                    && location.getRawPath() != null
                    && location.getRawPath().startsWith(base + "/");
            return own ? location.getRawPath().substring(base.length()) : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Some repeat in an error what they were sent, and people are told of it. */
    private static byte[] without(Object credential, String fetched, byte[] body) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String spared = SecretMask.hide(text, fetched);
        String[] parts =
                credential == null ? new String[0] : credential.toString().split("\\s+");
        // Behind the name of the scheme, where there is one.
        for (int i = parts.length > 1 ? 1 : 0; i < parts.length; i++) {
            spared = SecretMask.hide(spared, parts[i]);
        }
        return spared.equals(text) ? body : spared.getBytes(StandardCharsets.ISO_8859_1);
    }
}
