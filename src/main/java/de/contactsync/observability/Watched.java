package de.contactsync.observability;

import de.contactsync.resilience.Outage;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What {@link AlertMonitor} looks at.
 *
 * @param passing       whether calls pass of what an outage would name
 * @param tenantsPass   whether calls pass of tenants, and few of those are away
 * @param usage         of the quota that is nearest its limit
 * @param accepted      keys that have come to their end
 * @param oldestPending since when a sink has been waited for, by its name; gives null when nothing waits
 */
record Watched(
        BooleanSupplier databaseAway,
        Supplier<List<Outage>> outages,
        Predicate<String> passing,
        BooleanSupplier tenantsPass,
        Supplier<Optional<QuotaView>> quota,
        Supplier<Optional<QuotaUsage>> usage,
        LongSupplier accepted,
        Map<String, Supplier<Instant>> oldestPending) {

    static Watched of(MonitoredComponents components) {
        return new Watched(
                components.database()::isAway,
                components.breakers()::outages,
                components.breakers()::isPassing,
                () -> components.breakers().isAnyTenantPassing()
                        && components.breakers().tenantsAway() <= AlertMonitor.TENANTS,
                components.calls()::quota,
                components.calls()::tightestQuota,
                () -> components.store().committed().accepted(),
                components.outboxes().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, sink -> sink.getValue()::oldestPending)));
    }
}
