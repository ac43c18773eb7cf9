package de.contactsync.config;

import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.jtl.WawiApp;
import de.contactsync.model.ContactKey;
import de.contactsync.oauth.LoginSettings;
import de.contactsync.oauth.OAuthGrant;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.resilience.QuotaHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The settings under {@code jtl.}: how JTL's API is reached, and by which grant. */
final class JtlSettingsParser {

    private static final String CLIENT_CREDENTIALS = JtlAuth.CLIENT_CREDENTIALS.id();
    private static final String AUTHORIZATION_CODE = JtlAuth.AUTHORIZATION_CODE.id();
    private static final String WAWI_APP = JtlAuth.WAWI_APP.id();
    private static final Set<String> CLOUD = Set.of(CLIENT_CREDENTIALS, AUTHORIZATION_CODE);

    /** Settings that have a use with some grants only. */
    static final Map<ConfigKey, Set<String>> USES = Map.ofEntries(
            Map.entry(ConfigKey.TOKEN_ENDPOINT, CLOUD),
            Map.entry(ConfigKey.CLIENT_ID, CLOUD),
            Map.entry(ConfigKey.CLIENT_SECRET, CLOUD),
            Map.entry(ConfigKey.SCOPE, CLOUD),
            Map.entry(ConfigKey.AUTHORIZATION_ENDPOINT, Set.of(AUTHORIZATION_CODE)),
            Map.entry(ConfigKey.REVOCATION_ENDPOINT, Set.of(AUTHORIZATION_CODE)),
            Map.entry(ConfigKey.ISSUER, Set.of(AUTHORIZATION_CODE)),
            Map.entry(ConfigKey.REDIRECT_URI, Set.of(AUTHORIZATION_CODE)),
            Map.entry(ConfigKey.PATH_STYLE, Set.of(WAWI_APP)),
            Map.entry(ConfigKey.API_VERSION, Set.of(WAWI_APP)),
            Map.entry(ConfigKey.APP_ID, Set.of(WAWI_APP)),
            Map.entry(ConfigKey.APP_VERSION, Set.of(WAWI_APP)),
            Map.entry(ConfigKey.APP_SCOPE, Set.of(WAWI_APP)),
            Map.entry(ConfigKey.FINGERPRINT, Set.of(WAWI_APP)));

    /** What a person is asked to allow: who they are, the app to go on without them, and to read customers. */
    private static final String LOGIN_SCOPE = "openid offline_access customers.read";

    /**
     * Limits where a refresh token is spent: other processes take it for abandoned three minutes after it was claimed.
     */
    private static final Duration LONGEST_CONNECT = Duration.ofMinutes(1);

    private static final Duration LONGEST_RESPONSE = Duration.ofSeconds(75);

    private static final String RUN_AS_SCOPE = "application.runas";

    /** Sent in headers, where other characters are not safe. */
    private static final String TOKEN_CHARACTERS = "[\\x21-\\x7e]{1,100}";

    /** Stands for the one tenant of a JTL-Wawi on its owner's server, where calls name none. */
    private static final UUID ON_PREMISE =
            UUID.nameUUIDFromBytes("jtl-contact-sync on-premise".getBytes(StandardCharsets.UTF_8));

    private final SettingsParser read;
    private final boolean callsJtl;
    private final Duration connectTimeout;
    private final Duration responseTimeout;
    private final int maxAttempts;
    private final String runAs;
    private final JtlAuth auth;

    /** @param callsJtl whether credentials are needed */
    JtlSettingsParser(SettingsParser read, boolean callsJtl) {
        this.read = read;
        this.callsJtl = callsJtl;
        connectTimeout = read.duration(ConfigKey.CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5));
        responseTimeout = read.duration(ConfigKey.RESPONSE_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(10));
        maxAttempts = read.number(ConfigKey.MAX_ATTEMPTS, 1, 20);
        runAs = id(ConfigKey.RUN_AS);
        auth = read.parsed(
                ConfigKey.AUTH,
                "client-credentials (a service account of JTL's cloud), authorization-code (a person's login) or"
                        + " wawi-app (JTL-Wawi on your own server)",
                value -> Arrays.stream(JtlAuth.values())
                        .filter(known -> known.id().equals(value))
                        .findFirst()
                        .orElse(null));
        read.refuse(USES, ConfigKey.AUTH, auth == null ? null : auth.id());
    }

    /** All of it. */
    TenantSettings tenant() {
        JtlSettings jtl = jtl();
        return new TenantSettings(read.tenant(), jtl, oauth(), login());
    }

    /** Whether tenants without settings of their own are asked for: not where only those of single ones are given. */
    boolean isForOthers() {
        return read.tenants().isEmpty()
                || auth == JtlAuth.WAWI_APP
                || read.isGiven(ConfigKey.CLIENT_ID)
                || read.isGiven(ConfigKey.CLIENT_SECRET)
                || read.isGiven(ConfigKey.TENANT_ID);
    }

    JtlSettings jtl() {
        boolean wawi = auth == JtlAuth.WAWI_APP;
        if (wawi && !read.isGiven(ConfigKey.BASE_URL)) {
            read.note(
                    ConfigKey.BASE_URL,
                    "jtl.auth=wawi-app requires the address of your JTL-Wawi's REST server, such as"
                            + " http://127.0.0.1:5883/api/eazybusiness (the name of the database is case-sensitive)");
        }
        UUID tenantId = read.parsed(
                ConfigKey.TENANT_ID,
                "a uuid such as 3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88",
                value -> ContactKey.parseUuid(value).orElse(null));
        String style = read.parsed(
                ConfigKey.PATH_STYLE,
                "version (/v2/customers) or plain (/customers, the version only in the header api-version)",
                value -> value.matches("version|plain") ? value : null);
        String version = read.parsed(
                ConfigKey.API_VERSION,
                "a version such as 2.0 or 1.0",
                value -> value.matches("\\d{1,2}(\\.\\d{1,2})?") ? value : null);
        WawiApp app = new WawiApp(name(ConfigKey.APP_ID), name(ConfigKey.APP_VERSION), scopes());
        return new JtlSettings(
                read.address(ConfigKey.BASE_URL, "/+$"),
                tenantId != null ? tenantId : withoutId(wawi),
                runAs,
                id(ConfigKey.COMPANY_ID),
                read.number(ConfigKey.CONCURRENCY, 1, 512),
                connectTimeout,
                responseTimeout,
                maxAttempts,
                read.percent(ConfigKey.QUOTA_RESERVE, 90),
                read.duration(ConfigKey.REFUSAL_PAUSE, Duration.ofSeconds(1), Duration.ofHours(24)),
                "auto"
                        .equals(read.parsed(
                                ConfigKey.BULK_READ,
                                "auto or never",
                                value -> value.matches("auto|never") ? value : null)),
                auth,
                rate(),
                !"plain".equals(style),
                wawi ? app : null,
                version,
                fingerprint());
    }

    private UUID withoutId(boolean wawi) {
        String name = read.tenant();
        if (name == null) {
            return wawi ? ON_PREMISE : null;
        }
        return ContactKey.parseUuid(name).orElseGet(() -> {
            if (!wawi) {
                read.required(ConfigKey.TENANT_ID);
            }
            return UUID.nameUUIDFromBytes((ON_PREMISE + " " + name).getBytes(StandardCharsets.UTF_8));
        });
    }

    private String id(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "a number or a uuid",
                value -> value.matches("\\d{1,18}")
                                || ContactKey.parseUuid(value).isPresent()
                        ? value
                        : null);
    }

    private String name(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "up to 100 ASCII characters without blanks",
                value -> value.matches(TOKEN_CHARACTERS) ? value : null);
    }

    private String scopes() {
        return read.parsed(
                ConfigKey.APP_SCOPE,
                "names separated by blanks",
                value -> value.matches("[\\x21-\\x7e]+( +[\\x21-\\x7e]+)*") ? value : null);
    }

    private String fingerprint() {
        return read.parsed(
                ConfigKey.FINGERPRINT,
                "the SHA-256 fingerprint of a certificate, 64 hexadecimal digits with or without colons, as the"
                        + " command register shows it",
                value -> {
                    String digits = value.replace(":", "").toLowerCase(Locale.ROOT);
                    return digits.matches("[0-9a-f]{64}") ? digits : null;
                });
    }

    private QuotaHeaders rate() {
        return read.rate(ConfigKey.RATE);
    }

    /** What {@code jtl.oauth.} says; null where it is not used. */
    OAuthSettings oauth() {
        if (auth == null || auth == JtlAuth.WAWI_APP || !isForOthers() && read.tenant() == null) {
            return null;
        }
        URI tokenEndpoint = read.address(ConfigKey.TOKEN_ENDPOINT, "");
        boolean login = auth == JtlAuth.AUTHORIZATION_CODE;
        String clientId = callsJtl ? read.required(ConfigKey.CLIENT_ID) : null;
        // A login is proved by PKCE; an app may have no secret then.
        String clientSecret =
                login ? read.text(ConfigKey.CLIENT_SECRET) : callsJtl ? read.required(ConfigKey.CLIENT_SECRET) : null;
        return !callsJtl || read.hasProblems()
                ? null
                : new OAuthSettings(
                        read.isOwn(ConfigKey.CLIENT_ID) && read.tenant() != null
                                ? "jtl.tenants." + read.tenant() + ".oauth"
                                : "jtl.oauth",
                        tokenEndpoint,
                        clientId,
                        clientSecret,
                        scope(login),
                        login ? shorter(connectTimeout, LONGEST_CONNECT) : connectTimeout,
                        login ? shorter(responseTimeout, LONGEST_RESPONSE) : responseTimeout,
                        maxAttempts,
                        login ? OAuthGrant.AUTHORIZATION_CODE : OAuthGrant.CLIENT_CREDENTIALS);
    }

    /** Null where nobody logs in. */
    LoginSettings login() {
        return auth != JtlAuth.AUTHORIZATION_CODE
                ? null
                : new LoginSettings(
                        read.address(ConfigKey.AUTHORIZATION_ENDPOINT, ""),
                        read.address(ConfigKey.REVOCATION_ENDPOINT, "", "https://auth.jtl-cloud.com/oauth2/revoke"),
                        read.address(ConfigKey.REDIRECT_URI, ""),
                        read.text(ConfigKey.ISSUER));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private String scope(boolean login) {
        String scope = login && !read.isGiven(ConfigKey.SCOPE) ? LOGIN_SCOPE : read.verbatim(ConfigKey.SCOPE);
        boolean add = runAs != null
                && !scope.isEmpty()
                && !Arrays.asList(scope.split("\\s+")).contains(RUN_AS_SCOPE);
        return add ? scope + " " + RUN_AS_SCOPE : scope;
    }
}
