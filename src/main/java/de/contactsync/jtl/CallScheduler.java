package de.contactsync.jtl;

import de.contactsync.resilience.Alarm;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.RateLimitedQueue;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/** What all {@link LookupAttempt}s share, and when calls are made again. Thread-safe. */
final class CallScheduler {

    /** Far fewer than there are chunks of files in flight when they are small. */
    private static final int MOST_BACKING_OFF = 8;

    private final CallDispatcher dispatcher;
    private final ClientLoop.Retries retries;
    private final SilenceWatch silence;
    /** Tenants that may be unavailable, and how many of their calls wait for the next try. */
    private final Map<TenantState, Integer> backingOff = new ConcurrentHashMap<>();

    private volatile JtlClient client;

    /** @param silence watches over the calls; null where chunks may wait for a tenant for as long as it takes */
    CallScheduler(CallDispatcher dispatcher, ClientLoop.Retries retries, SilenceWatch silence) {
        this.dispatcher = dispatcher;
        this.retries = retries;
        this.silence = silence;
    }

    /** To be called before the first request. */
    void use(JtlClient started) {
        client = started;
    }

    JtlClient client() {
        return client;
    }

    CallDispatcher dispatcher() {
        return dispatcher;
    }

    ClientLoop loop(TenantState tenant, RateLimitedQueue lane, IntSupplier mostAttempts) {
        return new ClientLoop(lane.limiter(), tenant.breaker(), retries, mostAttempts);
    }

    /** A call of the tenant begins: chunks shall not wait for it while nothing of the tenant is answered. */
    void watch(TenantState tenant, boolean ofList) {
        if (silence != null) {
            silence.watch(tenant, ofList);
        }
    }

    /** Hands the call to the dispatcher when {@code wait} is over. */
    void submitLater(LookupAttempt call, RateLimitedQueue lane, Duration wait) {
        if (wait.isZero()) {
            dispatcher.submit(lane, call);
        } else {
            Alarm.after(wait, () -> dispatcher.submit(lane, call));
        }
    }

    /**
     * As {@link #submitLater}, after a failure that may be the whole tenant's. False when so many other tenants wait
     * like that already that their chunks would keep those of tenants in reach waiting: then it is an outage at once,
     * and is tried again as one.
     */
    boolean backOff(LookupAttempt call, RateLimitedQueue lane, TenantState tenant, Duration wait) {
        if (backingOff.size() >= MOST_BACKING_OFF && !backingOff.containsKey(tenant)) {
            return false;
        }
        backingOff.merge(tenant, 1, Integer::sum);
        Alarm.after(wait, () -> {
            backingOff.computeIfPresent(tenant, (waiting, calls) -> calls == 1 ? null : calls - 1);
            dispatcher.submit(lane, call);
        });
        return true;
    }
}
