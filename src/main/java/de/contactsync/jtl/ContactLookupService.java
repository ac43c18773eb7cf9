package de.contactsync.jtl;

import de.contactsync.model.CallClock;
import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import de.contactsync.resilience.RateLimitedQueue;
import de.contactsync.resilience.SharedQuota;
import de.contactsync.tracing.Trace;
import de.contactsync.tracing.Traces;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
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

    /** Far fewer than there are chunks of files in flight when they are small. */
    private static final int MOST_BACKING_OFF = 8;

    private final JtlConnections connections;
    private final BreakerRegistry breakers;
    private final CallDispatcher dispatcher;
    private final Random random;
    private final ClientLoop.Retries retries;
    private final CallClock clock;
    private final Duration quiet;
    private final ForgottenKeys forgotten;
    private final Tenants tenants;
    private final Set<ChunkOutcomes> open = ConcurrentHashMap.newKeySet();
    private final AbandonedChunks givenUp = new AbandonedChunks();
    private final PrefetchCache prefetched = new PrefetchCache();
    private final Set<BlockingRequest> awaited = ConcurrentHashMap.newKeySet();
    /** Tenants that may be unavailable, and how many of their calls wait for the next try. */
    private final Map<TenantState, Integer> backingOff = new ConcurrentHashMap<>();

    private final KeysInFlight keysInFlight;

    private final RequestCoalescer requestCoalescer;
    private final LongAdder recordsServed = new LongAdder();
    private CamelContext camel;
    private JtlClient client;

    /**
     * @param sharedQuota null when no other process asks for the same tenants
     * @param callers     as many threads as calls may be in flight
     * @param clock       of the moments when calls begin
     * @param longestWait before the next try of a key, whatever JTL asks for
     * @param quiet       for how long a tenant may leave all its calls unanswered before its keys give way to those of
     *     others; null where they need not
     * @param keysInFlight of runs: so many answers at most are lost by a kill
     */
    public ContactLookupService(
            JtlConnections connections,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Executor callers,
            Random random,
            CallClock clock,
            ForgottenContacts forgotten,
            Duration longestWait,
            Duration quiet,
            int keysInFlight) {
        this(
                connections,
                breakers,
                sharedQuota,
                callers,
                random,
                clock,
                forgotten,
                longestWait,
                quiet,
                keysInFlight,
                Backoff.DEFAULT);
    }

    ContactLookupService(
            JtlConnections connections,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Executor callers,
            Random random,
            CallClock clock,
            ForgottenContacts forgotten,
            Duration longestWait,
            Duration quiet,
            int keysInFlight,
            Backoff backoff) {
        this.connections = connections;
        this.breakers = breakers;
        this.dispatcher = new CallDispatcher(callers, connections.process().concurrency());
        this.random = random;
        this.retries = new ClientLoop.Retries(backoff, longestWait, random);
        this.clock = clock;
        this.quiet = quiet;
        this.keysInFlight = new KeysInFlight(keysInFlight);
        this.forgotten = new ForgottenKeys(forgotten);
        this.tenants = new Tenants(connections, breakers, sharedQuota, this::withCalls);
        this.requestCoalescer = new RequestCoalescer(tenants::get, this::submit);
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
        client = new JtlClient(camel, clock);
    }

    @Override
    protected void doStop() {
        client.close();
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
        lookUp(exchange, exchange.getMessage().getBody(Chunk.class));
    }

    private void lookUp(Exchange exchange, Chunk chunk) throws InterruptedException {
        haltWhileUnanswered(chunk);
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

    /** The answer of a call that is still under way goes to the outcomes that were kept when the chunk gave way. */
    private void haltWhileUnanswered(Chunk chunk) {
        if (breakers.isAnyOpen()) {
            chunk.entries().stream()
                    .flatMap(entry -> entry instanceof KeyEntry.Valid valid
                            ? Stream.of(valid.key().tenantId())
                            : Stream.empty())
                    .distinct()
                    .flatMap(tenant -> tenants.known(tenant).stream())
                    .map(TenantState::breaker)
                    .filter(Breaker::isUnanswered)
                    .findFirst()
                    .ifPresent(breaker -> {
                        throw breaker.exception();
                    });
        }
    }

    /**
     * @param body       what the route of the call takes
     * @param failsAlone whether a failure says nothing of the tenant
     */
    BlockingRequest requestList(Object body, UUID tenantId, boolean failsAlone) {
        BlockingRequest question = new BlockingRequest(body, tenants.get(tenantId), failsAlone);
        awaited.removeIf(BlockingRequest::isOver);
        awaited.add(question);
        submit(question);
        return question;
    }

    PrefetchCache prefetched() {
        return prefetched;
    }

    private void submit(LookupRequest request) {
        Breaker breaker = request.tenant().breaker();
        if (breaker.isHeld()) {
            request.halt(breaker.exception());
        } else {
            dispatcher.submit(request.lane(), new LookupAttempt(request, this));
        }
    }

    /** A probe asks for another key each time, since a failure may be that of one key alone. */
    private int beginFirstCall(int entries) {
        return entries == 0 || !breakers.isAnyOpen() ? 0 : random.nextInt(entries);
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
        return tenants.quota(dispatcher, (double) recordsServed.sum() / Math.max(1, dispatcher.started()));
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
        CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                .execute(() -> {
                    backingOff.computeIfPresent(tenant, (waiting, calls) -> calls == 1 ? null : calls - 1);
                    dispatcher.submit(lane, call);
                });
        return true;
    }

    /** A call of the tenant begins: chunks shall not wait for it while nothing of the tenant is answered. */
    void watch(TenantState tenant, boolean ofList) {
        if (quiet != null && tenant.inFlight(ofList).beginWatch()) {
            watchAgain(tenant, ofList, tenant.patience(ofList, quiet).toNanos());
        }
    }

    private void watchAgain(TenantState tenant, boolean ofLists, long nanos) {
        CallsInFlight calls = tenant.inFlight(ofLists);
        CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(() -> {
                    Duration left = calls.untilQuiet(tenant.patience(ofLists, quiet));
                    if (left == null) {
                        calls.endWatch();
                    } else if (!left.isZero()) {
                        watchAgain(tenant, ofLists, left.toNanos());
                    } else {
                        calls.endWatch();
                        if (ofLists) {
                            // They fail, and their contacts are asked for by single calls.
                            calls.cutOff(0);
                        } else {
                            giveWay(tenant);
                        }
                    }
                });
    }

    /** Its chunks wait with their sources. One call goes on as a probe; whatever becomes of it ends the wait. */
    private void giveWay(TenantState tenant) {
        JtlSettings settings = tenant.connection().settings();
        OutageException outage = tenant.breaker()
                .openUnanswered(
                        "no answer from " + settings.baseUrl().getAuthority() + " for "
                                + tenant.patience(false, quiet).toSeconds()
                                + " s: check the network and the merchant's JTL-Wawi",
                        JtlServers.deadline(settings.responseTimeout()));
        requestCoalescer.halt(tenant, outage);
        awaited.stream().filter(question -> question.tenant() == tenant).forEach(question -> question.halt(outage));
        tenant.lanes().forEach(dispatcher::abandon);
        tenant.inFlight(true).cutOff(0);
        tenant.inFlight(false).cutOff(1);
    }

    /** Hands the call to the dispatcher when {@code wait} is over. */
    void submitLater(LookupAttempt call, RateLimitedQueue lane, Duration wait) {
        if (wait.isZero()) {
            dispatcher.submit(lane, call);
            return;
        }
        // Not on the threads of the calls, which may all be busy for long.
        CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                .execute(() -> dispatcher.submit(lane, call));
    }

    /** Gives up the chunks that are under way: for a process that has to end and cannot wait for JTL any longer. */
    public void abandon() {
        ProcessingHaltedException reason = new ProcessingHaltedException("stopped while waiting for JTL");
        open.forEach(outcomes -> outcomes.halt(reason));
        awaited.forEach(question -> question.halt(reason));
    }
}
