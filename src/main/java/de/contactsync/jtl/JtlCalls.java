package de.contactsync.jtl;

import de.contactsync.contact.Chunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each key of a {@link Chunk} through the route get-customer-contact and leaves an {@link EnrichedChunk}. At most
 * {@code jtl.concurrency} calls are in flight for the whole process, and each starts when its tenant's quota lets it.
 * Every retry and every wait for JTL is decided here; a waiting key holds no thread.
 *
 * <p>Throws {@link HaltException} when a failure concerns all keys.
 */
public final class JtlCalls extends ServiceSupport implements Processor, CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(JtlCalls.class);

    private final JtlSettings settings;
    private final TokenSource tokens;
    private final Executor callers;
    private final CallDispatcher dispatcher;
    private final Random random;
    private final Backoff backoff;
    private final Map<UUID, TenantState> tenants = Collections.synchronizedMap(new RecentTenants());
    private final Set<ChunkOutcomes> open = ConcurrentHashMap.newKeySet();
    private CamelContext camel;
    private Endpoint endpoint;
    private Producer producer;

    /** @param callers as many threads as calls may be in flight */
    public JtlCalls(JtlSettings settings, TokenSource tokens, Executor callers, Random random) {
        this(settings, tokens, callers, random, Backoff.DEFAULT);
    }

    JtlCalls(JtlSettings settings, TokenSource tokens, Executor callers, Random random, Backoff backoff) {
        this.settings = settings;
        this.tokens = tokens;
        this.callers = callers;
        this.dispatcher = new CallDispatcher(callers, settings.concurrency());
        this.random = random;
        this.backoff = backoff;
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
        endpoint = camel.getEndpoint(GetCustomerContactRoute.URI);
        producer = endpoint.createProducer();
        ServiceHelper.startService(producer);
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(producer);
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Chunk chunk = exchange.getMessage().getBody(Chunk.class);
        ChunkOutcomes outcomes = new ChunkOutcomes(chunk);
        open.add(outcomes);
        for (int i = 0; i < chunk.entries().size(); i++) {
            if (chunk.entries().get(i) instanceof KeyEntry.Valid valid) {
                TenantState tenant = tenants.computeIfAbsent(
                        valid.key().tenantId(), id -> new TenantState(settings.quotaReserve()));
                dispatcher.submit(tenant.lane(), new KeyCall(valid.key(), i, tenant, outcomes));
            }
        }
        try {
            exchange.getMessage().setBody(outcomes.await());
        } finally {
            open.remove(outcomes);
        }
    }

    /** Gives up the chunks that are under way: for a process that has to end and cannot wait for JTL any longer. */
    public void abandon() {
        open.forEach(outcomes -> outcomes.halt(new HaltException("stopped while waiting for JTL")));
    }

    /** A file may name any number of tenants; the state of one not asked for long is learned anew. */
    private static final class RecentTenants extends LinkedHashMap<UUID, TenantState> {

        private static final int MOST = 1_000;

        RecentTenants() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, TenantState> eldest) {
            return size() > MOST;
        }
    }

    /** All calls for one key, one after the other. */
    private final class KeyCall implements CallDispatcher.Call {

        private final ContactKey key;
        private final int index;
        private final TenantState tenant;
        private final ChunkOutcomes outcomes;
        private int attempts;
        private boolean tokenRefused;
        private long firstBegan;

        KeyCall(ContactKey key, int index, TenantState tenant, ChunkOutcomes outcomes) {
            this.key = key;
            this.index = index;
            this.tenant = tenant;
            this.outcomes = outcomes;
        }

        @Override
        public boolean isOver() {
            return outcomes.halted();
        }

        @Override
        public void run() {
            long began = System.nanoTime();
            if (outcomes.halted()) {
                tenant.lane().pacer().unanswered();
                return;
            }
            if (attempts++ == 0) {
                firstBegan = began;
            }
            try {
                judge(ask(key, tenant), began);
            } catch (Throwable e) {
                // Whatever it is, the chunk must not wait for this key for ever.
                outcomes.halt(new HaltException("unexpected failure while asking JTL: " + e, e));
            }
        }

        private void judge(Exchange call, long began) {
            Answer answer = answer(call);
            if (answer instanceof Answer.Final known) {
                tenant.passed(began, key);
                end(known.outcome());
            } else if (answer instanceof Answer.Retry retry) {
                retry(retry, began);
            } else if (answer instanceof Answer.TokenRefused refused) {
                renewToken(call, refused);
            } else if (answer instanceof Answer.Misrouted misrouted) {
                suspect(misrouted.whenOthersPass(), state -> state.passedSince(firstBegan));
            } else if (answer instanceof Answer.Halt halt) {
                outcomes.halt(new HaltException(halt.message()));
            }
        }

        private Answer answer(Exchange call) {
            return call.getException() == null
                    ? call.getMessage().getBody(Answer.class)
                    : failure(call.getException());
        }

        private Answer failure(Exception e) {
            if (e instanceof HaltException halt) {
                return new Answer.Halt(halt.getMessage());
            }
            if (e instanceof ResponseTooLargeException) {
                return new Answer.Final(new Outcome.Failed(
                        Reason.CONTRACT_VIOLATION, null, null, e.getMessage(), null, attempts));
            }
            if (e instanceof ForeignHostException || !(e instanceof IOException failure)) {
                return new Answer.Halt("unexpected failure while asking JTL: " + e);
            }
            String trouble = "no answer from " + settings.baseUrl().getAuthority() + ": " + describe(failure);
            return new Answer.Retry(
                    new Outcome.Failed(Reason.RETRIES_EXHAUSTED, null, null, trouble, null, attempts),
                    trouble, null, true, true);
        }

        private void retry(Answer.Retry retry, long began) {
            if (!retry.costsAttempt()) {
                attempts--;
                dispatcher.submit(tenant.lane(), this);
            } else if (attempts < settings.maxAttempts()) {
                Duration wait = retry.retryAfter() != null ? retry.retryAfter() : backoff.after(attempts, random);
                LOG.debug("key {} again in {}: {}", key, wait, retry.trouble());
                again(wait);
            } else if (tenant.passedSince(began)
                    || !retry.outage() && !tenant.failedConvincingly()
                    || anotherPasses()) {
                end(retry.whenExhausted());
            } else {
                outcomes.halt(new HaltException(retry.trouble() + " (" + attempts + " tries)"));
            }
        }

        private void renewToken(Exchange call, Answer.TokenRefused refused) {
            AccessToken used = call.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
            if (!tokenRefused && tokens.invalidate(used)) {
                tokenRefused = true;
                dispatcher.submit(tenant.lane(), this);
            } else {
                suspect(refused.whenRefusedAgain(), state -> state.passedSince(firstBegan));
            }
        }

        /** The key's own failure if others pass; that may show only when the rest of the chunk has been asked. */
        private void suspect(Outcome.Failed failed, Predicate<TenantState> othersPass) {
            if (othersPass.test(tenant)) {
                end(failed);
            } else if (!tenant.failedConvincingly()) {
                outcomes.suspect(index, failed.withAttempts(attempts), () -> othersPass.test(tenant)
                        || askAnother());
            } else if (anotherPasses()) {
                end(failed);
            } else {
                outcomes.halt(new HaltException(failed.errorMessage()));
            }
        }

        /**
         * Whether JTL answers at this moment, asked for a key that passed before. When no other key happens to be under
         * way nothing else can tell, and a file whose last key always fails would halt for ever.
         */
        private boolean anotherPasses() {
            ContactKey known = tenant.lastPassed();
            if (known == null || known.equals(key)) {
                return false;
            }
            long began = System.nanoTime();
            boolean passes = answer(ask(known, tenant)) instanceof Answer.Final;
            if (passes) {
                tenant.passed(began, known);
            }
            return passes;
        }

        /** As {@link #anotherPasses}, for a thread that makes no calls itself. */
        private boolean askAnother() {
            return CompletableFuture
                    .supplyAsync(this::anotherPasses, probe -> dispatcher.submit(tenant.lane(), probe::run))
                    .applyToEither(outcomes.whenHalted().thenApply(reason -> false), Function.identity())
                    .join();
        }

        private void end(Outcome outcome) {
            outcomes.put(index, outcome instanceof Outcome.Failed failed ? failed.withAttempts(attempts) : outcome);
        }

        private void again(Duration wait) {
            CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS, callers)
                    .execute(() -> dispatcher.submit(tenant.lane(), this));
        }
    }

    /** One call, reported to the tenant's pacer; what it throws is on the exchange. */
    private Exchange ask(ContactKey key, TenantState tenant) {
        Pacer pacer = tenant.lane().pacer();
        long began = System.nanoTime();
        Exchange call = endpoint.createExchange();
        call.getMessage().setBody(key);
        try {
            producer.process(call);
        } catch (Exception e) {
            call.setException(e);
        }
        long now = System.nanoTime();
        QuotaHeaders quota = call.getProperty(AnswerProcessor.QUOTA, QuotaHeaders.class);
        if (call.getException() != null) {
            pacer.unanswered();
        } else if (call.getMessage().getBody() instanceof Answer.Retry retry && !retry.costsAttempt()) {
            Duration pause = pacer.refused(began, now, quota, retry.retryAfter());
            if (pause != null) {
                LOG.info("JTL's quota of tenant {} is spent: going on in {} ms", key.tenantId(), pause.toMillis());
            }
        } else {
            pacer.passed(began, now, quota);
        }
        return call;
    }

    /** Only texts that tell of the network: a parser's may quote the answer, and with it a contact. */
    private static String describe(IOException e) {
        boolean network = e instanceof SocketException
                || e instanceof UnknownHostException
                || e instanceof InterruptedIOException
                || e instanceof NoHttpResponseException
                || e instanceof MessageConstraintException;
        return network && e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
    }
}
