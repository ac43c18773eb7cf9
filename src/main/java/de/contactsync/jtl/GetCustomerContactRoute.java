package de.contactsync.jtl;

import java.time.Clock;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.util.Timeout;

/**
 * One call of JTL's "Get Customer Contact": a {@link de.contactsync.contact.ContactKey} goes in, an {@link Answer}
 * comes out. In Java because most of it is options of the HTTP endpoint that come typed from {@link JtlSettings}.
 * An I/O failure leaves as the exchange's exception: whoever calls decides on retries, there is no error handler here.
 */
public final class GetCustomerContactRoute extends RouteBuilder {

    public static final String URI = "direct:get-customer-contact";

    private final JtlSettings settings;
    private final Processor oauth;
    private final Clock clock;

    public GetCustomerContactRoute(JtlSettings settings, Processor oauth, Clock clock) {
        this.settings = settings;
        this.oauth = oauth;
        this.clock = clock;
    }

    @Override
    public void configure() {
        bindToRegistry("jtlAllowedHeaders", new AllowedHeaders());
        bindToRegistry("jtlConnections", connections());

        from(URI)
                .routeId("get-customer-contact")
                .description("Asks JTL for one contact: token, call, answer.")
                .errorHandler(noErrorHandler())
                .process(new RequestProcessor(settings)).id("request")
                .process(oauth).id("oauth")
                .doTry()
                    .to(endpoint()).id("jtl")
                .doFinally()
                    // After a call without an answer it would still be on the message.
                    .removeHeader("Authorization").id("drop-token")
                .end()
                .process(new AnswerProcessor(clock)).id("answer");
    }

    private String endpoint() {
        long response = settings.responseTimeout().toMillis();
        return settings.baseUrl()
                + "?httpMethod=GET"
                + "&throwExceptionOnFailure=false"
                + "&copyHeaders=false"
                + "&clearExpiredCookies=false"
                + "&httpClientConfigurer=#jtlGuard"
                + "&headerFilterStrategy=#jtlAllowedHeaders"
                + "&connectTimeout=" + settings.connectTimeout().toMillis()
                + "&connectionRequestTimeout=" + response
                + "&responseTimeout=" + response
                + "&clientConnectionManager=#jtlConnections";
    }

    /** Camel's own would hold a status line or a header of any length in memory. Its endpoint closes this one. */
    private HttpClientConnectionManager connections() {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(HttpGuard.boundedHeads())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(settings.connectTimeout()))
                        .setSocketTimeout(Timeout.of(settings.responseTimeout()))
                        .build())
                .setMaxConnPerRoute(settings.concurrency())
                .setMaxConnTotal(settings.concurrency())
                .build();
    }
}
