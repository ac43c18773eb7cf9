package de.contactsync.jtl;

import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.util.Timeout;

/**
 * One call of JTL's API: what is asked for goes in, an {@link Answer} comes out. In Java because most of it is options
 * of the HTTP endpoint that come typed from {@link JtlSettings}. An I/O failure leaves as the exchange's exception:
 * whoever calls decides on retries, there is no error handler here.
 */
abstract class JtlRoute extends RouteBuilder {

    private static final String CONNECTIONS = "jtlConnections";

    private final JtlSettings settings;
    private final Processor oauth;

    JtlRoute(JtlSettings settings, Processor oauth) {
        this.settings = settings;
        this.oauth = oauth;
    }

    /**
     * @param guard   name of the bean that watches over the call
     * @param options further options of the HTTP endpoint, each with {@code &} before it
     */
    final void ask(String uri, String description, String guard, String options, Processor answer) {
        bindToRegistry("jtlAllowedHeaders", new AllowedHeaders());
        if (getContext().getRegistry().lookupByName(CONNECTIONS) == null) {
            bindToRegistry(CONNECTIONS, connections());
        }
        String id = uri.substring(uri.indexOf(':') + 1);
        from(uri)
                .routeId(id)
                .description(description)
                .errorHandler(noErrorHandler())
                .process(new RequestProcessor(settings)).id(id + "-request")
                .process(oauth).id(id + "-oauth")
                .doTry()
                    .to(address(guard) + options).id(id + "-jtl")
                .doFinally()
                    // After a call without an answer it would still be on the message.
                    .removeHeader("Authorization").id(id + "-drop-token")
                .end()
                .process(answer).id(id + "-answer");
    }

    private String address(String guard) {
        long response = settings.responseTimeout().toMillis();
        return settings.baseUrl()
                + "?httpMethod=GET"
                + "&throwExceptionOnFailure=false"
                + "&copyHeaders=false"
                + "&clearExpiredCookies=false"
                + "&httpClientConfigurer=#" + guard
                + "&headerFilterStrategy=#jtlAllowedHeaders"
                + "&connectTimeout=" + settings.connectTimeout().toMillis()
                + "&connectionRequestTimeout=" + response
                + "&responseTimeout=" + response
                + "&clientConnectionManager=#" + CONNECTIONS;
    }

    /**
     * Camel's own would hold a status line or a header of any length in memory. One for all calls of JTL; the first
     * endpoint that stops closes it.
     */
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
