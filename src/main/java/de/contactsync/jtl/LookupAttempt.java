package de.contactsync.jtl;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.tracing.Trace;
import de.contactsync.tracing.Traces;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * All calls for one request, one after the other, as the {@link ClientLoop} has it. What a failure that remains means is
 * decided by {@link FailureAttribution}.
 */
final class LookupAttempt implements CallDispatcher.Call {

    /** Single calls do as well, and a list may take long to fail; what is asked about once more is asked later again. */
    private static final int MOST_ALONE = 3;

    private final LookupRequest request;
    private final CallScheduler calls;
    private final TenantState tenant;
    private final FailureEvidence evidence;
    private final OtherKey other;
    private final ClientLoop loop;
    private final FailureAttribution failures;
    private final Trace trace;

    private LookupAttempt(LookupRequest request, CallScheduler calls) {
        this.request = request;
        this.calls = calls;
        this.tenant = request.tenant();
        this.evidence = tenant.evidence();
        this.other = new OtherKey(request.key(), tenant, calls);
        this.loop = calls.loop(tenant, request.lane(), this::mostAttempts);
        this.failures = new FailureAttribution(request, loop, other);
        this.trace = Traces.of(request.key());
    }

    /** Has the request's first call made, unless its tenant is known to be away. */
    static void begin(LookupRequest request, CallScheduler calls) {
        Breaker breaker = request.tenant().breaker();
        if (breaker.isHeld()) {
            request.halt(breaker.exception());
        } else {
            new LookupAttempt(request, calls).submit();
        }
    }

    @Override
    public boolean isOver() {
        return request.isOver();
    }

    @Override
    public void abandon(ProcessingHaltedException reason) {
        request.halt(reason);
    }

    @Override
    public void run() {
        if (request.isOver() || evidence.hold(this::submit)) {
            loop.skip();
            return;
        }
        try (Trace.Entered entered = trace.enter()) {
            if (request instanceof ContactListRequest list && (tenant.breaker().isProbing() || list.isPaused())) {
                // A probe is a single call, as a list that fails says nothing of the tenant.
                loop.skip();
                list.fallBackToSingleCalls();
                return;
            }
            if (tenant.breaker().isProbing() && other.isKnown() && other.probe()) {
                // Its turn was spent on the other key, perhaps in another lane.
                request.lane().limiter().unanswered();
                submit();
                return;
            }
            if (!request.isRecheck()) {
                calls.watch(tenant, request.failsAlone());
            }
            follow(result());
        } catch (Throwable e) {
            failedUnexpectedly(e);
        } finally {
            evidence.releaseHeld();
        }
    }

    /** Whatever it is, no chunk must wait for this forever, and no probe for this one. */
    private void failedUnexpectedly(Throwable failure) {
        tenant.breaker().release();
        request.halt(new ProcessingHaltedException("unexpected failure while asking JTL: " + failure, failure));
    }

    private CallResult result() {
        evidence.started();
        CallInFlight inFlight = request.isRecheck() ? null : new CallInFlight(tenant, request.failsAlone());
        try {
            return calls.client()
                    .call(request.body(), loop, tenant, request.key(), inFlight, () -> other.passesSince(loop.began()));
        } finally {
            evidence.judging();
        }
    }

    private void follow(CallResult result) {
        if (result instanceof CallResult.Retry retry && !retry.costsAttempt()) {
            if (request instanceof ContactListRequest list) {
                listRefused(list, retry);
                return;
            }
            if (request instanceof BlockingRequest && loop.isBeyondWindow(retry.retryAfter())) {
                // Whoever walks through the customers has no single calls to do with instead.
                request.halt(tenant.breaker().openUntilQuota(retry.retryAfter()));
                return;
            }
        }
        switch (loop.next()) {
            case DONE, UNCLEAR -> failures.judge(result);
            case AGAIN -> again(result);
            case RENEW_TOKEN -> renewToken((CallResult.TokenRefused) result);
            case REFUSED_AGAIN -> failures.tokenRefused((CallResult.TokenRefused) result);
            case EXHAUSTED -> failures.exhausted((CallResult.Retry) result);
            case HALTED -> abandon(tenant.breaker().exception());
        }
    }

    private void again(CallResult result) {
        if (result instanceof CallResult.Retry retry
                && retry.outage()
                && retry.costsAttempt()
                && !request.failsAlone()
                && !evidence.passedSince(loop.firstBegan())) {
            if (!calls.backOff(this, request.lane(), tenant, loop.pause())) {
                failures.unavailable(retry);
            }
        } else {
            calls.submitLater(this, request.lane(), loop.pause());
        }
    }

    /** The quota of lists is spent, which says nothing of that of single calls. */
    private void listRefused(ContactListRequest list, CallResult.Retry refused) {
        boolean rest = tenant.lists().refused(loop.began(), tenant.breaker().now(), refused.retryAfter());
        if (rest || loop.quotaRefusals() >= MOST_ALONE) {
            request.end(
                    new CallResult.ListFailed(refused.trouble(), rest, refused.outage(), refused.whenExhausted()),
                    loop.attempts());
        } else {
            list.waitForQuota();
            submit();
        }
    }

    private void renewToken(CallResult.TokenRefused refused) {
        // No thread waits for the token, as others may continue with the old one.
        CompletableFuture<Boolean> replacement =
                tenant.connection().credentials().replace(refused.used());
        evidence.awaitsToken(loop.began());
        replacement.whenComplete((replaced, failure) -> {
            try {
                // First, so that what follows holds back no call on account of this one.
                evidence.endsAwaitingToken();
                if (failure != null) {
                    failures.tokenNotReplaced(
                            refused, failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                } else if (replaced) {
                    submit();
                } else {
                    failures.tokenRefused(refused);
                }
            } catch (Throwable e) {
                failedUnexpectedly(e);
            }
        });
    }

    private int mostAttempts() {
        return !request.failsAlone()
                ? tenant.connection().settings().maxAttempts()
                : request.isRecheck()
                                || request instanceof BlockingRequest
                                || tenant.lists().mayRetry(request)
                        ? Math.min(MOST_ALONE, tenant.connection().settings().maxAttempts())
                        : 1;
    }

    private void submit() {
        calls.dispatcher().submit(request.lane(), this);
    }
}
