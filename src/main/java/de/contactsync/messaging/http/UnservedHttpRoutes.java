package de.contactsync.messaging.http;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets routes of the user that begin with {@code platform-http:} start where nothing listens, as with {@code import}. */
public final class UnservedHttpRoutes extends ServiceSupport implements PlatformHttpEngine {

    private static final Logger LOG = LoggerFactory.getLogger(UnservedHttpRoutes.class);

    private final boolean expected;

    /** @param expected whether the user knows that nothing listens */
    public UnservedHttpRoutes(boolean expected) {
        this.expected = expected;
    }

    private static final class Unserved extends DefaultConsumer implements PlatformHttpConsumer {

        Unserved(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        if (!expected) {
            LOG.warn(
                    "The route that begins with platform-http:{} gets no requests: add http to contacts.sources",
                    endpoint.getPath());
        }
        return new Unserved(endpoint, processor);
    }
}
