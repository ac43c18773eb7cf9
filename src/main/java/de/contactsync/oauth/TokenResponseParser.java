package de.contactsync.oauth;

import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import de.contactsync.resilience.RetryAfter;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Tells from an answer of the token endpoint whether it is a token (RFC 6749, section 5.1), a refusal that lasts
 * (section 5.2) or something that may be temporary.
 */
final class TokenResponseParser {

    /** Taken when the server does not say how long a token lives, or says something that cannot be meant. */
    static final Duration ASSUMED_LIFETIME = Duration.ofHours(1);

    static final Duration LONGEST_LIFETIME = Duration.ofDays(31);

    /** Errors that may be temporary, in whatever status they come; the first two are RFC 6749's, section 4.1.2.1. */
    private static final Set<String> PASSING = Set.of("server_error", "temporarily_unavailable", "slow_down");

    /** Where to look for the errors of RFC 6749, section 5.2; KEYS stands for what our keys begin with. */
    private static final Map<String, String> KEYS = Map.of(
            "invalid_client", "KEYS.client-id and KEYS.client-secret, and that they belong to KEYS.token-endpoint",
            "unauthorized_client", "that the app behind KEYS.client-id may use the client credentials grant",
            "invalid_scope", "KEYS.scope",
            "invalid_request", "KEYS.scope, which some servers demand and some refuse, and KEYS.token-endpoint");
    /** Where to look for what a grant is refused for. */
    private static final Map<OAuthGrant.Kind, String> GRANT_KEYS = Map.of(
            OAuthGrant.Kind.AUTHORIZATION_CODE,
            "the login: it was ended, revoked or used elsewhere. Log in again with the command login",
            OAuthGrant.Kind.REFRESH_TOKEN,
            "KEYS.refresh-token: a token that was revoked or used elsewhere must be replaced",
            OAuthGrant.Kind.PASSWORD,
            "KEYS.username and KEYS.password");

    private static final String ALL_KEYS = "KEYS.client-id, KEYS.client-secret, KEYS.scope and KEYS.token-endpoint";

    private static final String TYPE = "token_type";

    private static final Set<String> NEEDED = Set.of("access_token", TYPE);

    private final String keys;
    private final String endpoint;
    private final OAuthGrant.Kind grant;
    private final KnownSecrets secrets;

    TokenResponseParser(OAuthSettings settings, KnownSecrets secrets) {
        this.keys = settings.keys();
        this.endpoint = settings.displayEndpoint();
        this.grant = settings.grant().kind();
        this.secrets = secrets;
    }

    /** Of an answer that grants a token, the refresh token to be used from then on; null when it has none. */
    String refreshToken(HTTPResponse response) {
        return text(response, "refresh_token");
    }

    /** Of an answer that grants a token, the id token of OpenID Connect; null when it has none. */
    String idToken(HTTPResponse response) {
        return text(response, "id_token");
    }

    /** Whether it refuses a code or a refresh token for good (RFC 6749, section 5.2). */
    boolean isInvalidGrant(HTTPResponse response) {
        return "invalid_grant".equals(text(response, "error"));
    }

    private static String text(HTTPResponse response, String field) {
        try {
            Object value = JSONObjectUtils.parse(response.getBody()).get(field);
            return value instanceof String text && !text.isBlank() ? text : null;
        } catch (ParseException e) {
            return null;
        }
    }

    TokenResult read(HTTPResponse response) {
        int status = response.getStatusCode();
        try {
            if (status == HTTPResponse.SC_OK) {
                return granted(response);
            }
            if (status >= 300 && status < 400) {
                // A server in maintenance sends everybody to a page that says so.
                return unavailable(
                        "a redirect (" + status + "), which is not followed: if it lasts, check " + keys
                                + ".token-endpoint",
                        response);
            }
            if (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429) {
                return clientError(response, status);
            }
            return unavailable("status " + status, response);
        } catch (ParseException | RuntimeException | StackOverflowError e) {
            // The library's own words may quote the answer, and with it a token. They stay here.
            return unavailable(
                    "status " + status + " with a body that is "
                            + (isTooDeep(e) ? "nested too deep" : "not an OAuth answer"),
                    response);
        }
    }

    private static boolean isTooDeep(Throwable e) {
        return e instanceof StackOverflowError
                || e.getCause() instanceof net.minidev.json.parser.ParseException json
                        && json.getErrorType() == net.minidev.json.parser.ParseException.ERROR_UNEXPECTED_JSON_DEPTH;
    }

    private TokenResult granted(HTTPResponse response) throws ParseException {
        var json = JSONObjectUtils.parse(response.getBody());
        if (!json.containsKey("access_token") && json.get("error") instanceof String error) {
            // Zoho refuses with status 200.
            return refused("issued no token: " + secrets.shortened(error), look(error));
        }
        // The library refuses the whole answer for a lifetime it does not like.
        Duration lifetime = lifetime(json.remove("expires_in"));
        URI instance = instance(json.get("instance_url"));
        // The library refuses the whole answer also for odd fields that are of no use here.
        json.keySet().retainAll(NEEDED);
        Object type = json.get(TYPE);
        if (type == null || "".equals(type)) {
            // RFC 6749, section 5.1, requires it, and many servers leave it out.
            json.put(TYPE, AccessTokenType.BEARER.getValue());
        } else if (type instanceof String other
                && !AccessTokenType.BEARER.getValue().equalsIgnoreCase(other)) {
            return refused(
                    "issued a token of the type " + secrets.shortened(other) + ", but only bearer tokens are supported",
                    "KEYS.token-endpoint");
        }
        BearerAccessToken token = AccessTokenResponse.parse(json).getTokens().getBearerAccessToken();
        if (token == null || !isHeaderSafe(token.getValue())) {
            return unavailable("status 200 without a bearer token", response);
        }
        return new TokenResult.Granted(token.getValue(), lifetime, instance);
    }

    /** @return null when it is not an http or https address */
    private static URI instance(Object url) {
        try {
            URI uri = new URI(String.valueOf(url));
            boolean absolute = uri.getScheme() != null && uri.getHost() != null;
            return absolute && uri.getScheme().matches("(?i)https?") && uri.getRawUserInfo() == null
                    ? new URI(uri.getScheme(), null, uri.getHost(), uri.getPort(), null, null, null)
                    : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** A line end in a token would add a header of the server's choice to each of our calls. */
    static boolean isHeaderSafe(String token) {
        return !token.isEmpty() && token.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** @param expiresIn seconds; a number as RFC 6749 wants it, or one in quotes as some servers send it */
    private static Duration lifetime(Object expiresIn) {
        double seconds;
        try {
            seconds = expiresIn == null ? 0 : Double.parseDouble(expiresIn.toString());
        } catch (NumberFormatException e) {
            return ASSUMED_LIFETIME;
        }
        boolean meant = seconds >= 1 && seconds <= LONGEST_LIFETIME.toSeconds();
        return meant ? Duration.ofSeconds((long) seconds) : ASSUMED_LIFETIME;
    }

    private TokenResult clientError(HTTPResponse response, int status) throws ParseException {
        TokenErrorResponse error = TokenResponse.parse(response).toErrorResponse();
        String code = error.getErrorObject().getCode();
        if (code == null) {
            return unavailable(
                    "status " + status + " without an OAuth error"
                            + (status == 401
                                    ? ": if it lasts, check "
                                            + KEYS.get("invalid_client").replace("KEYS", keys)
                                    : ""),
                    response);
        }
        if (PASSING.contains(code)) {
            return unavailable("status " + status + ", " + code, response);
        }
        String description = error.getErrorObject().getDescription();
        String said = description == null || description.isBlank() ? code : code + " (" + description + ")";
        return refused("issued no token: " + secrets.shortened(said), look(code));
    }

    private String look(String code) {
        String ofGrant = code.startsWith("invalid_grant") ? GRANT_KEYS.get(grant) : null;
        return ofGrant == null ? KEYS.getOrDefault(code, ALL_KEYS) : ofGrant;
    }

    private TokenResult refused(String what, String look) {
        return new TokenResult.Refused(
                "Token endpoint " + endpoint + " " + what + ". Check " + look.replace("KEYS", keys) + ".");
    }

    static TokenResult unavailable(String what, HTTPResponse response) {
        Duration retryAfter =
                RetryAfter.read(response.getHeaderValue("Retry-After"), response.getHeaderValue("Date"), Instant.now());
        return new TokenResult.Unavailable(what, retryAfter == null ? Duration.ZERO : retryAfter);
    }
}
