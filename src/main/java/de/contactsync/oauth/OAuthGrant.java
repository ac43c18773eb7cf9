package de.contactsync.oauth;

import de.contactsync.model.RefreshTokens;
import java.util.Map;

/**
 * How a token is fetched beyond the client credentials (RFC 6749, section 4).
 *
 * @param kind       the grant
 * @param inBody     whether client id and secret go into the body (section 2.3.1) in place of a Basic header
 * @param parameters that are sent as well, such as Zoho's {@code soid}
 * @param username   of {@link Kind#PASSWORD}, else empty
 * @param password   of {@link Kind#PASSWORD}, else empty
 * @param refresh    of {@link Kind#REFRESH_TOKEN} and {@link Kind#AUTHORIZATION_CODE}, else null
 * @param login      of {@link Kind#LOGIN}, else null
 */
public record OAuthGrant(
        Kind kind,
        boolean inBody,
        Map<String, String> parameters,
        String username,
        String password,
        RefreshTokens refresh,
        Login login) {

    /**
     * A call outside OAuth that answers with a session.
     *
     * @param body    of this content type
     * @param tokenAt JSON Pointer in the answer, {@code cookie:NAME}, or {@code base64:} with text and pointers in
     *        braces
     */
    public record Login(String body, String contentType, String tokenAt) {

        /** Without the body, which holds the password. */
        @Override
        public String toString() {
            return "Login[" + tokenAt + "]";
        }
    }

    public enum Kind {
        CLIENT_CREDENTIALS,
        PASSWORD,
        REFRESH_TOKEN,
        /** By a refresh token that came of a person's login, which proves the app by PKCE rather than by its secret. */
        AUTHORIZATION_CODE,
        LOGIN
    }

    /** Without a login of the server's own kind. */
    public OAuthGrant(
            Kind kind,
            boolean inBody,
            Map<String, String> parameters,
            String username,
            String password,
            RefreshTokens refresh) {
        this(kind, inBody, parameters, username, password, refresh, null);
    }

    /** By the client's own credentials, in a Basic header. */
    public static final OAuthGrant CLIENT_CREDENTIALS =
            new OAuthGrant(Kind.CLIENT_CREDENTIALS, false, Map.of(), "", "", null);

    /** Of a login; {@link #with} says where its refresh token is kept. */
    public static final OAuthGrant AUTHORIZATION_CODE =
            new OAuthGrant(Kind.AUTHORIZATION_CODE, false, Map.of(), "", "", null);

    /** The same, with a refresh token that is kept there. */
    public OAuthGrant with(RefreshTokens kept) {
        return new OAuthGrant(kind, inBody, parameters, username, password, kept, login);
    }

    public OAuthGrant {
        parameters = Map.copyOf(parameters);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return "OAuthGrant[" + kind + ", inBody=" + inBody + ", " + parameters.keySet() + "]";
    }
}
