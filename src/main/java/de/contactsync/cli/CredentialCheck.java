package de.contactsync.cli;

import de.contactsync.app.JtlAccess;
import de.contactsync.app.SecretStore;
import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.http.CertificateFingerprint;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.WawiKeySource;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.BreakerRegistry;

/** What {@code check} says of the credentials for JTL that are set up. */
final class CredentialCheck {

    private CredentialCheck() {}

    /** What is looked at, in a word. */
    static String name(TenantSettings tenant) {
        return tenant.jtl().auth() == JtlAuth.WAWI_APP ? "key" : "token";
    }

    /** @throws ProcessingHaltedException when nothing lets us in; says what to do */
    static String run(Settings settings, TenantSettings tenant, BreakerRegistry breakers) throws Exception {
        try (SecretStore secrets = SecretStore.existing(settings, tenant, breakers);
                JtlAccess connections = new JtlAccess(settings, secrets, breakers, null)) {
            CredentialSource access = connections.open(tenant);
            access.current();
            return switch (tenant.jtl().auth()) {
                case CLIENT_CREDENTIALS -> "comes from " + tenant.oauth().displayEndpoint();
                case AUTHORIZATION_CODE ->
                    "of the person who logged in, comes from " + tenant.oauth().displayEndpoint();
                case WAWI_APP -> registered(tenant, (WawiKeySource) access);
            };
        }
    }

    private static String registered(TenantSettings tenant, WawiKeySource access) {
        String fingerprint = access.fingerprint();
        return "of the app " + tenant.jtl().app().id() + " is stored, for API " + access.apiVersion()
                + (fingerprint == null
                        ? ""
                        : ", certificate "
                                + CertificateFingerprint.spaced(fingerprint).substring(0, 23) + "…");
    }
}
