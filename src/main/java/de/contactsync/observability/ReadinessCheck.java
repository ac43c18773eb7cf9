package de.contactsync.observability;

import de.contactsync.outbox.Alert;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Scope;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * Whether keys that come now are worked on. Not while something is away that all of them need, or every tenant that has
 * been asked for. One tenant of several that is unavailable is reported, but the others' work continues: the process
 * must not be taken out of service for it.
 */
final class ReadinessCheck implements HealthCheck {

    private final MonitoredComponents components;
    private final Clock clock;
    private volatile CamelContext camel;

    ReadinessCheck(MonitoredComponents components, Clock clock) {
        this.components = components;
        this.clock = clock;
    }

    /** Not ready before {@code camel} has started its routes. */
    void follow(CamelContext camel) {
        this.camel = camel;
    }

    /** The body stays readable however many tenants are away. */
    private static final int MOST_SHOWN = 20;

    @Override
    public String getId() {
        return "work";
    }

    @Override
    public String getGroup() {
        return "jtl-contact-sync";
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public boolean isEnabled() {
        return true;
    }

    @Override
    public void setEnabled(boolean enabled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(this);
        if (components.coordinator().isStopping()) {
            return result.down().message("stopping").build();
        }
        if (camel == null || !camel.getStatus().isStarted()) {
            return result.down().message("starting").build();
        }
        if (components.directory() != null && components.directory().problem() != null) {
            return result.down().message(components.directory().problem()).build();
        }
        List<Outage> outages = components.breakers().outages();
        if (outages.isEmpty()) {
            return result.up().build();
        }
        long tenants = outages.stream()
                .filter(outage -> outage.scope() == Scope.TENANT)
                .count();
        boolean nothingWorks = outages.stream().anyMatch(outage -> outage.scope() == Scope.ALL)
                || tenants > 0 && tenants >= components.calls().knownTenants();
        return result.state(nothingWorks ? State.DOWN : State.UP)
                .message(
                        nothingWorks
                                ? "work waits for what is out of reach"
                                : tenants > 0 ? "some tenants are out of reach" : "a source or a sink is out of reach")
                .detail(
                        "outOfReach",
                        outages.stream().limit(MOST_SHOWN).map(this::shown).toList())
                .detail("outOfReachInAll", outages.size())
                .build();
    }

    private Map<String, String> shown(Outage outage) {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("what", outage.what());
        shown.put("since", outage.since().truncatedTo(ChronoUnit.SECONDS).toString());
        shown.put("why", Alert.withoutQuotes(outage.reason()));
        shown.put(
                "nextTry",
                clock.instant()
                        .plus(outage.untilNextTry())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
        return shown;
    }
}
