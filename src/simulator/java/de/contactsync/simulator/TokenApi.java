package de.contactsync.simulator;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The OAuth 2.0 token endpoint for client credentials (RFC 6749, sections 2.3.1, 4.4, 5.1 and 5.2). */
final class TokenApi {

    private static final Set<String> ALLOWED_SCOPES =
            Set.of("customers.read", "all.read", "application.runas", "openid");

    /** What a client gets that asks for no scope. */
    private static final String DEFAULT_SCOPE = "customers.read";

    private final SimulatorOptions options;
    private final TokenStore tokens;
    private final Logins logins;

    TokenApi(SimulatorOptions options, TokenStore tokens, Logins logins) {
        this.options = options;
        this.tokens = tokens;
        this.logins = logins;
    }

    /**
     * @param contentType   of the request, or null
     * @param authorization header, or null
     */
    BufferedResponse answer(String contentType, String authorization, String body) {
        try {
            Map<String, String> form = form(contentType, body);
            String grantType = form.get("grant_type");
            if ("authorization_code".equals(grantType) || "refresh_token".equals(grantType)) {
                checkPublicClient(authorization, form);
                return grantType.equals("refresh_token") ? refresh(form) : redeem(form);
            }
            checkClient(authorization);
            if (grantType == null) {
                throw new Refusal(400, "invalid_request", "grant_type is missing");
            }
            if (!grantType.equals("client_credentials")) {
                throw new Refusal(400, "unsupported_grant_type", "only client_credentials is known");
            }
            return grant(scopes(form.getOrDefault("scope", "")), null);
        } catch (Refusal refusal) {
            return noStore(refusal.response());
        }
    }

    /** An app that people log in to needs no secret, but a wrong one is refused. */
    private void checkPublicClient(String authorization, Map<String, String> form) throws Refusal {
        if (authorization != null) {
            checkClient(authorization);
        } else if (!options.clientId().equals(form.get("client_id"))) {
            throw new Refusal(401, "invalid_client", "client id is wrong");
        }
    }

    private BufferedResponse redeem(Map<String, String> form) throws Refusal {
        Logins.Code code = form.containsKey("code")
                ? logins.redeem(form.get("code"), form.get("redirect_uri"), form.get("code_verifier"))
                : null;
        if (code == null) {
            throw new Refusal(400, "invalid_grant", "the code is unknown, spent, or was given to another");
        }
        return grant(code.scopes(), code.scopes().contains("offline_access") ? logins.begin(code.scopes()) : null);
    }

    private BufferedResponse refresh(Map<String, String> form) throws Refusal {
        String token = form.getOrDefault("refresh_token", "");
        String next = logins.rotate(token);
        if (next == null) {
            throw new Refusal(400, "invalid_grant", "the refresh token is unknown, spent or revoked");
        }
        return grant(logins.scopes(next), next);
    }

    /** Revocation (RFC 7009): answers 200 whether there was such a token or not. */
    BufferedResponse revoke(String contentType, String authorization, String body) {
        try {
            Map<String, String> form = form(contentType, body);
            checkPublicClient(authorization, form);
            logins.revoke(form.getOrDefault("token", ""));
            return BufferedResponse.empty(200);
        } catch (Refusal refusal) {
            return noStore(refusal.response());
        }
    }

    private BufferedResponse grant(Set<String> scopes, String refreshToken) {
        return noStore(BufferedResponse.json(200, Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("access_token", tokens.issue(scopes));
            json.writeStringField("token_type", "Bearer");
            json.writeNumberField("expires_in", options.tokenLifetime().toSeconds());
            json.writeStringField("scope", String.join(" ", scopes));
            if (refreshToken != null) {
                json.writeStringField("refresh_token", refreshToken);
            }
            json.writeEndObject();
        })));
    }

    private static BufferedResponse noStore(BufferedResponse response) {
        return response.with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }

    /** The scheme's name may be in any case (RFC 7617); id and secret are form-encoded before the Base64. */
    private void checkClient(String authorization) throws Refusal {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            throw new Refusal(401, "invalid_client", "HTTP Basic authentication is wanted");
        }
        String[] client;
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(6).strip());
            client = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            for (int i = 0; i < client.length; i++) {
                client[i] = URLDecoder.decode(client[i], StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(401, "invalid_client", "the Authorization header cannot be decoded");
        }
        if (client.length != 2 || !client[0].equals(options.clientId()) || !client[1].equals(options.clientSecret())) {
            throw new Refusal(401, "invalid_client", "client id or secret is wrong");
        }
    }

    private static Map<String, String> form(String contentType, String body) throws Refusal {
        String form = "application/x-www-form-urlencoded";
        if (contentType == null || !contentType.split(";", 2)[0].strip().equalsIgnoreCase(form)) {
            throw new Refusal(400, "invalid_request", "the body must be " + form);
        }
        Map<String, String> fields = new HashMap<>();
        for (String pair : body.split("&")) {
            String[] parts = pair.split("=", 2);
            String name = decode(parts[0]);
            if (fields.put(name, parts.length == 2 ? decode(parts[1]) : "") != null) {
                throw new Refusal(400, "invalid_request", "a parameter is there twice");
            }
        }
        return fields;
    }

    private static String decode(String text) throws Refusal {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "invalid_request", "the body is not form-encoded");
        }
    }

    private static Set<String> scopes(String scope) throws Refusal {
        String wanted = scope.isBlank() ? DEFAULT_SCOPE : scope.strip();
        Set<String> scopes = new TreeSet<>(Arrays.asList(wanted.split(" +")));
        if (!ALLOWED_SCOPES.containsAll(scopes)) {
            throw new Refusal(400, "invalid_scope", "allowed are " + String.join(" ", new TreeSet<>(ALLOWED_SCOPES)));
        }
        return scopes;
    }

    /** An error answer in the form of RFC 6749, section 5.2. */
    private static final class Refusal extends Exception {
        private final int status;
        private final String error;

        Refusal(int status, String error, String description) {
            super(description, null, false, false);
            this.status = status;
            this.error = error;
        }

        BufferedResponse response() {
            BufferedResponse response = BufferedResponse.json(status, Json.write(json -> {
                json.writeStartObject();
                json.writeStringField("error", error);
                json.writeStringField("error_description", getMessage());
                json.writeEndObject();
            }));
            return status == 401 ? response.with("WWW-Authenticate", "Basic realm=\"simulator\"") : response;
        }
    }
}
