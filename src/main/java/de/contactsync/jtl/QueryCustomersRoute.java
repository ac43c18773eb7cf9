package de.contactsync.jtl;

import org.apache.camel.Processor;

/** One call of JTL's "Queries of all customers", which answers them page by page: takes {@link CustomersPage}. */
public final class QueryCustomersRoute extends JtlRoute {

    static final String URI = "direct:query-customers";

    public QueryCustomersRoute(JtlSettings settings, Processor oauth) {
        super(settings, oauth);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for a page of its customers: token, call, answer.",
                "jtlListGuard",
                new CustomersResponseProcessor(host()));
    }
}
