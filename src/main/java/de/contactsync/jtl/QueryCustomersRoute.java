package de.contactsync.jtl;

import java.time.Clock;
import org.apache.camel.Processor;

/** One call of JTL's "Queries of all customers", which answers them page by page: takes {@link CustomersPage}. */
public final class QueryCustomersRoute extends JtlRoute {

    static final String URI = "direct:query-customers";

    private final Clock clock;

    public QueryCustomersRoute(JtlSettings settings, Processor oauth, Clock clock) {
        super(settings, oauth);
        this.clock = clock;
    }

    @Override
    public void configure() {
        ask(URI, "Asks JTL for a page of its customers: token, call, answer.", "jtlListGuard",
                "&disableStreamCache=true", new CustomersAnswer(clock));
    }
}
