package de.contactsync.jtl;

import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpEndpointFactory;
import java.util.Set;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;

/**
 * One call of JTL's API: what is fetched goes in, an {@link CallResult} comes out. In Java because most of it is
 * options of the HTTP endpoint that come typed from {@link JtlSettings}. An I/O failure leaves as the exchange's
 * exception: whoever calls decides on retries, there is no error handler here.
 */
abstract class JtlRoute extends RouteBuilder {

    private static final String CONNECTIONS = "jtlConnections";

    private static final Set<String> OUT = Set.of("authorization", "accept", "x-tenant-id", "x-runas", "x-companyid");
    private static final Set<String> IN = Set.of(
            "content-type",
            "date",
            "retry-after",
            "x-ratelimit-limit",
            "x-ratelimit-interval-length-seconds",
            "x-ratelimit-remaining");

    private final JtlSettings settings;
    private final Processor oauth;

    JtlRoute(JtlSettings settings, Processor oauth) {
        this.settings = settings;
        this.oauth = oauth;
    }

    final String host() {
        return settings.baseUrl().getAuthority();
    }

    /**
     * @param guard   name of the bean that watches over the call
     * @param options further options of the HTTP endpoint, each with {@code &} before it
     */
    final void callOperation(String uri, String description, String guard, String options, Processor answer) {
        HttpEndpointFactory endpoint = new HttpEndpointFactory(
                guard, "jtlAllowedHeaders", CONNECTIONS, settings.connectTimeout(), settings.responseTimeout());
        bindToRegistry("jtlAllowedHeaders", new HeaderAllowlist(OUT, IN));
        if (getContext().getRegistry().lookupByName(CONNECTIONS) == null) {
            // One for all calls of JTL.
            endpoint.bindPool(getContext().getRegistry(), settings.concurrency());
        }
        String id = uri.substring(uri.indexOf(':') + 1);
        from(uri)
                .routeId(id)
                .description(description)
                .errorHandler(noErrorHandler())
                .process(new RequestProcessor(settings))
                .id(id + "-request")
                .process(oauth)
                .id(id + "-oauth")
                .doTry()
                .to(endpoint.address(settings.baseUrl(), "&httpMethod=GET" + options))
                .id(id + "-jtl")
                .doFinally()
                // After a call without an answer it would still be on the message.
                .removeHeader("Authorization")
                .id(id + "-drop-token")
                .end()
                .process(answer)
                .id(id + "-answer");
    }
}
