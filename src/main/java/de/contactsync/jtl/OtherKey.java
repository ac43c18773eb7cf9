package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.CallDispatcher;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A call for a key of the same tenant that JTL answered not long ago: it tells whether a failure is the key's own, when
 * no other key happens to be under way. Without it a file whose last key always fails would halt forever.
 */
final class OtherKey {

    private final ContactKey failed;
    private final TenantState tenant;
    private final FailureEvidence evidence;
    private final CallScheduler calls;

    /** @param failed the key in question, or null */
    OtherKey(ContactKey failed, TenantState tenant, CallScheduler calls) {
        this.failed = failed;
        this.tenant = tenant;
        this.evidence = tenant.evidence();
        this.calls = calls;
    }

    boolean isKnown() {
        ContactKey known = evidence.lastPassed();
        return known != null && !known.equals(failed);
    }

    /** Whether JTL answers at this moment. For a thread that makes calls. */
    boolean succeeds() {
        return isKnown() && call(evidence.lastPassed()) instanceof CallResult.Final;
    }

    /**
     * Whether another key has passed since then, or does at this moment. Of many that fail together one asks, and the
     * others take what came of it.
     *
     * @param began when the call began that failed
     */
    boolean passesSince(long began) {
        evidence.proof().lock();
        try {
            return evidence.passedSince(began) || !tenant.breaker().isHeld() && succeeds();
        } finally {
            evidence.proof().unlock();
        }
    }

    /**
     * Probes with it: that tells more of JTL than the key in question, whose own fault it may be. False when it told
     * nothing that this question's own call would not have to decide.
     */
    boolean probe() {
        ContactKey known = evidence.lastPassed();
        CallResult result = call(known);
        if (result instanceof CallResult.Retry retry && retry.costsAttempt()) {
            // It may be this key's own failure by now: the next probe is another one.
            evidence.forget(known);
        }
        return result instanceof CallResult.Final
                || result instanceof CallResult.Retry
                || result instanceof CallResult.TokenRefused refused && replaced(refused);
    }

    private boolean replaced(CallResult.TokenRefused refused) {
        try {
            return tenant.connection().credentials().awaitReplacement(refused.used());
        } catch (ProcessingHaltedException e) {
            // There is no other token now: the call in question decides what follows.
            return false;
        }
    }

    private CallResult call(ContactKey key) {
        CallInFlight inFlight = new CallInFlight(tenant, false);
        return calls.client()
                .call(key, calls.loop(tenant, tenant.queue(), () -> 1), tenant, key, inFlight, () -> false);
    }

    /** As {@link #succeeds}, for a thread that makes no calls itself. */
    boolean succeeds(CompletableFuture<ProcessingHaltedException> whenHalted) {
        if (!isKnown()) {
            return false;
        }
        CompletableFuture<Boolean> passes = new CompletableFuture<>();
        calls.dispatcher().submit(tenant.queue(), new CallDispatcher.Call() {
            @Override
            public void run() {
                try {
                    if (isKnown()) {
                        passes.complete(succeeds());
                    } else {
                        calls.loop(tenant, tenant.queue(), () -> 1).skip();
                    }
                } finally {
                    passes.complete(false);
                    evidence.releaseHeld();
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
}
