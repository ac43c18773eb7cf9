package de.contactsync.jtl;

import de.contactsync.model.JtlId;
import de.contactsync.oauth.CredentialSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Which way in to JTL each tenant has. */
public final class JtlConnections {

    private final JtlSettings process;
    private final JtlConnection others;
    private final Map<UUID, JtlConnection> tenants;

    /**
     * @param process what holds for all of them, such as the calls in flight
     * @param others  of tenants that are not among {@code tenants}; null where there are to be none
     */
    public JtlConnections(JtlSettings process, JtlConnection others, Map<UUID, JtlConnection> tenants) {
        this.process = process;
        this.others = others;
        this.tenants = Map.copyOf(tenants);
    }

    JtlSettings process() {
        return process;
    }

    /** The credentials of the calls made so far. */
    private Stream<CredentialSource> opened() {
        return Stream.concat(Stream.ofNullable(others), tenants.values().stream())
                .map(JtlConnection::opened)
                .filter(Objects::nonNull);
    }

    /** Whether the credentials of all calls made so far are known to be unavailable; false before the first call. */
    public boolean isAway() {
        return opened().findAny().isPresent() && opened().allMatch(CredentialSource::isAway);
    }

    /** Of the oldest token in use; empty when there is none. */
    public Optional<Duration> tokenAge() {
        return opened().flatMap(source -> source.tokenAge().stream()).max(Comparator.naturalOrder());
    }

    /** What the ids of this tenant's customers and contacts are, as far as it is known. */
    public JtlId.Kind ids(UUID tenantId) {
        return of(tenantId).map(JtlConnection::ids).orElse(JtlId.Kind.ANY);
    }

    /** Empty where no settings say how this tenant is reached. */
    Optional<JtlConnection> of(UUID tenantId) {
        return Optional.ofNullable(tenantId == null ? others : tenants.getOrDefault(tenantId, others));
    }
}
