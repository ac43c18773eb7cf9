package de.contactsync.jtl;

/**
 * One call of JTL's "Query Customer Contacts", which answers all contacts of a customer: takes
 * {@link CustomerContactsQuery}. The answer is read as it comes, so its size is a matter of the guard and not of
 * memory.
 */
public final class QueryCustomerContactsRoute extends JtlRoute {

    public static final String URI = "direct:query-customer-contacts";

    public QueryCustomerContactsRoute(JtlConnections connections) {
        super(connections);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for all contacts of one customer: token, call, answer.",
                LARGEST_LIST,
                connection -> new ContactListResponseProcessor(connection.settings()));
    }
}
