package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.contact.Delivery;
import de.contactsync.contact.Receipt;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.jtl.OAuthClientCredentialsProcessor;
import de.contactsync.jtl.OAuthSettings;
import de.contactsync.jtl.TokenSource;
import de.contactsync.outage.TestBreakers;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.net.URI;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** The CRM's side of the house against a simulated Salesforce. */
abstract class SalesforceFixture {

    SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
    private TokenSource tokens;

    @AfterEach
    void stop() {
        if (tokens != null) {
            tokens.close();
        }
        salesforce.close();
    }

    CrmStation station() throws Exception {
        return station(Gone.KEEP);
    }

    CrmStation station(Gone gone) throws Exception {
        return station(gone, Company.NONE);
    }

    CrmStation station(Gone gone, Company company) throws Exception {
        OAuthClient client = new OAuthClient(URI.create(salesforce.tokenEndpoint()), SalesforceOptions.CLIENT_ID,
                SalesforceOptions.CLIENT_SECRET, "");
        tokens = new TokenSource(
                new OAuthSettings("contacts.crm.oauth", client.tokenEndpoint(), client.id(), client.secret(), ""),
                TestBreakers.create()::forSink, System::nanoTime, new Random(1));
        return new CrmStation(
                new CrmSettings(new SalesforceSettings("v62.0", "Contact", company, client),
                        URI.create(salesforce.baseUrl()), gone, 0.05, false),
                new OAuthClientCredentialsProcessor(tokens));
    }

    void restart(SalesforceOptions options) {
        salesforce.close();
        salesforce = SalesforceSimulator.start(options);
    }

    static Receipt.Refused refusal(Receipt receipt) {
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        return (Receipt.Refused) receipt;
    }

    static List<Receipt> accepted(List<Receipt> receipts) {
        return receipts.stream().filter(Receipt.Accepted.class::isInstance).toList();
    }

    static Delivery withRemoteId(Delivery delivery, String remoteId) {
        return new Delivery(delivery.key(), null, null, remoteId, true);
    }
}
