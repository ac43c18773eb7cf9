package de.contactsync.jtl;

import de.contactsync.http.ApiProducer;
import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpEndpointFactory;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import java.util.Set;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.http.HttpEndpoint;

/**
 * One call of JTL's API: what is fetched goes in, an {@link CallResult} comes out. In Java because most of it is
 * options of the HTTP endpoint that come typed from {@link JtlSettings}. An I/O failure leaves as the exchange's
 * exception: whoever calls decides on retries, there is no error handler here.
 */
abstract class JtlRoute extends RouteBuilder {

    private static final String CONNECTIONS = "jtlConnections";

    /** The other headers are of the request that {@link RequestProcessor} builds. */
    private static final HeaderAllowlist ALLOWED =
            new HeaderAllowlist(Set.of("authorization", "x-appid", "x-appversion", "api-version"), Set.of());

    private final JtlSettings settings;
    private final CredentialSource access;

    JtlRoute(JtlSettings settings, CredentialSource access) {
        this.settings = settings;
        this.access = access;
    }

    final JtlSettings settings() {
        return settings;
    }

    /** @param guard name of the bean that watches over the call */
    final void callOperation(String uri, String description, String guard, Processor answer) {
        HttpEndpointFactory endpoint = new HttpEndpointFactory(
                guard, "jtlAllowedHeaders", CONNECTIONS, settings.connectTimeout(), settings.responseTimeout());
        bindToRegistry("jtlAllowedHeaders", ALLOWED);
        if (getContext().getRegistry().lookupByName(CONNECTIONS) == null) {
            // One for all calls of JTL.
            endpoint.bindPool(getContext().getRegistry(), settings.concurrency());
        }
        HttpEndpoint jtl = (HttpEndpoint) getContext()
                .getEndpoint(endpoint.address(settings.baseUrl(), "&httpMethod=GET&disableStreamCache=true"));
        String id = uri.substring(uri.indexOf(':') + 1);
        from(uri)
                .routeId(id)
                .description(description)
                .errorHandler(noErrorHandler())
                .process(new RequestProcessor(settings, access))
                .id(id + "-request")
                .process(new OAuthClientCredentialsProcessor(access))
                .id(id + "-oauth")
                .process(new ApiProducer(jtl))
                .id(id + "-jtl")
                .process(answer)
                .id(id + "-answer");
    }
}
