package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.http.Network;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.JtlConnection;
import de.contactsync.jtl.JtlConnections;
import de.contactsync.jtl.WawiKeySource;
import de.contactsync.jtl.WawiRegistration;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;

/** The ways in to JTL that the settings name, each opened when it is first needed. Thread-safe. */
public final class JtlAccess implements AutoCloseable {

    /** Names of what is kept. A sink has no colon in its name. */
    private static final String LOGIN = "jtl:login";

    private static final String REGISTRATION = "jtl:registration";

    private final Settings settings;
    private final SecretStore secrets;
    private final Function<String, Breaker> breakers;
    private final Duration quiet;
    private final JtlConnections connections;
    private final List<CredentialSource> opened = new ArrayList<>();
    /** One token serves all tenants whose settings for it are the same. */
    private final Map<OAuthSettings, CredentialSource> tokens = new HashMap<>();

    /**
     * @param secrets asked only where something is kept
     * @param quiet   for how long calls wait for a token; null where nothing else could be done meanwhile
     */
    public JtlAccess(Settings settings, SecretStore secrets, BreakerRegistry breakers, Duration quiet) {
        this.quiet = quiet;
        this.settings = settings;
        this.secrets = secrets;
        // A refused login of one tenant stops no other. Its breaker shows by that of each tenant that needs it.
        BreakerRegistry unseen = breakers.unseen();
        this.breakers = settings.tenants().isEmpty() ? breakers::forAll : unseen::forTenant;
        Map<UUID, JtlConnection> tenants = new HashMap<>();
        settings.tenants().forEach(tenant -> tenants.put(tenant.jtl().tenantId(), connection(tenant)));
        this.connections = new JtlConnections(
                settings.jtl(), settings.others().map(this::connection).orElse(null), tenants);
    }

    JtlConnections connections() {
        return connections;
    }

    /** Where the login of a tenant is kept. */
    public static String login(TenantSettings tenant) {
        return named(LOGIN, tenant);
    }

    /** Where the key of a tenant's registration is kept. */
    public static String registration(TenantSettings tenant) {
        return named(REGISTRATION, tenant);
    }

    private static String named(String what, TenantSettings tenant) {
        return tenant.name() == null ? what : what + ":" + tenant.jtl().tenantId();
    }

    private JtlConnection connection(TenantSettings tenant) {
        return new JtlConnection(tenant.name(), tenant.jtl(), () -> {
            CredentialSource credentials = open(tenant);
            Network network = settings.network();
            return new JtlConnection.Access(
                    credentials,
                    credentials instanceof WawiKeySource wawi ? network.pinned(wawi::fingerprint) : network);
        });
    }

    /** Opens it; closed with all others. */
    public synchronized CredentialSource open(TenantSettings tenant) {
        if (tenant.jtl().auth() != JtlAuth.CLIENT_CREDENTIALS) {
            return kept(opened(tenant));
        }
        return tokens.computeIfAbsent(tenant.oauth(), oauth -> kept(opened(tenant)));
    }

    private CredentialSource kept(CredentialSource source) {
        opened.add(source);
        return source;
    }

    private CredentialSource opened(TenantSettings tenant) {
        return switch (tenant.jtl().auth()) {
            case CLIENT_CREDENTIALS ->
                new TokenSource(tenant.oauth(), settings.network(), breakers, new Random(), quiet);
            case AUTHORIZATION_CODE ->
                new TokenSource(
                        tenant.oauth()
                                .with(secrets.refreshTokens(
                                        login(tenant),
                                        "Nobody is logged in at JTL: log in with the command " + tenant.command("login")
                                                + ", with the same database and contacts.secret-key")),
                        settings.network(),
                        breakers,
                        new Random(),
                        quiet);
            case WAWI_APP ->
                new WawiKeySource(
                        tenant.jtl(),
                        () -> secrets.table().get(registration(tenant)).map(WawiRegistration::parse),
                        tenant.command("register"),
                        breakers.apply("the registration with JTL-Wawi"));
        };
    }

    @Override
    public synchronized void close() {
        opened.forEach(CredentialSource::close);
        opened.clear();
        tokens.clear();
    }
}
