package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JTL-Wawi on its owner's server: registration of apps, {@code /info}, and the API by key, for one tenant. */
final class WawiApi implements ApiGate {

    static final String BASE = "/api/eazybusiness";

    /** The one there is; calls do not name it. */
    static final UUID TENANT = new UUID(0, 0);

    private static final Pattern PATH = Pattern.compile(BASE + "(?:/v(\\d+))?(/.*)");
    private static final Pattern POLL = Pattern.compile("/authentication/([^/]+)");
    private static final int LONGEST_CHALLENGE = 30;
    private static final Set<String> REQUIRED = Set.of(
            "appid",
            "displayname",
            "description",
            "version",
            "providername",
            "providerwebsite",
            "mandatoryapiscopes",
            "appicon");

    private final Wawi wawi;
    private final ResponseBodies bodies;
    private ContactApi contacts;
    private final Set<String> keys = new HashSet<>();
    /** Ids of apps that a person has accepted. */
    private final Set<String> registered = new HashSet<>();

    private String request;
    private String challenge;
    private String appId;
    private int polls;

    WawiApi(Wawi wawi) {
        this.wawi = wawi;
        this.bodies = new ResponseBodies(wawi.version() == 1);
    }

    /** What a call for credentials is, or null where it is another one. */
    static Fault.Call call(String path) {
        Matcher matcher = PATH.matcher(path);
        String resource = matcher.matches() ? matcher.group(2) : "";
        return resource.equals("/info")
                ? Fault.Call.INFO
                : resource.equals("/authentication")
                        ? Fault.Call.REGISTER
                        : POLL.matcher(resource).matches() ? Fault.Call.POLL : null;
    }

    ResponseBodies bodies() {
        return bodies;
    }

    void serve(ContactApi api) {
        contacts = api;
    }

    /** As a person does who removes the apps. */
    synchronized void revokeKeys() {
        keys.clear();
        registered.clear();
    }

    /** @param body of the request, or null when it has none */
    synchronized Response answer(HttpServerRequest call, String body) {
        Matcher path = PATH.matcher(call.path());
        if (!path.matches()) {
            return BufferedResponse.html(404);
        }
        String resource = path.group(2);
        if (resource.equals("/info")) {
            return BufferedResponse.json(
                    200,
                    Json.object(Map.of(
                            bodies.name("version"),
                            "1.10.0",
                            bodies.name("tenant"),
                            "eazybusiness",
                            bodies.name("type"),
                            "WAWI-Api")));
        }
        String header = call.getHeader("api-version");
        String asked = path.group(1) == null ? header : path.group(1);
        if (asked == null || !asked.split("\\.")[0].equals(Integer.toString(wawi.version()))) {
            return bodies.error(400, "UnsupportedApiVersion", "The API version is an unsupported api version.");
        }
        if (resource.equals("/authentication") && call.method() == HttpMethod.POST) {
            return register(call, body);
        }
        Matcher poll = POLL.matcher(resource);
        if (poll.matches()) {
            return poll(call, poll.group(1));
        }
        return contacts.answer(call, ApiPath.of(ApiPath.BASE + "/v2" + resource));
    }

    private Response register(HttpServerRequest call, String body) {
        Response refusal =
                switch (wawi.registration()) {
                    case CLOSED ->
                        bodies.error(403, "NoActiveRegistration", "There is no active registration in JTL-Wawi.");
                    case NO_LICENCE -> bodies.plain(402, "no licence");
                    case ALREADY -> already();
                    default -> null;
                };
        if (refusal != null) {
            return refusal;
        }
        String code = call.getHeader("X-ChallengeCode");
        if (code == null || code.isBlank() || code.length() > LONGEST_CHALLENGE) {
            return bodies.error(400, "VALIDATION_ERROR", "X-ChallengeCode is missing or too long.");
        }
        String problem = problem(body);
        if (problem != null) {
            return bodies.error(400, "VALIDATION_ERROR", problem);
        }
        if (registered.contains(appId)) {
            return already();
        }
        request = UUID.randomUUID().toString();
        challenge = code;
        polls = 0;
        return BufferedResponse.json(201, Json.write(json -> {
            json.writeStartObject();
            json.writeStringField(bodies.name("appId"), appId);
            json.writeStringField(bodies.name("registrationRequestId"), request);
            json.writeNumberField(bodies.name("status"), 0);
            json.writeEndObject();
        }));
    }

    private Response already() {
        return bodies.error(409, "AlreadyRegistered", "The app is already registered.");
    }

    /** Null when it is as the dialect has it. */
    private String problem(String body) {
        try {
            JsonNode app = new ObjectMapper().readTree(body == null ? "" : body);
            Set<String> found = new HashSet<>();
            for (Map.Entry<String, JsonNode> field : app.properties()) {
                if (!field.getKey()
                        .equals(bodies.name(field.getKey().substring(0, 1).toLowerCase(Locale.ROOT)
                                + field.getKey().substring(1)))) {
                    return field.getKey() + " is not known";
                }
                found.add(field.getKey().toLowerCase(Locale.ROOT));
            }
            if (!found.containsAll(REQUIRED)) {
                return "a required field is missing";
            }
            if (!app.path(bodies.name("mandatoryApiScopes")).isArray()) {
                return "the scopes are not a list";
            }
            appId = app.path(bodies.name("appId")).asText();
            return null;
        } catch (IOException e) {
            return "the body is not JSON";
        }
    }

    private Response poll(HttpServerRequest call, String id) {
        if (!id.equals(request)
                || !String.valueOf(call.getHeader("X-ChallengeCode")).equals(challenge)) {
            return bodies.error(404, "NOT_FOUND", "There is no such registration.");
        }
        if (polls++ < wawi.pending() || wawi.registration() == Wawi.Registration.PENDING) {
            return status(0, null);
        }
        return switch (wawi.registration()) {
            case REJECTED -> status(1, null);
            case EXPIRED -> bodies.error(410, "Gone", "The registration has expired.");
            case KEY_LOST -> {
                registered.add(appId);
                request = null;
                yield new Hangup();
            }
            default -> {
                String key = UUID.randomUUID().toString();
                keys.add(key);
                registered.add(appId);
                // Told once.
                request = null;
                yield status(2, key);
            }
        };
    }

    private record Hangup() implements Response {
        @Override
        public int status() {
            return 0;
        }

        @Override
        public void send(HttpServerRequest request) {
            request.connection().close();
        }
    }

    private BufferedResponse status(int status, String key) {
        return BufferedResponse.json(200, Json.write(json -> {
            json.writeStartObject();
            json.writeObjectFieldStart(bodies.name("requestStatusInfo"));
            json.writeStringField(bodies.name("appId"), appId);
            json.writeNumberField(bodies.name("status"), status);
            json.writeEndObject();
            if (key != null) {
                json.writeObjectFieldStart(bodies.name("token"));
                json.writeStringField(bodies.name("apiKey"), key);
                json.writeEndObject();
            }
            json.writeArrayFieldStart(bodies.name("grantedScopes"));
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    @Override
    public Optional<UUID> id(String text) {
        return wawi.version() == 1 ? Ids.number(text) : ApiGate.super.id(text);
    }

    @Override
    public boolean has(UUID id) {
        return wawi.version() == 1 ? Ids.number(id).isPresent() : ApiGate.super.has(id);
    }

    @Override
    public Admission admit(HttpServerRequest call) {
        String authorization =
                Optional.ofNullable(call.getHeader("Authorization")).orElse("");
        if (!authorization.startsWith("Wawi ") || !keys.contains(authorization.substring(5))) {
            return new Refused(bodies.plain(401, "The key is missing or unknown."));
        }
        if (call.getHeader("x-appid") == null || call.getHeader("x-appversion") == null) {
            return new Refused(bodies.error(412, "PRECONDITION_FAILED", "x-appid or x-appversion is missing."));
        }
        return call.getHeader("x-tenant-id") == null
                ? new Admitted(TENANT, Set.of("application.runas"))
                : new Refused(bodies.error(400, "VALIDATION_ERROR", "There are no tenants here."));
    }
}
