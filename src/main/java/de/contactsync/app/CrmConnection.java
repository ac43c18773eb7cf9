package de.contactsync.app;

import de.contactsync.crm.CrmCallRoute;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSink;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RecordOwners;
import de.contactsync.model.RefreshTokens;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.camel.CamelContext;

/** Everything that calls of a CRM need, wired together. */
final class CrmConnection implements AutoCloseable {

    /** A hundred contacts, or all properties an account has, with room to spare. */
    private static final long LARGEST_ANSWER = 8 * 1024 * 1024;

    private final CrmSettings settings;
    private final CrmTimeouts timeouts;
    private final String name;
    private final Breaker breaker;
    private final CrmAuthenticator access;
    private final HttpGuard guard;
    private final CrmClient calls;
    private final CrmSink sink;

    /**
     * @param network the way to the CRM and its token endpoint
     * @param refresh where the refresh token is kept, by the one that the settings begin with
     * @param refusal of a target that is not to be written to, with what to do; null for one that is
     * @param attempts as of {@link CrmSink#of}
     */
    CrmConnection(
            CrmSettings settings,
            CrmTimeouts timeouts,
            Network network,
            Mapping mapping,
            BreakerRegistry breakers,
            Function<String, RefreshTokens> refresh,
            Function<DeliveryTarget, String> refusal,
            CreateAttempts creates,
            RecordOwners owners,
            Consumer<Map<Delivery, String>> attempts) {
        this.settings = settings;
        this.timeouts = timeouts;
        this.name = settings.kind().label() + " at " + settings.baseUrl().getAuthority();
        this.breaker = breakers.forSink(name);
        this.access = new CrmAuthenticator(settings.kind(), timeouts, network, breakers, refresh);
        this.calls = new CrmClient(name, breaker, access::renew, new Random());
        this.guard = new HttpGuard(
                settings.baseUrl(), settings.kind().domains(), LARGEST_ANSWER, timeouts.deadline(), network);
        this.sink = CrmSink.of(settings, calls, mapping, refusal, creates, owners, attempts, timeouts.patience());
    }

    /** For people. */
    String name() {
        return name;
    }

    Breaker breaker() {
        return breaker;
    }

    CrmSink sink() {
        return sink;
    }

    void bind(RuntimeAdapter runtime) {
        runtime.bind("crmGuard", guard);
        runtime.main().configure().addRoutesBuilder(new CrmCallRoute(settings, timeouts, access));
    }

    /** @param camel started, with what {@link #bind} gave it */
    void connect(CamelContext camel) throws Exception {
        calls.connect(camel);
    }

    /** @throws ProcessingHaltedException when the CRM cannot be reached, or cannot take our contacts as it is set up */
    CrmTrial tryOut() {
        return sink.tryOut();
    }

    /** Ends all waits for the CRM. */
    void abandon() {
        calls.close();
        access.close();
    }

    /** After Camel has sent what was being sent. */
    @Override
    public void close() {
        abandon();
        guard.close();
    }
}
