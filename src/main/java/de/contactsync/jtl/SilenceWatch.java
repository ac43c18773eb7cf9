package de.contactsync.jtl;

import de.contactsync.resilience.Alarm;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Sees when a tenant leaves all its calls unanswered: then its chunks wait with their sources, as for any outage, and one
 * call goes on as a probe. Lists that hang are cut off, and their contacts are fetched by single calls.
 */
final class SilenceWatch {

    private final Duration quiet;
    private final CallDispatcher dispatcher;
    private final BiConsumer<TenantState, OutageException> halt;

    /**
     * @param quiet for how long a tenant may leave all its calls unanswered, if it has not been slow before
     * @param halt  ends all that waits for calls of the tenant
     */
    SilenceWatch(Duration quiet, CallDispatcher dispatcher, BiConsumer<TenantState, OutageException> halt) {
        this.quiet = quiet;
        this.dispatcher = dispatcher;
        this.halt = halt;
    }

    /** A call of the tenant begins. */
    void watch(TenantState tenant, boolean ofLists) {
        if (tenant.inFlight(ofLists).beginWatch()) {
            lookAfter(tenant.patience(ofLists, quiet), tenant, ofLists);
        }
    }

    private void lookAfter(Duration wait, TenantState tenant, boolean ofLists) {
        Alarm.after(wait, () -> look(tenant, ofLists));
    }

    private void look(TenantState tenant, boolean ofLists) {
        CallsInFlight calls = tenant.inFlight(ofLists);
        Duration left = calls.untilQuiet(tenant.patience(ofLists, quiet));
        if (left != null && !left.isZero()) {
            lookAfter(left, tenant, ofLists);
            return;
        }
        calls.endWatch();
        if (left != null && ofLists) {
            calls.cutOff(0);
        } else if (left != null) {
            openBreaker(tenant);
        }
    }

    /** Whatever becomes of the call that goes on ends the wait. */
    private void openBreaker(TenantState tenant) {
        JtlSettings settings = tenant.connection().settings();
        OutageException outage = tenant.breaker()
                .openUnanswered(
                        "no answer from " + settings.baseUrl().getAuthority() + " for "
                                + tenant.patience(false, quiet).toSeconds()
                                + " s: check the network and the merchant's JTL-Wawi",
                        JtlServers.deadline(settings.responseTimeout()));
        halt.accept(tenant, outage);
        tenant.lanes().forEach(dispatcher::abandon);
        tenant.inFlight(true).cutOff(0);
        tenant.inFlight(false).cutOff(1);
    }
}
