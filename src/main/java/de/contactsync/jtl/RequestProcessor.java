package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.oauth.CredentialSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;

/**
 * Turns a {@link ContactKey}, {@link CustomerContactsQuery} or a {@link CustomersPage} into the request for it. Path
 * and query are built from parsed uuids and numbers only, and no header of the message stays, so that nothing a source
 * wrote can shape the call: Camel's http component takes its address from {@code CamelHttpUri} and some more when they
 * are there.
 */
final class RequestProcessor implements Processor {

    /** Exchange property: what was asked for, since JTL's answer does not echo the customer's id. */
    static final String ASKED = "jtlAsked";

    private static final String CLOUD_VERSION = "2.0";

    private final JtlSettings settings;
    /** Null where calls name their tenant and the version is known. */
    private final WawiKeySource wawi;
    /** Where the version is known, and so the same for all calls. */
    private final String cloud;
    /** The same for all calls. */
    private final List<Header> headers = new ArrayList<>();

    RequestProcessor(JtlSettings settings, CredentialSource access) {
        this.settings = settings;
        this.wawi = access instanceof WawiKeySource source ? source : null;
        this.cloud = customers(CLOUD_VERSION);
        headers.add(new BasicHeader("Accept", "application/json"));
        if (settings.runAs() != null) {
            headers.add(new BasicHeader("x-runas", settings.runAs()));
        }
        if (settings.companyId() != null) {
            headers.add(new BasicHeader("x-companyid", settings.companyId()));
        }
    }

    /** Whose JTL is asked for it. */
    static UUID tenant(Object asked) {
        return asked instanceof CustomerContactsQuery list
                ? list.customer().tenantId()
                : asked instanceof CustomersPage page ? page.tenantId() : ((ContactKey) asked).tenantId();
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Object asked = message.getBody();
        exchange.setProperty(ASKED, asked);
        message.removeHeaders("*");
        String customers = wawi == null ? cloud : customers(wawi.apiVersion());
        if (asked instanceof CustomerContactsQuery list) {
            message.setBody(get(
                    customers + "/" + JtlId.text(list.customer().customerId()) + "/contacts",
                    list.customer().tenantId()));
        } else if (asked instanceof CustomersPage page) {
            message.setBody(get(
                    customers + "?pageNumber=" + page.number() + "&pageSize=" + CustomersPage.SIZE
                            + (page.filter() == null ? "" : "&" + page.filter()),
                    page.tenantId()));
        } else {
            ContactKey key = (ContactKey) asked;
            message.setBody(get(
                    customers + "/" + JtlId.text(key.customerId()) + "/contacts/" + JtlId.text(key.contactId()),
                    key.tenantId()));
        }
    }

    private String customers(String version) {
        return settings.baseUrl().getRawPath()
                + (settings.versionInPath() ? "/v" + version.split("\\.", 2)[0] : "")
                + "/customers";
    }

    private HttpUriRequestBase get(String path, UUID tenantId) {
        HttpUriRequestBase get = new HttpUriRequestBase("GET", settings.baseUrl());
        // Not as part of the URI, which would be parsed for every call.
        get.setPath(path);
        headers.forEach(get::addHeader);
        if (wawi == null) {
            get.addHeader(new BasicHeader("x-tenant-id", tenantId.toString()));
        }
        return get;
    }
}
