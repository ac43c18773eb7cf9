package de.contactsync.crm.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.OAuthClient;
import de.contactsync.http.Network;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.net.URI;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** The CRM's side of the house against a simulated Salesforce. */
public abstract class SalesforceFixture {

    public SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
    private TokenSource tokens;

    @AfterEach
    void stop() {
        if (tokens != null) {
            tokens.close();
        }
        salesforce.close();
    }

    public CrmFixture station() throws Exception {
        return station(Gone.KEEP);
    }

    public CrmFixture station(Gone gone) throws Exception {
        return station(gone, Company.NONE);
    }

    CrmFixture station(Gone gone, Company company) throws Exception {
        OAuthClient client = new OAuthClient(
                URI.create(salesforce.tokenEndpoint()),
                SalesforceOptions.CLIENT_ID,
                SalesforceOptions.CLIENT_SECRET,
                "");
        tokens = new TokenSource(
                new OAuthSettings("contacts.crm.oauth", client.tokenEndpoint(), client.id(), client.secret(), ""),
                Network.DIRECT,
                TestBreakers.create()::forSink,
                new Random(1));
        return new CrmFixture(
                new CrmSettings(
                        new SalesforceSettings("v62.0", "Contact", company, client),
                        URI.create(salesforce.baseUrl()),
                        gone,
                        0.05,
                        false),
                new OAuthClientCredentialsProcessor(tokens));
    }

    void restart(SalesforceOptions options) {
        salesforce.close();
        salesforce = SalesforceSimulator.start(options);
    }

    public static DeliveryResult.Refused refusal(DeliveryResult result) {
        assertThat(result).isInstanceOf(DeliveryResult.Refused.class);
        return (DeliveryResult.Refused) result;
    }

    static List<DeliveryResult> accepted(List<DeliveryResult> receipts) {
        return receipts.stream()
                .filter(DeliveryResult.Accepted.class::isInstance)
                .toList();
    }

    static Delivery withRemoteId(Delivery delivery, String remoteId) {
        return new Delivery(delivery.key(), null, null, remoteId, true);
    }
}
