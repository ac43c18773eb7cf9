package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyEndpoint;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;

/** {@code key-queue:NAME?concurrentConsumers=8&maxKeys=500}. */
public final class KeyQueueEndpoint extends KeyEndpoint {

    private final KeyQueueComponent component;
    private int concurrentConsumers = 1;

    KeyQueueEndpoint(String uri, KeyQueueComponent component, String queue) {
        super(uri, component, queue);
        this.component = component;
    }

    @Override
    protected Consumer consumer(Processor processor) {
        return new KeyQueueConsumer(this, processor);
    }

    KeyQueueComponent component() {
        return component;
    }

    public int getConcurrentConsumers() {
        return concurrentConsumers;
    }

    public void setConcurrentConsumers(int concurrentConsumers) {
        this.concurrentConsumers = concurrentConsumers;
    }
}
