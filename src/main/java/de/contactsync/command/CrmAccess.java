package de.contactsync.command;

import de.contactsync.contact.RefreshTokens;
import de.contactsync.crm.CrmKind;
import de.contactsync.crm.HubSpotSettings;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.RestSettings;
import de.contactsync.http.Network;
import de.contactsync.jtl.AccessToken;
import de.contactsync.jtl.OAuthClientCredentialsProcessor;
import de.contactsync.jtl.OAuthGrant;
import de.contactsync.jtl.OAuthSettings;
import de.contactsync.jtl.TokenSource;
import de.contactsync.outage.Breakers;
import java.util.Random;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Gives the calls of the CRM their identity, and with it the host if the token names one. */
final class CrmAccess implements Processor, AutoCloseable {

    private final CrmKind kind;
    /** Null when there is none to fetch. */
    private final TokenSource tokens;
    /** A call and what becomes of it are one thread's. */
    private final ThreadLocal<AccessToken> used = new ThreadLocal<>();

    /**
     * @param network the way to the CRM's token endpoint
     * @param refresh where the refresh token is kept, by the one that the settings begin with
     */
    CrmAccess(CrmKind kind, Network network, Breakers breakers, Function<String, RefreshTokens> refresh) {
        this.kind = kind;
        this.tokens = kind.client() == null ? null
                : new TokenSource(settings(kind.client(), refresh), network, breakers::forSink, System::nanoTime,
                        new Random());
    }

    private static OAuthSettings settings(OAuthClient client, Function<String, RefreshTokens> refresh) {
        OAuthGrant grant = new OAuthGrant(OAuthGrant.Kind.valueOf(client.grant().name()), client.inBody(),
                client.parameters(), client.username(), client.password(),
                client.grant() == OAuthClient.Grant.REFRESH_TOKEN ? refresh.apply(client.refreshToken()) : null,
                client.login() == null ? null : new OAuthGrant.Login(client.login().body(), client.login().tokenAt()));
        return new OAuthSettings(
                "contacts.crm.oauth", client.tokenEndpoint(), client.id(), client.secret(), client.scope(), grant);
    }

    @Override
    public void process(Exchange exchange) {
        if (kind instanceof HubSpotSettings hubSpot) {
            exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token());
            return;
        }
        if (kind instanceof RestSettings rest && tokens == null) {
            exchange.getMessage().setHeader(rest.credentialHeader(), rest.credential().value());
            return;
        }
        new OAuthClientCredentialsProcessor(tokens).process(exchange);
        AccessToken token = exchange.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
        used.set(token);
        if (kind instanceof RestSettings rest) {
            exchange.getMessage().removeHeader("Authorization");
            exchange.getMessage().setHeader(rest.credentialHeader(), rest.credential().with(token.value()));
        }
        if (token.instance() != null && !kind.domains().isEmpty()) {
            // The guard sees to it that it is one that may be called.
            exchange.getMessage().setHeader(Exchange.HTTP_URI, token.instance().toString());
        }
    }

    /**
     * Fetches another token in place of that of the last call, which the CRM has refused.
     *
     * @return whether the next call has another
     * @throws de.contactsync.contact.HaltException when none is to be had now; the others keep using the old one
     */
    boolean renew() {
        return tokens != null && used.get() != null && tokens.awaitReplacement(used.get());
    }

    @Override
    public void close() {
        if (tokens != null) {
            tokens.close();
        }
    }
}
