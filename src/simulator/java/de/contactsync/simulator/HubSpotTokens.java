package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The token endpoint of HubSpot, for an app that an account has installed, after
 * <a href="https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens">the page on
 * managing tokens</a>: everything stands in the body, and a token is good for half an hour.
 */
final class HubSpotTokens {

    private static final Pattern PATH = Pattern.compile("/oauth/(v1|v3|\\d{4}-\\d{2})/token");
    private static final Duration LIFETIME = Duration.ofMinutes(30);

    private final TokenStore tokens = new TokenStore(LIFETIME, System::nanoTime);
    private String refreshToken = HubSpotOptions.REFRESH_TOKEN;
    private boolean rotating;
    private int given;

    static boolean isFor(HttpServerRequest request) {
        return PATH.matcher(request.path()).matches();
    }

    /** From now on each answer has another refresh token, and the one before is not good any longer. */
    void rotate() {
        rotating = true;
    }

    void revokeAll() {
        tokens.revokeAll();
    }

    int given() {
        return given;
    }

    boolean isGood(String token) {
        return tokens.scopes(token).isPresent();
    }

    BufferedResponse answer(HttpServerRequest request, Buffer body) {
        Map<String, String> form = form(body.toString());
        if (!request.method().name().equals("POST") || !"refresh_token".equals(form.get("grant_type"))) {
            return refusal("unsupported_grant_type", "BAD_GRANT_TYPE", "grant_type must be refresh_token");
        }
        if (!HubSpotOptions.CLIENT_ID.equals(form.get("client_id"))
                || !HubSpotOptions.CLIENT_SECRET.equals(form.get("client_secret"))) {
            return refusal("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret");
        }
        if (!refreshToken.equals(form.get("refresh_token"))) {
            return refusal("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked");
        }
        given++;
        refreshToken = rotating ? HubSpotOptions.REFRESH_TOKEN + "-" + given : refreshToken;
        return BufferedResponse.json(
                200,
                Json.object(Map.of(
                        "token_type",
                        "bearer",
                        "access_token",
                        tokens.issue(Set.of()),
                        "refresh_token",
                        refreshToken,
                        "expires_in",
                        Long.toString(LIFETIME.toSeconds()))));
    }

    private static BufferedResponse refusal(String error, String status, String message) {
        return BufferedResponse.json(
                400,
                Json.object(
                        Map.of("error", error, "error_description", message, "status", status, "message", message)));
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String each : body.split("&")) {
            String[] parts = each.split("=", 2);
            form.put(parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return form;
    }
}
