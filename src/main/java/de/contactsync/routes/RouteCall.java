package de.contactsync.routes;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * An exchange that a route of the user is given, and whose end is waited for. Steps such as {@code split} go on with
 * copies of it, whose headers and marks do not come back by themselves: they are noted here. Thread-safe.
 */
public final class RouteCall {

    /** Header in which a route says why it does not take what it was given. */
    private static final String REJECTED = "rejected";

    private static final String PROPERTY = "contactsync.call";

    private final Exchange exchange;
    private volatile String rejection;
    private volatile boolean rolledBack;

    private RouteCall(Exchange exchange) {
        this.exchange = exchange;
    }

    /** @param exchange that is about to be sent */
    public static RouteCall begin(Exchange exchange) {
        RouteCall call = new RouteCall(exchange);
        exchange.setProperty(PROPERTY, call);
        return call;
    }

    /**
     * Notes the results of copies of exchanges. Each step of each route is looked at, so this is installed only where
     * there are routes of the user.
     *
     * @param camel whose routes are not loaded yet
     */
    public static void install(CamelContext camel) {
        camel.getCamelContextExtension().addInterceptStrategy(new Listener());
    }

    private static final class Listener implements InterceptStrategy {
        @Override
        public Processor wrapProcessorInInterceptors(
                CamelContext camel, NamedNode step, Processor target, Processor next) {
            return new DelegateAsyncProcessor(target) {
                @Override
                public boolean process(Exchange exchange, AsyncCallback callback) {
                    return super.process(exchange, doneSync -> {
                        RouteCall call = exchange.getProperty(PROPERTY, RouteCall.class);
                        if (call != null && exchange != call.exchange) {
                            call.note(exchange);
                        }
                        callback.done(doneSync);
                    });
                }
            };
        }
    }

    private void note(Exchange copy) {
        String said = rejection(copy);
        if (said != null) {
            rejection = said;
        }
        rolledBack |= isRolledBack(copy);
    }

    private static String rejection(Exchange exchange) {
        Object header = exchange.getMessage().getHeader(REJECTED);
        return header == null || header.toString().isBlank() ? null : header.toString();
    }

    private static boolean isRolledBack(Exchange exchange) {
        return exchange.isRollbackOnly() || exchange.isRollbackOnlyLast();
    }

    /** Whether the sender receives its failure, as it does not for copies such as a wire tap's. */
    static boolean isWaitedFor(Exchange exchange) {
        RouteCall call = exchange.getProperty(PROPERTY, RouteCall.class);
        return call != null && call.exchange == exchange;
    }

    /** What the route failed on; null where it did not. To be asked when it has ended, as the next is. */
    public Exception failure() {
        if (exchange.getException() == null && (rolledBack || isRolledBack(exchange))) {
            exchange.setException(new IllegalStateException("The route marked it to be rolled back"));
        }
        return exchange.getException();
    }

    /** Why the route, which did not fail, does not take what it was given; null where it takes it. */
    String rejection() {
        String said = rejection(exchange);
        return said == null ? rejection : said;
    }
}
