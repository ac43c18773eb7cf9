package de.contactsync.resilience;

import java.time.Duration;

/** JTL's quotas, kept together with other processes that ask for the same tenants. */
@FunctionalInterface
public interface SharedQuota {

    /**
     * Reserves calls for this process. Blocks for a round trip.
     *
     * <p>Throws {@link de.contactsync.model.ProcessingHaltedException} when nobody should wait for one any longer.
     *
     * @param name  the quota's, the same in all processes
     * @param limit calls in {@code interval}
     * @return nanoseconds until they may start
     */
    long reserve(String name, int limit, Duration interval, int calls);
}
