package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Turns a {@link ContactKey}, {@link CustomerContactsQuery} or a {@link CustomersPage} into the request for it. Path
 * and query are built from parsed uuids and numbers only, and no header of the message stays, so that nothing a source
 * wrote can shape the call: Camel's http component takes its address from {@code CamelHttpUri} and some more when they
 * are there.
 */
final class RequestProcessor implements Processor {

    /** Exchange property: what was asked for, since JTL's answer does not echo the customer's id. */
    static final String ASKED = "jtlAsked";

    private final JtlSettings settings;

    RequestProcessor(JtlSettings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Object asked = message.getBody();
        exchange.setProperty(ASKED, asked);
        message.setBody(null);
        message.removeHeaders("*");
        UUID tenantId;
        if (asked instanceof CustomerContactsQuery list) {
            tenantId = list.customer().tenantId();
            message.setHeader(
                    Exchange.HTTP_PATH, "/v2/customers/" + list.customer().customerId() + "/contacts");
        } else if (asked instanceof CustomersPage page) {
            tenantId = page.tenantId();
            message.setHeader(Exchange.HTTP_PATH, "/v2/customers");
            message.setHeader(Exchange.HTTP_QUERY, "pageNumber=" + page.number() + "&pageSize=" + CustomersPage.SIZE);
        } else {
            ContactKey key = (ContactKey) asked;
            tenantId = key.tenantId();
            message.setHeader(Exchange.HTTP_PATH, "/v2/customers/" + key.customerId() + "/contacts/" + key.contactId());
        }
        message.setHeader("Accept", "application/json");
        message.setHeader("x-tenant-id", tenantId.toString());
        if (settings.runAs() != null) {
            message.setHeader("x-runas", settings.runAs());
        }
        if (settings.companyId() != null) {
            message.setHeader("x-companyid", settings.companyId());
        }
    }
}
