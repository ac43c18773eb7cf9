package de.contactsync.messaging.http;

import de.contactsync.messaging.ConsumerLifecycle;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * The Camel component {@code received-keys}: takes what waits in the table {@code received_key}, some keys of one tenant
 * at once, as the body {@link ReceivedBatch}, and deletes them when the route has ended well.
 */
public final class ReceivedKeysComponent extends DefaultComponent {

    private final ReceivedKeys keys;
    private final ConsumerLifecycle lifecycle;

    public ReceivedKeysComponent(ReceivedKeys keys, ConsumerLifecycle lifecycle) {
        this.keys = keys;
        this.lifecycle = lifecycle;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        return new ReceivedKeysEndpoint(uri, this, remaining);
    }

    ReceivedKeys keys() {
        return keys;
    }

    ConsumerLifecycle lifecycle() {
        return lifecycle;
    }
}
