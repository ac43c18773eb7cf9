package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.jtl.GetCustomerContactRoute;
import de.contactsync.jtl.QueryCustomerContactsRoute;
import de.contactsync.jtl.QueryCustomersRoute;
import de.contactsync.model.CallClock;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.SharedQuota;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/** Everything that calls of JTL need, wired together. Close Camel first. */
final class JtlModule implements AutoCloseable {

    /** A contact has some hundred bytes; nothing JTL may rightly send comes near this. */
    private static final long LARGEST_ANSWER = 128 * 1024;

    /** The contacts of one customer, of whom some thousand are the most that is heard of. */
    private static final long LARGEST_LIST = 4 * 1024 * 1024;

    private final Settings settings;
    private final CredentialSource access;
    private final HttpGuard guard;
    private final HttpGuard listGuard;
    private final ExecutorService callers;
    private final ContactLookupService calls;

    /**
     * @param quota    null when no other process asks for the same tenants
     * @param keysInFlight of runs
     * @param patience how long a key may wait for its next try
     */
    JtlModule(
            Settings settings,
            SecretStore secrets,
            BreakerRegistry breakers,
            SharedQuota quota,
            CallClock clock,
            ForgottenContacts forgotten,
            int keysInFlight,
            Duration patience) {
        this.settings = settings;
        this.access = JtlAccess.open(settings, secrets, breakers);
        Network network = JtlAccess.network(settings, access);
        this.guard = guard(settings, network, LARGEST_ANSWER);
        this.listGuard = guard(settings, network, LARGEST_LIST);
        this.callers = threads(settings.jtl().concurrency());
        this.calls = new ContactLookupService(
                settings.jtl(),
                access,
                breakers,
                quota,
                callers,
                new Random(),
                clock,
                forgotten,
                patience,
                keysInFlight);
    }

    CredentialSource access() {
        return access;
    }

    ContactLookupService calls() {
        return calls;
    }

    /** The beans and routes that the route enrich needs. */
    void bind(RuntimeAdapter runtime) {
        runtime.bind("contactLookup", calls);
        runtime.bind("jtlGuard", guard);
        runtime.bind("jtlListGuard", listGuard);
        runtime.main().configure().addRoutesBuilder(new GetCustomerContactRoute(settings.jtl(), access));
        runtime.main().configure().addRoutesBuilder(new QueryCustomerContactsRoute(settings.jtl(), access));
        runtime.main().configure().addRoutesBuilder(new QueryCustomersRoute(settings.jtl(), access));
    }

    private static HttpGuard guard(Settings settings, Network network, long largestAnswer) {
        return new HttpGuard(
                settings.jtl().baseUrl(),
                Set.of(),
                largestAnswer,
                settings.jtl().responseTimeout().multipliedBy(2),
                network);
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
        listGuard.close();
        guard.close();
        access.close();
    }
}
