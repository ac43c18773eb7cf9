package de.contactsync.jtl;

import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.CallDispatcher;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import de.contactsync.tracing.Trace;
import de.contactsync.tracing.Traces;
import java.util.concurrent.CompletionException;

/**
 * All calls for one request, one after the other, as the {@link ClientLoop} has it: the place where it is decided
 * whether a failure that remains is the key's own, or concerns all keys.
 */
final class LookupAttempt implements CallDispatcher.Call {

    /** Single calls do as well, and a list may take long to fail; what is asked about once more is asked later again. */
    private static final int MOST_ALONE = 3;

    private final LookupRequest request;
    /** Whether it is a single call that {@linkplain LookupRequest#failsAlone fails alone}. */
    private final boolean recheck;

    private final ContactLookupService calls;
    private final TenantState tenant;
    private final OtherKey other;
    private final ClientLoop loop;
    private final Trace trace;

    LookupAttempt(LookupRequest request, ContactLookupService calls) {
        this.request = request;
        this.recheck = request instanceof ContactRequest && request.failsAlone();
        this.calls = calls;
        this.tenant = request.tenant();
        this.other = new OtherKey(request.key(), tenant, calls);
        this.loop = calls.loop(tenant, request.lane(), this::mostAttempts);
        this.trace = Traces.of(request.key());
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
        if (request.isOver() || tenant.hold(this::submit)) {
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
            if (!recheck) {
                calls.watch(tenant, request.failsAlone());
            }
            follow(result());
        } catch (Throwable e) {
            // Whatever it is, no chunk must wait for this forever, and no probe for this one.
            tenant.breaker().release();
            request.halt(new ProcessingHaltedException("unexpected failure while asking JTL: " + e, e));
        } finally {
            tenant.releaseHeld();
        }
    }

    private CallResult result() {
        tenant.started();
        CallInFlight inFlight = recheck ? null : new CallInFlight(tenant, request.failsAlone());
        try {
            return calls.client()
                    .call(request.body(), loop, tenant, request.key(), inFlight, () -> other.passesSince(loop.began()));
        } finally {
            tenant.judging();
        }
    }

    private void follow(CallResult result) {
        if (request instanceof ContactListRequest list
                && result instanceof CallResult.Retry retry
                && !retry.costsAttempt()) {
            listRefused(list, retry);
            return;
        }
        if (request instanceof BlockingRequest && result instanceof CallResult.Retry retry && !retry.costsAttempt()) {
            // Whoever walks through the customers has no single calls to do with instead.
            OutageException outage = loop.quotaOutage(retry.retryAfter());
            if (outage != null) {
                request.halt(outage);
                return;
            }
        }
        switch (loop.next()) {
            case DONE, UNCLEAR -> decide(result);
            case AGAIN -> again(result);
            case RENEW_TOKEN -> renewToken((CallResult.TokenRefused) result);
            case REFUSED_AGAIN -> suspect(((CallResult.TokenRefused) result).whenRefusedAgain());
            case EXHAUSTED -> exhausted((CallResult.Retry) result);
            case HALTED -> abandon(tenant.breaker().exception());
        }
    }

    private void again(CallResult result) {
        if (result instanceof CallResult.Retry retry
                && retry.outage()
                && retry.costsAttempt()
                && !request.failsAlone()
                && !tenant.passedSince(loop.firstBegan())) {
            if (!calls.backOff(this, request.lane(), tenant, loop.pause())) {
                unavailable(retry);
            }
        } else {
            calls.submitLater(this, request.lane(), loop.pause());
        }
    }

    private void unavailable(CallResult.Retry retry) {
        request.halt(tenant.breaker()
                .open(
                        loop.began(),
                        Kind.PASSING,
                        retry.trouble() + " (" + loop.attempts() + (loop.attempts() == 1 ? " try)" : " tries)")));
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

    private void decide(CallResult result) {
        if (result instanceof CallResult.Conclusive known) {
            request.end(known, loop.attempts());
        } else if (result instanceof CallResult.Misrouted misrouted) {
            suspect(
                    misrouted.whenOthersPass(),
                    misrouted.whenOthersPass().errorMessage()
                            + (misrouted.came() == null
                                    ? ""
                                    : "; " + misrouted.came()
                                            + ": look for a firewall, a proxy or a sign-in page between here and JTL,"
                                            + " and at jtl.base-url"),
                    misrouted.mayBeOwn(),
                    false);
        } else if (result instanceof CallResult.Refused refused) {
            suspect(refused.whenOthersPass(), refused.message(), false, true);
        } else if (result instanceof CallResult.Untrusted untrusted) {
            // No key's fault, and no other key would pass.
            if (request.failsAlone()) {
                failedAlone(
                        new Outcome.Failed(Reason.REJECTED, null, null, untrusted.message(), null, 1),
                        "JTL is not trusted",
                        true);
            } else {
                request.halt(tenant.breaker().open(loop.began(), Kind.UNTRUSTED, untrusted.message()));
            }
        } else if (result instanceof CallResult.Halt halt) {
            request.halt(ofTenantAlone(halt.reason()));
        }
    }

    /** A login or a key that only some tenants use: others go on, whatever they need. */
    private ProcessingHaltedException ofTenantAlone(ProcessingHaltedException reason) {
        return reason instanceof OutageException outage && !outage.concernsAll()
                ? tenant.breaker().open(loop.began(), outage.outage().kind(), reason.getMessage())
                : reason;
    }

    private void exhausted(CallResult.Retry retry) {
        if (request.failsAlone()) {
            failedAlone(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (tenant.passedSince(loop.began())
                || !retry.outage() && !tenant.failedConvincingly()
                || other.succeeds()) {
            end(retry.whenExhausted());
        } else {
            unavailable(retry);
        }
    }

    private void renewToken(CallResult.TokenRefused refused) {
        // No thread waits for the token, as others continue with the old one.
        tenant.connection().credentials().replace(refused.used()).whenComplete((replaced, failure) -> {
            if (failure != null) {
                notReplaced(refused.whenRefusedAgain(), failure);
            } else if (replaced) {
                submit();
            } else {
                suspect(refused.whenRefusedAgain());
            }
        });
    }

    /** Whether the old token or this tenant is at fault cannot be known now. */
    private void notReplaced(Outcome.Failed refused, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (request.failsAlone()) {
            failedAlone(refused, "HTTP 401", true);
        } else if (othersSucceeded()) {
            end(refused);
        } else {
            request.halt(tenant.breaker()
                    .open(
                            loop.firstBegan(),
                            Kind.PASSING,
                            refused.errorMessage() + "; no other token is to be had: " + cause.getMessage()));
        }
    }

    private void suspect(Outcome.Failed failed) {
        suspect(failed, failed.errorMessage(), false, false);
    }

    /**
     * The key's own failure if others pass; that may show only when the rest of the chunk has been asked.
     *
     * @param trouble  what it is, for people, if it concerns all
     * @param mayBeOwn whether it is also while there were no more than a few such failures in a row
     * @param refusal  whether JTL says that a person has to act
     */
    private void suspect(Outcome.Failed failed, String trouble, boolean mayBeOwn, boolean refusal) {
        if (request.failsAlone()) {
            failedAlone(failed, "HTTP " + failed.httpStatus(), true);
        } else if (othersSucceeded()) {
            end(failed);
        } else if (!isConvincing(refusal)) {
            request.suspect(
                    failed.withAttempts(loop.attempts()),
                    halted -> othersSucceeded() || mayBeOwn && tenant.failedRarely() || other.succeeds(halted),
                    () -> concernsAll(trouble + " (no other key passes either)", refusal));
        } else if (other.succeeds()) {
            end(failed);
        } else {
            request.halt(concernsAll(trouble, refusal));
        }
    }

    private boolean isConvincing(boolean refusal) {
        boolean failed = tenant.failedConvincingly();
        boolean refused = refusal && tenant.refused(request.key());
        return failed || refused;
    }

    private void failedAlone(Outcome.Failed why, String trouble, boolean outage) {
        if (recheck) {
            end(why);
            return;
        }
        request.end(new CallResult.ListFailed(trouble, false, outage, why), loop.attempts());
    }

    private int mostAttempts() {
        return !request.failsAlone()
                ? tenant.connection().settings().maxAttempts()
                : recheck
                                || request instanceof BlockingRequest
                                || tenant.lists().mayRetry(request)
                        ? Math.min(MOST_ALONE, tenant.connection().settings().maxAttempts())
                        : 1;
    }

    private boolean othersSucceeded() {
        return tenant.passedSince(loop.firstBegan());
    }

    /** A refusal that only a few keys have met is tried again soon: others may pass. */
    private OutageException concernsAll(String trouble, boolean refusal) {
        Kind kind = refusal && !tenant.failedRarely() ? Kind.REFUSAL : Kind.SETTINGS;
        return tenant.breaker().open(loop.firstBegan(), kind, trouble);
    }

    private void end(Outcome outcome) {
        request.end(new CallResult.Final(outcome), loop.attempts());
    }

    private void submit() {
        calls.dispatcher().submit(request.lane(), this);
    }
}
