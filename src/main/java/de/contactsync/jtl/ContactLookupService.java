package de.contactsync.jtl;

import de.contactsync.model.CallClock;
import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.AdaptiveRateLimiter;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.Bulkhead;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.QuotaReservation;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import de.contactsync.resilience.RateLimitedQueue;
import de.contactsync.resilience.SharedQuota;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private static final int MOST_TENANTS = 1_000;

    private final JtlSettings settings;
    private final TokenSource tokens;
    private final BreakerRegistry breakers;
    private final SharedQuota sharedQuota;
    private final Executor callers;
    private final CallDispatcher dispatcher;
    private final Random random;
    private final ClientLoop.Retries retries;
    private final CallClock clock;
    private final ForgottenKeys forgotten;
    /** The one asked for longest ago first. */
    private final Map<UUID, TenantState> tenants = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true));

    private volatile int mostTenants = MOST_TENANTS;
    private final Set<ChunkOutcomes> open = ConcurrentHashMap.newKeySet();
    private final AbandonedChunks givenUp = new AbandonedChunks();
    private final PrefetchCache prefetched = new PrefetchCache();
    private final Set<BlockingRequest> awaited = ConcurrentHashMap.newKeySet();
    private final RequestCoalescer requestCoalescer;
    private final LongAdder recordsServed = new LongAdder();
    private CamelContext camel;
    private JtlClient client;

    /**
     * @param sharedQuota null when no other process asks for the same tenants
     * @param callers     as many threads as calls may be in flight
     * @param clock       of the moments when calls begin
     * @param longestWait before the next try of a key, whatever JTL asks for
     */
    public ContactLookupService(
            JtlSettings settings,
            TokenSource tokens,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Executor callers,
            Random random,
            CallClock clock,
            ForgottenContacts forgotten,
            Duration longestWait) {
        this(settings, tokens, breakers, sharedQuota, callers, random, clock, forgotten, longestWait, Backoff.DEFAULT);
    }

    ContactLookupService(
            JtlSettings settings,
            TokenSource tokens,
            BreakerRegistry breakers,
            SharedQuota sharedQuota,
            Executor callers,
            Random random,
            CallClock clock,
            ForgottenContacts forgotten,
            Duration longestWait,
            Backoff backoff) {
        this.settings = settings;
        this.tokens = tokens;
        this.breakers = breakers;
        this.sharedQuota = sharedQuota;
        this.callers = callers;
        this.dispatcher = new CallDispatcher(callers, settings.concurrency());
        this.random = random;
        this.retries = new ClientLoop.Retries(backoff, longestWait, random);
        this.clock = clock;
        this.forgotten = new ForgottenKeys(forgotten);
        this.requestCoalescer = new RequestCoalescer(settings.bulkRead(), this::tenant, this::submit);
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
        client = new JtlClient(camel, settings.baseUrl().getAuthority(), clock);
    }

    @Override
    protected void doStop() {
        client.close();
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Chunk chunk = exchange.getMessage().getBody(Chunk.class);
        ChunkOutcomes outcomes =
                new ChunkOutcomes(chunk, prefetched.fill(chunk, forgotten.fill(chunk, givenUp.takeResults(chunk))));
        clock.synchronize();
        open.add(outcomes);
        try {
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

    /** @param body what the route of the call takes */
    BlockingRequest requestList(Object body, UUID tenantId) {
        BlockingRequest question = new BlockingRequest(body, tenant(tenantId));
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
        return entries == 0 || breakers.outages().isEmpty() ? 0 : random.nextInt(entries);
    }

    private TenantState tenant(UUID id) {
        if (tenants.size() > mostTenants) {
            forgetTenants();
        }
        return tenants.computeIfAbsent(id, unknown -> {
            Breaker breaker = breakers.forTenant("JTL for tenant " + id);
            Bulkhead share = new Bulkhead();
            return new TenantState(
                    id, lane(breaker, "contact of " + id, share), lane(breaker, "contacts of " + id, share), breaker);
        });
    }

    /** @param quota its name among the processes that share it */
    private RateLimitedQueue lane(Breaker breaker, String quota, Bulkhead share) {
        return new RateLimitedQueue(
                new AdaptiveRateLimiter(settings.quotaReserve(), sharedQuota == null),
                breaker,
                sharedQuota == null ? null : new QuotaReservation(sharedQuota, quota),
                share);
    }

    /** Contacts that have no outcome yet, each counted once. */
    int inFlight() {
        return requestCoalescer.open();
    }

    /** Of the tenant and endpoint that is nearest its limit; empty while no quota is known. */
    public Optional<QuotaUsage> tightestQuota() {
        long now = System.nanoTime();
        synchronized (tenants) {
            return tenants.values().stream()
                    .flatMap(tenant -> Stream.of(tenant.queue(), tenant.listLane()))
                    .map(queue -> queue.limiter().quota(now))
                    .filter(Objects::nonNull)
                    .max(Comparator.comparingDouble(QuotaUsage::usedShare));
        }
    }

    /** Whether a tenant's JTL is unavailable. */
    public boolean isAway(UUID tenant) {
        TenantState known = tenants.get(tenant);
        return known != null && known.breaker().outage().isPresent();
    }

    /** Whether that is so, and it is not yet time to try again. */
    public boolean isTenantPaused(UUID tenant) {
        TenantState known = tenants.get(tenant);
        return known != null && known.breaker().isHeld();
    }

    /** How many tenants have been asked for, of late when they were many. */
    public int knownTenants() {
        return tenants.size();
    }

    JtlClient client() {
        return client;
    }

    CallDispatcher dispatcher() {
        return dispatcher;
    }

    TokenSource tokens() {
        return tokens;
    }

    int maxAttempts() {
        return settings.maxAttempts();
    }

    ClientLoop loop(TenantState tenant, RateLimitedQueue lane, IntSupplier mostAttempts) {
        return new ClientLoop(lane.limiter(), tenant.breaker(), retries, mostAttempts);
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

    /**
     * The quota that most calls wait for, empty while it is not known. Among several that wait, none
     * decides alone how fast keys pass.
     */
    public Optional<QuotaView> quota() {
        List<TenantState> known;
        synchronized (tenants) {
            known = List.copyOf(tenants.values());
        }
        double recordsPerCall = Math.max(1, (double) recordsServed.sum() / Math.max(1, dispatcher.started()));
        long waiting = known.stream()
                .filter(tenant -> tenant.lanes().anyMatch(queue -> dispatcher.waiting(queue) > 0))
                .count();
        return known.stream()
                .flatMap(TenantState::lanes)
                .max(Comparator.comparingInt(dispatcher::waiting))
                .map(busiest -> busiest.limiter().view(System.nanoTime(), recordsPerCall))
                .map(quota -> waiting > 1 ? quota.notLimiting() : quota);
    }

    /** Gives up the chunks that are under way: for a process that has to end and cannot wait for JTL any longer. */
    public void abandon() {
        ProcessingHaltedException reason = new ProcessingHaltedException("stopped while waiting for JTL");
        open.forEach(outcomes -> outcomes.halt(reason));
        awaited.forEach(question -> question.halt(reason));
    }

    /**
     * A file may name any number of tenants; the state of one not asked for long is learned anew. Not of one that has
     * calls or is unavailable: its pause would be forgotten.
     */
    private void forgetTenants() {
        Set<TenantState> busy = requestCoalescer.tenants();
        synchronized (tenants) {
            int surplus = tenants.size() - MOST_TENANTS;
            Iterator<TenantState> eldest = tenants.values().iterator();
            while (surplus > 0 && eldest.hasNext()) {
                TenantState tenant = eldest.next();
                if (!busy.contains(tenant) && tenant.breaker().outage().isEmpty()) {
                    eldest.remove();
                    breakers.discard(tenant.breaker());
                    surplus--;
                }
            }
            // Those that stay are not looked through for each new one.
            mostTenants = MOST_TENANTS + 2 * Math.max(0, surplus);
        }
    }
}
