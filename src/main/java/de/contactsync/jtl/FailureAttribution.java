package de.contactsync.jtl;

import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;

/**
 * Decides whether the failure that remains of a request's tries is the key's own, or concerns all keys of its tenant;
 * of a request that {@linkplain LookupRequest#failsAlone fails alone} it says nothing of others.
 */
final class FailureAttribution {

    private final LookupRequest request;
    private final TenantState tenant;
    private final FailureEvidence evidence;
    private final ClientLoop loop;
    private final OtherKey other;

    FailureAttribution(LookupRequest request, ClientLoop loop, OtherKey other) {
        this.request = request;
        this.tenant = request.tenant();
        this.evidence = tenant.evidence();
        this.loop = loop;
        this.other = other;
    }

    /** Ends the request by an answer after which there are no further tries. */
    void judge(CallResult result) {
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
                        "JTL is not trusted");
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

    /** No try is left. */
    void exhausted(CallResult.Retry retry) {
        if (request.failsAlone()) {
            failedAlone(retry.whenExhausted(), retry.trouble(), retry.outage());
        } else if (evidence.passedSince(loop.began())
                || !retry.outage() && !evidence.failedConvincingly()
                || other.succeeds()) {
            end(retry.whenExhausted());
        } else {
            unavailable(retry);
        }
    }

    /** An outage, whatever others get. */
    void unavailable(CallResult.Retry retry) {
        request.halt(tenant.breaker()
                .open(
                        loop.began(),
                        Kind.PASSING,
                        retry.trouble() + " (" + loop.attempts() + (loop.attempts() == 1 ? " try)" : " tries)")));
    }

    /** Another token is not to be had, or was refused as well. */
    void tokenRefused(CallResult.TokenRefused refused) {
        suspect(refused.whenRefusedAgain(), refused.whenRefusedAgain().errorMessage(), false, false);
    }

    /** Whether the old token or this tenant is at fault cannot be known now. */
    void tokenNotReplaced(CallResult.TokenRefused refused, Throwable cause) {
        if (request.failsAlone()) {
            failedAlone(refused.whenRefusedAgain(), "HTTP 401");
        } else if (othersSucceeded()) {
            end(refused.whenRefusedAgain());
        } else {
            request.halt(tenant.breaker()
                    .open(
                            loop.firstBegan(),
                            Kind.PASSING,
                            refused.whenRefusedAgain().errorMessage() + "; requesting another token failed: "
                                    + cause.getMessage()));
        }
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
            failedAlone(failed, "HTTP " + failed.httpStatus());
        } else if (othersSucceeded()) {
            end(failed);
        } else if (!isConvincing(refusal)) {
            request.suspect(
                    failed.withAttempts(loop.attempts()),
                    halted -> othersSucceeded() || mayBeOwn && evidence.failedRarely() || other.succeeds(halted),
                    () -> concernsAll(trouble + " (no other key succeeds either)", refusal));
        } else if (other.succeeds()) {
            end(failed);
        } else {
            request.halt(concernsAll(trouble, refusal));
        }
    }

    private boolean isConvincing(boolean refusal) {
        boolean failed = evidence.failedConvincingly();
        boolean refused = refusal && evidence.refused(request.key());
        return failed || refused;
    }

    private boolean othersSucceeded() {
        return evidence.passedSince(loop.firstBegan());
    }

    /** A refusal that only a few keys have met is tried again soon: others may pass. */
    private OutageException concernsAll(String trouble, boolean refusal) {
        Kind kind = refusal && !evidence.failedRarely() ? Kind.REFUSAL : Kind.SETTINGS;
        return tenant.breaker().open(loop.firstBegan(), kind, trouble);
    }

    private void failedAlone(Outcome.Failed why, String trouble) {
        failedAlone(why, trouble, true);
    }

    private void failedAlone(Outcome.Failed why, String trouble, boolean outage) {
        if (request.isRecheck()) {
            end(why);
        } else {
            request.end(new CallResult.ListFailed(trouble, false, outage, why), loop.attempts());
        }
    }

    private void end(Outcome outcome) {
        request.end(new CallResult.Final(outcome), loop.attempts());
    }
}
