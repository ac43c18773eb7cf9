package de.contactsync.app;

import de.contactsync.crm.CrmCallRoute;
import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.rest.RestSettings;
import de.contactsync.http.Network;
import de.contactsync.model.RefreshTokens;
import de.contactsync.oauth.AccessToken;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import de.contactsync.oauth.OAuthGrant;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Duration;
import java.util.Random;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Gives the calls of the CRM their identity, and with it the host if the token names one. */
final class CrmAuthenticator implements Processor, AutoCloseable {

    /**
     * Limits of {@code contacts.crm.connect-timeout} and {@code .response-timeout} here: other processes take a refresh
     * token for abandoned three minutes after it was claimed for a call.
     */
    private static final Duration LONGEST_CONNECT = Duration.ofMinutes(1);

    private static final Duration LONGEST_RESPONSE = Duration.ofSeconds(75);
    private static final int MAX_ATTEMPTS = 5;

    private final CrmKind kind;
    /** Null when there is none to fetch. */
    private final TokenSource tokens;
    /** A call and what becomes of it are one thread's. */
    private final ThreadLocal<AccessToken> used = new ThreadLocal<>();

    /**
     * @param network the way to the CRM's token endpoint
     * @param refresh where the refresh token is kept, by the one that the settings begin with
     */
    CrmAuthenticator(
            CrmKind kind,
            CrmTimeouts timeouts,
            Network network,
            BreakerRegistry breakers,
            Function<String, RefreshTokens> refresh) {
        this.kind = kind;
        this.tokens = kind.client() == null
                ? null
                : new TokenSource(settings(kind.client(), timeouts, refresh), network, breakers::forSink, new Random());
    }

    static OAuthSettings settings(OAuthClient client, CrmTimeouts timeouts, Function<String, RefreshTokens> refresh) {
        OAuthGrant grant = new OAuthGrant(
                OAuthGrant.Kind.valueOf(client.grant().name()),
                client.inBody(),
                client.parameters(),
                client.username(),
                client.password(),
                client.grant() == OAuthClient.Grant.REFRESH_TOKEN ? refresh.apply(client.refreshToken()) : null,
                client.login());
        return new OAuthSettings(
                "contacts.crm.oauth",
                client.tokenEndpoint(),
                client.id(),
                client.secret(),
                client.scope(),
                shorter(timeouts.connect(), LONGEST_CONNECT),
                shorter(timeouts.response(), LONGEST_RESPONSE),
                MAX_ATTEMPTS,
                grant);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public void process(Exchange exchange) {
        if (kind instanceof HubSpotSettings hubSpot && tokens == null) {
            exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token());
            return;
        }
        if (kind instanceof RestSettings rest && tokens == null) {
            exchange.getMessage()
                    .setHeader(rest.credentialHeader(), rest.credential().value());
            return;
        }
        new OAuthClientCredentialsProcessor(tokens).process(exchange);
        AccessToken token = exchange.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
        used.set(token);
        exchange.setProperty(CrmCallRoute.FETCHED_TOKEN, token.value());
        if (kind instanceof RestSettings rest) {
            exchange.getMessage().removeHeader("Authorization");
            if (rest.credential().header() != null) {
                exchange.getMessage()
                        .setHeader(rest.credentialHeader(), rest.credential().with(token.value()));
            }
            CrmRequest request = exchange.getProperty(CrmCallRoute.REQUEST_PROPERTY, CrmRequest.class);
            if (request.signed() != null) {
                exchange.getMessage().setBody(request.signed().apply(token.value()));
            }
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
     * @throws de.contactsync.model.ProcessingHaltedException when none is available now; the others keep using the old
     *        one
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
