package de.contactsync.messaging.kafka;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** {@code key-topic:NAME?maxKeys=500}. */
public final class KeyTopicEndpoint extends DefaultEndpoint {

    private final KeyTopicComponent component;
    private final String topic;
    private int maxKeys = 500;

    KeyTopicEndpoint(String uri, KeyTopicComponent component, String topic) {
        super(uri, component);
        this.component = component;
        this.topic = topic;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        KeyTopicConsumer consumer = new KeyTopicConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("key-topic only takes records");
    }

    KeyTopicComponent component() {
        return component;
    }

    String topic() {
        return topic;
    }

    public int getMaxKeys() {
        return maxKeys;
    }

    /** Keys that are worked on together, at most; a record with more is taken alone. */
    public void setMaxKeys(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }
}
