package de.contactsync.jtl;

import de.contactsync.model.JtlId;
import de.contactsync.resilience.QuotaHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;

/**
 * How JTL's API is reached: the keys under {@code jtl.} except those of OAuth.
 *
 * @param baseUrl         without a slash at its end
 * @param tenantId        tenant of keys that name none, or null
 * @param runAs           sent as {@code x-runas}, or null
 * @param companyId       sent as {@code x-companyid}, or null
 * @param concurrency     calls in flight, for the whole process
 * @param responseTimeout longest silence within a call; a whole call may take twice that
 * @param maxAttempts     calls for one key whose failures are worth a retry
 * @param quotaReserve    share of JTL's quota left to other apps, 0 to below 1
 * @param refusalPause    before JTL is retried after it refused for lack of a licence or a permission
 * @param bulkRead        whether one call may ask for several contacts of a customer
 * @param auth            the way in
 * @param rate            calls that may be made in a time, whatever more the server allows; null: no such limit
 * @param versionInPath   whether the API's version stands behind the base URL, as in {@code /v2/customers}
 * @param app             of {@link JtlAuth#WAWI_APP}, else null
 * @param apiVersion      of {@link JtlAuth#WAWI_APP}, such as {@code 1.0}; null: the one that the registration found
 * @param fingerprint     SHA-256 in hexadecimal digits of the certificate that the server must show; null: one that is
 *                        trusted, or that was confirmed when the app was registered
 */
public record JtlSettings(
        URI baseUrl,
        UUID tenantId,
        String runAs,
        String companyId,
        int concurrency,
        Duration connectTimeout,
        Duration responseTimeout,
        int maxAttempts,
        double quotaReserve,
        Duration refusalPause,
        boolean bulkRead,
        JtlAuth auth,
        QuotaHeaders rate,
        boolean versionInPath,
        WawiApp app,
        String apiVersion,
        String fingerprint) {

    /** What the ids of customers and contacts are, as far as the settings tell. */
    public JtlId.Kind ids() {
        return auth != JtlAuth.WAWI_APP
                ? JtlId.Kind.UUID
                : apiVersion == null ? JtlId.Kind.ANY : JtlId.Kind.of(apiVersion);
    }
}
