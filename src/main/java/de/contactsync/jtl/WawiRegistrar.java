package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.http.Network;
import de.contactsync.http.NetworkErrors;
import de.contactsync.http.SingleCalls;
import de.contactsync.http.SingleCalls.Reply;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Registers the app with a JTL-Wawi on its owner's server: {@code POST authentication}, then
 * {@code GET authentication/ID} until a person has clicked. Which version of the API is spoken, in which of its two ways
 * to write names, is found out unless it is set.
 */
public final class WawiRegistrar implements AutoCloseable {

    private static final List<String> VERSIONS = List.of("2.0", "1.0");
    private static final ObjectMapper JSON = new ObjectMapper();
    /** One transparent pixel: an icon must be there. */
    private static final String ICON =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg" + "==";

    private static final int CHALLENGE_CHARACTERS = 30;

    /** What came of asking once. */
    public sealed interface Progress {}

    /** Nobody has clicked yet. */
    public record Pending() implements Progress {}

    /** The server did not answer; it may be asked again. */
    public record Unanswered(String trouble) implements Progress {}

    /** The key, which is told once: keep it before anything else. */
    public record Accepted(WawiRegistration registration) implements Progress {}

    private final JtlSettings settings;
    private final String fingerprint;
    private final SingleCalls calls;
    /** The same in each call of a registration. */
    private final String challenge;

    private String version;
    private String requestId;

    /** @param fingerprint of a certificate that was confirmed; null where it is trusted */
    public WawiRegistrar(JtlSettings settings, Network network, String fingerprint) {
        this.settings = settings;
        this.fingerprint = fingerprint;
        this.calls = new SingleCalls(
                settings.baseUrl(),
                settings.connectTimeout(),
                settings.responseTimeout(),
                network.pinned(() -> fingerprint));
        this.challenge = UUID.randomUUID().toString().replace("-", "").substring(0, CHALLENGE_CHARACTERS);
    }

    /**
     * What the server says of itself, without a key.
     *
     * @throws ProcessingHaltedException when it is not there, or is no JTL-Wawi; says what to do
     */
    public String info() {
        Reply reply;
        try {
            reply = calls.get(URI.create(settings.baseUrl() + "/info"), headers(VERSIONS.get(0)));
            if (reply.status() == 404 && settings.versionInPath()) {
                reply = calls.get(URI.create(settings.baseUrl() + "/v1/info"), headers(VERSIONS.get(1)));
            }
        } catch (IOException e) {
            throw unreachable(e);
        }
        JsonNode info = lowerCased(reply.body());
        String type = info.path("type").asText("");
        return type.isEmpty()
                ? "it answers GET /info with HTTP " + reply.status() + " and not as a JTL-Wawi does"
                : type + " " + info.path("version").asText("of unknown version") + ", tenant "
                        + info.path("tenant").asText("unknown");
    }

    /**
     * Sends the request.
     *
     * @return the version of the API that took it
     * @throws ProcessingHaltedException when it is refused; says in words why, and what to do
     */
    public String begin() {
        List<String> versions = settings.apiVersion() == null ? VERSIONS : List.of(settings.apiVersion());
        Reply last = null;
        for (String candidate : versions) {
            try {
                Map<String, String> headers = headers(candidate);
                last = calls.post(
                        URI.create(address(candidate) + "/authentication"),
                        headers,
                        body(candidate).toString(),
                        "application/json");
            } catch (IOException e) {
                throw unreachable(e);
            }
            if (last.status() / 100 == 2) {
                version = candidate;
                requestId =
                        lowerCased(last.body()).path("registrationrequestid").asText("");
                if (requestId.isEmpty()) {
                    throw new ProcessingHaltedException("JTL-Wawi took the registration (HTTP " + last.status()
                            + ") without naming it: check jtl.base-url");
                }
                return version;
            }
            if (!isOfVersion(last)) {
                break;
            }
        }
        throw refusal(last);
    }

    /** Whether another version of the API may be the one. */
    private static boolean isOfVersion(Reply reply) {
        return reply.status() == 404
                || reply.status() == 405
                || reply.status() == 400
                        && reply.body()
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[ _-]", "")
                                .contains("apiversion");
    }

    /**
     * Asks what became of it.
     *
     * @throws ProcessingHaltedException when it has ended without a key; says in words why, and what to do
     */
    public Progress poll() {
        Reply reply;
        try {
            reply = calls.get(URI.create(address(version) + "/authentication/" + requestId), headers(version));
        } catch (IOException e) {
            return new Unanswered(NetworkErrors.describe(e, "jtl"));
        }
        if (reply.status() / 100 != 2) {
            if (reply.status() >= 500 || reply.status() == 429) {
                return new Unanswered("HTTP " + reply.status());
            }
            throw reply.status() == 404 || reply.status() == 410
                    ? new ProcessingHaltedException("The registration has expired (HTTP " + reply.status()
                            + "), or its key was collected before, which JTL-Wawi returns only once: remove the app in"
                            + " JTL-Wawi if it is listed there, and run register again")
                    : refusal(reply);
        }
        JsonNode answer = lowerCased(reply.body());
        // The key decides: sources do not agree which number means rejected and which accepted.
        String key = Optional.ofNullable(answer.path("token").path("apikey").textValue())
                .orElse("");
        if (!key.isBlank()) {
            if (!key.matches("[\\x21-\\x7e]+")) {
                throw new ProcessingHaltedException("JTL-Wawi sent a key with characters that a header cannot contain");
            }
            return new Accepted(new WawiRegistration(key, version, fingerprint));
        }
        int status = answer.path("requeststatusinfo").path("status").asInt(0);
        if (status == 0) {
            return new Pending();
        }
        throw new ProcessingHaltedException("The registration was rejected in JTL-Wawi (status " + status
                + ", no key): run register again and accept it there");
    }

    private ProcessingHaltedException refusal(Reply reply) {
        JsonNode error = lowerCased(reply.body());
        String code = error.path("errorcode").asText("");
        String said = ErrorResponse.read(reply.body().getBytes(StandardCharsets.UTF_8))
                .map(ErrorResponse::errorMessage)
                .filter(message -> !message.isBlank())
                .map(message -> " (JTL-Wawi: " + message + ")")
                .orElse("");
        String words =
                switch (reply.status()) {
                    case 402 -> "JTL-Wawi has no licence for its REST server: check the licences in JTL-Wawi";
                    case 403 ->
                        code.equalsIgnoreCase("NoActiveRegistration") || code.isEmpty()
                                ? "No registration is open in JTL-Wawi: click Admin > App-Registrierung > Hinzufügen >"
                                        + " Registrierung beginnen, keep that window open, and run register again"
                                : "JTL-Wawi refuses the registration";
                    case 409 ->
                        "The app " + settings.app().id() + " is already registered: remove it in JTL-Wawi under Admin >"
                                + " App-Registrierung, or choose another jtl.app.id, and run register again";
                    case 404, 405 ->
                        "There is no JTL-Wawi API at " + settings.baseUrl() + ": check jtl.base-url (the name of the"
                                + " database is case-sensitive) and jtl.path-style";
                    case 400 ->
                        isOfVersion(reply)
                                ? "This JTL-Wawi supports neither version of the API that was tried: set"
                                        + " jtl.api-version"
                                : "JTL-Wawi found the registration invalid";
                    default -> "JTL-Wawi refuses the registration";
                };
        return new ProcessingHaltedException(words + " [HTTP " + reply.status() + "]" + said);
    }

    private ProcessingHaltedException unreachable(IOException e) {
        return new ProcessingHaltedException(
                settings.baseUrl() + " does not answer: " + NetworkErrors.describe(e, "jtl")
                        + ". Check jtl.base-url, and that the REST server of JTL-Wawi runs (JTL.Wawi.Rest.exe)",
                e);
    }

    private String address(String candidate) {
        return settings.baseUrl() + (settings.versionInPath() ? "/v" + candidate.split("\\.")[0] : "");
    }

    private Map<String, String> headers(String candidate) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-ChallengeCode", challenge);
        headers.put("api-version", candidate);
        headers.put("x-appid", settings.app().id());
        headers.put("x-appversion", settings.app().version());
        return headers;
    }

    private ObjectNode body(String candidate) {
        boolean pascalCase = candidate.startsWith("1");
        ObjectNode body = JSON.createObjectNode();
        put(body, pascalCase, "appId", settings.app().id());
        put(body, pascalCase, "displayName", "JTL contact sync");
        put(body, pascalCase, "description", "Reads contacts of customers and passes on what changed.");
        put(body, pascalCase, "version", settings.app().version());
        put(body, pascalCase, "providerName", "JTL contact sync");
        put(body, pascalCase, "providerWebsite", "https://localhost");
        put(body, pascalCase, "appIcon", ICON);
        String scopes = settings.app().scopes() != null
                ? settings.app().scopes()
                : pascalCase ? "all.read customer.getcustomercontact customer.querycustomercontacts" : "customers.read";
        ArrayNode list = body.putArray(name(pascalCase, "mandatoryApiScopes"));
        List.of(scopes.split(" +")).forEach(list::add);
        return body;
    }

    private static void put(ObjectNode body, boolean pascalCase, String name, String value) {
        body.put(name(pascalCase, name), value);
    }

    private static String name(boolean pascalCase, String name) {
        return pascalCase ? Character.toUpperCase(name.charAt(0)) + name.substring(1) : name;
    }

    /** Names in lower case, whichever way the version writes them; an empty object when it is no JSON. */
    private static JsonNode lowerCased(String body) {
        try {
            return lowerCased(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode();
        }
    }

    private static JsonNode lowerCased(JsonNode node) {
        if (node == null || !node.isObject()) {
            return node == null ? JSON.createObjectNode() : node;
        }
        ObjectNode renamed = JSON.createObjectNode();
        node.properties()
                .forEach(field -> renamed.set(field.getKey().toLowerCase(Locale.ROOT), lowerCased(field.getValue())));
        return renamed;
    }

    @Override
    public void close() {
        calls.close();
    }
}
