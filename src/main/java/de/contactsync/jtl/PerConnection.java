package de.contactsync.jtl;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;

/**
 * A step of a route that has a processor for each {@link JtlConnection}, made when the first call needs it. The first
 * step finds the connection by the tenant of what is asked for; the others take the one that it found.
 */
final class PerConnection extends ServiceSupport implements Processor {

    /** Exchange property: the {@link JtlConnection} that the call goes through. */
    private static final String CONNECTION = "jtlConnection";

    private final Function<Exchange, JtlConnection> which;
    private final Function<JtlConnection, Processor> make;
    private final Map<JtlConnection, Processor> steps = new ConcurrentHashMap<>();

    private PerConnection(Function<Exchange, JtlConnection> which, Function<JtlConnection, Processor> make) {
        this.which = which;
        this.make = make;
    }

    static PerConnection first(JtlConnections connections, Function<JtlConnection, Processor> make) {
        return new PerConnection(
                exchange -> {
                    UUID tenantId =
                            RequestProcessor.tenant(exchange.getMessage().getBody());
                    JtlConnection connection =
                            connections.of(tenantId).orElseThrow(() -> KeyPrecheck.unknownTenant(tenantId));
                    exchange.setProperty(CONNECTION, connection);
                    return connection;
                },
                make);
    }

    static PerConnection next(Function<JtlConnection, Processor> make) {
        return new PerConnection(exchange -> (JtlConnection) exchange.getProperty(CONNECTION), make);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        JtlConnection connection = which.apply(exchange);
        Processor step = steps.get(connection);
        if (step == null) {
            step = steps.computeIfAbsent(connection, this::started);
        }
        step.process(exchange);
    }

    private Processor started(JtlConnection connection) {
        Processor step = make.apply(connection);
        ServiceHelper.startService(step);
        return step;
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(steps.values());
        steps.clear();
    }
}
