package de.contactsync.command;

import com.fasterxml.jackson.core.JsonPointer;
import de.contactsync.crm.AcceptedTypes;
import de.contactsync.crm.Condition;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.Empties;
import de.contactsync.crm.HeaderTemplates;
import de.contactsync.crm.Meanings;
import de.contactsync.crm.Meanings.Meaning;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.RequestTemplate;
import de.contactsync.crm.RestAnswers;
import de.contactsync.crm.RestCredential;
import de.contactsync.crm.RestExisting;
import de.contactsync.crm.RestKey;
import de.contactsync.crm.RestMode;
import de.contactsync.crm.RestSettings;
import de.contactsync.http.QuotaHeaders;
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
final class RestSection {

    private static final String SINGLE = "single";
    private static final String BATCH = "batch";
    private static final String FIND = "find-then-write";

    /** What only some modes have a use for. */
    private static final Map<Setting, Set<String>> MODES = Map.ofEntries(
            Map.entry(Setting.REST_WRITE, Set.of(SINGLE, BATCH)),
            Map.entry(Setting.REST_BATCH_SIZE, Set.of(BATCH)),
            Map.entry(Setting.REST_LINGER, Set.of(BATCH)),
            Map.entry(Setting.REST_RESULT_KEY, Set.of(BATCH)),
            Map.entry(Setting.REST_IN_FLIGHT, Set.of(SINGLE, FIND)),
            Map.entry(Setting.REST_FIND, Set.of(FIND)),
            Map.entry(Setting.REST_FOUND, Set.of(FIND)),
            Map.entry(Setting.REST_FOUND_ID, Set.of(FIND)),
            Map.entry(Setting.REST_FOUND_KEY, Set.of(FIND)),
            Map.entry(Setting.REST_FOUND_NONE, Set.of(FIND)),
            Map.entry(Setting.REST_FIND_LAG, Set.of(FIND)),
            Map.entry(Setting.REST_CREATE, Set.of(FIND)),
            Map.entry(Setting.REST_EXISTS, Set.of(FIND)),
            Map.entry(Setting.REST_UPDATE, Set.of(FIND)));

    /** What only some ways to sign in have a use for. */
    private static final Map<Setting, Set<String>> AUTHS = Map.of(
            Setting.CRM_TOKEN, Set.of("bearer", "header"),
            Setting.REST_AUTH_HEADER, Set.of("header", "oauth", "login"),
            Setting.REST_LOGIN, Set.of("login"),
            Setting.REST_LOGIN_TOKEN, Set.of("login"),
            Setting.REST_USERNAME, Set.of("basic", "login"),
            Setting.REST_PASSWORD, Set.of("basic", "login"));

    /** What may stand in bodies, by the names of placeholders. */
    private static final Map<String, Setting> SECRETS = Map.of("token", Setting.CRM_TOKEN,
            "username", Setting.REST_USERNAME, "password", Setting.REST_PASSWORD);

    /** Also with a suffix (RFC 6839) and with parameters, such as a profile. */
    private static final String JSON_TYPE = "(?i)(application|text)/([a-z0-9.!#$&^_-]+\\+)?json(;[ -~]+)?";

    private final SettingReader read;
    private final URI baseUrl;
    private final boolean wanted;

    private RestSection(SettingReader read, URI baseUrl, boolean wanted) {
        this.baseUrl = baseUrl;
        this.read = read;
        this.wanted = wanted;
    }

    /**
     * @param baseUrl null when it is not set, or wrong
     * @param wanted  whether the CRM is a sink
     */
    static RestSettings read(SettingReader read, URI baseUrl, boolean wanted, Gone gone) {
        return new RestSection(read, baseUrl, wanted).settings(gone);
    }

    private RestSettings settings(Gone gone) {
        String name = read.required(Setting.REST_MODE);
        RestMode mode = mode(read.parsed(Setting.REST_MODE, "single, batch or find-then-write",
                value -> Set.of(SINGLE, BATCH, FIND).contains(value) ? value : null));
        String auth = read.parsed(Setting.REST_AUTH, "none, bearer, basic, header, oauth or login",
                value -> value.matches("none|bearer|basic|header|oauth|login") ? value : null);
        read.refuse(MODES, Setting.REST_MODE, name);
        Map<String, String> secrets = secrets(mode, auth);
        Map<Setting, Set<String>> uses = new HashMap<>(AUTHS);
        secrets.keySet().forEach(placeholder -> uses.remove(SECRETS.get(placeholder)));
        read.refuse(uses, Setting.REST_AUTH, auth);
        Empties empties = new Empties(rule(Setting.REST_NULL, mode), rule(Setting.REST_EMPTY, mode));
        RequestTemplate delete = read.explained(Setting.REST_DELETE, RequestTemplate::deleting);
        if (gone == Gone.DELETE && delete == null) {
            read.required(Setting.REST_DELETE);
        }
        return new RestSettings(
                mode,
                delete,
                read.explained(Setting.REST_CHECK, RequestTemplate::checking),
                headers(!(mode instanceof RestMode.Batch)),
                read.explained(Setting.REST_KEY, RestKey::parse),
                empties,
                "null".equals(read.parsed(Setting.REST_CLEAR, "null or text",
                        value -> value.matches("null|text") ? value : null)),
                answers(),
                auth == null ? RestCredential.NONE : credential(auth),
                secrets,
                "oauth".equals(auth) ? CrmOAuthSection.read(read, wanted, null) : "login".equals(auth) ? login() : null,
                rate(),
                read.number(Setting.REST_IN_FLIGHT, 1, 32),
                pauses(),
                accepts(),
                read.parsed(Setting.REST_CONTENT_TYPE, "a media type of JSON such as application/vnd.api+json",
                        value -> value.matches(JSON_TYPE) ? value : null),
                existing(gone, mode, delete));
    }

    private RestExisting existing(Gone gone, RestMode mode, RequestTemplate delete) {
        RequestTemplate read = this.read.explained(Setting.REST_READ, RequestTemplate::reading);
        boolean blind = gone == Gone.DELETE && delete != null && delete.needsRemoteId() && read == null;
        if (blind && mode != null && !(mode instanceof RestMode.FindThenWrite)) {
            this.read.note(Setting.REST_READ, "contacts.crm.rest.delete names the record by its id: say how it is read, such as"
                    + " GET /api/contacts/{remoteId}, so that only one with the contact's key is deleted");
        }
        return new RestExisting(
                this.read.parsed(Setting.REST_GONE, "statuses and error codes such as 404,410,NOT_FOUND", RestSection::words),
                read, pointer(Setting.REST_READ_KEY));
    }

    /** Null when it cannot be read. */
    private OAuthClient login() {
        String username = read.required(Setting.REST_USERNAME);
        String password = secret(Setting.REST_PASSWORD);
        String tokenAt = read.parsed(Setting.REST_LOGIN_TOKEN, "a JSON Pointer such as /result/session_id, cookie:NAME, or"
                + " base64:admin:{/result/0}:{/result/1}",
                value -> value.matches("cookie:[A-Za-z0-9_.-]+|/.*|base64:[^{}]*(\\{/[^{}]*\\}[^{}]*)+") ? value : null);
        RequestTemplate call = call(Setting.REST_LOGIN, RequestTemplate::signingIn);
        read.required(Setting.REST_LOGIN_TOKEN);
        if (call == null || tokenAt == null || baseUrl == null) {
            return null;
        }
        return new OAuthClient(URI.create(baseUrl + call.address()), username, password, "", OAuthClient.Grant.LOGIN, false,
                Map.of(), username, password, "",
                new OAuthClient.Login(call.body(Map.of("username", username, "password", password)::get), tokenAt));
    }

    /** What stands in bodies, by the names of placeholders. */
    private Map<String, String> secrets(RestMode mode, String auth) {
        Set<String> named = new HashSet<>();
        Stream<RequestTemplate> calls = mode instanceof RestMode.FindThenWrite find
                ? Stream.of(find.find(), find.create(), find.update())
                : mode == null ? Stream.empty() : Stream.of(mode.update());
        Stream.concat(calls, Stream.of(Setting.REST_DELETE, Setting.REST_CHECK).map(setting -> read.explained(setting,
                        setting == Setting.REST_DELETE ? RequestTemplate::deleting : RequestTemplate::checking)))
                .filter(Objects::nonNull).forEach(call -> named.addAll(call.secrets()));
        Map<String, String> secrets = new HashMap<>();
        for (String name : named) {
            if (name.equals("token") && "oauth".equals(auth)) {
                read.note(Setting.REST_AUTH, "oauth fetches a token for a header, {token} in a body is contacts.crm.token");
            } else {
                secrets.put(name, secret(SECRETS.get(name)));
            }
        }
        return secrets;
    }

    private AcceptedTypes accepts() {
        AcceptedTypes accepts = read.explained(Setting.REST_ACCEPTS, AcceptedTypes::parse);
        return accepts == null ? AcceptedTypes.JSON : accepts;
    }

    private RestMode mode(String name) {
        if (name == null) {
            return null;
        }
        return switch (name) {
            case SINGLE -> new RestMode.Single(call(Setting.REST_WRITE, RequestTemplate::writing));
            case BATCH -> new RestMode.Batch(call(Setting.REST_WRITE, RequestTemplate::writingMany),
                    read.number(Setting.REST_BATCH_SIZE, 1, 1_000),
                    read.duration(Setting.REST_LINGER, Duration.ZERO, Duration.ofMinutes(10)));
            default -> new RestMode.FindThenWrite(
                    call(Setting.REST_FIND, RequestTemplate::finding),
                    pointer(Setting.REST_FOUND),
                    pointer(Setting.REST_FOUND_ID),
                    pointer(Setting.REST_FOUND_KEY),
                    read.parsed(Setting.REST_FOUND_NONE, "statuses such as 204,404", RestSection::statuses),
                    read.duration(Setting.REST_FIND_LAG, Duration.ZERO, Duration.ofHours(1)),
                    call(Setting.REST_CREATE, RequestTemplate::writing),
                    read.parsed(Setting.REST_EXISTS, "statuses and error codes such as 409,DUPLICATE", RestSection::words),
                    call(Setting.REST_UPDATE, RequestTemplate::updating));
        };
    }

    private RequestTemplate call(Setting setting, Function<String, RequestTemplate> parser) {
        read.required(setting);
        return read.explained(setting, parser);
    }

    private Empties.Rule rule(Setting setting, RestMode mode) {
        Empties.Rule rule = read.parsed(setting, "omit, clear or keep",
                value -> Empties.Rule.valueOf(SettingReader.constant(value)));
        if (rule == Empties.Rule.KEEP && !(mode instanceof RestMode.FindThenWrite)) {
            read.note(setting, "only contacts.crm.rest.mode=find-then-write reads what the CRM has; where what is not sent"
                    + " stays as it is, omit does the same");
        }
        return rule;
    }

    private HeaderTemplates headers(boolean ofContact) {
        HeaderTemplates headers = read.explained(Setting.REST_HEADERS, text -> HeaderTemplates.parse(text, ofContact));
        return headers == null ? HeaderTemplates.NONE : headers;
    }

    private RestCredential credential(String auth) {
        String token = AUTHS.get(Setting.CRM_TOKEN).contains(auth) ? secret(Setting.CRM_TOKEN) : null;
        return switch (auth) {
            case "basic" -> RestCredential.basic(
                    wanted ? read.required(Setting.REST_USERNAME) : "", secret(Setting.REST_PASSWORD));
            case "bearer" -> header(Setting.CRM_TOKEN, "Authorization: Bearer {token}", token);
            case "login" -> header(Setting.REST_AUTH_HEADER, read.required(Setting.REST_AUTH_HEADER), null);
            case "header" -> header(Setting.REST_AUTH_HEADER, read.required(Setting.REST_AUTH_HEADER), token);
            case "oauth" -> header(Setting.REST_AUTH_HEADER, read.isGiven(Setting.REST_AUTH_HEADER)
                    ? read.text(Setting.REST_AUTH_HEADER) : "Authorization: Bearer {token}", null);
            default -> RestCredential.NONE;
        };
    }

    private RestCredential header(Setting setting, String line, String token) {
        try {
            return RestCredential.header(line, token);
        } catch (IllegalArgumentException e) {
            if (!line.isEmpty() && (token == null || !token.isEmpty())) {
                read.note(setting, e.getMessage());
            }
            return RestCredential.NONE;
        }
    }

    /** Not asked for by commands that do not call the CRM. */
    private String secret(Setting setting) {
        return wanted ? read.required(setting) : "none";
    }

    private RestAnswers answers() {
        return new RestAnswers(
                pointer(Setting.REST_RESULTS),
                pointer(Setting.REST_RESULT_KEY),
                read.parsed(Setting.REST_SUCCESS, "/pointer=value, /pointer for what must be there, or !/pointer for what must not",
                        Condition::parse),
                pointers(Setting.REST_ID),
                pointers(Setting.REST_CODE),
                pointers(Setting.REST_MESSAGE),
                meanings());
    }

    private Meanings meanings() {
        Meanings meanings = new Meanings();
        Map<Setting, Meaning> lists = new LinkedHashMap<>();
        lists.put(Setting.REST_RETRY, Meaning.RETRY);
        lists.put(Setting.REST_QUOTA, Meaning.QUOTA);
        lists.put(Setting.REST_REJECT, Meaning.REJECT);
        lists.put(Setting.REST_HALT, Meaning.HALT);
        lists.put(Setting.REST_RENEW, Meaning.RENEW);
        for (Map.Entry<Setting, Meaning> list : lists.entrySet()) {
            Meanings before = meanings;
            Meanings with = read.explained(list.getKey(), text -> before.with(list.getValue(), text));
            meanings = with == null ? before : with;
        }
        return meanings;
    }

    private JsonPointer pointer(Setting setting) {
        return read.parsed(setting, "a JSON Pointer such as /data/items, or # for the whole", RestSection::pointer);
    }

    private List<JsonPointer> pointers(Setting setting) {
        return read.parsed(setting, "JSON Pointers such as /message, with commas in between",
                text -> Stream.of(text.split(",")).map(String::strip).map(RestSection::pointer).toList());
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
        Set<Integer> statuses = Arrays.stream(text.split(",")).map(String::strip).map(Integer::valueOf)
                .collect(Collectors.toSet());
        return statuses.stream().allMatch(status -> status >= 200 && status < 500) ? statuses : null;
    }

    /** Null when there is no limit. */
    private QuotaHeaders rate() {
        return read.parsed(Setting.REST_RATE, "calls in a time, such as 10/1s or 50000/24h", value -> {
            String[] parts = value.split("/", 2);
            Duration interval = parts.length == 2 ? SettingReader.duration(parts[1]) : null;
            return interval == null ? null
                    : QuotaHeaders.read(parts[0], Long.toString(interval.toMillis()), Duration.ofMillis(1), null);
        });
    }

    private Map<String, Duration> pauses() {
        Map<String, Duration> pauses = read.parsed(Setting.REST_WAIT_HEADERS,
                "headers with their unit, such as x-ratelimit-reset:s,X-Wait:ms", value -> {
            Map<String, Duration> units = new LinkedHashMap<>();
            for (String entry : value.split(",")) {
                String[] parts = entry.strip().split(":");
                if (parts.length != 2 || !parts[0].matches("[A-Za-z][A-Za-z0-9-]*") || !parts[1].matches("s|ms")) {
                    return null;
                }
                units.put(parts[0].toLowerCase(Locale.ROOT),
                        parts[1].equals("s") ? Duration.ofSeconds(1) : Duration.ofMillis(1));
            }
            return units;
        });
        return pauses == null ? Map.of() : pauses;
    }
}
