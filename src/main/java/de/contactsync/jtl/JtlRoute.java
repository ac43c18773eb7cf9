package de.contactsync.jtl;

import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import java.util.function.Function;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;

/**
 * One call of JTL's API: what is fetched goes in, an {@link CallResult} comes out. In Java because most of it is
 * options of the HTTP endpoint that come typed from {@link JtlSettings}. An I/O failure leaves as the exchange's
 * exception: whoever calls decides on retries, there is no error handler here.
 */
abstract class JtlRoute extends RouteBuilder {

    /** A contact has some hundred bytes; nothing JTL may rightly send comes near this. */
    static final long LARGEST_ANSWER = 128 * 1024;

    /** The contacts of one customer, of whom some thousand are the most that is heard of. */
    static final long LARGEST_LIST = 4 * 1024 * 1024;

    /** Customers have texts of any length, of which only the id is kept. */
    static final long LARGEST_PAGE = 64 * 1024 * 1024;

    private final JtlConnections connections;

    JtlRoute(JtlConnections connections) {
        this.connections = connections;
    }

    /**
     * @param largestAnswer in bytes
     * @param answer        reads what came
     */
    final void callOperation(
            String uri, String description, long largestAnswer, Function<JtlConnection, Processor> answer) {
        String id = uri.substring(uri.indexOf(':') + 1);
        JtlServers servers = new JtlServers(
                getContext(), id, largestAnswer, connections.process().concurrency());
        try {
            getContext().addService(servers);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        from(uri)
                .routeId(id)
                .description(description)
                .errorHandler(noErrorHandler())
                .process(PerConnection.first(
                        connections,
                        connection -> new RequestProcessor(connection.settings(), connection.credentials())))
                .id(id + "-request")
                .process(
                        PerConnection.next(connection -> new OAuthClientCredentialsProcessor(connection.credentials())))
                .id(id + "-oauth")
                .process(PerConnection.next(servers::client))
                .id(id + "-jtl")
                .process(PerConnection.next(answer))
                .id(id + "-answer");
    }
}
