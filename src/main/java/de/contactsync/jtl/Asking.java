package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.outage.Outage.Kind;
import de.contactsync.outage.OutageException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All calls for one question, one after the other: the place where it is decided whether a failure is asked again, is
 * the key's own, or concerns all keys.
 */
final class Asking implements CallDispatcher.Call {

    private static final Logger LOG = LoggerFactory.getLogger(Asking.class);

    /** Single calls do as well, and a list may take long to fail. */
    private static final int MOST_OF_A_LIST = 3;

    private final Question question;
    private final JtlCalls calls;
    private final TenantState tenant;
    private int attempts;
    private int quotaRefusals;
    private boolean tokenRefused;
    private long firstBegan;

    Asking(Question question, JtlCalls calls) {
        this.question = question;
        this.calls = calls;
        this.tenant = question.tenant();
    }

    @Override
    public boolean isOver() {
        return question.isOver();
    }

    @Override
    public void giveUp(HaltException reason) {
        question.halt(reason);
    }

    @Override
    public void run() {
        if (question.isOver()) {
            question.lane().pacer().unanswered();
            tenant.breaker().release();
            return;
        }
        try {
            if (question instanceof ListQuestion list
                    && (tenant.breaker().isProbing() || attempts > 0 && tenant.lists().isPaused())) {
                // A probe is a single call, as a list that fails says nothing of the tenant.
                question.lane().pacer().unanswered();
                tenant.breaker().release();
                list.askOneByOne();
                return;
            }
            if (tenant.breaker().isProbing() && knowsAnother() && probed()) {
                // Its turn was spent on the other key, perhaps in another lane.
                question.lane().pacer().unanswered();
                submit();
                return;
            }
            long began = tenant.breaker().now();
            if (attempts++ == 0) {
                firstBegan = began;
            }
            judge(calls.caller().ask(question), began);
        } catch (Throwable e) {
            // Whatever it is, no chunk must wait for this for ever, and no probe for this one.
            tenant.breaker().release();
            question.halt(new HaltException("unexpected failure while asking JTL: " + e, e));
        }
    }

    /**
     * Feels the way with a key that passed before: that tells more of JTL than this one, whose own fault it may be. False
     * when it told nothing that this question's own call would not have to decide.
     */
    private boolean probed() {
        ContactKey known = tenant.lastPassed();
        Answer answer = calls.caller().ask(known, tenant);
        if (answer instanceof Answer.Retry retry && retry.costsAttempt()) {
            // It may be this key's own failure by now: the next probe is another one.
            tenant.forget(known);
        }
        return answer instanceof Answer.Final
                || answer instanceof Answer.Retry
                || answer instanceof Answer.TokenRefused refused && calls.tokens().invalidate(refused.used());
    }

    private void judge(Answer answer, long began) {
        if (answer instanceof Answer.Conclusive known) {
            question.end(known, attempts);
        } else if (answer instanceof Answer.Retry retry) {
            retry(retry, began);
        } else if (answer instanceof Answer.TokenRefused refused) {
            renewToken(refused);
        } else if (question.failsAlone() && answer instanceof Answer.Refusal refusal) {
            listFailed(new Outcome.Failed(Reason.REJECTED, null, null, refusal.message(), null, 1), "JTL refuses them", true);
        } else if (answer instanceof Answer.Misrouted misrouted) {
            suspect(misrouted.whenOthersPass(), misrouted.came(), misrouted.mayBeOwn());
        } else if (answer instanceof Answer.Refusal refusal) {
            question.halt(tenant.breaker().open(began, Kind.REFUSAL, refusal.message()));
        } else if (answer instanceof Answer.Halt halt) {
            question.halt(halt.reason());
        }
    }

    private void retry(Answer.Retry retry, long began) {
        if (!retry.costsAttempt() && question instanceof ListQuestion && ++quotaRefusals == MOST_OF_A_LIST) {
            listFailed(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (!retry.costsAttempt()) {
            attempts--;
            submit();
        } else if (tenant.breaker().isHeld()) {
            giveUp(tenant.breaker().exception());
        } else if (attempts < mostAttempts()) {
            Duration wait = calls.backoff(attempts, retry.retryAfter());
            LOG.debug("{} again in {}: {}", question, wait, retry.trouble());
            calls.submitLater(this, question.lane(), wait);
        } else if (question.failsAlone()) {
            listFailed(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (tenant.passedSince(began)
                || !retry.outage() && !tenant.failedConvincingly()
                || anotherPasses()) {
            end(retry.whenExhausted());
        } else {
            question.halt(tenant.breaker().open(
                    began, Kind.PASSING, retry.trouble() + " (" + attempts + " tries)"));
        }
    }

    private void renewToken(Answer.TokenRefused refused) {
        if (tokenRefused) {
            suspect(refused.whenRefusedAgain(), null, false);
            return;
        }
        tokenRefused = true;
        // No thread waits for the token, as others go on with the old one.
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
        if (question.failsAlone()) {
            listFailed(refused, "HTTP 401", true);
        } else if (othersPassed()) {
            end(refused);
        } else {
            question.halt(tenant.breaker().open(firstBegan, Kind.PASSING,
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
        String trouble = failed.errorMessage() + (came == null ? "" : "; " + came
                + ": look for a firewall, a proxy or a sign-in page between here and JTL, and at jtl.base-url");
        if (question.failsAlone()) {
            listFailed(failed, "HTTP " + failed.httpStatus(), true);
        } else if (othersPassed()) {
            end(failed);
        } else if (!tenant.failedConvincingly()) {
            question.suspect(failed.withAttempts(attempts),
                    halted -> othersPassed() || mayBeOwn && tenant.failedRarely() || askAnother(halted),
                    () -> concernsAll(trouble + " (no other key passes either)"));
        } else if (anotherPasses()) {
            end(failed);
        } else {
            question.halt(concernsAll(trouble));
        }
    }

    private void listFailed(Outcome.Failed why, String trouble, boolean outage) {
        question.end(new Answer.ListFailed(trouble, false, outage, why), attempts);
    }

    private int mostAttempts() {
        return !question.failsAlone() ? calls.maxAttempts()
                : question instanceof AwaitedQuestion || tenant.lists().mayRetry(question)
                        ? Math.min(MOST_OF_A_LIST, calls.maxAttempts())
                        : 1;
    }

    private boolean othersPassed() {
        return tenant.passedSince(firstBegan);
    }

    private OutageException concernsAll(String trouble) {
        return tenant.breaker().open(firstBegan, Kind.SETTINGS, trouble);
    }

    /**
     * Whether JTL answers at this moment, asked for a key that passed before. When no other key happens to be under
     * way nothing else can tell, and a file whose last key always fails would halt for ever.
     */
    private boolean anotherPasses() {
        return knowsAnother() && calls.caller().ask(tenant.lastPassed(), tenant) instanceof Answer.Final;
    }

    private boolean knowsAnother() {
        ContactKey known = tenant.lastPassed();
        return known != null && !known.equals(question.key());
    }

    /** As {@link #anotherPasses}, for a thread that makes no calls itself. */
    private boolean askAnother(CompletableFuture<HaltException> whenHalted) {
        if (!knowsAnother()) {
            return false;
        }
        CompletableFuture<Boolean> passes = new CompletableFuture<>();
        calls.dispatcher().submit(tenant.lane(), new CallDispatcher.Call() {
            @Override
            public void run() {
                try {
                    if (knowsAnother()) {
                        passes.complete(anotherPasses());
                    } else {
                        tenant.lane().pacer().unanswered();
                        tenant.breaker().release();
                    }
                } finally {
                    passes.complete(false);
                }
            }

            @Override
            public void giveUp(HaltException reason) {
                passes.complete(false);
            }
        });
        return passes.applyToEither(whenHalted.thenApply(reason -> false), Function.identity()).join();
    }

    private void end(Outcome outcome) {
        question.end(new Answer.Final(outcome), attempts);
    }

    private void submit() {
        calls.dispatcher().submit(question.lane(), this);
    }
}
