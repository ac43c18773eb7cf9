package de.contactsync.oauth;

import de.contactsync.model.RefreshTokens;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * What it takes to get a token with the client credentials grant (RFC 6749, section 4.4).
 *
 * @param keys          what the keys below begin with, such as {@code jtl.oauth}; for messages
 * @param tokenEndpoint {@code .token-endpoint}, an absolute http or https address
 * @param clientId      {@code .client-id}
 * @param clientSecret  {@code .client-secret}; empty where an app that people log in to has none
 * @param scope         {@code .scope}, names with blanks between them; empty: none is sent
 * @param maxAttempts   for failures worth a retry
 * @param grant         how the token is fetched
 */
public record OAuthSettings(
        String keys,
        URI tokenEndpoint,
        String clientId,
        String clientSecret,
        String scope,
        Duration connectTimeout,
        Duration responseTimeout,
        int maxAttempts,
        OAuthGrant grant) {

    /** @throws IllegalArgumentException naming the key that is missing or wrong, never its value if that is secret */
    public OAuthSettings {
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(responseTimeout, "responseTimeout");
        scope = scope == null ? "" : scope.strip();
        if (tokenEndpoint == null
                || tokenEndpoint.getHost() == null
                || !("https".equalsIgnoreCase(tokenEndpoint.getScheme())
                        || "http".equalsIgnoreCase(tokenEndpoint.getScheme()))
                || tokenEndpoint.getRawUserInfo() != null
                || tokenEndpoint.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    keys + ".token-endpoint must be an http or https address without user, password or fragment");
        }
        if (clientId == null || clientId.isBlank()) {
            throw new IllegalArgumentException(keys + ".client-id is not set");
        }
        clientSecret = clientSecret == null || clientSecret.isBlank() ? "" : clientSecret;
        if (clientSecret.isEmpty() && grant.kind() != OAuthGrant.Kind.AUTHORIZATION_CODE) {
            throw new IllegalArgumentException(keys + ".client-secret is not set");
        }
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("a token must be asked for once or more, not " + maxAttempts + " times");
        }
    }

    /** With 5 s to connect, 30 s for an answer, and 5 attempts. */
    public OAuthSettings(String keys, URI tokenEndpoint, String clientId, String clientSecret, String scope) {
        this(keys, tokenEndpoint, clientId, clientSecret, scope, OAuthGrant.CLIENT_CREDENTIALS);
    }

    /** The same with another grant. */
    public OAuthSettings(
            String keys, URI tokenEndpoint, String clientId, String clientSecret, String scope, OAuthGrant grant) {
        this(
                keys,
                tokenEndpoint,
                clientId,
                clientSecret,
                scope,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                5,
                grant);
    }

    /** The same, whose refresh token is kept there. */
    public OAuthSettings with(RefreshTokens kept) {
        return new OAuthSettings(
                keys,
                tokenEndpoint,
                clientId,
                clientSecret,
                scope,
                connectTimeout,
                responseTimeout,
                maxAttempts,
                grant.with(kept));
    }

    /** What one token request may take in all. */
    Duration deadline() {
        return connectTimeout.plus(responseTimeout);
    }

    /** For messages: the endpoint without its query, which may hold what is nobody's business. */
    public String displayEndpoint() {
        int port = tokenEndpoint.getPort();
        return tokenEndpoint.getScheme() + "://" + tokenEndpoint.getHost() + (port < 0 ? "" : ":" + port)
                + tokenEndpoint.getRawPath();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "OAuthSettings[tokenEndpoint=" + displayEndpoint() + ", clientId=" + clientId
                + ", clientSecret=***, scope=" + scope + ", connectTimeout=" + connectTimeout + ", responseTimeout="
                + responseTimeout + ", maxAttempts=" + maxAttempts + "]";
    }
}
