package de.contactsync.jtl;

import de.contactsync.http.ApiProducer;
import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpEndpointFactory;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.hc.core5.concurrent.Cancellable;

/**
 * The HTTP clients of one route, each for one server and reached in one way: tenants of the same server share it. Made
 * when the first call goes there.
 */
final class JtlServers extends ServiceSupport {

    /** The other headers are of the request that {@link RequestProcessor} builds. */
    private static final HeaderAllowlist ALLOWED =
            new HeaderAllowlist(Set.of("authorization", "x-appid", "x-appversion", "api-version"), Set.of());

    /** @param network compared by identity, as each certificate that was confirmed makes one of its own */
    private record Server(
            String scheme, String authority, Duration connectTimeout, Duration responseTimeout, Network network) {

        static Server of(JtlConnection connection) {
            URI address = connection.settings().baseUrl();
            return new Server(
                    address.getScheme(),
                    address.getAuthority(),
                    connection.settings().connectTimeout(),
                    connection.settings().responseTimeout(),
                    connection.network());
        }
    }

    /** @param producer started */
    private record Client(HttpGuard guard, HttpEndpoint endpoint, ApiProducer producer) {}

    private final CamelContext camel;
    private final String route;
    private final long largestAnswer;
    private final int connections;
    /** Of the last client, for the names of its beans. */
    private final AtomicInteger number = new AtomicInteger();

    private final Map<Server, Client> clients = new ConcurrentHashMap<>();

    /**
     * @param route         its name, for the beans of its own
     * @param largestAnswer in bytes
     * @param connections   to one server at once
     */
    JtlServers(CamelContext camel, String route, long largestAnswer, int connections) {
        this.camel = camel;
        this.route = route;
        this.largestAnswer = largestAnswer;
        this.connections = connections;
    }

    /** What a call may take in all. */
    static Duration deadline(Duration responseTimeout) {
        return responseTimeout.multipliedBy(2);
    }

    /** Makes the call that is the body. */
    Processor client(JtlConnection connection) {
        ApiProducer producer =
                clients.computeIfAbsent(Server.of(connection), server -> connect(server, connection)).producer;
        // Not the producer itself, which others share and must not stop.
        return new Processor() {
            @Override
            public void process(Exchange exchange) throws Exception {
                CallInFlight call = exchange.getProperty(CallInFlight.PROPERTY, CallInFlight.class);
                if (call != null) {
                    call.begin((Cancellable) exchange.getMessage().getBody());
                }
                producer.process(exchange);
            }
        };
    }

    /** Those made so far. */
    List<HttpEndpoint> endpoints() {
        return clients.values().stream().map(Client::endpoint).toList();
    }

    private Client connect(Server server, JtlConnection connection) {
        HttpGuard guard = new HttpGuard(
                connection.settings().baseUrl(),
                Set.of(),
                largestAnswer,
                deadline(server.responseTimeout),
                server.network);
        String name = route + "-" + number.incrementAndGet();
        HttpEndpointFactory factory = new HttpEndpointFactory(
                name + "-guard",
                "jtlAllowedHeaders",
                name + "-connections",
                server.connectTimeout,
                server.responseTimeout);
        camel.getRegistry().bind("jtlAllowedHeaders", ALLOWED);
        camel.getRegistry().bind(name + "-guard", guard);
        factory.bindPool(camel.getRegistry(), connections);
        try {
            // Not one of the context's, which keeps the last thousand only and stops the others.
            HttpEndpoint endpoint = (HttpEndpoint) camel.getComponent(server.scheme, HttpComponent.class)
                    .createEndpoint(factory.address(
                            connection.settings().baseUrl(), "&httpMethod=GET&disableStreamCache=true"));
            ApiProducer producer = new ApiProducer(endpoint);
            ServiceHelper.startService(endpoint, producer);
            return new Client(guard, endpoint, producer);
        } catch (Exception e) {
            guard.close();
            throw new IllegalStateException("no client for " + server.authority + ": " + e, e);
        }
    }

    @Override
    protected void doStop() {
        clients.values().forEach(client -> {
            ServiceHelper.stopService(client.producer, client.endpoint);
            client.guard.close();
        });
        clients.clear();
    }
}
