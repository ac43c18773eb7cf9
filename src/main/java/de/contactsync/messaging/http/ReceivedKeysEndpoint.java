package de.contactsync.messaging.http;

import de.contactsync.messaging.KeyEndpoint;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;

/** {@code received-keys:http?maxKeys=500}. */
public final class ReceivedKeysEndpoint extends KeyEndpoint {

    private final ReceivedKeysComponent component;

    ReceivedKeysEndpoint(String uri, ReceivedKeysComponent component, String name) {
        super(uri, component, name);
        this.component = component;
    }

    @Override
    protected Consumer consumer(Processor processor) {
        return new ReceivedKeysConsumer(this, processor);
    }

    ReceivedKeysComponent component() {
        return component;
    }
}
