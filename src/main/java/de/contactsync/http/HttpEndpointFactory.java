package de.contactsync.http;

import java.net.URI;
import java.time.Duration;
import org.apache.camel.spi.Registry;

/**
 * An endpoint of Camel's http component, of which nothing is left to its defaults: they wait for minutes, send and take
 * in all headers, and make an exception of every status. An I/O failure leaves as the exchange's exception.
 *
 * @param guard       name of the {@link HttpGuard} that watches over the calls
 * @param headers     name of the {@link HeaderAllowlist}
 * @param connections name of what {@link #bindPool} makes
 */
public record HttpEndpointFactory(
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

    /**
     * Makes the connections and binds them to the name that the endpoint has for them.
     *
     * @param beans has the guard
     */
    public void bindPool(Registry beans, int connectionsAtMost) {
        beans.bind(
                connections,
                HttpGuard.pool(
                        () -> beans.lookupByNameAndType(guard, HttpGuard.class),
                        connectTimeout,
                        responseTimeout,
                        connectionsAtMost));
    }
}
