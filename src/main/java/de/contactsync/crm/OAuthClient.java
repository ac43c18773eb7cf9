package de.contactsync.crm;

import de.contactsync.oauth.OAuthGrant;
import java.net.URI;
import java.util.Map;

/**
 * Who we are at the CRM's token endpoint: the keys under {@code contacts.crm.oauth.}.
 *
 * @param scope        names with blanks between them; empty: none is sent
 * @param grant        how we ask
 * @param inBody       whether id and secret go into the body rather than into a Basic header
 * @param parameters   that are sent as well
 * @param username     of {@link Grant#PASSWORD}, else empty
 * @param password     of {@link Grant#PASSWORD}, else empty
 * @param refreshToken that {@link Grant#REFRESH_TOKEN} begins with, else empty
 * @param login        body and place of the session, of {@link Grant#LOGIN}, else null
 */
public record OAuthClient(
        URI tokenEndpoint,
        String id,
        String secret,
        String scope,
        Grant grant,
        boolean inBody,
        Map<String, String> parameters,
        String username,
        String password,
        String refreshToken,
        OAuthGrant.Login login) {

    public enum Grant {
        CLIENT_CREDENTIALS,
        REFRESH_TOKEN,
        PASSWORD,
        /** No OAuth: a call of the CRM that answers with a session. */
        LOGIN
    }

    /** By client credentials in a Basic header. */
    public OAuthClient(URI tokenEndpoint, String id, String secret, String scope) {
        this(tokenEndpoint, id, secret, scope, Grant.CLIENT_CREDENTIALS, false, Map.of(), "", "", "", null);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return "OAuthClient[" + tokenEndpoint + ", " + id + ", secret=***, " + scope + ", " + grant + "]";
    }
}
