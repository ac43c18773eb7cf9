package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All calls for one question, one after the other: the place where it is decided whether a failure is retried, is
 * the key's own, or concerns all keys.
 */
final class LookupAttempt implements CallDispatcher.Call {

    private static final Logger LOG = LoggerFactory.getLogger(LookupAttempt.class);

    /** Single calls do as well, and a list may take long to fail. */
    private static final int MOST_OF_A_LIST = 3;

    private final LookupRequest request;
    private final ContactLookupService calls;
    private final TenantState tenant;
    private int attempts;
    private int quotaRefusals;
    private boolean tokenRefused;
    private long firstBegan;

    LookupAttempt(LookupRequest request, ContactLookupService calls) {
        this.request = request;
        this.calls = calls;
        this.tenant = request.tenant();
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
        if (request.isOver()) {
            request.lane().limiter().unanswered();
            tenant.breaker().release();
            return;
        }
        try {
            if (request instanceof ContactListRequest list
                    && (tenant.breaker().isProbing()
                            || attempts > 0 && tenant.lists().isPaused())) {
                // A probe is a single call, as a list that fails says nothing of the tenant.
                request.lane().limiter().unanswered();
                tenant.breaker().release();
                list.fallBackToSingleCalls();
                return;
            }
            if (tenant.breaker().isProbing() && knowsAnotherKey() && probed()) {
                // Its turn was spent on the other key, perhaps in another lane.
                request.lane().limiter().unanswered();
                submit();
                return;
            }
            long began = tenant.breaker().now();
            if (attempts++ == 0) {
                firstBegan = began;
            }
            judge(calls.client().call(request), began);
        } catch (Throwable e) {
            // Whatever it is, no chunk must wait for this forever, and no probe for this one.
            tenant.breaker().release();
            request.halt(new ProcessingHaltedException("unexpected failure while asking JTL: " + e, e));
        }
    }

    /**
     * Probes with a key that passed before: that tells more of JTL than this one, whose own fault it may be. False
     * when it told nothing that this question's own call would not have to decide.
     */
    private boolean probed() {
        ContactKey known = tenant.lastPassed();
        CallResult result = calls.client().call(known, tenant);
        if (result instanceof CallResult.Retry retry && retry.costsAttempt()) {
            // It may be this key's own failure by now: the next probe is another one.
            tenant.forget(known);
        }
        return result instanceof CallResult.Final
                || result instanceof CallResult.Retry
                || result instanceof CallResult.TokenRefused refused
                        && calls.tokens().invalidate(refused.used());
    }

    private void judge(CallResult result, long began) {
        if (result instanceof CallResult.Conclusive known) {
            request.end(known, attempts);
        } else if (result instanceof CallResult.Retry retry) {
            retry(retry, began);
        } else if (result instanceof CallResult.TokenRefused refused) {
            renewToken(refused);
        } else if (request.failsAlone() && result instanceof CallResult.Refusal refusal) {
            listFailed(
                    new Outcome.Failed(Reason.REJECTED, null, null, refusal.message(), null, 1),
                    "JTL refuses them",
                    true);
        } else if (result instanceof CallResult.Misrouted misrouted) {
            suspect(misrouted.whenOthersPass(), misrouted.came(), misrouted.mayBeOwn());
        } else if (result instanceof CallResult.Refusal refusal) {
            request.halt(tenant.breaker().open(began, Kind.REFUSAL, refusal.message()));
        } else if (result instanceof CallResult.Halt halt) {
            request.halt(halt.reason());
        }
    }

    private void retry(CallResult.Retry retry, long began) {
        if (!retry.costsAttempt() && request instanceof ContactListRequest && ++quotaRefusals == MOST_OF_A_LIST) {
            listFailed(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (!retry.costsAttempt()) {
            attempts--;
            submit();
        } else if (tenant.breaker().isHeld()) {
            abandon(tenant.breaker().exception());
        } else if (attempts < mostAttempts()) {
            Duration wait = calls.backoff(attempts, retry.retryAfter());
            LOG.debug("{} again in {}: {}", request, wait, retry.trouble());
            calls.submitLater(this, request.lane(), wait);
        } else if (request.failsAlone()) {
            listFailed(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (tenant.passedSince(began)
                || !retry.outage() && !tenant.failedConvincingly()
                || anotherKeySucceeds()) {
            end(retry.whenExhausted());
        } else {
            request.halt(tenant.breaker().open(began, Kind.PASSING, retry.trouble() + " (" + attempts + " tries)"));
        }
    }

    private void renewToken(CallResult.TokenRefused refused) {
        if (tokenRefused) {
            suspect(refused.whenRefusedAgain(), null, false);
            return;
        }
        tokenRefused = true;
        // No thread waits for the token, as others continue with the old one.
        calls.tokens().replace(refused.used()).whenComplete((replaced, failure) -> {
            if (failure != null) {
                notReplaced(refused.whenRefusedAgain(), failure);
            } else if (replaced) {
                submit();
            } else {
                suspect(refused.whenRefusedAgain(), null, false);
            }
        });
    }

    /** Whether the old token or this tenant is at fault cannot be known now. */
    private void notReplaced(Outcome.Failed refused, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (request.failsAlone()) {
            listFailed(refused, "HTTP 401", true);
        } else if (othersSucceeded()) {
            end(refused);
        } else {
            request.halt(tenant.breaker()
                    .open(
                            firstBegan,
                            Kind.PASSING,
                            refused.errorMessage() + "; no other token is to be had: " + cause.getMessage()));
        }
    }

    /**
     * The key's own failure if others pass; that may show only when the rest of the chunk has been asked.
     *
     * @param came     what was answered, for people; null when {@code failed} says it
     * @param mayBeOwn whether it is also while there were no more than a few such failures in a row
     */
    private void suspect(Outcome.Failed failed, String came, boolean mayBeOwn) {
        String trouble = failed.errorMessage()
                + (came == null
                        ? ""
                        : "; " + came
                                + ": look for a firewall, a proxy or a sign-in page between here and JTL, and at"
                                + " jtl.base-url");
        if (request.failsAlone()) {
            listFailed(failed, "HTTP " + failed.httpStatus(), true);
        } else if (othersSucceeded()) {
            end(failed);
        } else if (!tenant.failedConvincingly()) {
            request.suspect(
                    failed.withAttempts(attempts),
                    halted -> othersSucceeded() || mayBeOwn && tenant.failedRarely() || probeAnotherKey(halted),
                    () -> concernsAll(trouble + " (no other key passes either)"));
        } else if (anotherKeySucceeds()) {
            end(failed);
        } else {
            request.halt(concernsAll(trouble));
        }
    }

    private void listFailed(Outcome.Failed why, String trouble, boolean outage) {
        request.end(new CallResult.ListFailed(trouble, false, outage, why), attempts);
    }

    private int mostAttempts() {
        return !request.failsAlone()
                ? calls.maxAttempts()
                : request instanceof BlockingRequest || tenant.lists().mayRetry(request)
                        ? Math.min(MOST_OF_A_LIST, calls.maxAttempts())
                        : 1;
    }

    private boolean othersSucceeded() {
        return tenant.passedSince(firstBegan);
    }

    private OutageException concernsAll(String trouble) {
        return tenant.breaker().open(firstBegan, Kind.SETTINGS, trouble);
    }

    /**
     * Whether JTL answers at this moment, asked for a key that passed before. When no other key happens to be under
     * way nothing else can tell, and a file whose last key always fails would halt forever.
     */
    private boolean anotherKeySucceeds() {
        return knowsAnotherKey() && calls.client().call(tenant.lastPassed(), tenant) instanceof CallResult.Final;
    }

    private boolean knowsAnotherKey() {
        ContactKey known = tenant.lastPassed();
        return known != null && !known.equals(request.key());
    }

    /** As {@link #anotherKeySucceeds}, for a thread that makes no calls itself. */
    private boolean probeAnotherKey(CompletableFuture<ProcessingHaltedException> whenHalted) {
        if (!knowsAnotherKey()) {
            return false;
        }
        CompletableFuture<Boolean> passes = new CompletableFuture<>();
        calls.dispatcher().submit(tenant.queue(), new CallDispatcher.Call() {
            @Override
            public void run() {
                try {
                    if (knowsAnotherKey()) {
                        passes.complete(anotherKeySucceeds());
                    } else {
                        tenant.queue().limiter().unanswered();
                        tenant.breaker().release();
                    }
                } finally {
                    passes.complete(false);
                }
            }

            @Override
            public void abandon(ProcessingHaltedException reason) {
                passes.complete(false);
            }
        });
        return passes.applyToEither(whenHalted.thenApply(reason -> false), Function.identity())
                .join();
    }

    private void end(Outcome outcome) {
        request.end(new CallResult.Final(outcome), attempts);
    }

    private void submit() {
        calls.dispatcher().submit(request.lane(), this);
    }
}
