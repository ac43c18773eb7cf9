package de.contactsync.config;

import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.rest.BodyFormat;
import de.contactsync.crm.rest.RequestTemplate;
import de.contactsync.crm.rest.RestCredential;
import de.contactsync.crm.rest.RestMode;
import de.contactsync.oauth.OAuthGrant;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** How calls are authenticated: {@code contacts.crm.rest.auth}, and the secrets that bodies name. */
final class RestAuthParser {

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

    private final SettingsParser read;
    private final URI baseUrl;
    private final boolean wanted;
    private final String auth;
    /** Names of placeholders that stand in bodies. */
    private final Set<String> named;

    private final Map<String, String> secrets;

    /**
     * As of {@link RestSettingsParser#read}.
     *
     * @param mode null when it is none that there is
     */
    RestAuthParser(SettingsParser read, URI baseUrl, boolean wanted, RestMode mode) {
        this.read = read;
        this.baseUrl = baseUrl;
        this.wanted = wanted;
        auth = read.parsed(
                ConfigKey.REST_AUTH,
                "none, bearer, basic, header, oauth or login",
                value -> value.matches("none|bearer|basic|header|oauth|login") ? value : null);
        named = named(mode);
        secrets = readSecrets();
        Map<ConfigKey, Set<String>> uses = new HashMap<>(AUTHS);
        secrets.keySet().forEach(placeholder -> uses.remove(SECRETS.get(placeholder)));
        read.refuse(uses, ConfigKey.REST_AUTH, auth);
    }

    /** What stands in bodies, by the names of placeholders. */
    Map<String, String> secrets() {
        return secrets;
    }

    /** Where tokens come from; null when none is fetched, or something is missing. */
    OAuthClient client() {
        return "oauth".equals(auth)
                ? CrmOAuthSettingsParser.read(read, wanted, null)
                : "login".equals(auth) ? login() : null;
    }

    RestCredential credential() {
        if (auth == null) {
            return RestCredential.NONE;
        }
        String token = AUTHS.get(ConfigKey.CRM_TOKEN).contains(auth) ? secret(ConfigKey.CRM_TOKEN) : null;
        return switch (auth) {
            case "basic" ->
                RestCredential.basic(
                        wanted ? read.required(ConfigKey.REST_USERNAME) : "", secret(ConfigKey.REST_PASSWORD));
            case "bearer" -> header(ConfigKey.CRM_TOKEN, "Authorization: Bearer {token}", token);
            case "login" ->
                named.contains("token") && !read.isGiven(ConfigKey.REST_AUTH_HEADER)
                        ? RestCredential.NONE
                        : header(ConfigKey.REST_AUTH_HEADER, read.required(ConfigKey.REST_AUTH_HEADER), null);
            case "header" -> header(ConfigKey.REST_AUTH_HEADER, read.required(ConfigKey.REST_AUTH_HEADER), token);
            case "oauth" ->
                named.contains("token") && !read.isGiven(ConfigKey.REST_AUTH_HEADER)
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

    private OAuthClient login() {
        String username = read.required(ConfigKey.REST_USERNAME);
        String password = secret(ConfigKey.REST_PASSWORD);
        String tokenAt = read.parsed(
                ConfigKey.REST_LOGIN_TOKEN,
                "a JSON Pointer such as /result/session_id, cookie:NAME, or" + " base64:admin:{/result/0}:{/result/1}",
                value ->
                        value.matches("cookie:[A-Za-z0-9_.-]+|/.*|base64:[^{}]*(\\{/[^{}]*\\}[^{}]*)+") ? value : null);
        read.required(ConfigKey.REST_LOGIN);
        RequestTemplate call = read.explained(ConfigKey.REST_LOGIN, RequestTemplate::signingIn);
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

    private Set<String> named(RestMode mode) {
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
        return named;
    }

    private Map<String, String> readSecrets() {
        Map<String, String> secrets = new HashMap<>();
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
}
