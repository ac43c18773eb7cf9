package de.contactsync.jtl;

import de.contactsync.oauth.CredentialSource;

/** One call of JTL's "Get Customer Contact": takes a {@link de.contactsync.model.ContactKey}. */
public final class GetCustomerContactRoute extends JtlRoute {

    public static final String URI = "direct:get-customer-contact";

    public GetCustomerContactRoute(JtlSettings settings, CredentialSource access) {
        super(settings, access);
    }

    @Override
    public void configure() {
        callOperation(
                URI,
                "Asks JTL for one contact: token, call, answer.",
                "jtlGuard",
                new ContactResponseProcessor(settings()));
    }
}
