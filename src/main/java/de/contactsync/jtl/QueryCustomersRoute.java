package de.contactsync.jtl;

/** One call of JTL's "Queries of all customers", which answers them page by page: takes {@link CustomersPage}. */
public final class QueryCustomersRoute extends JtlRoute {

    static final String URI = "direct:query-customers";

    public QueryCustomersRoute(JtlConnections connections) {
        super(connections);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for a page of its customers: token, call, answer.",
                LARGEST_PAGE,
                CustomersResponseProcessor::new);
    }
}
