package de.contactsync.status;

import de.contactsync.http.QuotaState;
import de.contactsync.ledger.Account;
import de.contactsync.ledger.Outbox;
import de.contactsync.outage.Outage.Scope;
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
final class Meters {

    private final MeterRegistry registry;

    private Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    static void bind(MeterRegistry registry, Watched watched, Waiting waiting) {
        new Meters(registry).bind(watched, waiting);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private void bind(Watched watched, Waiting waiting) {
        quota("jtl.quota.limit", "Calls in JTL's interval", QuotaState::limit, watched);
        quota("jtl.quota.remaining", "Calls left in it", QuotaState::remaining, watched);
        quota("jtl.quota.used.ratio", "Share of it that is used", QuotaState::usedShare, watched);
        gauge("jtl.token.age", "Time since the access token was asked for", "seconds",
                () -> watched.tokens().tokenAge().map(age -> age.toMillis() / 1e3).orElse(Double.NaN));

        keys("stored", Account::stored, watched);
        keys("not-found", Account::notFound, watched);
        keys("rejected", Account::rejected, watched);
        keys("invalid", Account::invalid, watched);
        keys("failed", Account::failed, watched);
        keys("duplicate", Account::duplicates, watched);

        paused("jtl", () -> isAway(watched, Scope.TENANT));
        paused("source", () -> isAway(watched, Scope.SOURCE));
        paused("crm", () -> isAway(watched, Scope.SINK));
        paused("token", () -> watched.tokens().isAway());
        paused("database", () -> watched.database().isAway());
        gauge("contacts.dead.letters.open", "Dead letters that nobody has seen to", null, waiting::openDeadLetters);
        if (watched.outbox() != null) {
            gauge("contacts.deliveries.pending", "Contacts that wait to be sent to the CRM", null,
                    waiting::pendingDeliveries);
            deliveries("delivered", outbox -> outbox.tally().delivered(), watched);
            deliveries("refused", outbox -> outbox.tally().refused(), watched);
            deliveries("removed", outbox -> outbox.tally().removed(), watched);
            deliveries("unchanged", Outbox::unchanged, watched);
        }
        gauge("contacts.oldest.pending", "Age of the file or unfinished run that has been waiting for longest",
                "seconds", waiting::oldestSeconds);
    }

    private static boolean isAway(Watched watched, Scope scope) {
        return watched.breakers().outages().stream().anyMatch(outage -> outage.scope() == scope);
    }

    private void quota(String name, String description, ToDoubleFunction<QuotaState> figure, Watched watched) {
        gauge(name, description + ", of the tenant that is nearest its limit", null,
                () -> watched.calls().tightestQuota().map(figure::applyAsDouble).orElse(Double.NaN));
    }

    private void gauge(String name, String description, String unit, Supplier<Number> figure) {
        Gauge.builder(name, figure).description(description).baseUnit(unit).register(registry);
    }

    private void keys(String outcome, ToDoubleFunction<Account> figure, Watched watched) {
        FunctionCounter.builder("contacts.keys", watched.store(), store -> figure.applyAsDouble(store.committed()))
                .description("Keys that have come to their end since the start of the process")
                .tag("outcome", outcome)
                .register(registry);
    }

    private void deliveries(String outcome, ToDoubleFunction<Outbox> figure, Watched watched) {
        FunctionCounter.builder("contacts.deliveries", watched.outbox(), figure)
                .description("Contacts the CRM took or refused, or that it need not be sent, since the start of the process")
                .tag("outcome", outcome)
                .register(registry);
    }

    private void paused(String reason, Supplier<Boolean> away) {
        Gauge.builder("contacts.paused", () -> away.get() ? 1 : 0)
                .description("Whether work waits because this is out of reach")
                .tag("reason", reason)
                .register(registry);
    }
}
