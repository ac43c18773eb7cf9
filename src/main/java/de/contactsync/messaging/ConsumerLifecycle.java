package de.contactsync.messaging;

import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.OutageException;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;

/** Whether messages are taken and tried again, or the process is about to end and leaves them to the broker. */
public final class ConsumerLifecycle {

    private final BreakerRegistry breakers;
    private volatile boolean going = true;

    public ConsumerLifecycle(BreakerRegistry breakers) {
        this.breakers = breakers;
    }

    public boolean isRunning() {
        return going;
    }

    /** Whether messages shall be taken now: not while something is away that all keys need. */
    public boolean isAccepting() {
        return going && !breakers.openAll();
    }

    /**
     * Whether a chunk is tried again where it is, until what it needs is back.
     *
     * @param elsewhere not null when messages that wait for one tenant are put aside by whoever took them
     */
    public boolean shouldRetry(OutageException outage, Object elsewhere) {
        return going && (outage.concernsAll() || elsewhere == null);
    }

    /**
     * Sends a body through the route behind a consumer.
     *
     * @return the failure that the route ended with, or null
     */
    public static Exception process(Consumer consumer, Object body) {
        Exchange exchange = consumer.createExchange(false);
        exchange.getMessage().setBody(body);
        try {
            consumer.getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        consumer.releaseExchange(exchange, false);
        return failure;
    }

    public void stop() {
        going = false;
    }
}
