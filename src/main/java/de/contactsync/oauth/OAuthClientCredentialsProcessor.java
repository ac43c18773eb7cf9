package de.contactsync.oauth;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Sets {@code Authorization: Bearer …} on the message, from the client credentials grant. An existing header is
 * replaced: what came in with a message does not choose the identity of our calls.
 *
 * <p>Name, options ({@code client-id}, {@code client-secret}) and effect are those of camel-oauth's processor of the
 * same name. It differs in where the token lives. There it belongs to a web session of the exchange, found by a cookie
 * and made anew for an exchange that has none, as none of ours has: that would be a token request per contact. Here all
 * exchanges share one {@link TokenSource}, which renews the token before its end. And the token used stays on the
 * exchange as {@value #TOKEN_PROPERTY}, so that a 401 can {@linkplain TokenSource#invalidate drop} exactly that one.
 *
 * <p>Throws {@link de.contactsync.model.ProcessingHaltedException} when there is no token available.
 */
public final class OAuthClientCredentialsProcessor implements Processor {

    /** Exchange property with the {@link AccessToken} of the call. */
    public static final String TOKEN_PROPERTY = "jtlAccessToken";

    /** A token and its header, which is the same for all calls with it. */
    private record Bearer(AccessToken token, String header) {}

    private final TokenSource tokens;
    private volatile Bearer last = new Bearer(null, null);

    public OAuthClientCredentialsProcessor(TokenSource tokens) {
        this.tokens = tokens;
    }

    @Override
    public void process(Exchange exchange) {
        AccessToken token = tokens.current();
        Bearer bearer = last;
        if (bearer.token != token) {
            bearer = new Bearer(token, token.authorization());
            last = bearer;
        }
        exchange.getMessage().setHeader("Authorization", bearer.header);
        exchange.setProperty(TOKEN_PROPERTY, token);
    }
}
