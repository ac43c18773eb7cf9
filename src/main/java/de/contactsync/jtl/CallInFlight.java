package de.contactsync.jtl;

import org.apache.hc.core5.concurrent.Cancellable;

/** A call of a tenant, from when its request goes out. Compared by identity. */
final class CallInFlight {

    /** Exchange property of the call. */
    static final String PROPERTY = "jtlCallInFlight";

    private final TenantState tenant;
    private final boolean list;
    private volatile Cancellable request;
    private long began;

    /** @param list whether it asks for a list, whose failure says nothing of the tenant */
    CallInFlight(TenantState tenant, boolean list) {
        this.tenant = tenant;
        this.list = list;
    }

    boolean isList() {
        return list;
    }

    /** Its request goes out now: it has a token. */
    void begin(Cancellable request) {
        this.request = request;
        began = System.nanoTime();
        tenant.began(this);
    }

    /** @param answered in whatever way */
    void end(boolean answered) {
        if (request != null) {
            tenant.ended(this, answered);
        }
    }

    /** A reading of {@link System#nanoTime()}. */
    long began() {
        return began;
    }

    /** Ends it from another thread, wherever it waits for the server. */
    void cancel() {
        request.cancel();
    }
}
