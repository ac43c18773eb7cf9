package de.contactsync.jtl;

import org.apache.camel.Processor;

/** One call of JTL's "Get Customer Contact": takes a {@link de.contactsync.model.ContactKey}. */
public final class GetCustomerContactRoute extends JtlRoute {

    public static final String URI = "direct:get-customer-contact";

    public GetCustomerContactRoute(JtlSettings settings, Processor oauth) {
        super(settings, oauth);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for one contact: token, call, answer.",
                "jtlGuard",
                new ContactResponseProcessor(host()));
    }
}
