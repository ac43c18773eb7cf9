package de.contactsync.jtl;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * The only headers that leave with a call to JTL and the only ones of its answer that get in. Camel's default would
 * send every header of the message, and would let an answer plant headers that steer later steps.
 */
final class AllowedHeaders implements HeaderFilterStrategy {

    private static final Set<String> OUT =
            Set.of("authorization", "accept", "x-tenant-id", "x-runas", "x-companyid");
    private static final Set<String> IN = Set.of(
            "content-type",
            "retry-after",
            "x-ratelimit-limit",
            "x-ratelimit-interval-length-seconds",
            "x-ratelimit-remaining");

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !OUT.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !IN.contains(name.toLowerCase(Locale.ROOT));
    }
}
