package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Turns a {@link ContactKey} into the request for it. The path is built from parsed uuids only, and no header of the
 * message stays, so that nothing a source wrote can shape the call: Camel's http component takes its address from
 * {@code CamelHttpUri} and some more when they are there.
 */
final class RequestProcessor implements Processor {

    /** Exchange property: the {@link ContactKey} asked for, since JTL's answer does not echo the customer's id. */
    static final String KEY = "contactKey";

    private final JtlSettings settings;

    RequestProcessor(JtlSettings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        ContactKey key = message.getBody(ContactKey.class);
        exchange.setProperty(KEY, key);
        message.setBody(null);
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_PATH, "/v2/customers/" + key.customerId() + "/contacts/" + key.contactId());
        message.setHeader("Accept", "application/json");
        message.setHeader("x-tenant-id", key.tenantId().toString());
        if (settings.runAs() != null) {
            message.setHeader("x-runas", settings.runAs());
        }
        if (settings.companyId() != null) {
            message.setHeader("x-companyid", settings.companyId());
        }
    }
}
