package de.contactsync.observability;

import de.contactsync.outbox.Channel;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.RunTotals;
import de.contactsync.resilience.Outage.Scope;
import de.contactsync.resilience.QuotaUsage;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The figures of {@code /observe/metrics} that are read when somebody asks. Few series: labels name statuses, outcomes
 * and reasons, never a tenant, a key or a file.
 */
final class Metrics {

    private final MeterRegistry registry;

    private Metrics(MeterRegistry registry) {
        this.registry = registry;
    }

    static void bind(MeterRegistry registry, MonitoredComponents components, BacklogMonitor backlogMonitor) {
        new Metrics(registry).bind(components, backlogMonitor);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private void bind(MonitoredComponents components, BacklogMonitor backlogMonitor) {
        quota("jtl.quota.limit", "Calls in JTL's interval", QuotaUsage::limit, components);
        quota("jtl.quota.remaining", "Calls left in it", QuotaUsage::remaining, components);
        quota("jtl.quota.used.ratio", "Share of it that is used", QuotaUsage::usedShare, components);
        gauge(
                "jtl.token.age",
                "Age of the access token",
                "seconds",
                () -> components
                        .connections()
                        .tokenAge()
                        .map(age -> age.toMillis() / 1e3)
                        .orElse(Double.NaN));

        keys("stored", RunTotals::stored, components);
        keys("not-found", RunTotals::notFound, components);
        keys("rejected", RunTotals::rejected, components);
        keys("invalid", RunTotals::invalid, components);
        keys("failed", RunTotals::failed, components);
        keys("duplicate", RunTotals::duplicates, components);

        paused("jtl", () -> isAway(components, Scope.TENANT));
        paused("source", () -> isAway(components, Scope.SOURCE));
        paused("crm", () -> isAway(components, Scope.SINK));
        paused("token", () -> components.connections().isAway());
        paused("database", () -> components.database().isAway());
        gauge("contacts.dead.letters.open", "Dead letters that are still open", null, backlogMonitor::openDeadLetters);
        components.outboxes().forEach((sink, outbox) -> {
            Gauge.builder("contacts.deliveries.pending", () -> backlogMonitor.pendingDeliveries(sink))
                    .description("Contacts waiting to be sent to a CRM or a route")
                    .tag("sink", sink)
                    .register(registry);
            deliveries(sink, "delivered", each -> each.counts().delivered(), outbox);
            deliveries(sink, "refused", each -> each.counts().refused(), outbox);
            deliveries(sink, "removed", each -> each.counts().removed(), outbox);
            deliveries(sink, "not-there", each -> each.counts().notThere(), outbox);
            deliveries(sink, "left-out", each -> each.counts().leftOut(), outbox);
            deliveries(sink, "unchanged", Outbox::unchanged, outbox);
        });
        if (components.receivedKeys() != null) {
            gauge(
                    "contacts.http.waiting",
                    "Keys received over HTTP that are not done yet",
                    null,
                    components.receivedKeys()::waiting);
        }
        components.channels().forEach(channel -> {
            passed(channel, "passed", each -> each.counts().passed());
            passed(channel, "given-up", each -> each.counts().givenUp());
        });
        gauge(
                "contacts.oldest.pending",
                "Age of the oldest waiting file or unfinished run",
                "seconds",
                backlogMonitor::oldestSeconds);
    }

    private static boolean isAway(MonitoredComponents components, Scope scope) {
        return components.breakers().outages().stream().anyMatch(outage -> outage.scope() == scope);
    }

    private void quota(
            String name, String description, ToDoubleFunction<QuotaUsage> figure, MonitoredComponents components) {
        gauge(
                name,
                description + ", of the tenant nearest to its limit",
                null,
                () -> components
                        .calls()
                        .tightestQuota()
                        .map(figure::applyAsDouble)
                        .orElse(Double.NaN));
    }

    private void gauge(String name, String description, String unit, Supplier<Number> figure) {
        Gauge.builder(name, figure).description(description).baseUnit(unit).register(registry);
    }

    private void keys(String outcome, ToDoubleFunction<RunTotals> figure, MonitoredComponents components) {
        FunctionCounter.builder("contacts.keys", components.store(), store -> figure.applyAsDouble(store.committed()))
                .description("Keys completed since the start of the process")
                .tag("outcome", outcome)
                .register(registry);
    }

    private void deliveries(String sink, String outcome, ToDoubleFunction<Outbox> figure, Outbox outbox) {
        FunctionCounter.builder("contacts.deliveries", outbox, figure)
                .description(
                        "Contacts that the sink accepted or rejected, or that were not sent to it, since the start of"
                                + " the process")
                .tag("sink", sink)
                .tag("outcome", outcome)
                .register(registry);
    }

    private void passed(Channel<?> channel, String outcome, ToDoubleFunction<Channel<?>> figure) {
        FunctionCounter.builder("contacts.channel.events", channel, figure)
                .description("Dead letters and alerts that a channel has delivered or dropped since the start of the"
                        + " process")
                .tag("channel", channel.name())
                .tag("outcome", outcome)
                .register(registry);
    }

    private void paused(String reason, Supplier<Boolean> away) {
        Gauge.builder("contacts.paused", () -> away.get() ? 1 : 0)
                .description("Whether work waits because this is unavailable")
                .tag("reason", reason)
                .register(registry);
    }
}
