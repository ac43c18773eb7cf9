package de.contactsync.messaging;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;

/** A queue or topic that keys are only taken from, some at once. */
public abstract class KeyEndpoint extends DefaultEndpoint {

    private final String name;
    private int maxKeys = 500;

    protected KeyEndpoint(String uri, DefaultComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public final Consumer createConsumer(Processor processor) throws Exception {
        Consumer consumer = consumer(processor);
        configureConsumer(consumer);
        return consumer;
    }

    protected abstract Consumer consumer(Processor processor);

    @Override
    public final Producer createProducer() {
        throw new UnsupportedOperationException(getEndpointBaseUri() + " only takes messages");
    }

    /** As the broker knows it. */
    public final String name() {
        return name;
    }

    public int getMaxKeys() {
        return maxKeys;
    }

    /** Keys that are worked on together, at most; a message with more is taken alone. */
    public void setMaxKeys(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    @Override
    public final boolean isLenientProperties() {
        return false;
    }
}
