package de.contactsync.messaging.kafka;

import de.contactsync.messaging.KeyEndpoint;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;

/** {@code key-topic:NAME?maxKeys=500}. */
public final class KeyTopicEndpoint extends KeyEndpoint {

    private final KeyTopicComponent component;

    KeyTopicEndpoint(String uri, KeyTopicComponent component, String topic) {
        super(uri, component, topic);
        this.component = component;
    }

    @Override
    protected Consumer consumer(Processor processor) {
        return new KeyTopicConsumer(this, processor);
    }

    KeyTopicComponent component() {
        return component;
    }
}
