package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.http.Network;
import de.contactsync.jtl.WawiKeySource;
import de.contactsync.jtl.WawiRegistration;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.BreakerRegistry;
import java.util.Random;

/** The way in to JTL that {@code jtl.auth} names. */
public final class JtlAccess {

    /** Names of what is kept. A sink has no colon in its name. */
    public static final String LOGIN = "jtl:login";

    public static final String REGISTRATION = "jtl:registration";

    public static final String NOBODY_LOGGED_IN =
            "Nobody is logged in at JTL: log in with the command login, with the same database and contacts.secret-key";

    private JtlAccess() {}

    /** @param secrets asked only where something is kept */
    public static CredentialSource open(Settings settings, SecretStore secrets, BreakerRegistry breakers) {
        return switch (settings.jtl().auth()) {
            case CLIENT_CREDENTIALS ->
                new TokenSource(settings.oauth(), settings.network(), breakers::forAll, new Random());
            case AUTHORIZATION_CODE ->
                new TokenSource(
                        settings.oauth().with(secrets.refreshTokens(LOGIN, NOBODY_LOGGED_IN)),
                        settings.network(),
                        breakers::forAll,
                        new Random());
            case WAWI_APP ->
                new WawiKeySource(
                        settings.jtl(),
                        () -> secrets.table().get(REGISTRATION).map(WawiRegistration::parse),
                        breakers.forAll("the registration with JTL-Wawi"));
        };
    }

    /** The way to JTL's API: to a server whose certificate a person has confirmed, only to that one. */
    static Network network(Settings settings, CredentialSource access) {
        return access instanceof WawiKeySource wawi ? settings.network().pinned(wawi::fingerprint) : settings.network();
    }
}
