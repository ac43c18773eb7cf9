package de.contactsync.http;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * The only headers that leave with a call and the only ones of its answer that get in. Camel's default would send every
 * header of the message, and would let an answer plant headers that steer later steps.
 */
public final class HeaderAllowlist implements HeaderFilterStrategy {

    private final Set<String> out;
    private final Set<String> in;

    /** @param out names in lower case, as those of {@code in} */
    public HeaderAllowlist(Set<String> out, Set<String> in) {
        this.out = Set.copyOf(out);
        this.in = Set.copyOf(in);
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !out.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !in.contains(name.toLowerCase(Locale.ROOT));
    }
}
