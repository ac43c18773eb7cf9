package de.contactsync.oauth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import de.contactsync.keyfile.JsonLimits;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the session that a login call answers with, which is not OAuth: from a cookie or the JSON of its body. */
final class SessionParser {

    /** Before a text with JSON Pointers in braces, of a session that consists of several parts. */
    private static final String BASE64 = "base64:";

    private static final Pattern POINTER = Pattern.compile("\\{(/[^{}]*)\\}");

    private SessionParser() {}

    /**
     * @param endpoint for people
     * @param tokenAt as of {@link OAuthGrant.Login}
     */
    static TokenResult read(HTTPResponse response, String endpoint, String tokenAt) {
        int status = response.getStatusCode();
        if (status >= 500 || status == 408 || status == 425 || status == 429) {
            return TokenResponseParser.unavailable("status " + status, response);
        }
        String token = null;
        String flaw = "";
        try {
            token = status / 100 == 2 ? tokenIn(response, tokenAt) : null;
        } catch (StreamConstraintsException e) {
            flaw = ", but with " + JsonLimits.exceeded(e);
        } catch (JsonProcessingException e) {
            // Such as a page for people.
        }
        return token != null && TokenResponseParser.isHeaderSafe(token)
                ? new TokenResult.Granted(token, TokenResponseParser.ASSUMED_LIFETIME, null)
                : new TokenResult.Refused("The login call " + endpoint + " was answered with status " + status
                        + " and no session" + flaw + ": check contacts.crm.rest.username, contacts.crm.rest.password,"
                        + " contacts.crm.rest.login and contacts.crm.rest.login-token.");
    }

    private static String tokenIn(HTTPResponse response, String tokenAt) throws JsonProcessingException {
        if (tokenAt.startsWith("cookie:")) {
            List<String> cookies = response.getHeaderValues("Set-Cookie");
            String name = tokenAt.substring("cookie:".length()) + "=";
            return cookies == null
                    ? null
                    : cookies.stream()
                            .filter(cookie -> cookie.startsWith(name))
                            .map(cookie -> cookie.substring(name.length()).split(";", 2)[0])
                            .findFirst()
                            .orElse(null);
        }
        JsonNode body = new ObjectMapper().readTree(response.getBody());
        return tokenAt.startsWith(BASE64) ? encoded(body, tokenAt.substring(BASE64.length())) : textAt(body, tokenAt);
    }

    private static String textAt(JsonNode body, String pointer) {
        JsonNode found = body.at(pointer);
        return found.isValueNode() && !found.isNull() ? found.asText() : null;
    }

    /** Null when one of the pointers finds nothing. */
    private static String encoded(JsonNode body, String template) {
        StringBuilder filled = new StringBuilder();
        Matcher part = POINTER.matcher(template);
        while (part.find()) {
            String value = textAt(body, part.group(1));
            if (value == null) {
                return null;
            }
            part.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        part.appendTail(filled);
        return Base64.getEncoder().encodeToString(filled.toString().getBytes(StandardCharsets.UTF_8));
    }
}
