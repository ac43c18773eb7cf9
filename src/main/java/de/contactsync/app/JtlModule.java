package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.jtl.GetCustomerContactRoute;
import de.contactsync.jtl.JtlConnections;
import de.contactsync.jtl.QueryCustomerContactsRoute;
import de.contactsync.jtl.QueryCustomersRoute;
import de.contactsync.model.CallClock;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.SharedQuota;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/** Everything that calls of JTL need, wired together. Close Camel first. */
final class JtlModule implements AutoCloseable {

    private final JtlAccess access;
    private final ExecutorService callers;
    private final ContactLookupService calls;

    /**
     * @param quota    null when no other process asks for the same tenants
     * @param keysInFlight of runs
     * @param patience how long a key may wait for its next try
     * @param quiet    for how long a tenant may leave its calls, or a token, unanswered before its work gives way to
     *     that of others; null where nothing else could be done meanwhile
     */
    JtlModule(
            Settings settings,
            SecretStore secrets,
            BreakerRegistry breakers,
            SharedQuota quota,
            CallClock clock,
            ForgottenContacts forgotten,
            int keysInFlight,
            Duration patience,
            Duration quiet) {
        this.access = new JtlAccess(settings, secrets, breakers, quiet);
        this.callers = threads(settings.jtl().concurrency());
        this.calls = new ContactLookupService(
                access.connections(),
                breakers,
                quota,
                callers,
                new ClientLoop.Retries(Backoff.DEFAULT, patience, new Random()),
                clock,
                forgotten,
                quiet,
                keysInFlight);
    }

    JtlConnections connections() {
        return access.connections();
    }

    ContactLookupService calls() {
        return calls;
    }

    /** The beans and routes that the route enrich needs. */
    void bind(RuntimeAdapter runtime) {
        runtime.bind("contactLookup", calls);
        runtime.main().configure().addRoutesBuilder(new GetCustomerContactRoute(access.connections()));
        runtime.main().configure().addRoutesBuilder(new QueryCustomerContactsRoute(access.connections()));
        runtime.main().configure().addRoutesBuilder(new QueryCustomersRoute(access.connections()));
    }

    /** Virtual threads from Java 21 on, as Camel's factory decides. */
    private static ExecutorService threads(int count) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "jtl-call", true));
    }

    @Override
    public void close() {
        callers.shutdownNow();
        access.close();
    }
}
