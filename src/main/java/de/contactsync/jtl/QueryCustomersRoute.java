package de.contactsync.jtl;

import de.contactsync.oauth.CredentialSource;

/** One call of JTL's "Queries of all customers", which answers them page by page: takes {@link CustomersPage}. */
public final class QueryCustomersRoute extends JtlRoute {

    static final String URI = "direct:query-customers";

    public QueryCustomersRoute(JtlSettings settings, CredentialSource access) {
        super(settings, access);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for a page of its customers: token, call, answer.",
                "jtlListGuard",
                new CustomersResponseProcessor(settings()));
    }
}
