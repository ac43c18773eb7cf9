package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The authorization endpoint (RFC 6749, section 4.1.1): a page on which a person agrees or does not. */
final class LoginPage {

    private final SimulatorOptions options;
    private final Logins logins;

    LoginPage(SimulatorOptions options, Logins logins) {
        this.options = options;
        this.logins = logins;
    }

    BufferedResponse answer(HttpServerRequest request, String origin) {
        String redirect = request.getParam("redirect_uri");
        if (!options.clientId().equals(request.getParam("client_id")) || !isLoopback(redirect)) {
            // Never redirected: the address may be anybody's.
            return page(400, "<h1>Unknown app</h1><p>client_id or redirect_uri is not registered.</p>");
        }
        String state = request.getParam("state");
        if (!"code".equals(request.getParam("response_type"))
                || !"S256".equals(request.getParam("code_challenge_method"))
                || request.getParam("code_challenge") == null) {
            return back(redirect, Map.of("error", "invalid_request", "state", String.valueOf(state)));
        }
        String answer = request.getParam("consent");
        if (answer == null) {
            String again = origin + request.uri() + "&consent=";
            return page(
                    200,
                    "<h1>JTL simulator</h1><p>Let the app read customers?</p><p><a id=\"yes\" href=\"" + escaped(again)
                            + "yes\">Allow</a> <a id=\"no\" href=\"" + escaped(again) + "no\">Refuse</a></p>");
        }
        if (!answer.equals("yes")) {
            return back(redirect, Map.of("error", "access_denied", "state", String.valueOf(state), "iss", origin));
        }
        String scope = request.getParam("scope");
        Set<String> scopes = new TreeSet<>(Arrays.asList((scope == null ? "" : scope).split(" +")));
        String code = logins.code(
                new Logins.Code(redirect, request.getParam("code_challenge"), scopes, request.getParam("nonce")));
        return back(redirect, Map.of("code", code, "state", String.valueOf(state), "iss", origin));
    }

    private static boolean isLoopback(String redirect) {
        try {
            return redirect != null && URI.create(redirect).getHost().matches("127\\.0\\.0\\.1|localhost|\\[::1\\]");
        } catch (IllegalArgumentException | NullPointerException e) {
            return false;
        }
    }

    private static BufferedResponse back(String redirect, Map<String, String> parameters) {
        StringBuilder location = new StringBuilder(redirect).append(redirect.contains("?") ? '&' : '?');
        parameters.forEach((name, value) -> location.append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                .append('&'));
        return BufferedResponse.empty(302).with("Location", location.substring(0, location.length() - 1));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    }

    private static BufferedResponse page(int status, String body) {
        return new BufferedResponse(
                status,
                Map.of("Content-Type", "text/html; charset=utf-8"),
                Buffer.buffer("<!DOCTYPE html><html><body>" + body + "</body></html>"));
    }
}
