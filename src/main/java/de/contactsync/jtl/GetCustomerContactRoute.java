package de.contactsync.jtl;

/** One call of JTL's "Get Customer Contact": takes a {@link de.contactsync.model.ContactKey}. */
public final class GetCustomerContactRoute extends JtlRoute {

    public static final String URI = "direct:get-customer-contact";

    public GetCustomerContactRoute(JtlConnections connections) {
        super(connections);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for one contact: token, call, answer.",
                LARGEST_ANSWER,
                connection -> new ContactResponseProcessor(connection.settings()));
    }
}
