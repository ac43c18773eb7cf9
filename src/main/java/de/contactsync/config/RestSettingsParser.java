package de.contactsync.config;

import com.fasterxml.jackson.core.JsonPointer;
import de.contactsync.crm.AcceptedTypes;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.mapping.NullHandling;
import de.contactsync.crm.rest.BodyFormat;
import de.contactsync.crm.rest.Condition;
import de.contactsync.crm.rest.HeaderTemplates;
import de.contactsync.crm.rest.RequestTemplate;
import de.contactsync.crm.rest.RestCredential;
import de.contactsync.crm.rest.RestExisting;
import de.contactsync.crm.rest.RestKey;
import de.contactsync.crm.rest.RestMode;
import de.contactsync.crm.rest.RestResponseParser;
import de.contactsync.crm.rest.RestSettings;
import de.contactsync.crm.rest.StatusMapping;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import de.contactsync.crm.rest.ValuePointer;
import de.contactsync.oauth.OAuthGrant;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings under {@code contacts.crm.rest.}. */
final class RestSettingsParser {

    private static final String SINGLE = "single";
    private static final String BATCH = "batch";
    private static final String FIND = "find-then-write";

    /** What only some modes have a use for. */
    private static final Map<ConfigKey, Set<String>> MODES = Map.ofEntries(
            Map.entry(ConfigKey.REST_WRITE, Set.of(SINGLE, BATCH)),
            Map.entry(ConfigKey.REST_BATCH_SIZE, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_LINGER, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_RESULT_KEY, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_IN_FLIGHT, Set.of(SINGLE, FIND)),
            Map.entry(ConfigKey.REST_FIND, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FIND_BY_EMAIL, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_ID, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_KEY, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_NONE, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FIND_LAG, Set.of(FIND)),
            Map.entry(ConfigKey.REST_CREATE, Set.of(FIND)),
            Map.entry(ConfigKey.REST_EXISTS, Set.of(FIND)),
            Map.entry(ConfigKey.REST_UPDATE, Set.of(FIND)));

    /** What only some ways to sign in have a use for. */
    private static final Map<ConfigKey, Set<String>> AUTHS = Map.of(
            ConfigKey.CRM_TOKEN, Set.of("bearer", "header"),
            ConfigKey.REST_AUTH_HEADER, Set.of("header", "oauth", "login"),
            ConfigKey.REST_LOGIN, Set.of("login"),
            ConfigKey.REST_LOGIN_TOKEN, Set.of("login"),
            ConfigKey.REST_USERNAME, Set.of("basic", "login"),
            ConfigKey.REST_PASSWORD, Set.of("basic", "login"));

    /** What may stand in bodies, by the names of placeholders. */
    private static final Map<String, ConfigKey> SECRETS = Map.of(
            "token", ConfigKey.CRM_TOKEN, "username", ConfigKey.REST_USERNAME, "password", ConfigKey.REST_PASSWORD);

    /** Also with a suffix (RFC 6839) and with parameters, such as a profile. */
    private static final String JSON_TYPE = "(?i)(application|text)/([a-z0-9.!#$&^_-]+\\+)?json(;[ -~]+)?";

    private final SettingsParser read;
    private final URI baseUrl;
    private final boolean wanted;
    private boolean tokenInBody;

    private RestSettingsParser(SettingsParser read, URI baseUrl, boolean wanted) {
        this.baseUrl = baseUrl;
        this.read = read;
        this.wanted = wanted;
    }

    /**
     * @param baseUrl null when it is not set, or wrong
     * @param wanted  whether the CRM is a sink
     */
    static RestSettings read(SettingsParser read, URI baseUrl, boolean wanted, Gone gone, Match match) {
        return new RestSettingsParser(read, baseUrl, wanted).settings(gone, match);
    }

    private RestSettings settings(Gone gone, Match match) {
        String name = read.required(ConfigKey.REST_MODE);
        RestMode mode = mode(read.parsed(
                ConfigKey.REST_MODE,
                "single, batch or find-then-write",
                value -> Set.of(SINGLE, BATCH, FIND).contains(value) ? value : null));
        String auth = read.parsed(
                ConfigKey.REST_AUTH,
                "none, bearer, basic, header, oauth or login",
                value -> value.matches("none|bearer|basic|header|oauth|login") ? value : null);
        read.refuse(MODES, ConfigKey.REST_MODE, name);
        if (match == Match.EMAIL && mode instanceof RestMode.FindThenWrite) {
            read.required(ConfigKey.REST_FIND_BY_EMAIL);
        } else if (match == Match.EMAIL && mode != null) {
            read.note(
                    ConfigKey.CRM_MATCH,
                    "only contacts.crm.rest.mode=find-then-write can write into a record that was found by its e-mail"
                            + " address");
        } else if (match == Match.KEY && read.isGiven(ConfigKey.REST_FIND_BY_EMAIL)) {
            read.note(ConfigKey.REST_FIND_BY_EMAIL, "it is made only with contacts.crm.match=email: set that, too");
        }
        Map<String, String> secrets = secrets(mode, auth);
        Map<ConfigKey, Set<String>> uses = new HashMap<>(AUTHS);
        secrets.keySet().forEach(placeholder -> uses.remove(SECRETS.get(placeholder)));
        read.refuse(uses, ConfigKey.REST_AUTH, auth);
        NullHandling nullHandling = new NullHandling(rule(ConfigKey.REST_NULL, mode), rule(ConfigKey.REST_EMPTY, mode));
        RequestTemplate delete = read.explained(ConfigKey.REST_DELETE, RequestTemplate::deleting);
        if (gone == Gone.DELETE && delete == null) {
            read.required(ConfigKey.REST_DELETE);
        }
        return new RestSettings(
                mode,
                delete,
                read.explained(ConfigKey.REST_CHECK, RequestTemplate::checking),
                headers(!(mode instanceof RestMode.Batch)),
                read.explained(ConfigKey.REST_KEY, RestKey::parse),
                nullHandling,
                "null"
                        .equals(read.parsed(
                                ConfigKey.REST_CLEAR,
                                "null or text",
                                value -> value.matches("null|text") ? value : null)),
                answers(),
                auth == null ? RestCredential.NONE : credential(auth),
                secrets,
                "oauth".equals(auth)
                        ? CrmOAuthSettingsParser.read(read, wanted, null)
                        : "login".equals(auth) ? login() : null,
                read.rate(ConfigKey.REST_RATE),
                read.number(ConfigKey.REST_IN_FLIGHT, 1, 32),
                pauses(),
                accepts(),
                read.parsed(
                        ConfigKey.REST_CONTENT_TYPE,
                        "a media type of JSON such as application/vnd.api+json, or " + BodyFormat.FORM_TYPE,
                        value -> value.matches(JSON_TYPE) || BodyFormat.of(value) == BodyFormat.FORM ? value : null),
                existing(gone, mode, delete),
                steps());
    }

    private List<String> steps() {
        List<String> steps = read.parsed(
                ConfigKey.REST_STEPS,
                "names of steps in mapping/rest.yaml such as phone,company",
                text -> words(text) == null
                        ? null
                        : Stream.of(text.split(","))
                                .map(String::strip)
                                .distinct()
                                .toList());
        return steps == null ? List.of() : steps;
    }

    private RestExisting existing(Gone gone, RestMode mode, RequestTemplate delete) {
        RequestTemplate read = this.read.explained(ConfigKey.REST_READ, RequestTemplate::reading);
        boolean blind = gone == Gone.DELETE && delete != null && delete.needsRemoteId() && read == null;
        if (blind && mode != null && !(mode instanceof RestMode.FindThenWrite)) {
            this.read.note(
                    ConfigKey.REST_READ,
                    "contacts.crm.rest.delete names the record by its id: say how it is read, such as"
                            + " GET /api/contacts/{remoteId}, so that only one with the contact's key is deleted");
        }
        if (read == null && this.read.isGiven(ConfigKey.REST_MERGED_INTO)) {
            this.read.note(
                    ConfigKey.REST_MERGED_INTO, "it is part of the answer to contacts.crm.rest.read: set that too");
        }
        return new RestExisting(
                this.read.parsed(
                        ConfigKey.REST_GONE,
                        "statuses and error codes such as 404,410,NOT_FOUND",
                        RestSettingsParser::words),
                read,
                pointer(ConfigKey.REST_READ_KEY),
                value(ConfigKey.REST_MERGED_INTO));
    }

    /** Null when it cannot be read. */
    private OAuthClient login() {
        String username = read.required(ConfigKey.REST_USERNAME);
        String password = secret(ConfigKey.REST_PASSWORD);
        String tokenAt = read.parsed(
                ConfigKey.REST_LOGIN_TOKEN,
                "a JSON Pointer such as /result/session_id, cookie:NAME, or" + " base64:admin:{/result/0}:{/result/1}",
                value ->
                        value.matches("cookie:[A-Za-z0-9_.-]+|/.*|base64:[^{}]*(\\{/[^{}]*\\}[^{}]*)+") ? value : null);
        RequestTemplate call = call(ConfigKey.REST_LOGIN, RequestTemplate::signingIn);
        read.required(ConfigKey.REST_LOGIN_TOKEN);
        if (call == null || tokenAt == null || baseUrl == null) {
            return null;
        }
        return new OAuthClient(
                URI.create(baseUrl + call.address()),
                username,
                password,
                "",
                OAuthClient.Grant.LOGIN,
                false,
                Map.of(),
                username,
                password,
                "",
                new OAuthGrant.Login(
                        call.body(Map.of("username", username, "password", password)::get, format()),
                        format() == BodyFormat.FORM ? BodyFormat.FORM_TYPE : "application/json",
                        tokenAt));
    }

    /** What stands in bodies, by the names of placeholders. */
    private Map<String, String> secrets(RestMode mode, String auth) {
        Set<String> named = new HashSet<>();
        Stream<RequestTemplate> calls = mode instanceof RestMode.FindThenWrite find
                ? Stream.of(find.find(), find.findByEmail(), find.create(), find.update())
                : mode == null ? Stream.empty() : Stream.of(mode.update());
        Stream.concat(
                        calls,
                        Stream.of(
                                read.explained(ConfigKey.REST_DELETE, RequestTemplate::deleting),
                                read.explained(ConfigKey.REST_CHECK, RequestTemplate::checking),
                                read.explained(ConfigKey.REST_READ, RequestTemplate::reading)))
                .filter(Objects::nonNull)
                .forEach(call -> {
                    named.addAll(call.secrets());
                    if (!call.fits(format())) {
                        read.note(
                                ConfigKey.REST_CONTENT_TYPE,
                                "a form has fields, so the body of " + call + " must be a JSON object");
                    }
                });
        Map<String, String> secrets = new HashMap<>();
        tokenInBody = named.contains("token");
        boolean fetched = "oauth".equals(auth) || "login".equals(auth);
        for (String name : named) {
            if (!name.equals("token") || !fetched) {
                secrets.put(name, secret(SECRETS.get(name)));
            }
        }
        return secrets;
    }

    private BodyFormat format() {
        return BodyFormat.of(read.text(ConfigKey.REST_CONTENT_TYPE));
    }

    private AcceptedTypes accepts() {
        AcceptedTypes accepts = read.explained(ConfigKey.REST_ACCEPTS, AcceptedTypes::parse);
        return accepts == null ? AcceptedTypes.JSON : accepts;
    }

    private RestMode mode(String name) {
        if (name == null) {
            return null;
        }
        return switch (name) {
            case SINGLE -> new RestMode.Single(call(ConfigKey.REST_WRITE, RequestTemplate::writing));
            case BATCH ->
                new RestMode.Batch(
                        call(ConfigKey.REST_WRITE, RequestTemplate::writingMany),
                        read.number(ConfigKey.REST_BATCH_SIZE, 1, 1_000),
                        read.duration(ConfigKey.REST_LINGER, Duration.ZERO, Duration.ofMinutes(10)));
            default ->
                new RestMode.FindThenWrite(
                        call(ConfigKey.REST_FIND, RequestTemplate::finding),
                        read.explained(ConfigKey.REST_FIND_BY_EMAIL, RequestTemplate::findingByEmail),
                        pointer(ConfigKey.REST_FOUND),
                        value(ConfigKey.REST_FOUND_ID),
                        pointer(ConfigKey.REST_FOUND_KEY),
                        read.parsed(
                                ConfigKey.REST_FOUND_NONE, "statuses such as 204,404", RestSettingsParser::statuses),
                        read.duration(ConfigKey.REST_FIND_LAG, Duration.ZERO, Duration.ofHours(1)),
                        call(ConfigKey.REST_CREATE, RequestTemplate::writing),
                        read.parsed(
                                ConfigKey.REST_EXISTS,
                                "statuses and error codes such as 409,DUPLICATE",
                                RestSettingsParser::words),
                        call(ConfigKey.REST_UPDATE, RequestTemplate::updating));
        };
    }

    private RequestTemplate call(ConfigKey configKey, Function<String, RequestTemplate> parser) {
        read.required(configKey);
        return read.explained(configKey, parser);
    }

    private NullHandling.Rule rule(ConfigKey configKey, RestMode mode) {
        NullHandling.Rule rule = read.parsed(
                configKey, "omit, clear or keep", value -> NullHandling.Rule.valueOf(SettingsParser.constant(value)));
        if (rule == NullHandling.Rule.KEEP && !(mode instanceof RestMode.FindThenWrite)) {
            read.note(
                    configKey,
                    "only contacts.crm.rest.mode=find-then-write reads what the CRM has; where what is not sent"
                            + " stays as it is, omit does the same");
        }
        return rule;
    }

    private HeaderTemplates headers(boolean ofContact) {
        HeaderTemplates headers =
                read.explained(ConfigKey.REST_HEADERS, text -> HeaderTemplates.parse(text, ofContact));
        return headers == null ? HeaderTemplates.NONE : headers;
    }

    private RestCredential credential(String auth) {
        String token = AUTHS.get(ConfigKey.CRM_TOKEN).contains(auth) ? secret(ConfigKey.CRM_TOKEN) : null;
        return switch (auth) {
            case "basic" ->
                RestCredential.basic(
                        wanted ? read.required(ConfigKey.REST_USERNAME) : "", secret(ConfigKey.REST_PASSWORD));
            case "bearer" -> header(ConfigKey.CRM_TOKEN, "Authorization: Bearer {token}", token);
            case "login" ->
                tokenInBody && !read.isGiven(ConfigKey.REST_AUTH_HEADER)
                        ? RestCredential.NONE
                        : header(ConfigKey.REST_AUTH_HEADER, read.required(ConfigKey.REST_AUTH_HEADER), null);
            case "header" -> header(ConfigKey.REST_AUTH_HEADER, read.required(ConfigKey.REST_AUTH_HEADER), token);
            case "oauth" ->
                tokenInBody && !read.isGiven(ConfigKey.REST_AUTH_HEADER)
                        ? RestCredential.NONE
                        : header(
                                ConfigKey.REST_AUTH_HEADER,
                                read.isGiven(ConfigKey.REST_AUTH_HEADER)
                                        ? read.text(ConfigKey.REST_AUTH_HEADER)
                                        : "Authorization: Bearer {token}",
                                null);
            default -> RestCredential.NONE;
        };
    }

    private RestCredential header(ConfigKey configKey, String line, String token) {
        try {
            return RestCredential.header(line, token);
        } catch (IllegalArgumentException e) {
            if (!line.isEmpty() && (token == null || !token.isEmpty())) {
                read.note(configKey, e.getMessage());
            }
            return RestCredential.NONE;
        }
    }

    /** Not asked for by commands that do not call the CRM. */
    private String secret(ConfigKey configKey) {
        return wanted ? read.required(configKey) : "none";
    }

    private RestResponseParser answers() {
        return new RestResponseParser(
                pointer(ConfigKey.REST_RESULTS),
                pointer(ConfigKey.REST_RESULT_KEY),
                read.parsed(
                        ConfigKey.REST_SUCCESS,
                        "/pointer=value, /pointer for what must be there, or !/pointer for what must not; # is the whole",
                        Condition::parse),
                values(ConfigKey.REST_ID),
                read.isGiven(ConfigKey.REST_ID),
                values(ConfigKey.REST_CODE),
                values(ConfigKey.REST_MESSAGE),
                statusMapping());
    }

    private StatusMapping statusMapping() {
        StatusMapping statusMapping = new StatusMapping();
        Map<ConfigKey, Meaning> lists = new LinkedHashMap<>();
        lists.put(ConfigKey.REST_RETRY, Meaning.RETRY);
        lists.put(ConfigKey.REST_QUOTA, Meaning.QUOTA);
        lists.put(ConfigKey.REST_REJECT, Meaning.REJECT);
        lists.put(ConfigKey.REST_HALT, Meaning.HALT);
        lists.put(ConfigKey.REST_RENEW, Meaning.RENEW);
        for (Map.Entry<ConfigKey, Meaning> list : lists.entrySet()) {
            StatusMapping before = statusMapping;
            StatusMapping with = read.explained(list.getKey(), text -> before.with(list.getValue(), text));
            statusMapping = with == null ? before : with;
        }
        return statusMapping;
    }

    private JsonPointer pointer(ConfigKey configKey) {
        return read.parsed(
                configKey, "a JSON Pointer such as /data/items, or # for the whole", RestSettingsParser::pointer);
    }

    private ValuePointer value(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "a JSON Pointer such as /id, or /href [^/]+$ with a regular expression for a part of the value",
                ValuePointer::parse);
    }

    private List<ValuePointer> values(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "JSON Pointers such as /message, with commas in between, each perhaps with a blank and a regular expression"
                        + " for a part of the value",
                ValuePointer::parseAll);
    }

    /** As a fragment of a URI has it too (RFC 6901, section 6). */
    private static JsonPointer pointer(String text) {
        return JsonPointer.compile(text.startsWith("#") ? text.substring(1) : text);
    }

    private static Set<String> words(String text) {
        Set<String> words = Arrays.stream(text.split(",")).map(String::strip).collect(Collectors.toSet());
        return words.contains("") ? null : words;
    }

    private static Set<Integer> statuses(String text) {
        Set<Integer> statuses = Arrays.stream(text.split(","))
                .map(String::strip)
                .map(Integer::valueOf)
                .collect(Collectors.toSet());
        return statuses.stream().allMatch(status -> status >= 200 && status < 500) ? statuses : null;
    }

    private Map<String, Duration> pauses() {
        Map<String, Duration> pauses = read.parsed(
                ConfigKey.REST_WAIT_HEADERS,
                "headers with their unit, such as x-ratelimit-reset:s,X-Wait:ms",
                value -> {
                    Map<String, Duration> units = new LinkedHashMap<>();
                    for (String entry : value.split(",")) {
                        String[] parts = entry.strip().split(":");
                        if (parts.length != 2
                                || !parts[0].matches("[A-Za-z][A-Za-z0-9-]*")
                                || !parts[1].matches("s|ms")) {
                            return null;
                        }
                        units.put(
                                parts[0].toLowerCase(Locale.ROOT),
                                parts[1].equals("s") ? Duration.ofSeconds(1) : Duration.ofMillis(1));
                    }
                    return units;
                });
        return pauses == null ? Map.of() : pauses;
    }
}
