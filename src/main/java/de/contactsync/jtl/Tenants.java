package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.resilience.AdaptiveRateLimiter;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.Bulkhead;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.QuotaReservation;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import de.contactsync.resilience.RateLimitedQueue;
import de.contactsync.resilience.SharedQuota;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The state of each tenant that was asked for. A file may name any number of them, so that of one not asked for long is
 * learned anew, but not of one that has calls or is unavailable: its pause would be forgotten. Thread-safe.
 */
final class Tenants {

    private static final int MOST = 1_000;
    /** Are forgotten at once, so that those that stay are not looked through for each new one. */
    private static final int AT_ONCE = 200;

    private final JtlConnections connections;
    private final BreakerRegistry breakers;
    private final SharedQuota sharedQuota;
    private final Supplier<Set<TenantState>> busy;
    /** The one asked for longest ago first. */
    private final Map<UUID, TenantState> tenants = new LinkedHashMap<>(16, 0.75f, true);

    private int most = MOST;

    /**
     * @param sharedQuota null when no other process asks for the same tenants
     * @param busy        those that have calls
     */
    Tenants(
            JtlConnections connections,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Supplier<Set<TenantState>> busy) {
        this.connections = connections;
        this.breakers = breakers;
        this.sharedQuota = sharedQuota;
        this.busy = busy;
    }

    synchronized TenantState get(UUID id) {
        TenantState known = tenants.get(id);
        if (known == null) {
            if (tenants.size() >= most) {
                forgetEldest();
            }
            known = create(id);
            tenants.put(id, known);
        }
        return known;
    }

    synchronized Optional<TenantState> known(UUID id) {
        return Optional.ofNullable(tenants.get(id));
    }

    /** @throws de.contactsync.resilience.OutageException when a tenant of the chunk answers none of its calls */
    void requireAnswers(Chunk chunk) {
        if (!breakers.isAnyOpen()) {
            return;
        }
        chunk.entries().stream()
                .flatMap(entry -> entry instanceof KeyEntry.Valid valid
                        ? Stream.of(valid.key().tenantId())
                        : Stream.empty())
                .distinct()
                .flatMap(tenant -> known(tenant).stream())
                .map(TenantState::breaker)
                .filter(Breaker::isUnanswered)
                .findFirst()
                .ifPresent(breaker -> {
                    throw breaker.exception();
                });
    }

    synchronized int count() {
        return tenants.size();
    }

    private TenantState create(UUID id) {
        JtlConnection connection = connections.of(id).orElseThrow(() -> KeyPrecheck.unknownTenant(id));
        Breaker breaker = breakers.forTenant("JTL for tenant "
                + connection.tenant().map(name -> name + " (" + id + ")").orElseGet(id::toString));
        Bulkhead share = new Bulkhead();
        return new TenantState(
                id,
                connection,
                queue(connection, breaker, "contact of " + id, share),
                queue(connection, breaker, "contacts of " + id, share),
                breaker);
    }

    /** @param quota its name among the processes that share it */
    private RateLimitedQueue queue(JtlConnection connection, Breaker breaker, String quota, Bulkhead share) {
        return new RateLimitedQueue(
                new AdaptiveRateLimiter(connection.settings().quotaReserve(), sharedQuota == null),
                breaker,
                sharedQuota == null ? null : new QuotaReservation(sharedQuota, quota),
                share);
    }

    private void forgetEldest() {
        Set<TenantState> withCalls = busy.get();
        int left = tenants.size() - MOST + AT_ONCE;
        for (Iterator<TenantState> eldest = tenants.values().iterator(); left > 0 && eldest.hasNext(); ) {
            TenantState tenant = eldest.next();
            if (!withCalls.contains(tenant) && tenant.breaker().outage().isEmpty()) {
                eldest.remove();
                breakers.discard(tenant.breaker());
                left--;
            }
        }
        most = Math.max(MOST, tenants.size() + AT_ONCE);
    }

    private synchronized List<TenantState> all() {
        return List.copyOf(tenants.values());
    }

    /** Of the tenant and endpoint that is nearest its limit; empty while no quota is known. */
    Optional<QuotaUsage> tightestQuota() {
        long now = System.nanoTime();
        return all().stream()
                .flatMap(TenantState::lanes)
                .map(queue -> queue.limiter().quota(now))
                .filter(Objects::nonNull)
                .max(Comparator.comparingDouble(QuotaUsage::usedShare));
    }

    /**
     * The quota that most calls wait for, empty while it is not known. Among several that wait, none decides alone how
     * fast keys pass.
     */
    Optional<QuotaView> quota(CallDispatcher dispatcher, double recordsPerCall) {
        List<TenantState> known = all();
        long waiting = known.stream()
                .filter(tenant -> tenant.lanes().anyMatch(queue -> dispatcher.waiting(queue) > 0))
                .count();
        return known.stream()
                .flatMap(TenantState::lanes)
                .max(Comparator.comparingInt(dispatcher::waiting))
                .map(busiest -> busiest.limiter().view(System.nanoTime(), Math.max(1, recordsPerCall)))
                .map(quota -> waiting > 1 ? quota.notLimiting() : quota);
    }
}
