package de.contactsync.crm;

import java.net.URI;

/**
 * Who we are at the CRM's token endpoint: the keys under {@code contacts.crm.oauth.}.
 *
 * @param scope names with blanks between them; empty: none is sent
 */
public record OAuthClient(URI tokenEndpoint, String id, String secret, String scope) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "OAuthClient[" + tokenEndpoint + ", " + id + ", secret=***, " + scope + "]";
    }
}
