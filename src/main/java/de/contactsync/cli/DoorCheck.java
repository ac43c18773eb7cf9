package de.contactsync.cli;

import de.contactsync.app.JtlAccess;
import de.contactsync.app.SecretStore;
import de.contactsync.config.Settings;
import de.contactsync.http.CertificateFingerprint;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.WawiKeySource;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.BreakerRegistry;

/** What {@code check} says of the door to JTL that is set up. */
final class DoorCheck {

    private DoorCheck() {}

    /** What is looked at, in a word. */
    static String name(Settings settings) {
        return settings.jtl().auth() == JtlAuth.WAWI_APP ? "key" : "token";
    }

    /** @throws ProcessingHaltedException when nothing lets us in; says what to do */
    static String run(Settings settings, BreakerRegistry breakers) throws Exception {
        try (SecretStore secrets = SecretStore.existing(settings, breakers);
                CredentialSource access = JtlAccess.open(settings, secrets, breakers)) {
            access.current();
            return switch (settings.jtl().auth()) {
                case CLIENT_CREDENTIALS -> "comes from " + settings.oauth().displayEndpoint();
                case AUTHORIZATION_CODE ->
                    "of the person who logged in, comes from "
                            + settings.oauth().displayEndpoint();
                case WAWI_APP -> registered(settings, (WawiKeySource) access);
            };
        }
    }

    private static String registered(Settings settings, WawiKeySource access) {
        String fingerprint = access.fingerprint();
        return "of the app " + settings.jtl().app().id() + " is stored, for API " + access.apiVersion()
                + (fingerprint == null
                        ? ""
                        : ", certificate "
                                + CertificateFingerprint.spaced(fingerprint).substring(0, 23) + "…");
    }
}
