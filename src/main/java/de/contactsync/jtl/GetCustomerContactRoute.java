package de.contactsync.jtl;

import java.time.Clock;
import org.apache.camel.Processor;

/** One call of JTL's "Get Customer Contact": takes a {@link de.contactsync.contact.ContactKey}. */
public final class GetCustomerContactRoute extends JtlRoute {

    public static final String URI = "direct:get-customer-contact";

    private final Clock clock;

    public GetCustomerContactRoute(JtlSettings settings, Processor oauth, Clock clock) {
        super(settings, oauth);
        this.clock = clock;
    }

    @Override
    public void configure() {
        ask(URI, "Asks JTL for one contact: token, call, answer.", "jtlGuard", "", new ContactAnswer(clock));
    }
}
