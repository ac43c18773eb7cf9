package de.contactsync.http;

import java.net.URI;
import java.time.Duration;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.util.Timeout;

/**
 * An endpoint of Camel's http component, of which nothing is left to its defaults: they wait for minutes, send and take
 * in all headers, and make an exception of every status. An I/O failure leaves as the exchange's exception.
 *
 * @param guard       name of the {@link HttpGuard} that watches over the calls
 * @param headers     name of the {@link AllowedHeaders}
 * @param connections name of what {@link #pool} has made
 */
public record GuardedEndpoint(
        String guard, String headers, String connections, Duration connectTimeout, Duration responseTimeout) {

    /** @param options further ones, each with {@code &} before it */
    public String address(URI base, String options) {
        long response = responseTimeout.toMillis();
        return base
                + "?throwExceptionOnFailure=false"
                + "&copyHeaders=false"
                + "&clearExpiredCookies=false"
                + "&httpClientConfigurer=#" + guard
                + "&headerFilterStrategy=#" + headers
                + "&connectTimeout=" + connectTimeout.toMillis()
                + "&connectionRequestTimeout=" + response
                + "&responseTimeout=" + response
                + "&clientConnectionManager=#" + connections
                + options;
    }

    /** Camel's own would hold a status line or a header of any length in memory. Closed by the first endpoint that stops. */
    public HttpClientConnectionManager pool(int connectionsAtMost) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(HttpGuard.boundedHeads())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(connectTimeout))
                        .setSocketTimeout(Timeout.of(responseTimeout))
                        .build())
                .setMaxConnPerRoute(connectionsAtMost)
                .setMaxConnTotal(connectionsAtMost)
                .build();
    }
}
