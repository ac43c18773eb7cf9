package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.RateLimitedQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A list that one thread waits for: a page of customers, or all contacts of one of them. */
final class BlockingRequest implements LookupRequest {

    private final Object body;
    private final TenantState tenant;
    private final boolean failsAlone;
    private final CompletableFuture<Supplier<CallResult.Conclusive>> end = new CompletableFuture<>();
    private final CompletableFuture<ProcessingHaltedException> halted = new CompletableFuture<>();

    BlockingRequest(Object body, TenantState tenant, boolean failsAlone) {
        this.body = body;
        this.tenant = tenant;
        this.failsAlone = failsAlone;
    }

    /** Each of its calls is bounded, so this is. */
    CallResult.Conclusive await() {
        return end.join().get();
    }

    @Override
    public TenantState tenant() {
        return tenant;
    }

    @Override
    public RateLimitedQueue lane() {
        return tenant.listLane();
    }

    @Override
    public Object body() {
        return body;
    }

    /** It is about no contact. */
    @Override
    public ContactKey key() {
        return null;
    }

    @Override
    public boolean isOver() {
        return end.isDone();
    }

    @Override
    public boolean failsAlone() {
        return failsAlone;
    }

    @Override
    public void end(CallResult.Conclusive answer, int attempts) {
        end.complete(() -> answer);
    }

    @Override
    public void halt(ProcessingHaltedException reason) {
        halted.complete(reason);
        end.complete(() -> {
            throw reason;
        });
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        end.complete(() -> {
            if (othersPass.test(halted)) {
                return new CallResult.Final(failed);
            }
            throw concernsAll.get();
        });
    }

    @Override
    public String toString() {
        return body instanceof CustomerContactsQuery list ? "contacts of " + list.customer() : body.toString();
    }
}
