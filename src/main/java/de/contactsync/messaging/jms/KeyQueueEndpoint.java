package de.contactsync.messaging.jms;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** {@code key-queue:NAME?concurrentConsumers=8&maxKeys=500}. */
public final class KeyQueueEndpoint extends DefaultEndpoint {

    private final KeyQueueComponent component;
    private final String queue;
    private int concurrentConsumers = 1;
    private int maxKeys = 500;

    KeyQueueEndpoint(String uri, KeyQueueComponent component, String queue) {
        super(uri, component);
        this.component = component;
        this.queue = queue;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        KeyQueueConsumer consumer = new KeyQueueConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("key-queue only takes messages");
    }

    KeyQueueComponent component() {
        return component;
    }

    String queue() {
        return queue;
    }

    public int getConcurrentConsumers() {
        return concurrentConsumers;
    }

    public void setConcurrentConsumers(int concurrentConsumers) {
        this.concurrentConsumers = concurrentConsumers;
    }

    public int getMaxKeys() {
        return maxKeys;
    }

    /** Keys that are worked on together, at most; a message with more is taken alone. */
    public void setMaxKeys(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }
}
