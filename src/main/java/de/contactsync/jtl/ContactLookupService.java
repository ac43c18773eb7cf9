package de.contactsync.jtl;

import de.contactsync.model.CallClock;
import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import de.contactsync.resilience.SharedQuota;
import de.contactsync.tracing.Trace;
import de.contactsync.tracing.Traces;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Sends the keys of a {@link Chunk} through the routes get-customer-contact, one by one, and query-customer-contacts,
 * those of a customer together, and leaves an {@link EnrichedChunk}. At most {@code jtl.concurrency} calls are in
 * flight for the whole process, and each starts when its tenant's quota lets it. A waiting key holds no thread.
 *
 * <p>Throws {@link OutageException} when a failure concerns all keys of a tenant, and {@link ProcessingHaltedException}
 * when nobody foresaw it. A chunk that was abandoned like that keeps the answers it had for a while.
 */
public final class ContactLookupService extends ServiceSupport implements Processor, CamelContextAware {

    private final JtlConnections connections;
    private final BreakerRegistry breakers;
    private final RandomGenerator random;
    private final CallClock clock;
    private final CallScheduler scheduler;
    private final Tenants tenants;
    private final RequestCoalescer requestCoalescer;
    private final KeysInFlight keysInFlight;
    private final ForgottenKeys forgotten;
    private final AbandonedChunks givenUp = new AbandonedChunks();
    private final PrefetchCache prefetched = new PrefetchCache();
    private final Set<ChunkOutcomes> open = ConcurrentHashMap.newKeySet();
    private final LongAdder recordsServed = new LongAdder();
    private CamelContext camel;

    /**
     * @param sharedQuota null when no other process asks for the same tenants
     * @param callers     as many threads as calls may be in flight
     * @param clock       of the moments when calls begin
     * @param quiet       for how long a tenant may leave all its calls unanswered before its keys give way to those of
     *     others; null where they need not
     * @param keysInFlight of runs: so many answers at most are lost by a kill
     */
    public ContactLookupService(
            JtlConnections connections,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Executor callers,
            ClientLoop.Retries retries,
            CallClock clock,
            ForgottenContacts forgotten,
            Duration quiet,
            int keysInFlight) {
        this.connections = connections;
        this.breakers = breakers;
        this.random = retries.random();
        this.clock = clock;
        this.forgotten = new ForgottenKeys(forgotten);
        this.keysInFlight = new KeysInFlight(keysInFlight);
        CallDispatcher dispatcher =
                new CallDispatcher(callers, connections.process().concurrency());
        this.scheduler = new CallScheduler(
                dispatcher, retries, quiet == null ? null : new SilenceWatch(quiet, dispatcher, this::halt));
        this.tenants = new Tenants(connections, breakers, sharedQuota, this::withCalls);
        this.requestCoalescer = new RequestCoalescer(tenants::get, request -> LookupAttempt.begin(request, scheduler));
    }

    @Override
    public void setCamelContext(CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public CamelContext getCamelContext() {
        return camel;
    }

    @Override
    protected void doStart() throws Exception {
        scheduler.use(new JtlClient(camel, clock));
    }

    @Override
    protected void doStop() {
        scheduler.client().close();
    }

    /**
     * Blocks while too many keys of runs are in flight, of whose chunks this is one more. Called by its route before it
     * looks whether the run goes on: that may have been decided meanwhile.
     */
    public void awaitRoom(Exchange exchange) throws InterruptedException {
        keysInFlight.enter(exchange, exchange.getMessage().getBody(Chunk.class));
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Chunk chunk = exchange.getMessage().getBody(Chunk.class);
        // The answer of a call that is still under way goes to the outcomes that were kept when the chunk gave way.
        tenants.requireAnswers(chunk);
        ChunkOutcomes outcomes = new ChunkOutcomes(
                chunk,
                KeyPrecheck.fill(
                        chunk, prefetched.fill(chunk, forgotten.fill(chunk, givenUp.takeResults(chunk))), connections));
        clock.synchronize();
        open.add(outcomes);
        try (Trace.Entered entered = Traces.of(chunk).enter()) {
            requestCoalescer.request(outcomes, beginFirstCall(chunk.entries().size()));
            exchange.getMessage().setBody(outcomes.await());
            recordsServed.add(chunk.size());
        } catch (ProcessingHaltedException e) {
            givenUp.keep(outcomes);
            throw e;
        } finally {
            open.remove(outcomes);
        }
    }

    /** A probe asks for another key each time, since a failure may be that of one key alone. */
    private int beginFirstCall(int entries) {
        return entries == 0 || !breakers.isAnyOpen() ? 0 : random.nextInt(entries);
    }

    private void halt(TenantState tenant, OutageException outage) {
        requestCoalescer.halt(tenant, outage);
    }

    /** @param failsAlone whether a failure says nothing of the tenant */
    BlockingRequest requestList(Object body, UUID tenantId, boolean failsAlone) {
        return requestCoalescer.request(new BlockingRequest(body, tenants.get(tenantId), failsAlone));
    }

    PrefetchCache prefetched() {
        return prefetched;
    }

    /** Contacts that have no outcome yet, each counted once. */
    int inFlight() {
        return requestCoalescer.open();
    }

    private Set<TenantState> withCalls() {
        return requestCoalescer.tenants();
    }

    /** Of the tenant and endpoint that is nearest its limit; empty while no quota is known. */
    public Optional<QuotaUsage> tightestQuota() {
        return tenants.tightestQuota();
    }

    /** Whether a tenant's JTL is unavailable. */
    public boolean isAway(UUID tenant) {
        return tenants.known(tenant)
                .map(known -> known.breaker().outage().isPresent())
                .orElse(false);
    }

    /** Whether that is so, and it is not yet time to try again. */
    public boolean isTenantPaused(UUID tenant) {
        return tenants.known(tenant).map(known -> known.breaker().isHeld()).orElse(false);
    }

    /** How many tenants have been asked for, of late when they were many. */
    public int knownTenants() {
        return tenants.count();
    }

    /** The quota that most calls wait for, empty while it is not known. */
    public Optional<QuotaView> quota() {
        CallDispatcher dispatcher = scheduler.dispatcher();
        return tenants.quota(dispatcher, (double) recordsServed.sum() / Math.max(1, dispatcher.started()));
    }

    /** Gives up the chunks that are under way: for a process that has to end and cannot wait for JTL any longer. */
    public void abandon() {
        ProcessingHaltedException reason = new ProcessingHaltedException("stopped while waiting for JTL");
        open.forEach(outcomes -> outcomes.halt(reason));
        requestCoalescer.haltBlocking(reason);
    }
}
