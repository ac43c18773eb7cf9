package de.contactsync.jtl;

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
        boolean bulkRead) {}
