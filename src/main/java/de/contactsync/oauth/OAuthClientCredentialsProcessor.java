package de.contactsync.oauth;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Puts the credential of our calls on the message: {@code Authorization: Bearer …} from the client credentials grant, or
 * what another {@link CredentialSource} has. Existing headers are replaced: what came in with a message does not choose
 * the identity of our calls.
 *
 * <p>Name, options ({@code client-id}, {@code client-secret}) and effect are those of camel-oauth's processor of the
 * same name. It differs in where the token lives. There it belongs to a web session of the exchange, found by a cookie
 * and made anew for an exchange that has none, as none of ours has: that would be a token request per contact. Here all
 * exchanges share one {@link TokenSource}, which renews the token before its end. And the token used stays on the
 * exchange as {@value #TOKEN_PROPERTY}, so that a 401 can {@linkplain TokenSource#replace replace} exactly that one.
 *
 * <p>Throws {@link de.contactsync.model.ProcessingHaltedException} when there is no token available.
 */
public final class OAuthClientCredentialsProcessor implements Processor {

    /** Exchange property with the {@link Credential} of the call. */
    public static final String TOKEN_PROPERTY = "jtlAccessToken";

    /** A credential and its headers, which are the same for all calls with it. */
    private record Headers(Credential credential, Map<String, String> headers) {}

    private final CredentialSource tokens;
    private volatile Headers last = new Headers(null, Map.of());

    public OAuthClientCredentialsProcessor(CredentialSource tokens) {
        this.tokens = tokens;
    }

    @Override
    public void process(Exchange exchange) {
        Credential credential = tokens.current();
        Headers known = last;
        if (known.credential != credential) {
            known = new Headers(credential, credential.headers());
            last = known;
        }
        Message message = exchange.getMessage();
        known.headers.forEach(message::setHeader);
        exchange.setProperty(TOKEN_PROPERTY, credential);
    }
}
